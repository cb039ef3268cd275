//! The node's signing key: made once, kept in the data folder, readable by nobody else; and its public half beside it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::Signer;

use crate::{Error, Random, Result, VerifierKey};

/// The cryptographic suite of a key: signature algorithm over a SHA-256 tree.
pub const SUITE: &str = "ed25519";

/// The file of the secret key in the data folder, mode 0600.
pub const SECRET_FILE: &str = "ledger.key";

/// The file of the public key in the data folder, in the form of a C2SP verifier key.
pub const PUBLIC_FILE: &str = "ledger.pub";

const FIRST_LINE: &str = "comity signing key, version 1";

/// A key that signs checkpoints.
#[derive(Clone)]
pub struct SigningKey(ed25519_dalek::SigningKey);

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SigningKey(secret)")
    }
}

impl SigningKey {
    /// The key of this seed.
    pub fn from_seed(seed: [u8; 32]) -> SigningKey {
        SigningKey(ed25519_dalek::SigningKey::from_bytes(&seed))
    }

    /// A new key.
    ///
    /// # Errors
    /// When there are no random bytes.
    pub fn generate(random: &dyn Random) -> Result<SigningKey> {
        let mut seed = [0; 32];
        random.fill(&mut seed).map_err(Error::Random)?;
        Ok(SigningKey::from_seed(seed))
    }

    /// What others check this key's signatures with, under the name of the ledger.
    pub fn verifier(&self, name: &str) -> VerifierKey {
        VerifierKey::new(name, self.0.verifying_key())
    }

    pub(crate) fn sign(&self, text: &[u8]) -> [u8; 64] {
        self.0.sign(text).to_bytes()
    }

    fn to_text(&self) -> String {
        format!("{FIRST_LINE}\nsuite {SUITE}\nsecret {}\n", STANDARD.encode(self.0.as_bytes()))
    }

    fn parse(text: &str) -> Result<SigningKey, String> {
        let mut lines = text.lines();
        if lines.next() != Some(FIRST_LINE) {
            return Err("it is no signing key of Comity".into());
        }
        match lines.next().and_then(|line| line.strip_prefix("suite ")) {
            Some(SUITE) => {}
            other => return Err(format!("its suite {other:?} is not known")),
        }
        let secret =
            lines.next().and_then(|line| line.strip_prefix("secret ")).ok_or("it holds no secret")?;
        let bytes = STANDARD.decode(secret).map_err(|error| error.to_string())?;
        let seed = <[u8; 32]>::try_from(bytes).map_err(|_| "its secret has not 32 bytes")?;
        Ok(SigningKey::from_seed(seed))
    }
}

/// Loads the key of the data folder, or makes one when the folder has none, and sees to it that the public half beside
/// it is the key's own.
///
/// # Errors
/// When the file is not a key, is readable by others, or cannot be read or written; when the public half beside it names
/// another key or another ledger, or stands there without a secret.
pub fn open(folder: &Path, name: &str, random: &dyn Random) -> Result<SigningKey> {
    let file = folder.join(SECRET_FILE);
    if !file.exists() {
        refuse_orphan(folder)?;
        return create(folder, name, random);
    }
    let key = load(&file)?;
    // A crash can leave the key a second name.
    discard(&draft_of(&file)).map_err(|error| Error::Key(format!("beside {}: {error}", file.display())))?;
    check_public(folder, &key.verifier(name))?;
    Ok(key)
}

/// A public half alone is a copy made for verifying, or a folder that lost its secret: a new key would not carry on its
/// record.
fn refuse_orphan(folder: &Path) -> Result<()> {
    let public = folder.join(PUBLIC_FILE);
    if !public.exists() {
        return Ok(());
    }
    Err(Error::Key(format!(
        "{} is there, but {SECRET_FILE} is not: bring back the secret key of this record",
        public.display()
    )))
}

