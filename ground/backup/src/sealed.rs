//! Files that are packed (gzip), encrypted (age, X25519) and there whole or not at all.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use age::secrecy::ExposeSecret;
use age::stream::{StreamReader, StreamWriter};
use age::x25519::{Identity, Recipient};
use anyhow::{Context, Result, anyhow};
use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

/// Makes the key pair of a bureau's backups: the text of the identity's file, to be kept away from the node, and the
/// recipient for the node's configuration.
pub fn generate() -> (String, Recipient) {
    let identity = Identity::generate();
    let recipient = identity.to_public();
    let text = format!(
        "# Comity backup key. Keep it away from the node.\n# recipient {recipient}\n{}\n",
        identity.to_string().expose_secret()
    );
    (text, recipient)
}

/// Reads the file of an identity.
///
/// # Errors
/// When it cannot be read or holds none.
pub fn identity(file: &Path) -> Result<Identity> {
    let text = fs::read_to_string(file)
        .with_context(|| format!("the backup key {} cannot be read", file.display()))?;
    let line = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
    let line = line.with_context(|| format!("{} holds no key", file.display()))?;
    line.parse().map_err(|why| anyhow!("{} holds no backup key: {why}", file.display()))
}

/// Reads the text of a recipient, `age1…`.
///
/// # Errors
/// When it is none.
pub fn recipient(text: &str) -> Result<Recipient> {
    text.trim().parse().map_err(|why| anyhow!("{text:?} is no recipient of backups (age1…): {why}"))
}

/// What a finished file is.
pub(crate) struct Stored {
    /// SHA-256 of the encrypted bytes, in hexadecimal.
    pub sha256: String,
    /// Encrypted bytes.
    pub bytes: u64,
}

/// A file being written under the name of a draft.
pub(crate) struct Sealing {
    out: GzEncoder<StreamWriter<Hashing<BufWriter<File>>>>,
    draft: PathBuf,
}

impl Sealing {
    /// Begins a file beside those of the series.
    pub(crate) fn begin(draft: PathBuf, recipient: &Recipient) -> Result<Sealing> {
        let failed = || format!("{} cannot be written", draft.display());
        let file = private_file(&draft).with_context(failed)?;
        let out = Hashing { inner: BufWriter::new(file), hash: Sha256::new(), bytes: 0 };
        let recipients = std::iter::once(recipient as &dyn age::Recipient);
        let out = age::Encryptor::with_recipients(recipients)?.wrap_output(out).with_context(failed)?;
        Ok(Sealing { out: GzEncoder::new(out, Compression::default()), draft })
    }

    /// Ends the file and makes its bytes durable; it still bears the name of a draft.
    pub(crate) fn end(self) -> Result<(PathBuf, Stored)> {
        let finish = || {
            let Hashing { inner, hash, bytes } = self.out.finish()?.finish()?;
            inner.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
            Ok::<_, io::Error>(Stored { sha256: hex::encode(hash.finalize()), bytes })
        };
        let stored = finish().with_context(|| format!("{} cannot be written", self.draft.display()))?;
        Ok((self.draft, stored))
    }
}

impl Write for Sealing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Opens a file for reading what was sealed in it.
pub(crate) fn open(file: &Path, identity: &Identity) -> Result<impl io::BufRead + use<>> {
    let opened = File::open(file)?;
    let decryptor = age::Decryptor::new(BufReader::new(opened))?;
    let stream: StreamReader<BufReader<File>> =
        decryptor.decrypt(std::iter::once(identity as &dyn age::Identity))?;
    Ok(BufReader::new(GzDecoder::new(BufReader::new(stream))))
}

/// SHA-256 of a file's bytes in hexadecimal, and how many they are.
pub(crate) fn digest(file: &Path) -> io::Result<Stored> {
    let mut out = Hashing { inner: io::sink(), hash: Sha256::new(), bytes: 0 };
    io::copy(&mut File::open(file)?, &mut out)?;
    Ok(Stored { sha256: hex::encode(out.hash.finalize()), bytes: out.bytes })
}

/// Gives a finished draft its name and makes the name durable.
pub(crate) fn settle(draft: &Path, name: &Path) -> Result<()> {
    let renamed = || {
        fs::rename(draft, name)?;
        File::open(name.parent().unwrap_or(Path::new(".")))?.sync_all()
    };
    renamed().with_context(|| format!("{} cannot be written", name.display()))
}

/// A folder that its owner alone may enter.
pub(crate) fn private_folder(folder: &Path) -> Result<()> {
    if folder.exists() {
        return Ok(());
    }
    let make = || {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        // Its name must survive power loss too.
        File::open(folder.parent().filter(|parent| parent.exists()).unwrap_or(Path::new(".")))?.sync_all()
    };
    make().with_context(|| format!("the folder {} cannot be made", folder.display()))
}

/// A new or emptied file that its owner alone may read.
pub(crate) fn private_file(file: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(file)
}

/// Counts and hashes what goes through.
struct Hashing<W> {
    inner: W,
    hash: Sha256,
    bytes: u64,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
