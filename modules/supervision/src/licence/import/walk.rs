//! Walks through a file and says of every row what it is: a licence, at fault, or overtaken by another row.

use anyhow::Result;

use super::check::{Checked, check};
use super::fault::Fault;
use super::mapping::{Bound, Repeated};
use super::seen::{Chosen, Seen};
use super::source::{Flow, Source};
use crate::bureau::Bureau;
use crate::licence::data::LicenceData;

/// One row, walked past.
#[derive(Clone, Debug, PartialEq)]
pub struct Walked {
    pub row: u64,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq)]
pub enum What {
    Licence(Box<LicenceData>),
    Faulty(Vec<Fault>),
    /// Another row of the same licence counts, as the mapping says.
    Overtaken,
}

/// Shows every row below the headings to `visit`, in order. The same file and mapping give the same every time.
///
/// # Errors
/// The file cannot be read, or `visit` fails.
pub fn walk(
    source: &Source,
    bound: &Bound,
    bureau: &Bureau,
    visit: &mut dyn FnMut(Walked) -> Result<Flow>,
) -> Result<()> {
    match bound.mapping.repeated {
        Repeated::Fault => walk_once(source, bound, bureau, visit),
        repeated => walk_chosen(source, bound, bureau, &choose(source, bound, bureau, repeated)?, visit),
    }
}

fn walk_once(
    source: &Source,
    bound: &Bound,
    bureau: &Bureau,
    visit: &mut dyn FnMut(Walked) -> Result<Flow>,
) -> Result<()> {
    let mut seen = Seen::default();
    source.each_row(&mut |row| {
        let mut checked = check(&row, bound, bureau);
        seen.add(&row, &mut checked, bound);
        visit(walked(row.number, checked))
    })
}

fn choose(source: &Source, bound: &Bound, bureau: &Bureau, repeated: Repeated) -> Result<Chosen> {
    let mut chosen = Chosen::default();
    source.each_row(&mut |row| {
        chosen.weigh(row.number, &check(&row, bound, bureau), repeated);
        Ok(Flow::On)
    })?;
    Ok(chosen)
}

fn walk_chosen(
    source: &Source,
    bound: &Bound,
    bureau: &Bureau,
    chosen: &Chosen,
    visit: &mut dyn FnMut(Walked) -> Result<Flow>,
) -> Result<()> {
    source.each_row(&mut |row| {
        let checked = check(&row, bound, bureau);
        match &checked.data {
            Some(data) if !chosen.counts(&data.number, row.number) => {
                visit(Walked { row: row.number, what: What::Overtaken })
            }
            _ => visit(walked(row.number, checked)),
        }
    })
}

fn walked(row: u64, checked: Checked) -> Walked {
    let what = match checked.data {
        Some(data) => What::Licence(Box::new(data)),
        None => What::Faulty(checked.faults),
    };
    Walked { row, what }
}
