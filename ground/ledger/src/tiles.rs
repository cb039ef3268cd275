//! The tiles of the tree (C2SP tlog-tiles): read for proofs, one query for each tile that a proof touches, and handed out
//! whole to whoever computes proofs himself.

use std::collections::HashMap;
use std::fmt;

use store::{FromValue, Row, Sql};

use crate::head::Head;
use crate::note::decimal;
use crate::tree::{Subtrees, node_hash};
use crate::{Error, Hash, Result};

/// The height of a tile: each holds up to 256 hashes of its level (C2SP tlog-tiles).
pub(crate) const HEIGHT: u32 = 8;

/// Hashes, or entries, in a full tile.
const WIDTH: u64 = 1 << HEIGHT;

/// Names one tile of a level as addresses do: `x001/x234/067`, or `067.p/5` for the first five of one that was not full
/// when the tree had some earlier size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TilePath {
    index: u64,
    width: u64,
}

impl TilePath {
    /// Reads an address; only the one way to write each tile is understood.
    pub fn parse(text: &str) -> Option<TilePath> {
        let (index, width) = match text.split_once(".p/") {
            Some((index, width)) => (index, decimal(width).filter(|width| (1..WIDTH).contains(width))?),
            None => (text, WIDTH),
        };
        let digits: String = index.split('/').map(|part| part.strip_prefix('x').unwrap_or(part)).collect();
        // Leading zeroes are no digits of a number, but elements have three signs each.
        let path = TilePath { index: digits.parse().ok()?, width };
        (path.to_string() == text).then_some(path)
    }

    /// The places of the level that the tile covers, from the first to before the last; none beyond a level of `count`.
    fn places(self, count: u64) -> Option<(i64, i64)> {
        let first = self.index.checked_mul(WIDTH)?;
        let end = first.checked_add(self.width).filter(|end| *end <= count)?;
        Some((first.cast_signed(), end.cast_signed()))
    }
}

impl fmt::Display for TilePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut rest, mut text) = (self.index / 1000, format!("{:03}", self.index % 1000));
        while rest > 0 {
            text = format!("x{:03}/{text}", rest % 1000);
            rest /= 1000;
        }
        formatter.write_str(&text)?;
        if self.width < WIDTH { write!(formatter, ".p/{}", self.width) } else { Ok(()) }
    }
}

/// The hashes of a tile of this tile level (0 = leaves), one after another; none where the tree does not reach that far.
pub(crate) fn hashes(sql: &mut dyn Sql, level: u32, path: TilePath) -> Result<Option<Vec<u8>>> {
    let level = level.saturating_mul(HEIGHT);
    let count = Head::read(sql)?.frontier.size().checked_shr(level).unwrap_or(0);
    let Some((first, end)) = path.places(count) else { return Ok(None) };
    let hashes: Vec<Hash> = values(&query(sql, level, first, end)?)?;
    complete(hashes.len(), end - first)?;
    Ok(Some(hashes.concat()))
}

/// The entries under a tile of level 0, each behind its length in two bytes, big-endian; none where the tree does not
/// reach that far. An entry is the header of an act: no body is ever in it.
pub(crate) fn entries(sql: &mut dyn Sql, path: TilePath) -> Result<Option<Vec<u8>>> {
    let Some((first, end)) = path.places(Head::read(sql)?.frontier.size()) else { return Ok(None) };
    let leaves = "select leaf from acts where number > $1 and number <= $2 order by number";
    let leaves: Vec<Vec<u8>> = values(&sql.query(leaves, &[first.into(), end.into()])?)?;
    complete(leaves.len(), end - first)?;
    let mut bundle = Vec::new();
    for leaf in leaves {
        let length = u16::try_from(leaf.len())
            .map_err(|_| Error::Record("a header is longer than an entry may be".into()))?;
        bundle.extend(length.to_be_bytes());
        bundle.extend(leaf);
    }
    Ok(Some(bundle))
}

