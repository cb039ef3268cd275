//! Uploaded files, kept under the SHA-256 of their content: the same file twice is one file, and a digest in an act names it for ever.

use std::fs::Permissions;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use ledger::Random;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::fs::File;
use tokio::io::AsyncWriteExt;

use crate::blocking::blocking;

/// A file as a form brought it; it is already stored when a handler sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    /// SHA-256 of the content in hexadecimal: its address.
    pub digest: String,
    /// Name on the sender's machine, without a path.
    pub name: String,
    /// Found from the content, never from what the sender says.
    pub media_type: String,
    /// Bytes.
    pub size: i64,
}

/// Kinds of files that are taken in with a form, with the endings of their names. No archives: nobody looks into them.
const KINDS: [(&str, &[&str]); 7] = [
    ("application/pdf", &["pdf"]),
    ("image/png", &["png"]),
    ("image/jpeg", &["jpg", "jpeg"]),
    ("image/gif", &["gif"]),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", &["xlsx"]),
    ("text/csv", &["csv"]),
    ("text/plain", &["txt"]),
];

impl Upload {
    /// Whether it is of a kind that is taken in, and of the one that its name says.
    pub(crate) fn is_as_named(&self) -> bool {
        let ending = ending(&self.name);
        KINDS.iter().any(|(kind, endings)| *kind == self.media_type && endings.contains(&ending.as_str()))
    }
}

fn ending(name: &str) -> String {
    name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default()
}

/// The folder of uploaded files.
#[derive(Clone)]
pub struct Uploads {
    folder: PathBuf,
    random: Arc<dyn Random>,
}

impl Uploads {
    /// Uploads in this folder, which is made when it is missing.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn open(folder: PathBuf, random: Arc<dyn Random>) -> anyhow::Result<Uploads> {
        private_folder(&folder).with_context(|| folder.display().to_string())?;
        // One that was there before may be open to others.
        std::fs::set_permissions(&folder, Permissions::from_mode(0o700))?;
        Ok(Uploads { folder, random })
    }

    /// Where the content of this digest lies. The digest must be 64 hexadecimal digits, so that no path leads out.
    ///
    /// # Errors
    /// When it is no digest.
    pub fn path(&self, digest: &str) -> anyhow::Result<PathBuf> {
        if digest.len() != 64
            || !digest.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
        {
            bail!("{digest:?} is no SHA-256");
        }
        Ok(self.folder.join(&digest[..2]).join(digest))
    }

    /// The content of this digest, checked against it.
    ///
    /// # Errors
    /// When it is not there or was changed on the disk.
    pub fn bytes(&self, digest: &str) -> anyhow::Result<Vec<u8>> {
        let path = self.path(digest)?;
        let bytes = std::fs::read(&path).with_context(|| path.display().to_string())?;
        if hex::encode(Sha256::digest(&bytes)) != digest {
            bail!("{}: the content is not what its name says", path.display());
        }
        Ok(bytes)
    }

    /// Stores bytes that are already in memory.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn keep(&self, name: &str, bytes: &[u8]) -> anyhow::Result<Upload> {
        let digest = hex::encode(Sha256::digest(bytes));
        let path = self.path(&digest)?;
        if !path.exists() {
            let draft = self.draft()?;
            let mut file = private_file(&draft)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            settle(&draft, &path)?;
        }
        let size = i64::try_from(bytes.len())?;
        Ok(Upload { digest, name: base_name(name), media_type: media_type(name, bytes).to_owned(), size })
    }

    /// Begins to receive a file of unknown length.
    pub(crate) async fn receive(&self, name: &str) -> anyhow::Result<Incoming> {
        let draft = self.draft()?;
        let path = draft.clone();
        let file = blocking("upload", move || private_file(&path)).await??;
        Ok(Incoming {
            uploads: self.clone(),
            draft: Some(draft),
            file: Some(File::from_std(file)),
            name: base_name(name),
            hash: Sha256::new(),
            head: Vec::new(),
            size: 0,
        })
    }

    /// Where they lie.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    fn draft(&self) -> anyhow::Result<PathBuf> {
        let mut bytes = [0; 16];
        self.random.fill(&mut bytes)?;
        Ok(self.folder.join(format!("{}.part", hex::encode(bytes))))
    }
}

