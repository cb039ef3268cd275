//! An act as it is stored: a header in the clear, and a body that the header binds by a salted commitment.
//!
//! The JSON bytes of the header are the leaf of the tree. They are stored as they were first written and are never
//! written again to check them (RFC 6962 hashes bytes, not meaning). The body stands in the leaf only as
//! SHA-256(salt ‖ body), so that personal data can be erased by law while every proof stays valid.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{Actor, Error, Hash, MatterKey, Result};

/// The version of the leaf format that this program writes.
pub const VERSION: i64 = 1;

/// Bytes of salt in front of a body. 128 bits keep a short body from being guessed through its commitment.
pub const SALT: usize = 16;

/// Bytes that a leaf may have: an entry of a tile writes its length in two bytes (C2SP tlog-tiles).
pub const LONGEST: usize = u16::MAX as usize;

/// The clear part of an act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Version of the leaf format.
    pub version: i64,
    /// Name (origin) of the ledger, as in its checkpoints.
    pub ledger: String,
    /// Place in the record, from 1, without a hole; the leaf index is one less.
    pub number: i64,
    /// UUIDv7, for use in addresses.
    pub id: Uuid,
    /// What kind of act, `licence.granted`.
    pub kind: String,
    /// The matter the act is about.
    pub matter: MatterKey,
    /// Place among the acts of its matter, from 1, without a hole.
    pub sequence: i64,
    /// Who did it.
    pub actor: Actor,
    /// For whom, if the actor stood in for another.
    pub on_behalf_of: Option<String>,
    /// When the node recorded it. Never earlier than the act before.
    pub recorded: Timestamp,
    /// Microseconds by which the node's clock stood behind the act before, if it ran backwards.
    pub clock_behind: Option<i64>,
    /// The instant of the fact in law; deadlines count from it.
    pub effective: Timestamp,
    /// Why, in words. Never missing where `effective` is earlier than `recorded`.
    pub reason: Option<String>,
    /// The legal basis.
    pub basis: Option<String>,
    /// SHA-256(salt ‖ body).
    pub commitment: Hash,
    /// The counters that were moved for this act, by series, as they then stand. They outlive an erasure of the body.
    pub numbers: BTreeMap<String, i64>,
}

impl Header {
    /// The bytes of the leaf.
    ///
    /// # Errors
    /// When reason and basis make it longer than an entry of a tile may be.
    pub fn encode(&self) -> Result<Vec<u8>> {
        let leaf = Leaf::from(self);
        let bytes = serde_json::to_vec(&leaf).map_err(|source| Error::Body { kind: "header", source })?;
        if bytes.len() > LONGEST { Err(Error::TooLong(bytes.len())) } else { Ok(bytes) }
    }

    /// Reads the bytes of a leaf back.
    ///
    /// # Errors
    /// Says what is wrong with the bytes.
    pub fn decode(bytes: &[u8]) -> Result<Header, String> {
        Header::try_from(Leaf::decode(bytes)?)
    }
}

/// An act: header and, unless it was erased, body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    pub header: Header,
    /// The JSON bytes of the body; `None` once erased.
    pub body: Option<Vec<u8>>,
}

impl Act {
    /// The body as its type, or `None` if it was erased.
    ///
    /// # Errors
    /// When the bytes are no `B`.
    pub fn read<B: DeserializeOwned>(&self) -> Result<Option<B>> {
        let Some(body) = &self.body else { return Ok(None) };
        serde_json::from_slice(body).map(Some).map_err(|error| Error::Damaged {
            number: self.header.number,
            what: format!("its body is no {}: {error}", self.header.kind),
        })
    }
}

/// SHA-256(salt ‖ body): what the header says of the body.
pub fn commitment(salt: &[u8], body: &[u8]) -> Hash {
    Sha256::new().chain_update(salt).chain_update(body).finalize().into()
}

/// The stored form of a header. Fields are only ever added, at the end and optional; their order is part of the bytes.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Leaf<'a> {
    pub version: i64,
    #[serde(borrow)]
    pub ledger: Cow<'a, str>,
    pub number: i64,
    #[serde(borrow)]
    pub id: Cow<'a, str>,
    #[serde(borrow)]
    pub kind: Cow<'a, str>,
    #[serde(borrow)]
    pub matter: Cow<'a, str>,
    pub sequence: i64,
    #[serde(borrow)]
    pub actor: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<Cow<'a, str>>,
    /// UTC microseconds since 1970, as is `effective`.
    pub recorded: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_behind: Option<i64>,
    pub effective: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub commitment: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub numbers: BTreeMap<Cow<'a, str>, i64>,
}

