//! The node's signing key, with a part for each suite of its profile: kept in the data folder, readable by nobody else; and
//! the public halves of all its keys beside it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::suite::{Secret, Signature};
use crate::{Error, Profile, Random, Result, Suite, VerifierKey};

/// The file of the secret key in the data folder, mode 0600.
pub const SECRET_FILE: &str = "ledger.key";

/// The file of the public key in the data folder, in the form of a C2SP verifier key.
pub const PUBLIC_FILE: &str = "ledger.pub";

const FIRST_LINE: &str = "comity signing key, version 1";

/// A key that signs checkpoints: an Ed25519 key and, in the profile of commercial cryptography, an SM2 key beside it.
#[derive(Clone)]
pub struct SigningKey {
    first: Secret,
    second: Option<Secret>,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SigningKey(secret)")
    }
}

impl SigningKey {
    /// The key of this seed, of Ed25519 alone.
    pub fn from_seed(seed: [u8; 32]) -> SigningKey {
        SigningKey { first: Secret::ed25519(seed), second: None }
    }

    /// The key of this seed in a profile, the same seed for each suite: for tests and what is made up.
    ///
    /// # Errors
    /// When the seed is no number of an SM2 key.
    pub fn of_profile(profile: Profile, seed: [u8; 32]) -> Result<SigningKey> {
        let second = profile.suites().get(1).map(|suite| Secret::of(*suite, seed)).transpose();
        Ok(SigningKey { first: Secret::ed25519(seed), second: second.map_err(Error::Key)? })
    }

    /// A new key.
    ///
    /// # Errors
    /// When there are no random bytes.
    pub fn generate(profile: Profile, random: &dyn Random) -> Result<SigningKey> {
        let second = profile.suites().get(1).map(|suite| Secret::generate(*suite, random)).transpose()?;
        Ok(SigningKey { first: Secret::generate(Suite::Ed25519, random)?, second })
    }

    /// Which suites it signs in.
    pub fn profile(&self) -> Profile {
        if self.second.is_some() { Profile::Commercial } else { Profile::International }
    }

    /// What others check its Ed25519 signatures with, under the name of the ledger.
    pub fn verifier(&self, name: &str) -> VerifierKey {
        VerifierKey::new(name, self.first.public())
    }

    /// What others check the signatures of all its suites with.
    pub fn verifiers(&self, name: &str) -> Vec<VerifierKey> {
        self.secrets().map(|secret| VerifierKey::new(name, secret.public())).collect()
    }

    /// One signature for each suite, with the key that verifies it.
    pub(crate) fn sign(&self, name: &str, text: &[u8]) -> Result<Vec<(VerifierKey, Signature)>> {
        self.secrets()
            .map(|secret| Ok((VerifierKey::new(name, secret.public()), secret.sign(text)?)))
            .collect()
    }

    fn secrets(&self) -> impl Iterator<Item = &Secret> {
        std::iter::once(&self.first).chain(&self.second)
    }

    fn to_text(&self) -> String {
        let parts = self.secrets().map(|secret| {
            format!("suite {}\nsecret {}\n", secret.suite().name(), STANDARD.encode(secret.bytes()))
        });
        format!("{FIRST_LINE}\n{}", parts.collect::<String>())
    }

    fn parse(text: &str) -> Result<SigningKey, String> {
        let mut lines = text.lines();
        if lines.next() != Some(FIRST_LINE) {
            return Err("it is no signing key of Comity".into());
        }
        let mut secrets = Vec::new();
        while let Some(suite) = lines.next() {
            secrets.push(secret(suite, lines.next().unwrap_or_default())?);
        }
        let mut secrets = secrets.into_iter();
        match (secrets.next(), secrets.next(), secrets.next()) {
            (Some(first @ Secret::Ed25519(_)), None, _) => Ok(SigningKey { first, second: None }),
            (Some(first @ Secret::Ed25519(_)), Some(second @ Secret::Sm2(_)), None) => {
                Ok(SigningKey { first, second: Some(second) })
            }
            _ => Err("its suites are not those of a profile".into()),
        }
    }
}

/// Reads the two lines of one suite.
fn secret(suite: &str, secret: &str) -> Result<Secret, String> {
    let name = suite.strip_prefix("suite ").ok_or("it names no suite")?;
    let suite = Suite::named(name).ok_or_else(|| format!("its suite {name:?} is not known"))?;
    let secret = secret.strip_prefix("secret ").ok_or("it holds no secret")?;
    let bytes = STANDARD.decode(secret).map_err(|error| error.to_string())?;
    Secret::of(suite, bytes.try_into().map_err(|_| "its secret has not 32 bytes")?)
}