/// The crash between the two files of a new key leaves the secret alone; the public half is made good then.
fn check_public(folder: &Path, own: &VerifierKey) -> Result<()> {
    let file = folder.join(PUBLIC_FILE);
    if !file.exists() {
        return publish(folder, own);
    }
    if public(folder)? == *own {
        return Ok(());
    }
    Err(Error::Key(format!(
        "the public key {} is not the one of {SECRET_FILE}, which is {own}: one of the two is from another node",
        file.display()
    )))
}

/// Loads a key from a file.
///
/// # Errors
/// When the file is not a key, is readable by others, or cannot be read.
pub fn load(file: &Path) -> Result<SigningKey> {
    let failed = |what: String| Error::Key(format!("the signing key {}: {what}", file.display()));
    let mode = fs::metadata(file).map_err(|error| failed(error.to_string()))?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(failed(format!("others may read it (mode {:o}); set its mode to 600", mode & 0o777)));
    }
    let text = fs::read_to_string(file).map_err(|error| failed(error.to_string()))?;
    SigningKey::parse(&text).map_err(failed)
}

/// Makes a key in the data folder. Refuses to write over one: an overwritten key can never sign again.
///
/// # Errors
/// When there is one already or the files cannot be written.
pub fn create(folder: &Path, name: &str, random: &dyn Random) -> Result<SigningKey> {
    let key = SigningKey::generate(random)?;
    let file = folder.join(SECRET_FILE);
    write_once(&file, key.to_text().as_bytes()).map_err(|error| {
        Error::Key(format!("the signing key {} cannot be written: {error}", file.display()))
    })?;
    publish(folder, &key.verifier(name))?;
    Ok(key)
}

/// Writes the public half into the data folder, for `verify` on a copy that lacks the secret.
///
/// # Errors
/// When the file cannot be written.
pub fn publish(folder: &Path, key: &VerifierKey) -> Result<()> {
    let file = folder.join(PUBLIC_FILE);
    replace(&file, format!("{key}\n").as_bytes())
        .map_err(|error| Error::Key(format!("the public key {} cannot be written: {error}", file.display())))
}

/// Reads the public half from a data folder.
///
/// # Errors
/// When there is none or it is no verifier key.
pub fn public(folder: &Path) -> Result<VerifierKey> {
    let file = folder.join(PUBLIC_FILE);
    let text = fs::read_to_string(&file)
        .map_err(|error| Error::Key(format!("the public key {} cannot be read: {error}", file.display())))?;
    let foreign = |error| Error::Key(format!("the public key {}: {error}", file.display()));
    text.trim().parse().map_err(foreign)
}

/// Writes a secret file that is there whole or not at all, whenever the machine stops. A link and not a renaming gives it
/// its name: a link never takes the place of a file that is there.
fn write_once(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let draft = draft_of(file);
    write_draft(&draft, 0o600, bytes)?;
    let linked = fs::hard_link(&draft, file);
    fs::remove_file(&draft)?;
    linked?;
    sync_folder_of(file)
}

/// Writes a public file that holds the old or the new bytes, whenever the machine stops.
fn replace(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let draft = draft_of(file);
    write_draft(&draft, 0o644, bytes)?;
    fs::rename(&draft, file)?;
    sync_folder_of(file)
}

fn draft_of(file: &Path) -> PathBuf {
    file.with_added_extension("new")
}

fn write_draft(draft: &Path, mode: u32, bytes: &[u8]) -> io::Result<()> {
    discard(draft)?;
    let mut opened = OpenOptions::new().write(true).create_new(true).mode(mode).open(draft)?;
    opened.write_all(bytes)?;
    opened.sync_all()
}

