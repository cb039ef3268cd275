//! C2SP signed notes, and the checkpoints that are written as such: origin, size and root, signed by the ledger's key.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::tree::Head;
use crate::{Error, Result, SigningKey};

/// The signature type of Ed25519 in a signed note.
const ED25519: u8 = 1;

/// The most signature lines that are looked at in one note.
const MOST_SIGNATURES: usize = 64;

/// A public key with the name under which it signs; its text form is `name+id+base64`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: [u8; 4],
    key: VerifyingKey,
}

impl VerifierKey {
    pub fn new(name: &str, key: VerifyingKey) -> VerifierKey {
        let mut hash = Sha256::new();
        hash.update(name.as_bytes());
        hash.update([b'\n', ED25519]);
        hash.update(key.as_bytes());
        let hash = hash.finalize();
        VerifierKey { name: name.to_owned(), id: [hash[0], hash[1], hash[2], hash[3]], key }
    }

    /// The name of the ledger that signs with this key.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn verifies(&self, text: &str, signature: &[u8]) -> bool {
        Signature::from_slice(signature)
            .is_ok_and(|signature| self.key.verify_strict(text.as_bytes(), &signature).is_ok())
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = vec![ED25519];
        bytes.extend_from_slice(self.key.as_bytes());
        write!(formatter, "{}+{}+{}", self.name, hex::encode(self.id), STANDARD.encode(bytes))
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
        let bytes = STANDARD.decode(key).map_err(|_| failed())?;
        let raw = bytes.strip_prefix(&[ED25519]).ok_or_else(failed)?;
        let raw = <&[u8; 32]>::try_from(raw).map_err(|_| failed())?;
        let parsed = VerifierKey::new(name, VerifyingKey::from_bytes(raw).map_err(|_| failed())?);
        if hex::encode(parsed.id) == id { Ok(parsed) } else { Err(failed()) }
    }
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
    /// Signs a head of the tree under the name of the ledger.
    pub fn sign(origin: &str, head: Head, key: &SigningKey) -> Checkpoint {
        let text = format!("{origin}\n{}\n{}\n", head.size, STANDARD.encode(head.root));
        let mut bytes = key.verifier(origin).id.to_vec();
        bytes.extend_from_slice(&key.sign(text.as_bytes()));
        let note = format!("{text}\n— {origin} {}\n", STANDARD.encode(bytes));
        Checkpoint { note, origin: origin.to_owned(), head }
    }

    /// Reads a checkpoint and checks that it is signed by one of the keys, under the origin that the key bears.
    ///
    /// # Errors
    /// When it is no checkpoint, when no key signed it, or when a line of a known key does not hold.
    pub fn open(note: &str, keys: &[VerifierKey]) -> Result<Checkpoint> {
        let (text, signatures) = split(note)?;
        let (origin, head) = body(text)?;
        let mut signed = false;
        for line in signatures.lines() {
            let (name, id, signature) = signature_line(line)?;
            let Some(key) = keys.iter().find(|key| key.name == name && key.id == id) else { continue };
            if !key.verifies(text, &signature) {
                return Err(Error::Note(format!("the signature of {name} on the checkpoint does not hold")));
            }
            signed |= key.name == origin;
        }
        if !signed {
            return Err(Error::Note(format!(
                "the checkpoint of {origin} is not signed by a known key of {origin}"
            )));
        }
        Ok(Checkpoint { note: note.to_owned(), origin: origin.to_owned(), head })
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

    /// The example of c2sp.org/signed-note style keys: name and seed are fixed, so that the bytes are.
    fn signed() -> (Checkpoint, VerifierKey) {
        let key = SigningKey::from_seed([9; 32]);
        let head = Head { size: 20_852_163, root: [5; 32] };
        (Checkpoint::sign("jiashan.comity.example", head, &key), key.verifier("jiashan.comity.example"))
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
        let cosigned = Checkpoint::sign("witness.example", checkpoint.head(), &witness);
        let line = cosigned.note().lines().last().unwrap();
        let note = format!("{}{line}\n", checkpoint.note());
        assert!(Checkpoint::open(&note, std::slice::from_ref(&key)).is_ok());
        let known = [key, witness.verifier("witness.example")];
        assert!(Checkpoint::open(&note, &known).is_err(), "the witness signed another text");
    }

    #[test]
    fn a_verifier_key_keeps_its_text() {
        let (_, key) = signed();
        let text = key.to_string();
        assert_eq!(text.parse::<VerifierKey>().unwrap(), key);
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