/// A file on its way in; what is not finished is removed.
pub(crate) struct Incoming {
    uploads: Uploads,
    draft: Option<PathBuf>,
    file: Option<File>,
    name: String,
    hash: Sha256,
    head: Vec<u8>,
    size: i64,
}

/// How much of a file is looked at to find its type.
const HEAD: usize = 4096;

impl Incoming {
    pub(crate) async fn write(&mut self, chunk: &[u8]) -> anyhow::Result<()> {
        self.hash.update(chunk);
        let wanted = HEAD.saturating_sub(self.head.len()).min(chunk.len());
        self.head.extend_from_slice(&chunk[..wanted]);
        self.size += i64::try_from(chunk.len())?;
        self.file.as_mut().context("the file is closed")?.write_all(chunk).await?;
        Ok(())
    }

    pub(crate) async fn finish(mut self) -> anyhow::Result<Upload> {
        let mut file = self.file.take().context("the file is closed")?;
        file.flush().await?;
        file.sync_all().await?;
        let digest = hex::encode(std::mem::take(&mut self.hash).finalize());
        let path = self.uploads.path(&digest)?;
        let draft = self.draft.take().context("the file is settled")?;
        blocking("upload", move || settle(&draft, &path)).await??;
        let media_type = media_type(&self.name, &self.head).to_owned();
        Ok(Upload { digest, name: self.name.clone(), media_type, size: self.size })
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        let Some(draft) = self.draft.take() else { return };
        let remove = move || {
            if let Err(error) = std::fs::remove_file(&draft) {
                tracing::warn!(draft = %draft.display(), %error, "an unfinished upload stays");
            }
        };
        // Whoever sent half a file must not make others wait for the disk.
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(remove)),
            Err(_) => remove(),
        }
    }
}

/// Gives a finished draft its final name and makes that name survive power loss.
fn settle(draft: &Path, path: &Path) -> anyhow::Result<()> {
    let settled = move_durably(draft, path);
    if settled.is_err() {
        let _ = std::fs::remove_file(draft);
    }
    settled
}

fn move_durably(draft: &Path, path: &Path) -> anyhow::Result<()> {
    let folder = path.parent().context("no folder")?;
    if !folder.exists() {
        private_folder(folder)?;
        std::fs::File::open(folder.parent().context("no folder")?)?.sync_all()?;
    }
    std::fs::rename(draft, path)?;
    std::fs::File::open(folder)?.sync_all()?;
    Ok(())
}

/// Papers hold identity cards: nobody on this machine but the node reads them.
fn private_folder(folder: &Path) -> std::io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

fn private_file(path: &Path) -> std::io::Result<std::fs::File> {
    std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// The name without any path; browsers on some systems send one.
fn base_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    last.chars().filter(|sign| !sign.is_control() && !turns(*sign)).take(200).collect()
}

