//! What an erasure takes out of the importer's lists: differences of the licence, and the faults of every row that names
//! its persons.

use std::collections::BTreeSet;

use anyhow::Result;
use ledger::Act;
use serde_json::Value as Json;
use site::WorkingLists;
use store::{Row, Sql};

/// The fields of bodies by which a person is known, or the licence of one.
const TELLING: [&str; 8] = [
    "number",
    "name",
    "identity_number",
    "credit_code",
    "responsible_person",
    "phone",
    "trade_name",
    "address",
];

/// The lists of the importer, as the house must know them.
#[must_use]
pub fn lists() -> WorkingLists {
    WorkingLists { tables: &["import_faults", "import_differences"], forget }
}

/// Deletes the differences of the matters of these acts, and every difference and every row of faults in which a name,
/// number or address out of their bodies stands. A fault keeps one cell only: where that cell alone says nothing of whose
/// it is, it stays.
///
/// # Errors
/// The store fails, or a body is no JSON.
pub fn forget(sql: &mut dyn Sql, acts: &[Act]) -> Result<()> {
    let mut telling = BTreeSet::new();
    for act in acts {
        let matter = act.header.matter.as_str();
        sql.execute("delete from import_differences where licence = $1", &[matter.into()])?;
        if let Some(body) = &act.body {
            collect(&serde_json::from_slice(body)?, &mut telling);
        }
    }
    let names = |row: &Row| Ok::<_, store::Error>(stands_in(&telling, &row.get::<String>(2)?));
    for row in sql.query("select run, number, fields from import_differences", &[])? {
        if names(&row)? {
            let delete = "delete from import_differences where run = $1 and number = $2";
            sql.execute(delete, &row.values()[..2])?;
        }
    }
    for row in sql.query("select run, row_number, value from import_faults", &[])? {
        if names(&row)? {
            sql.execute("delete from import_faults where run = $1 and row_number = $2", &row.values()[..2])?;
        }
    }
    Ok(())
}

fn collect(json: &Json, telling: &mut BTreeSet<String>) {
    match json {
        Json::Object(fields) => {
            for (field, value) in fields {
                match value {
                    Json::String(text) if TELLING.contains(&field.as_str()) => {
                        telling.insert(text.clone());
                    }
                    other => collect(other, telling),
                }
            }
        }
        Json::Array(values) => values.iter().for_each(|value| collect(value, telling)),
        _ => {}
    }
}

/// One sign alone is in too many texts to tell of anybody.
fn stands_in(telling: &BTreeSet<String>, text: &str) -> bool {
    telling.iter().any(|one| one.chars().nth(1).is_some() && text.contains(one.as_str()))
}
