//! C2SP signed notes, and the checkpoints that are written as such: origin, size and root, signed by the ledger's key.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::suite::{Public, Suite};
use crate::tree::Head;
use crate::{Error, Result, SigningKey};

/// The most signature lines that are looked at in one note.
const MOST_SIGNATURES: usize = 64;

/// A public key with the name under which it signs; its text form is `name+id+base64` (C2SP signed-note).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: [u8; 4],
    key: Public,
    from: i64,
}

impl VerifierKey {
    pub(crate) fn new(name: &str, key: Public) -> VerifierKey {
        let hash = Sha256::new().chain_update(name).chain_update("\n").chain_update(key.marked()).finalize();
        VerifierKey { name: name.to_owned(), id: [hash[0], hash[1], hash[2], hash[3]], key, from: 0 }
    }

    /// The name of the ledger that signs with this key.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The algorithm of its signatures.
    pub fn suite(&self) -> Suite {
        self.key.suite()
    }

    /// The number of the act from which on it signs; 0 for the first keys of a ledger.
    pub fn from(&self) -> i64 {
        self.from
    }

    /// The same key, signing from this act on.
    #[must_use]
    pub fn starting(self, from: i64) -> VerifierKey {
        VerifierKey { from, ..self }
    }

    fn verifies(&self, text: &str, signature: &[u8]) -> bool {
        self.key.verifies(text.as_bytes(), signature)
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}+{}+{}", self.name, hex::encode(self.id), STANDARD.encode(self.key.marked()))
    }
}

impl FromStr for VerifierKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<VerifierKey> {
        let failed = || Error::Key(format!("{text:?} is no verifier key (name+id+key)"));
        let mut parts = text.splitn(3, '+');
        let (name, id, key) = match (parts.next(), parts.next(), parts.next()) {
            (Some(name), Some(id), Some(key)) if is_name(name) => (name, id, key),
            _ => return Err(failed()),
        };
        let marked = STANDARD.decode(key).map_err(|_| failed())?;
        let parsed = VerifierKey::new(name, Public::parse(&marked).ok_or_else(failed)?);
        if hex::encode(parsed.id) == id { Ok(parsed) } else { Err(failed()) }
    }
}

/// Those of the keys that must sign a checkpoint of this ledger at this size: the set that signs from the latest act
/// under it. A set takes the place of the one before as a whole.
pub(crate) fn in_force<'a>(keys: &'a [VerifierKey], ledger: &str, size: u64) -> Vec<&'a VerifierKey> {
    let begun = |key: &&VerifierKey| key.name == ledger && key.from.cast_unsigned() <= size;
    let latest = keys.iter().filter(begun).map(|key| key.from).max();
    keys.iter().filter(begun).filter(|key| Some(key.from) == latest).collect()
}

/// Whether a text may name a ledger: not empty, no space, no plus, no control character.
pub fn is_name(text: &str) -> bool {
    !text.is_empty()
        && !text.chars().any(|letter| letter.is_whitespace() || letter.is_control() || letter == '+')
}

/// A signed checkpoint: its text as signed and stored, and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    note: String,
    origin: String,
    head: Head,
}

impl Checkpoint {
    /// Signs a head of the tree under the name of the ledger, with one line for each suite of the key.
    ///
    /// # Errors
    /// When a suite finds no signature.
    pub fn sign(origin: &str, head: Head, key: &SigningKey) -> Result<Checkpoint> {
        Checkpoint::sign_with(origin, head, &[key])
    }

    /// Like `sign`, with the lines of several keys: where one hands over to the next.
    pub(crate) fn sign_with(origin: &str, head: Head, keys: &[&SigningKey]) -> Result<Checkpoint> {
        let text = format!("{origin}\n{}\n{}\n", head.size, STANDARD.encode(head.root));
        let lines = keys.iter().map(|key| lines(origin, &text, key)).collect::<Result<String>>()?;
        Ok(Checkpoint { note: format!("{text}\n{lines}"), origin: origin.to_owned(), head })
    }

    /// Reads a checkpoint and checks that all keys have signed it that must at its size.
    ///
    /// # Errors
    /// When it is no checkpoint, when a key that must sign has not, or when the line of any known key does not hold.
    pub fn open(note: &str, keys: &[VerifierKey]) -> Result<Checkpoint> {
        let (text, signatures) = split(note)?;
        let (origin, head) = body(text)?;
        let signed = signers(text, signatures, keys, "checkpoint")?;
        let needed = in_force(keys, origin, head.size);
        if needed.is_empty() {
            return Err(Error::Note(format!("no key of {origin} is known for its checkpoint")));
        }
        match needed.into_iter().find(|key| !signed.contains(key)) {
            Some(key) => {
                Err(Error::Note(format!("the checkpoint of {origin} is not signed by its key {key}")))
            }
            None => Ok(Checkpoint { note: note.to_owned(), origin: origin.to_owned(), head }),
        }
    }

    /// The signed note.
    pub fn note(&self) -> &str {
        &self.note
    }

    /// The name of the ledger.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Size and root.
    pub fn head(&self) -> Head {
        self.head
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.note)
    }
}

