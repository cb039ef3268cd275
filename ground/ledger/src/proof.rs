//! A proof that an act stands in the record, as one text that anyone can check offline (C2SP `tlog-proof`).
//!
//! The leaf travels in the `extra` line; the format does not authenticate that line, but here the leaf is hashed
//! and the path starts from that hash, so that a changed leaf fails.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::note::{decimal, hash};
use crate::tree::{includes, leaf_hash};
use crate::{Checkpoint, Error, Hash, Header, Result, VerifierKey};

/// The first line of the format.
const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";

/// The most hashes a path can have: one for each level of a tree with 2^63 leaves.
const MOST_STEPS: usize = 63;

/// A proof of inclusion, not yet checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The bytes of the leaf.
    pub leaf: Vec<u8>,
    /// The leaf's place from 0: the act's number less one.
    pub index: u64,
    /// From the leaf's neighbour up.
    pub path: Vec<Hash>,
    /// The signed note of the checkpoint.
    pub checkpoint: String,
}

impl Proof {
    /// Checks signature, path and leaf, and gives the act's header.
    ///
    /// # Errors
    /// Says what does not hold.
    pub fn verify(&self, keys: &[VerifierKey]) -> Result<Header> {
        let checkpoint = Checkpoint::open(&self.checkpoint, keys)?;
        let head = checkpoint.head();
        if !includes(&head.root, head.size, self.index, &leaf_hash(&self.leaf), &self.path) {
            return Err(Error::Note("the act does not stand in the record at this place".into()));
        }
        let header = Header::decode(&self.leaf).map_err(Error::Note)?;
        if header.ledger != checkpoint.origin() || header.number.cast_unsigned() != self.index + 1 {
            return Err(Error::Note("the act bears another ledger or another number than its place".into()));
        }
        Ok(header)
    }
}

impl fmt::Display for Proof {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{FIRST_LINE}")?;
        writeln!(formatter, "extra {}", STANDARD.encode(&self.leaf))?;
        writeln!(formatter, "index {}", self.index)?;
        for step in &self.path {
            writeln!(formatter, "{}", STANDARD.encode(step))?;
        }
        write!(formatter, "\n{}", self.checkpoint)
    }
}

impl FromStr for Proof {
    type Err = Error;

    fn from_str(text: &str) -> Result<Proof> {
        let failed = |what: &str| Error::Note(format!("this is no proof: {what}"));
        let (top, checkpoint) = text.split_once("\n\n").ok_or_else(|| failed("no checkpoint"))?;
        let mut lines = top.split('\n');
        if lines.next() != Some(FIRST_LINE) {
            return Err(failed("another first line"));
        }
        let leaf = lines.next().and_then(|line| STANDARD.decode(line.strip_prefix("extra ")?).ok());
        let leaf = leaf.ok_or_else(|| failed("no leaf"))?;
        let index = lines.next().and_then(|line| decimal(line.strip_prefix("index ")?));
        let index = index.ok_or_else(|| failed("no index"))?;
        let path: Option<Vec<Hash>> = lines.map(hash).collect();
        let path = path.filter(|path| path.len() <= MOST_STEPS).ok_or_else(|| failed("a line is no hash"))?;
        Ok(Proof { leaf, index, path, checkpoint: checkpoint.to_owned() })
    }
}