/// Signs that turn the direction of writing (UAX 9): with them `gpj.exe` reads as a picture.
fn turns(sign: char) -> bool {
    matches!(sign, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The type by content; the name only chooses among texts and among zip-based office formats.
pub fn media_type(name: &str, head: &[u8]) -> &'static str {
    const SIGNS: [(&[u8], &str); 5] = [
        (b"%PDF-", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"GIF8", "image/gif"),
        (b"\x1f\x8b", "application/gzip"),
    ];
    if let Some((_, media_type)) = SIGNS.iter().find(|(sign, _)| head.starts_with(sign)) {
        return media_type;
    }
    match ending(name).as_str() {
        "xlsx" if head.starts_with(b"PK\x03\x04") => {
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        }
        _ if head.starts_with(b"PK\x03\x04") => "application/zip",
        "csv" if !head.contains(&0) => "text/csv",
        "txt" if !head.contains(&0) => "text/plain",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_comes_from_the_content_not_from_the_name() {
        assert_eq!(media_type("photo.png", b"<script>alert(1)</script>"), "application/octet-stream");
        assert_eq!(media_type("x.exe", b"\x89PNG\r\n\x1a\nrest"), "image/png");
        assert_eq!(media_type("list.csv", b"a,b\n"), "text/csv");
    }

    #[test]
    fn a_file_is_what_its_name_says_or_is_not_taken() {
        let upload = |name: &str, bytes: &[u8]| Upload {
            digest: String::new(),
            name: base_name(name),
            media_type: media_type(name, bytes).to_owned(),
            size: 0,
        };
        for (name, bytes) in [
            ("a.PDF", &b"%PDF-1.7"[..]),
            ("a.jpeg", b"\xff\xd8\xff\xe0"),
            ("a.csv", b"a,b"),
            ("a.xlsx", b"PK\x03\x04"),
        ] {
            assert!(upload(name, bytes).is_as_named(), "{name}");
        }
        for (name, bytes) in [
            ("a.pdf", &b"<script>"[..]),
            ("a.png", b"%PDF-1.7"),
            ("a.exe", b"MZ\x90"),
            ("a.html", b"<html>"),
            ("a.svg", b"<svg onload=x>"),
            ("a.zip", b"PK\x03\x04"),
            ("a.csv.gz", b"\x1f\x8b"),
            ("a.txt", b"\0\0"),
            ("pdf", b"%PDF-1.7"),
            ("a.xlsx", b"\x1f\x8b"),
        ] {
            assert!(!upload(name, bytes).is_as_named(), "{name}");
        }
        assert_eq!(base_name("photo\u{202e}gpj.exe"), "photogpj.exe");
        assert_eq!(base_name("../../etc/passwd"), "passwd");
        assert_eq!(base_name("a\r\nSet-Cookie: x.pdf"), "aSet-Cookie: x.pdf");
    }

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn folders_and_files_are_the_nodes_alone() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("uploads");
        std::fs::create_dir(&folder).unwrap();
        std::fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
        let uploads = Uploads::open(folder.clone(), Arc::new(ledger::SystemRandom)).unwrap();
        let path = uploads.path(&uploads.keep("a.txt", b"abc").unwrap().digest).unwrap();
        assert_eq!([mode(&folder), mode(path.parent().unwrap()), mode(&path)], [0o700, 0o700, 0o600]);
    }

    #[tokio::test]
    async fn what_comes_in_is_private_and_what_breaks_off_leaves_nothing() {
        let root = tempfile::tempdir().unwrap();
        let uploads = Uploads::open(root.path().into(), Arc::new(ledger::SystemRandom)).unwrap();
        let mut incoming = uploads.receive("a.txt").await.unwrap();
        incoming.write(b"abc").await.unwrap();
        let upload = incoming.finish().await.unwrap();
        assert_eq!(mode(&uploads.path(&upload.digest).unwrap()), 0o600);
        let mut broken = uploads.receive("b.txt").await.unwrap();
        broken.write(b"half").await.unwrap();
        drop(broken);
        let drafts = || {
            std::fs::read_dir(root.path()).unwrap().filter(|entry| entry.as_ref().unwrap().path().is_file())
        };
        for _ in 0..200 {
            if drafts().count() == 0 {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("the half file stays");
    }

    #[test]
    fn content_lies_under_its_digest_and_a_changed_file_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let uploads = Uploads::open(folder.path().into(), Arc::new(ledger::SystemRandom)).unwrap();
        let upload = uploads.keep("C:\\papers\\身份证.txt", b"abc").unwrap();
        assert_eq!(upload.digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(upload.name, "身份证.txt");
        assert_eq!(uploads.bytes(&upload.digest).unwrap(), b"abc");
        std::fs::write(uploads.path(&upload.digest).unwrap(), b"abd").unwrap();
        assert!(uploads.bytes(&upload.digest).is_err());
        assert!(uploads.path("../../etc/passwd").is_err());
    }
}