/// The signature lines of a key under a text.
fn lines(name: &str, text: &str, key: &SigningKey) -> Result<String> {
    let mut lines = String::new();
    for (verifier, signature) in key.sign(name, text.as_bytes())? {
        let bytes = [verifier.id.as_slice(), &signature].concat();
        lines.push_str(&format!("— {name} {}\n", STANDARD.encode(bytes)));
    }
    Ok(lines)
}

/// Signs any text, which must end in a newline, as a note.
///
/// # Errors
/// When a suite finds no signature, or the text cannot stand in a note.
pub fn sign(text: &str, name: &str, key: &SigningKey) -> Result<String> {
    let note = format!("{text}\n{}", lines(name, text, key)?);
    if split(&note)?.0 != text {
        return Err(Error::Note(
            "this text cannot stand in a signed note: it must end in one newline".into(),
        ));
    }
    Ok(note)
}

/// The text of a note, checked to be signed by one of the keys.
///
/// # Errors
/// When it is no note, when no key signed it, or when a line of a known key does not hold.
pub fn open<'a>(note: &'a str, keys: &[VerifierKey]) -> Result<&'a str> {
    let (text, signatures) = split(note)?;
    match signers(text, signatures, keys, "note")?.is_empty() {
        false => Ok(text),
        true => Err(Error::Note("the note is not signed by a known key".into())),
    }
}

/// Those of the keys that have signed the text of a note. Lines of unknown keys are passed over.
fn signers<'a>(
    text: &str,
    signatures: &str,
    keys: &'a [VerifierKey],
    what: &str,
) -> Result<Vec<&'a VerifierKey>> {
    let mut signed = Vec::new();
    for line in signatures.lines() {
        let (name, id, signature) = signature_line(line)?;
        let Some(key) = keys.iter().find(|key| key.name == name && key.id == id) else { continue };
        if !key.verifies(text, &signature) {
            return Err(Error::Note(format!("the signature of {name} on the {what} does not hold")));
        }
        signed.push(key);
    }
    Ok(signed)
}

/// The text (with its last newline) and the signature lines of a note.
fn split(note: &str) -> Result<(&str, &str)> {
    let failed = |what: &str| Err(Error::Note(format!("this is no signed note: {what}")));
    if note.chars().any(|letter| letter < ' ' && letter != '\n') {
        return failed("it holds a control character");
    }
    let Some(end) = note.rfind("\n\n") else { return failed("it has no empty line before the signatures") };
    let (text, signatures) = (&note[..=end], &note[end + 2..]);
    match signatures.lines().count() {
        _ if !signatures.ends_with('\n') => failed("it does not end in a newline"),
        0 => failed("it bears no signature"),
        count if count > MOST_SIGNATURES => failed("it bears too many signatures"),
        _ => Ok((text, signatures)),
    }
}

fn body(text: &str) -> Result<(&str, Head)> {
    let failed = |what: &str| Error::Note(format!("this is no checkpoint: {what}"));
    let mut lines = text.lines();
    let origin = lines.next().filter(|line| is_name(line)).ok_or_else(|| failed("no origin"))?;
    let size = lines.next().and_then(decimal).ok_or_else(|| failed("no size"))?;
    let root = lines.next().and_then(hash).ok_or_else(|| failed("no root"))?;
    Ok((origin, Head { size, root }))
}

fn signature_line(line: &str) -> Result<(&str, [u8; 4], Vec<u8>)> {
    let read = || {
        let (name, signature) = line.strip_prefix("— ")?.split_once(' ')?;
        let bytes = STANDARD.decode(signature).ok().filter(|_| is_name(name))?;
        let (id, signature) = bytes.split_first_chunk::<4>()?;
        Some((name, *id, signature.to_vec()))
    };
    read().ok_or_else(|| Error::Note(format!("this is no signature line: {line:?}")))
}

/// A decimal without sign and leading zeroes.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