impl<'a> Leaf<'a> {
    /// Reads a leaf without copying its texts, cheaply enough for a walk over the whole record.
    pub(crate) fn decode(bytes: &'a [u8]) -> Result<Leaf<'a>, String> {
        let leaf: Leaf<'a> =
            serde_json::from_slice(bytes).map_err(|error| format!("its leaf is no header: {error}"))?;
        match leaf.version {
            VERSION => Ok(leaf),
            other => Err(format!("its leaf has version {other}, which this program does not know")),
        }
    }

    pub(crate) fn commitment(&self) -> Result<Hash, String> {
        let mut hash = [0; 32];
        hex::decode_to_slice(self.commitment.as_bytes(), &mut hash)
            .map_err(|error| format!("its commitment is no hash: {error}"))?;
        Ok(hash)
    }

    /// Whether the commitment is this hash. Its text is compared first: to write one costs a fraction of reading one.
    pub(crate) fn binds(&self, hash: Hash) -> Result<bool, String> {
        let mut text = [0; 64];
        let written = hex::encode_to_slice(hash, &mut text).is_ok();
        Ok((written && *self.commitment.as_bytes() == text) || self.commitment()? == hash)
    }
}

impl<'a> From<&'a Header> for Leaf<'a> {
    fn from(header: &'a Header) -> Leaf<'a> {
        Leaf {
            version: header.version,
            ledger: Cow::Borrowed(&header.ledger),
            number: header.number,
            id: Cow::Owned(header.id.to_string()),
            kind: Cow::Borrowed(&header.kind),
            matter: Cow::Borrowed(header.matter.as_str()),
            sequence: header.sequence,
            actor: Cow::Owned(header.actor.to_string()),
            on_behalf_of: header.on_behalf_of.as_deref().map(Cow::Borrowed),
            recorded: header.recorded.as_microsecond(),
            clock_behind: header.clock_behind,
            effective: header.effective.as_microsecond(),
            reason: header.reason.as_deref().map(Cow::Borrowed),
            basis: header.basis.as_deref().map(Cow::Borrowed),
            commitment: Cow::Owned(hex::encode(header.commitment)),
            numbers: header
                .numbers
                .iter()
                .map(|(series, value)| (Cow::Borrowed(&**series), *value))
                .collect(),
        }
    }
}

impl TryFrom<Leaf<'_>> for Header {
    type Error = String;

    fn try_from(leaf: Leaf<'_>) -> Result<Header, String> {
        Ok(Header {
            version: leaf.version,
            number: leaf.number,
            id: Uuid::parse_str(&leaf.id).map_err(|error| format!("its id is no UUID: {error}"))?,
            matter: leaf.matter.parse().map_err(|error: Error| error.to_string())?,
            sequence: leaf.sequence,
            actor: leaf.actor.parse().map_err(|error: Error| error.to_string())?,
            recorded: instant(leaf.recorded)?,
            clock_behind: leaf.clock_behind,
            effective: instant(leaf.effective)?,
            commitment: leaf.commitment()?,
            ledger: leaf.ledger.into_owned(),
            kind: leaf.kind.into_owned(),
            on_behalf_of: leaf.on_behalf_of.map(Cow::into_owned),
            reason: leaf.reason.map(Cow::into_owned),
            basis: leaf.basis.map(Cow::into_owned),
            numbers: leaf.numbers.into_iter().map(|(series, value)| (series.into_owned(), value)).collect(),
        })
    }
}

fn instant(microseconds: i64) -> Result<Timestamp, String> {
    Timestamp::from_microsecond(microseconds).map_err(|error| format!("it bears an impossible time: {error}"))
}

