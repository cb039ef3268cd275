//! Reads the hashes of complete subtrees from the stored tiles: one query for each tile that a proof touches.

use std::collections::HashMap;

use store::Sql;

use crate::tree::{Subtrees, node_hash};
use crate::{Error, Hash, Result};

/// The height of a tile: each holds up to 256 hashes of its level (C2SP tlog-tiles).
pub(crate) const HEIGHT: u32 = 8;

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
            let hashes = self.query(level, (tile << HEIGHT).cast_signed())?;
            self.read.insert((level, tile), hashes);
        }
        Ok(self.read.get(&(level, tile)).map_or(&[], Vec::as_slice))
    }

    fn query(&mut self, level: u32, first: i64) -> Result<Vec<Hash>> {
        let rows = if level == 0 {
            let leaves = "select hash from acts where number > $1 and number <= $2 order by number";
            self.sql.query(leaves, &[first.into(), (first + 256).into()])?
        } else {
            let nodes = "select hash from nodes where level = $1 and position >= $2 and position < $3 order by position";
            self.sql.query(nodes, &[level.into(), first.into(), (first + 256).into()])?
        };
        Ok(rows.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?)
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