/// Removes a draft that a crash left behind.
fn discard(draft: &Path) -> io::Result<()> {
    match fs::remove_file(draft) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The name of a new file is durable only once its folder is.
fn sync_folder_of(file: &Path) -> io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemRandom;

    #[test]
    fn a_key_is_made_once_and_loaded_ever_after() {
        let folder = tempfile::tempdir().unwrap();
        let made = open(folder.path(), "jiashan.comity.example", &SystemRandom).unwrap();
        let loaded = open(folder.path(), "jiashan.comity.example", &SystemRandom).unwrap();
        assert_eq!(made.sign(b"x"), loaded.sign(b"x"));
        assert_eq!(public(folder.path()).unwrap(), made.verifier("jiashan.comity.example"));
        assert!(create(folder.path(), "jiashan.comity.example", &SystemRandom).is_err());
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<_> = entries.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_crash_at_any_point_of_making_a_key_is_made_good_at_the_next_start() {
        let folder = tempfile::tempdir().unwrap();
        let half = folder.path().join("ledger.key.new");
        fs::write(&half, "comity signing key, ver").unwrap();
        let made = open(folder.path(), "a.example", &SystemRandom).unwrap();
        assert_eq!(
            names(folder.path()),
            [SECRET_FILE, PUBLIC_FILE],
            "no draft stays, least of all a secret one"
        );
        fs::remove_file(folder.path().join(PUBLIC_FILE)).unwrap();
        let loaded = open(folder.path(), "a.example", &SystemRandom).unwrap();
        assert_eq!(made.sign(b"x"), loaded.sign(b"x"));
        assert_eq!(public(folder.path()).unwrap(), made.verifier("a.example"));
        assert_eq!(names(folder.path()), [SECRET_FILE, PUBLIC_FILE]);
    }

    #[test]
    fn a_key_that_is_there_is_never_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(SECRET_FILE);
        fs::write(&file, "what is there").unwrap();
        assert_eq!(write_once(&file, b"another").unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&file).unwrap(), "what is there");
        assert_eq!(names(folder.path()), [SECRET_FILE]);
    }

    #[test]
    fn a_public_key_of_another_is_refused_and_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        open(folder.path(), "a.example", &SystemRandom).unwrap();
        let other = SigningKey::from_seed([7; 32]).verifier("a.example");
        publish(folder.path(), &other).unwrap();
        let refused = open(folder.path(), "a.example", &SystemRandom).unwrap_err().to_string();
        assert!(refused.contains("ledger.pub") && refused.contains("another node"), "{refused}");
        assert_eq!(public(folder.path()).unwrap(), other);
        fs::write(folder.path().join(PUBLIC_FILE), "no key").unwrap();
        let refused = open(folder.path(), "a.example", &SystemRandom).unwrap_err().to_string();
        assert!(refused.contains("ledger.pub"), "{refused}");
    }

    #[test]
    fn a_folder_that_lost_its_secret_gets_no_new_one() {
        let folder = tempfile::tempdir().unwrap();
        open(folder.path(), "a.example", &SystemRandom).unwrap();
        fs::remove_file(folder.path().join(SECRET_FILE)).unwrap();
        let refused = open(folder.path(), "a.example", &SystemRandom).unwrap_err().to_string();
        assert!(refused.contains("bring back"), "{refused}");
        assert_eq!(names(folder.path()), [PUBLIC_FILE]);
    }

    #[test]
    fn a_key_that_others_may_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        create(folder.path(), "a.example", &SystemRandom).unwrap();
        let file = folder.path().join(SECRET_FILE);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(load(&file).unwrap_err().to_string().contains("600"));
    }

    #[test]
    fn a_file_that_is_no_key_is_refused() {
        let key = SigningKey::from_seed([7; 32]);
        let text = key.to_text();
        assert_eq!(SigningKey::parse(&text).unwrap().sign(b"x"), key.sign(b"x"));
        let broken = [
            text.replace("version 1", "version 2"),
            text.replace("ed25519", "sm2"),
            text.replace("secret B", "secret "),
            String::new(),
        ];
        for text in broken {
            assert!(SigningKey::parse(&text).is_err(), "{text:?}");
        }
    }
}