/// A hash in base64.
pub(crate) fn hash(text: &str) -> Option<crate::Hash> {
    STANDARD.decode(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Profile;

    /// The example of c2sp.org/signed-note style keys: name and seed are fixed, so that the bytes are.
    fn signed() -> (Checkpoint, VerifierKey) {
        let key = SigningKey::from_seed([9; 32]);
        let head = Head { size: 20_852_163, root: [5; 32] };
        let checkpoint = Checkpoint::sign("jiashan.comity.example", head, &key).unwrap();
        (checkpoint, key.verifier("jiashan.comity.example"))
    }

    #[test]
    fn a_checkpoint_opens_with_its_key() {
        let (checkpoint, key) = signed();
        assert_eq!(Checkpoint::open(checkpoint.note(), &[key]).unwrap(), checkpoint);
        let first: Vec<&str> = checkpoint.note().lines().take(2).collect();
        assert_eq!(first, ["jiashan.comity.example", "20852163"]);
    }

    #[test]
    fn another_key_another_name_or_another_text_is_refused() {
        let (checkpoint, key) = signed();
        let stranger = SigningKey::from_seed([8; 32]).verifier("jiashan.comity.example");
        assert!(Checkpoint::open(checkpoint.note(), &[stranger]).is_err());
        assert!(Checkpoint::open(checkpoint.note(), &[]).is_err());
        for (from, to) in [("20852163", "20852164"), ("jiashan.", "qingpu."), ("— ", "- "), ("\n\n", "\n")]
        {
            let changed = checkpoint.note().replacen(from, to, 1);
            assert!(Checkpoint::open(&changed, std::slice::from_ref(&key)).is_err(), "{changed}");
        }
    }

    #[test]
    fn every_changed_byte_of_a_note_is_noticed() {
        let (checkpoint, key) = signed();
        let bytes = checkpoint.note().as_bytes();
        for place in 0..bytes.len() {
            let mut changed = bytes.to_vec();
            changed[place] ^= 1;
            let Ok(text) = String::from_utf8(changed) else { continue };
            let opened = Checkpoint::open(&text, std::slice::from_ref(&key));
            assert!(opened.is_err(), "byte {place}");
        }
    }

    #[test]
    fn lines_of_unknown_keys_are_passed_over() {
        let (checkpoint, key) = signed();
        let witness = SigningKey::from_seed([3; 32]);
        let cosigned = Checkpoint::sign("witness.example", checkpoint.head(), &witness).unwrap();
        let line = cosigned.note().lines().last().unwrap();
        let note = format!("{}{line}\n", checkpoint.note());
        assert!(Checkpoint::open(&note, std::slice::from_ref(&key)).is_ok());
        let known = [key, witness.verifier("witness.example")];
        assert!(Checkpoint::open(&note, &known).is_err(), "the witness signed another text");
    }

    fn commercial() -> (Checkpoint, Vec<VerifierKey>) {
        let key = SigningKey::of_profile(Profile::Commercial, [9; 32]).unwrap();
        let head = Head { size: 20_852_163, root: [5; 32] };
        (Checkpoint::sign("a.example", head, &key).unwrap(), key.verifiers("a.example"))
    }

    /// The note without one of its signature lines.
    fn without_line(note: &str, line: usize) -> String {
        let signatures = note.lines().filter(|line| line.starts_with('—')).nth(line).unwrap();
        note.replace(&format!("{signatures}\n"), "")
    }

    #[test]
    fn in_the_profile_of_commercial_cryptography_both_lines_are_demanded() {
        let (checkpoint, keys) = commercial();
        assert_eq!(checkpoint.note().matches("— a.example ").count(), 2);
        assert_eq!(keys.iter().map(VerifierKey::suite).collect::<Vec<_>>(), Profile::Commercial.suites());
        assert_eq!(Checkpoint::open(checkpoint.note(), &keys).unwrap(), checkpoint);
        for line in 0..2 {
            let short = without_line(checkpoint.note(), line);
            assert!(Checkpoint::open(&short, &keys).is_err(), "{short}");
            // Who knows one suite only passes the other's line over, as the format has it.
            assert!(Checkpoint::open(checkpoint.note(), &keys[line..=line]).is_ok());
        }
    }

    #[test]
    fn every_changed_byte_of_either_signature_is_noticed() {
        let (checkpoint, keys) = commercial();
        for place in 0..checkpoint.note().len() {
            let mut changed = checkpoint.note().as_bytes().to_vec();
            changed[place] ^= 1;
            let Ok(text) = String::from_utf8(changed) else { continue };
            assert!(Checkpoint::open(&text, &keys).is_err(), "byte {place}");
        }
    }

    #[test]
    fn the_keys_that_sign_from_the_latest_act_are_in_force() {
        let key = |seed, from| SigningKey::from_seed([seed; 32]).verifier("a.example").starting(from);
        let keys = [key(1, 0), key(2, 40), key(3, 40), key(4, 70)];
        let at = |size| in_force(&keys, "a.example", size).into_iter().cloned().collect::<Vec<_>>();
        assert_eq!((at(0), at(39)), (keys[..1].to_vec(), keys[..1].to_vec()));
        assert_eq!((at(40), at(69), at(70)), (keys[1..3].to_vec(), keys[1..3].to_vec(), keys[3..].to_vec()));
        assert!(in_force(&keys, "b.example", 50).is_empty());
        assert!(in_force(&keys[1..], "a.example", 39).is_empty(), "no key is known for the beginning");
    }

    #[test]
    fn a_verifier_key_keeps_its_text() {
        let (_, key) = signed();
        let text = key.to_string();
        assert_eq!(text.parse::<VerifierKey>().unwrap(), key);
        for key in commercial().1 {
            assert_eq!(key.to_string().parse::<VerifierKey>().unwrap(), key);
        }
        for broken in [text.replace("jiashan", "qingpu"), text.replace('+', "-"), String::new()] {
            assert!(broken.parse::<VerifierKey>().is_err(), "{broken}");
        }
    }

    /// The key of the Go checksum database and a key id as published with it (go.dev/ref/mod#checksum-database).
    #[test]
    fn the_key_id_is_computed_as_others_do() {
        let published = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";
        assert_eq!(published.parse::<VerifierKey>().unwrap().to_string(), published);
    }
}
