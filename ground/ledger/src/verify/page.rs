//! A stretch of the record: read from the tables, then each of its acts checked by itself.

use std::collections::{BTreeMap, HashMap};
use std::iter::Peekable;
use std::vec::IntoIter;

use store::{FromValue, Row, Sql, Value};

use super::fault::What;
use crate::act::{Leaf, commitment};
use crate::erasure::{ERASED, Erased, erasures};
use crate::tree::leaf_hash;
use crate::{Hash, Result};

/// A stretch of the record as it lies in the tables.
pub(super) struct Page {
    /// The number of the act before the first.
    from: i64,
    acts: Vec<Row>,
    bodies: Vec<Row>,
    nodes: Vec<Row>,
    checkpoints: Vec<Row>,
}

/// The same, as far as acts can be checked without knowing those before them.
pub(super) struct Checked {
    /// Up to the first that is wrong.
    pub acts: Vec<Result<Sound, What>>,
    /// The tops of tiles, by level and position.
    pub nodes: HashMap<(u32, u64), Hash>,
    /// Size, note and time.
    pub checkpoints: Vec<Row>,
}

/// An act that holds by itself, and what is needed to see whether it goes on from those before it.
pub(super) struct Sound {
    pub hash: Hash,
    pub matter: String,
    pub sequence: i64,
    pub recorded: i64,
    pub numbers: BTreeMap<String, i64>,
    pub body: BodyFound,
}

/// What became of the body of an act.
pub(super) enum BodyFound {
    Here,
    Gone,
    /// It is here, and names the acts whose bodies went.
    Erases(Vec<i64>),
}

impl Page {
    /// Reads at most `limit` acts after `from`, and all that belongs to them.
    pub(super) fn read(sql: &mut dyn Sql, from: i64, limit: i64) -> Result<Page> {
        let acts = "select number, id, kind, matter, sequence, recorded, leaf, hash from acts
                    where number > $1 order by number limit $2";
        let acts = sql.query(acts, &[from.into(), limit.into()])?;
        let to: i64 = acts.last().map_or(Ok(from), |row| row.get(0))?;
        let bounds = [from.into(), to.into()];
        let bodies =
            "select number, salt, body from bodies where number > $1 and number <= $2 order by number";
        let checkpoints =
            "select size, note, recorded from checkpoints where size > $1 and size <= $2 order by size";
        Ok(Page {
            from,
            acts,
            bodies: sql.query(bodies, &bounds)?,
            nodes: nodes(sql, from, to)?,
            checkpoints: sql.query(checkpoints, &bounds)?,
        })
    }

    /// The number of its last act.
    pub(super) fn last(&self) -> Result<Option<i64>> {
        Ok(self.acts.last().map(|row| row.get(0)).transpose()?)
    }

    /// Whether it holds so many acts.
    pub(super) fn holds(&self, acts: i64) -> bool {
        self.acts.len() == acts as usize
    }

    /// Checks each act by itself: its place, hash, header, columns and body.
    pub(super) fn check(self, ledger: &str) -> Checked {
        let mut bodies = self.bodies.into_iter().peekable();
        let mut acts = Vec::with_capacity(self.acts.len());
        for (row, number) in self.acts.into_iter().zip(self.from + 1..) {
            let checked = check(row, number, ledger, &mut bodies);
            let wrong = checked.is_err();
            acts.push(checked);
            if wrong {
                break;
            }
        }
        Checked { acts, nodes: stored_nodes(&self.nodes), checkpoints: self.checkpoints }
    }
}

/// The tops of the tiles that fill while the record grows from `from` to `to` acts.
fn nodes(sql: &mut dyn Sql, from: i64, to: i64) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for level in (crate::tiles::HEIGHT..63).step_by(crate::tiles::HEIGHT as usize) {
        let (first, end) = (from >> level, to >> level);
        if first < end {
            let query = "select level, position, hash from nodes where level = $1 and position >= $2 and position < $3";
            rows.extend(sql.query(query, &[level.into(), first.into(), end.into()])?);
        }
    }
    Ok(rows)
}

