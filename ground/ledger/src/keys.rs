//! The keys of a node as files of its data folder: the secret one, readable by nobody else; the next one, while it waits for
//! its act to be recorded; and the public halves of all keys that the record ever had.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::{Error, Profile, Random, Result, SigningKey, VerifierKey};

/// The file of the secret key in the data folder, mode 0600.
pub const SECRET_FILE: &str = "ledger.key";

/// The file of the public keys in the data folder, each in the form of a C2SP verifier key.
pub const PUBLIC_FILE: &str = "ledger.pub";

/// The file of the next secret key, from before its act is recorded until it takes the other's place.
const WAITING_FILE: &str = "ledger.key.next";

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
    let key = load(&file)?.at_home(Some(folder.to_owned()));
    // A crash can leave the key a second name.
    discard(&draft_of(&file)).map_err(|error| Error::Key(format!("beside {}: {error}", file.display())))?;
    check_public(folder, name, &key)?;
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
        "{} is there, but {SECRET_FILE} is not: bring back the secret key of this record; if it is lost for good, \
         `comity key replace` gives the record a new one and says so in it",
        public.display()
    )))
}

/// The crash between the two files of a new key leaves the secret alone; the public half is made good then. A crash at the
/// end of a rotation leaves the public halves of the key that waits.
fn check_public(folder: &Path, name: &str, key: &SigningKey) -> Result<()> {
    let (file, own) = (folder.join(PUBLIC_FILE), key.verifiers(name));
    if !file.exists() {
        return publish(folder, &own);
    }
    let (latest, waiting) = (latest(&public(folder)?), waiting(folder)?);
    if same(&latest, &own) || waiting.is_some_and(|waiting| same(&latest, &waiting.verifiers(name))) {
        return Ok(());
    }
    Err(Error::Key(format!(
        "the public keys {} are not those of {SECRET_FILE}, which are {}: one of the two is from another node",
        file.display(),
        text_of(&own).trim_end().replace('\n', " and ")
    )))
}

/// The keys that sign from the latest act on.
fn latest(keys: &[VerifierKey]) -> Vec<VerifierKey> {
    let from = keys.iter().map(VerifierKey::from).max();
    keys.iter().filter(|key| Some(key.from()) == from).cloned().collect()
}

/// Whether these are the same keys, from whatever act they sign.
pub(crate) fn same(these: &[VerifierKey], those: &[VerifierKey]) -> bool {
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
    let key = SigningKey::generate(profile, random)?.at_home(Some(folder.to_owned()));
    let file = folder.join(SECRET_FILE);
    write_once(&file, key.to_text().as_bytes()).map_err(|error| {
        Error::Key(format!("the signing key {} cannot be written: {error}", file.display()))
    })?;
    publish(folder, &key.verifiers(name))?;
    Ok(key)
}

/// Whether the folder has a secret key.
pub(crate) fn is_here(folder: &Path) -> bool {
    folder.join(SECRET_FILE).exists()
}

/// Lays the next key beside the one that signs, before its act is recorded.
pub(crate) fn lay_waiting(folder: &Path, key: &SigningKey) -> Result<()> {
    forget_waiting(folder)?;
    let file = folder.join(WAITING_FILE);
    write_once(&file, key.to_text().as_bytes())
        .map_err(|error| Error::Key(format!("the next key {} cannot be written: {error}", file.display())))
}

/// The key that waits for its act, if one does.
pub(crate) fn waiting(folder: &Path) -> Result<Option<SigningKey>> {
    let file = folder.join(WAITING_FILE);
    if !file.exists() {
        return Ok(None);
    }
    Ok(Some(load(&file)?.at_home(Some(folder.to_owned()))))
}

/// Removes a key whose act was never recorded.
pub(crate) fn forget_waiting(folder: &Path) -> Result<()> {
    let file = folder.join(WAITING_FILE);
    let removed = discard(&draft_of(&file)).and_then(|()| discard(&file));
    removed.map_err(|error| Error::Key(format!("{} cannot be removed: {error}", file.display())))
}

/// Puts the waiting key into the place of the old one, after its public halves: whoever verifies must know them first.
pub(crate) fn take_over(folder: &Path, new: &[VerifierKey]) -> Result<()> {
    let mut all = public(folder)?;
    all.retain(|key| !new.contains(key));
    all.extend_from_slice(new);
    publish(folder, &all)?;
    let file = folder.join(SECRET_FILE);
    let moved = fs::rename(folder.join(WAITING_FILE), &file).and_then(|()| sync_folder_of(&file));
    moved.map_err(|error| {
        Error::Key(format!("the new key cannot be put in the place of {}: {error}", file.display()))
    })
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
}
