//! What only the other rows of a file can show: numbers that stand in it twice, and which of several rows counts.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use jiff::civil::Date;
use sha2::{Digest, Sha256};

use super::check::Checked;
use super::fault::{Fault, Kind};
use super::mapping::{Bound, Repeated};
use super::source::{Content, Row};

/// Numbers seen so far in sound rows, each with its first row and a digest of what that row said.
#[derive(Default)]
pub struct Seen {
    first: HashMap<String, (u64, [u8; 16])>,
}

impl Seen {
    /// Adds a row. A number that was there before is a fault of this row, whether it says the same or not:
    /// nobody but the bureau can say which of two rows is right. A row that stays out for another fault takes no number.
    pub fn add(&mut self, row: &Row, checked: &mut Checked, bound: &Bound) {
        let Some(number) = checked.number.clone() else { return };
        let digest = digest(row, checked);
        match self.first.entry(number) {
            Entry::Vacant(place) if checked.data.is_some() => drop(place.insert((row.number, digest))),
            Entry::Vacant(_) => {}
            Entry::Occupied(known) => {
                let (first, known_digest) = *known.get();
                let kind =
                    if known_digest == digest { Kind::DuplicateNumber } else { Kind::ConflictingNumber };
                checked.data = None;
                let fault = Fault::of_number(row.number, kind, known.key(), bound);
                checked.faults.push(Fault { other_row: Some(first), ..fault });
            }
        }
    }
}

/// What the row says: the licence itself, so that a date typed otherwise makes no difference; else the cells.
fn digest(row: &Row, checked: &Checked) -> [u8; 16] {
    let mut hash = Sha256::new();
    match (checked.data.as_ref().map(serde_json::to_vec), &row.content) {
        (Some(Ok(data)), _) => hash.update(data),
        (_, Content::Cells(cells)) => {
            cells.iter().for_each(|cell| hash.update(format!("{:?}", cell.text().trim())))
        }
        _ => {}
    }
    let mut short = [0; 16];
    short.copy_from_slice(&hash.finalize()[..16]);
    short
}

/// Which row counts for each licence, where the source repeats licences on purpose.
#[derive(Default)]
pub struct Chosen {
    rows: HashMap<String, (u64, Option<Date>)>,
}

impl Chosen {
    /// Weighs one more row. One at fault is weighed as well: if it is the one that counts, no other row takes its
    /// place, since what the source last said of the licence is not known.
    pub fn weigh(&mut self, row: u64, checked: &Checked, repeated: Repeated) {
        let Some(number) = checked.number.clone() else { return };
        let candidate = (row, checked.decided_by);
        let held = self.rows.entry(number).or_insert(candidate);
        let better = match repeated {
            Repeated::Fault | Repeated::First => false,
            Repeated::Last => true,
            Repeated::Latest => candidate.1 >= held.1,
        };
        if better {
            *held = candidate;
        }
    }

    /// Whether this row is the one that counts for the number.
    #[must_use]
    pub fn counts(&self, number: &str, row: u64) -> bool {
        self.rows.get(number).is_some_and(|held| held.0 == row)
    }
}