/// Loads the key of the data folder, or makes one of this profile when the folder has none, and sees to it that the public
/// halves beside it are the key's own.
///
/// # Errors
/// When the file is not a key, is readable by others, or cannot be read or written; when the public halves beside it are
/// of another key or another ledger, or stand there without a secret.
pub fn open(folder: &Path, name: &str, profile: Profile, random: &dyn Random) -> Result<SigningKey> {
    let file = folder.join(SECRET_FILE);
    if !file.exists() {
        refuse_orphan(folder)?;
        return create(folder, name, profile, random);
    }
    let key = load(&file)?;
    // A crash can leave the key a second name.
    discard(&draft_of(&file)).map_err(|error| Error::Key(format!("beside {}: {error}", file.display())))?;
    check_public(folder, &key.verifiers(name))?;
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
fn check_public(folder: &Path, own: &[VerifierKey]) -> Result<()> {
    let file = folder.join(PUBLIC_FILE);
    if !file.exists() {
        return publish(folder, own);
    }
    if same_keys(&latest(&public(folder)?), own) {
        return Ok(());
    }
    Err(Error::Key(format!(
        "the public keys {} are not those of {SECRET_FILE}, which are {}: one of the two is from another node",
        file.display(),
        text_of(own).trim_end().replace('\n', " and ")
    )))
}

/// The keys that sign from the latest act on.
fn latest(keys: &[VerifierKey]) -> Vec<VerifierKey> {
    let from = keys.iter().map(VerifierKey::from).max();
    keys.iter().filter(|key| Some(key.from()) == from).cloned().collect()
}

/// Whether these are the same keys, from whatever act they sign.
fn same_keys(these: &[VerifierKey], those: &[VerifierKey]) -> bool {
    these.iter().map(ToString::to_string).eq(those.iter().map(ToString::to_string))
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
pub fn create(folder: &Path, name: &str, profile: Profile, random: &dyn Random) -> Result<SigningKey> {
    let key = SigningKey::generate(profile, random)?;
    let file = folder.join(SECRET_FILE);
    write_once(&file, key.to_text().as_bytes()).map_err(|error| {
        Error::Key(format!("the signing key {} cannot be written: {error}", file.display()))
    })?;
    publish(folder, &key.verifiers(name))?;
    Ok(key)
}

/// Writes the public halves of all keys of a ledger into its data folder, for `verify` on a copy that lacks the secret.
///
/// # Errors
/// When the file cannot be written.
pub fn publish(folder: &Path, keys: &[VerifierKey]) -> Result<()> {
    let file = folder.join(PUBLIC_FILE);
    replace(&file, text_of(keys).as_bytes())
        .map_err(|error| Error::Key(format!("the public keys {} cannot be written: {error}", file.display())))
}

/// Reads the public halves from a data folder.
///
/// # Errors
/// When there are none or a line is no verifier key.
pub fn public(folder: &Path) -> Result<Vec<VerifierKey>> {
    read(&folder.join(PUBLIC_FILE))
}

/// Reads a file of public keys, be it kept elsewhere: a line for each key, and behind keys that are not the first of
/// their ledger ` from ` and the number of the act from which they sign.
///
/// # Errors
/// When it cannot be read or holds a line that is no verifier key.
pub fn read(file: &Path) -> Result<Vec<VerifierKey>> {
    let failed = |error: &dyn std::fmt::Display| {
        Error::Key(format!("the public keys {} cannot be read: {error}", file.display()))
    };
    let text = fs::read_to_string(file).map_err(|error| failed(&error))?;
    let keys: Result<Vec<VerifierKey>> = text.lines().map(line).collect();
    match keys {
        Ok(keys) if keys.is_empty() => Err(failed(&"it holds no key")),
        keys => keys.map_err(|error| failed(&error)),
    }
}

fn line(line: &str) -> Result<VerifierKey> {
    let Some((key, from)) = line.split_once(" from ") else { return line.trim_end().parse() };
    let from = from.trim_end().parse().map_err(|_| Error::Key(format!("{from:?} is no number of an act")))?;
    Ok(key.parse::<VerifierKey>()?.starting(from))
}

fn text_of(keys: &[VerifierKey]) -> String {
    let line = |key: &VerifierKey| match key.from() {
        0 => format!("{key}\n"),
        from => format!("{key} from {from}\n"),
    };
    keys.iter().map(line).collect()
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

    const PROFILE: Profile = Profile::Commercial;

    #[test]
    fn a_key_is_made_once_and_loaded_ever_after() {
        let folder = tempfile::tempdir().unwrap();
        let made = open(folder.path(), "jiashan.comity.example", PROFILE, &SystemRandom).unwrap();
        let loaded = open(folder.path(), "jiashan.comity.example", PROFILE, &SystemRandom).unwrap();
        assert_eq!(made.to_text(), loaded.to_text());
        assert_eq!(public(folder.path()).unwrap(), made.verifiers("jiashan.comity.example"));
        assert!(create(folder.path(), "jiashan.comity.example", PROFILE, &SystemRandom).is_err());
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
        let made = open(folder.path(), "a.example", PROFILE, &SystemRandom).unwrap();
        assert_eq!(
            names(folder.path()),
            [SECRET_FILE, PUBLIC_FILE],
            "no draft stays, least of all a secret one"
        );
        fs::remove_file(folder.path().join(PUBLIC_FILE)).unwrap();
        let loaded = open(folder.path(), "a.example", PROFILE, &SystemRandom).unwrap();
        assert_eq!(made.to_text(), loaded.to_text());
        assert_eq!(public(folder.path()).unwrap(), made.verifiers("a.example"));
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
        open(folder.path(), "a.example", PROFILE, &SystemRandom).unwrap();
        let other = SigningKey::from_seed([7; 32]).verifiers("a.example");
        publish(folder.path(), &other).unwrap();
        let refused = open(folder.path(), "a.example", PROFILE, &SystemRandom).unwrap_err().to_string();
        assert!(refused.contains("ledger.pub") && refused.contains("another node"), "{refused}");
        assert_eq!(public(folder.path()).unwrap(), other);
        fs::write(folder.path().join(PUBLIC_FILE), "no key").unwrap();
        let refused = open(folder.path(), "a.example", PROFILE, &SystemRandom).unwrap_err().to_string();
        assert!(refused.contains("ledger.pub"), "{refused}");
    }

    #[test]
    fn a_folder_that_lost_its_secret_gets_no_new_one() {
        let folder = tempfile::tempdir().unwrap();
        open(folder.path(), "a.example", PROFILE, &SystemRandom).unwrap();
        fs::remove_file(folder.path().join(SECRET_FILE)).unwrap();
        let refused = open(folder.path(), "a.example", PROFILE, &SystemRandom).unwrap_err().to_string();
        assert!(refused.contains("bring back"), "{refused}");
        assert_eq!(names(folder.path()), [PUBLIC_FILE]);
    }

    #[test]
    fn a_key_that_others_may_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        create(folder.path(), "a.example", PROFILE, &SystemRandom).unwrap();
        let file = folder.path().join(SECRET_FILE);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(load(&file).unwrap_err().to_string().contains("600"));
    }

    #[test]
    fn a_key_of_one_suite_is_the_file_it_always_was() {
        let key = SigningKey::from_seed([7; 32]);
        let text =
            format!("comity signing key, version 1\nsuite ed25519\nsecret {}\n", STANDARD.encode([7; 32]));
        assert_eq!(key.to_text(), text);
        assert_eq!(SigningKey::parse(&text).unwrap().profile(), Profile::International);
        assert_eq!(text_of(&key.verifiers("a.example")), format!("{}\n", key.verifier("a.example")));
    }

    #[test]
    fn public_keys_keep_the_act_from_which_they_sign() {
        let folder = tempfile::tempdir().unwrap();
        let key = SigningKey::of_profile(Profile::Commercial, [7; 32]).unwrap();
        let first = SigningKey::from_seed([1; 32]).verifier("a.example");
        let later = key.verifiers("a.example").into_iter().map(|key| key.starting(17));
        let all: Vec<_> = std::iter::once(first).chain(later).collect();
        publish(folder.path(), &all).unwrap();
        assert_eq!(public(folder.path()).unwrap(), all);
        for broken in ["", "no key\n", "a.example+00000000+AA== from 3\n"] {
            fs::write(folder.path().join(PUBLIC_FILE), broken).unwrap();
            assert!(public(folder.path()).is_err(), "{broken:?}");
        }
    }

    #[test]
    fn a_file_that_is_no_key_is_refused() {
        let key = SigningKey::of_profile(Profile::Commercial, [7; 32]).unwrap();
        let text = key.to_text();
        assert_eq!(SigningKey::parse(&text).unwrap().to_text(), text);
        let broken = [
            text.replace("version 1", "version 2"),
            text.replace("ed25519", "sm2"),
            text.replace("ed25519", "sm2-with-sm3"),
            text.replace("secret B", "secret "),
            text.replacen("suite ed25519\n", "", 1),
            format!("{text}suite ed25519\nsecret {}\n", STANDARD.encode([7; 32])),
            text.split_inclusive('\n').take(1).collect(),
            text.split_inclusive('\n').take(4).collect(),
            String::new(),
        ];
        for text in broken {
            assert!(SigningKey::parse(&text).is_err(), "{text:?}");
        }
    }
}