fn stored_nodes(rows: &[Row]) -> HashMap<(u32, u64), Hash> {
    let read = |row: &Row| {
        let (level, position): (i64, i64) = (row.get(0).ok()?, row.get(1).ok()?);
        Some(((u32::try_from(level).ok()?, position.cast_unsigned()), row.get(2).ok()?))
    };
    rows.iter().filter_map(read).collect()
}

fn check(row: Row, number: i64, ledger: &str, bodies: &mut Peekable<IntoIter<Row>>) -> Result<Sound, What> {
    let next: i64 = get(&row, 0)?;
    if next != number {
        return Err(What::Missing { next });
    }
    let Some(Value::Bytes(bytes)) = row.values().get(6) else {
        return Err(What::Row("its header is no bytes".into()));
    };
    let hash = leaf_hash(bytes);
    if get::<Hash>(&row, 7)? != hash {
        return Err(What::Hash);
    }
    let leaf = Leaf::decode(bytes).map_err(What::Leaf)?;
    columns(&row, &leaf)?;
    if leaf.ledger != ledger {
        return Err(What::Ledger { found: leaf.ledger.to_string() });
    }
    if leaf.effective < leaf.recorded && leaf.reason.is_none() {
        return Err(What::ReasonMissing);
    }
    Ok(Sound {
        hash,
        matter: leaf.matter.as_ref().to_owned(),
        sequence: leaf.sequence,
        recorded: leaf.recorded,
        numbers: leaf.numbers.iter().map(|(series, value)| (series.to_string(), *value)).collect(),
        body: body(&leaf, bodies)?,
    })
}

/// Whether the columns, by which acts are found, say what the header says.
fn columns(row: &Row, leaf: &Leaf<'_>) -> Result<(), What> {
    let texts = [("id", 1, &leaf.id), ("kind", 2, &leaf.kind), ("matter", 3, &leaf.matter)];
    for (column, index, said) in texts {
        if !matches!(row.values().get(index), Some(Value::Text(text)) if *text == **said) {
            return Err(What::Column { column });
        }
    }
    for (column, index, said) in
        [("number", 0, leaf.number), ("sequence", 4, leaf.sequence), ("time", 5, leaf.recorded)]
    {
        if row.values().get(index) != Some(&Value::Int(said)) {
            return Err(What::Column { column });
        }
    }
    Ok(())
}

fn body(leaf: &Leaf<'_>, bodies: &mut Peekable<IntoIter<Row>>) -> Result<BodyFound, What> {
    // An act of erasure keeps its own body for ever.
    let erases = leaf.kind == ERASED && *leaf.matter == *erasures().as_str();
    let here = bodies.next_if(|row| row.values().first() == Some(&Value::Int(leaf.number)));
    match here.as_ref().map(Row::values) {
        Some([_, Value::Bytes(salt), Value::Bytes(body)]) => {
            if !leaf.binds(commitment(salt, body)).map_err(What::Leaf)? {
                return Err(What::Body);
            }
            if erases { erased(body) } else { Ok(BodyFound::Here) }
        }
        Some(_) => Err(What::Body),
        None if erases => Err(What::BodyMissing),
        None => leaf.commitment().map(|_| BodyFound::Gone).map_err(What::Leaf),
    }
}

fn erased(body: &[u8]) -> Result<BodyFound, What> {
    let erased: Erased = serde_json::from_slice(body)
        .map_err(|error| What::Leaf(format!("its body is no erasure: {error}")))?;
    Ok(BodyFound::Erases(erased.numbers))
}

/// A value of a row, or what is wrong with it.
pub(super) fn get<T: FromValue>(row: &Row, index: usize) -> Result<T, What> {
    row.get(index).map_err(|error| What::Row(error.to_string()))
}
