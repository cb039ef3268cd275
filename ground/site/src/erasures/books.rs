//! The book of requests for erasure, and the one question they ask of the record.

use ledger::{Act, Book, MatterKey};
use store::{Row, Sql};

use crate::erasures::ErasureAct;
use crate::erasures::request::KIND;

pub(crate) const COLUMNS: &str = "id, matter, division, basis, state, requested";

/// One row for each request.
pub(crate) struct ErasureBook;

/// A line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub id: String,
    pub matter: String,
    pub basis: String,
    pub state: String,
    /// Microseconds since 1970, UTC.
    pub requested: i64,
}

impl Book for ErasureBook {
    fn name(&self) -> &'static str {
        "erasure_requests"
    }

    fn version(&self) -> i64 {
        1
    }

    fn tables(&self) -> &'static [&'static str] {
        &["erasure_requests"]
    }

    fn definition(&self) -> &'static str {
        "create table erasure_requests (id TEXT primary key, matter TEXT not null, division TEXT not null, basis TEXT not null,
                                        state TEXT not null, requested INT64 not null);"
    }

    fn fold(&self, sql: &mut dyn Sql, act: &Act) -> anyhow::Result<()> {
        if act.header.matter.kind() != KIND {
            return Ok(());
        }
        let id = act.header.matter.id().to_string();
        match act.header.kind.as_str() {
            "erasure-request.requested" => insert(sql, &id, act),
            "erasure-request.approved" => settle(sql, &id, "approved"),
            _ => settle(sql, &id, "refused"),
        }
    }
}

fn insert(sql: &mut dyn Sql, id: &str, act: &Act) -> anyhow::Result<()> {
    let (matter, division) = match act.read()? {
        Some(ErasureAct::Requested { matter, division, .. }) => (matter, division),
        _ => (String::new(), String::new()),
    };
    sql.execute(
        "insert into erasure_requests (id, matter, division, basis, state, requested) values ($1, $2, $3, $4, 'open', $5)",
        &[
            id.into(),
            matter.into(),
            division.into(),
            act.header.basis.clone().unwrap_or_default().into(),
            act.header.recorded.as_microsecond().into(),
        ],
    )?;
    Ok(())
}

fn settle(sql: &mut dyn Sql, id: &str, state: &str) -> anyhow::Result<()> {
    sql.execute("update erasure_requests set state = $1 where id = $2", &[state.into(), id.into()])?;
    Ok(())
}

pub(crate) fn line(row: &Row) -> store::Result<Line> {
    Ok(Line {
        id: row.get(0)?,
        matter: row.get(1)?,
        basis: row.get(3)?,
        state: row.get(4)?,
        requested: row.get(5)?,
    })
}

/// The division of a request's matter; none when there is no such request.
pub(crate) fn division(sql: &mut dyn Sql, id: &str) -> store::Result<Option<String>> {
    let row = sql.query_one("select division from erasure_requests where id = $1", &[id.into()])?;
    row.map(|row| row.get(0)).transpose()
}

/// The acts of a matter that still have a body, and the disclosures about it, whose reasons may name the person.
pub(crate) fn erasable(sql: &mut dyn Sql, matter: &MatterKey) -> store::Result<Vec<i64>> {
    let query = "select a.number from acts a join bodies b on b.number = a.number
                 where a.matter = $1 or a.number in (select number from disclosures where about = $1) order by a.number";
    sql.query(query, &[matter.as_str().into()])?.iter().map(|row| row.get(0)).collect()
}