/// Whether JSON bytes hold a number with a fraction or an exponent (a float must never stand in an act: two machines
/// may write it differently, and money has whole fen).
pub(crate) fn has_fraction(json: &[u8]) -> bool {
    let (mut in_text, mut escaped, mut previous) = (false, false, 0);
    for &byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'.' | b'e' | b'E' if !in_text && u8::is_ascii_digit(&previous) => return true,
            _ => {}
        }
        previous = byte;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Header {
        Header {
            version: VERSION,
            ledger: "jiashan.comity.example".into(),
            number: 42,
            id: "0199a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b".parse().unwrap(),
            kind: "licence.granted".into(),
            matter: "licence/0199a1b2-0000-7000-8000-000000000001".parse().unwrap(),
            sequence: 3,
            actor: Actor::Officer("o-17".into()),
            on_behalf_of: Some("o-3".into()),
            recorded: Timestamp::from_microsecond(1_790_000_000_123_456).unwrap(),
            clock_behind: Some(250),
            effective: Timestamp::from_microsecond(1_789_996_400_000_000).unwrap(),
            reason: Some("窗口停电，次日\"补录\"".into()),
            basis: Some("行政许可法第三十四条".into()),
            commitment: commitment(b"0123456789abcdef", br#"{"act":"granted"}"#),
            numbers: BTreeMap::new(),
        }
    }

    /// The one sample of the leaf format. It must never change: every stored record depends on it.
    const GOLDEN: &str = concat!(
        r#"{"version":1,"ledger":"jiashan.comity.example","number":42,"id":"0199a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b","#,
        r#""kind":"licence.granted","matter":"licence/0199a1b2-0000-7000-8000-000000000001","sequence":3,"#,
        r#""actor":"officer:o-17","on_behalf_of":"o-3","recorded":1790000000123456,"clock_behind":250,"#,
        r#""effective":1789996400000000,"reason":"窗口停电，次日\"补录\"","basis":"行政许可法第三十四条","#,
        r#""commitment":"aa1a39ef94d2c88581fd193d80085507582b21151cb090c928b5c88cd1ec5acb"}"#,
    );

    #[test]
    fn the_leaf_is_written_as_it_always_was() {
        assert_eq!(String::from_utf8(sample().encode().unwrap()).unwrap(), GOLDEN);
    }

    #[test]
    fn the_shortest_leaf_leaves_out_what_is_not_there() {
        let header = Header { on_behalf_of: None, clock_behind: None, reason: None, basis: None, ..sample() };
        let text = String::from_utf8(header.encode().unwrap()).unwrap();
        assert!(!text.contains("null") && !text.contains("reason"));
        assert_eq!(Header::decode(text.as_bytes()).unwrap(), header);
    }

    #[test]
    fn the_numbers_that_an_act_was_given_stand_at_its_end() {
        let numbers = [("paper/notice/2026".to_owned(), 12), ("licence/330421".to_owned(), 2601)].into();
        let header = Header { numbers, ..sample() };
        let text = String::from_utf8(header.encode().unwrap()).unwrap();
        let end = r#","numbers":{"licence/330421":2601,"paper/notice/2026":12}}"#;
        assert_eq!(text, GOLDEN.strip_suffix('}').unwrap().to_owned() + end);
        assert_eq!(Header::decode(text.as_bytes()).unwrap(), header);
    }

    #[test]
    fn a_leaf_reads_back_as_the_same_header() {
        assert_eq!(Header::decode(GOLDEN.as_bytes()).unwrap(), sample());
    }

    #[test]
    fn a_header_that_no_tile_could_hold_is_refused() {
        let long = |signs| Header { reason: Some("x".repeat(signs)), ..sample() };
        assert!(matches!(long(LONGEST).encode(), Err(Error::TooLong(_))));
        let rest = LONGEST - long(0).encode().unwrap().len();
        assert_eq!(long(rest).encode().unwrap().len(), LONGEST);
        assert!(long(rest + 1).encode().is_err());
    }

    #[test]
    fn a_leaf_of_a_later_version_is_not_guessed_at() {
        let later = GOLDEN.replace(r#""version":1"#, r#""version":2"#);
        assert!(Header::decode(later.as_bytes()).unwrap_err().contains("version 2"));
    }

    #[test]
    fn fractions_are_seen_outside_texts_only() {
        for json in [r#"{"a":1.5}"#, r#"[1e3]"#, r#"[-0.5]"#, r#"{"a":"x\"","b":2.0}"#] {
            assert!(has_fraction(json.as_bytes()), "{json}");
        }
        for json in [r#"{"a":15,"b":"1.5","c":true,"d":"\"2.0"}"#, "[1,false,null]", r#"{"1e5":1}"#] {
            assert!(!has_fraction(json.as_bytes()), "{json}");
        }
    }
}