/// The hashes of one level of the tree from place `first` to before `end`.
fn query(sql: &mut dyn Sql, level: u32, first: i64, end: i64) -> Result<Vec<Row>> {
    if level == 0 {
        let leaves = "select hash from acts where number > $1 and number <= $2 order by number";
        return Ok(sql.query(leaves, &[first.into(), end.into()])?);
    }
    let nodes =
        "select hash from nodes where level = $1 and position >= $2 and position < $3 order by position";
    Ok(sql.query(nodes, &[level.into(), first.into(), end.into()])?)
}

fn values<T: FromValue>(rows: &[Row]) -> Result<Vec<T>> {
    Ok(rows.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?)
}

fn complete(found: usize, wanted: i64) -> Result<()> {
    let whole = i64::try_from(found) == Ok(wanted);
    if whole { Ok(()) } else { Err(Error::Record("a tile is not all there".into())) }
}

pub(crate) struct Tiles<'a> {
    sql: &'a mut dyn Sql,
    read: HashMap<(u32, u64), Vec<Hash>>,
}

impl<'a> Tiles<'a> {
    pub(crate) fn new(sql: &'a mut dyn Sql) -> Tiles<'a> {
        Tiles { sql, read: HashMap::new() }
    }

    fn tile(&mut self, level: u32, tile: u64) -> Result<&[Hash]> {
        if !self.read.contains_key(&(level, tile)) {
            let (first, end) = (tile << HEIGHT, (tile + 1) << HEIGHT);
            let rows = query(self.sql, level, first.cast_signed(), end.cast_signed())?;
            self.read.insert((level, tile), values(&rows)?);
        }
        Ok(self.read.get(&(level, tile)).map_or(&[], Vec::as_slice))
    }
}

impl Subtrees for Tiles<'_> {
    type Error = Error;

    fn subtree(&mut self, level: u32, position: u64) -> Result<Hash> {
        let within = level % HEIGHT;
        let first = position << within;
        let tile = self.tile(level - within, first >> HEIGHT)?;
        let start = (first & 255) as usize;
        let Some(hashes) = tile.get(start..start + (1 << within)) else {
            return Err(Error::Record(format!(
                "the hashes of level {level}, place {position} are not all there"
            )));
        };
        Ok(join(hashes))
    }
}

/// The root over a power of two of hashes.
fn join(hashes: &[Hash]) -> Hash {
    match hashes {
        [hash] => *hash,
        _ => {
            let (left, right) = hashes.split_at(hashes.len() / 2);
            node_hash(&join(left), &join(right))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tile_has_one_address() {
        for (index, width, text) in [
            (0, 256, "000"),
            (999, 256, "999"),
            (1_000, 256, "x001/000"),
            (1_234_067, 256, "x001/x234/067"),
            (1_234_067, 5, "x001/x234/067.p/5"),
            (u64::MAX, 255, "x018/x446/x744/x073/x709/x551/615.p/255"),
        ] {
            let path = TilePath { index, width };
            assert_eq!((path.to_string().as_str(), TilePath::parse(text)), (text, Some(path)));
        }
    }

    #[test]
    fn what_is_written_otherwise_names_no_tile() {
        for text in [
            "",
            "0",
            "00",
            "0000",
            "x000",
            "x000/000",
            "001/234",
            "x001/x234",
            "x1/234",
            "xx01/234",
            "+01",
            "-01",
            "a01",
            "000.p",
            "000.p/",
            "000.p/0",
            "000.p/256",
            "000.p/05",
            "000.p/5/",
            "000/",
            "/000",
            "000.p/5.p/5",
            "x001//067",
            "x018/x446/x744/x073/x709/x551/616",
        ] {
            assert_eq!(TilePath::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_tile_beyond_the_tree_covers_no_place() {
        let full = TilePath { index: 1, width: 256 };
        assert_eq!((full.places(512), full.places(511)), (Some((256, 512)), None));
        let partial = TilePath { index: 1, width: 5 };
        assert_eq!((partial.places(261), partial.places(260)), (Some((256, 261)), None));
        assert_eq!(TilePath { index: u64::MAX, width: 256 }.places(u64::MAX), None);
    }
}
