//! What came of a check or an import: counts, faults, differences.

use askama::Template;
use axum::extract::{Path, Query};
use serde::Deserialize;
use site::{Answer, Desk, Mask};
use uuid::Uuid;

use super::super::books::{self, ImportLine};
use super::super::difference::Difference;
use super::super::fault::{Fault, Kind};
use super::super::mapping::Mapping;
use super::super::masking;
use super::super::run::progress_of;
use super::super::tables::{self, Run, State, StoredChange};
use super::{is_busy, run_of, spoken, state_key, tone, written};
use crate::licence::data::Scope;
use crate::licence::pages::words::scopes;

/// Faults or changes on one page.
const PAGE: i64 = 50;
/// Faults and changes that the page of the run itself shows, as a first impression.
const FIRST_FAULTS: i64 = 10;
const FIRST_CHANGES: i64 = 3;

/// A fault as the page writes it.
struct FaultLine {
    row: u64,
    column: String,
    sentence: String,
    value: String,
}

/// A changed licence as the page writes it.
struct ChangeLine {
    number: String,
    row: i64,
    address: String,
    fields: Vec<Difference>,
}

#[derive(Template)]
#[template(path = "import/run.html")]
struct RunPage<'a> {
    desk: &'a Desk,
    run: Run,
    kinds: Vec<(Kind, i64)>,
    faults: Vec<FaultLine>,
    changes: Vec<ChangeLine>,
    import: Option<ImportLine>,
}

#[derive(Template)]
#[template(path = "import/faults.html")]
struct FaultsPage<'a> {
    desk: &'a Desk,
    run: Run,
    faults: Vec<FaultLine>,
    pages: Pages,
}

#[derive(Template)]
#[template(path = "import/differences.html")]
struct DifferencesPage<'a> {
    desk: &'a Desk,
    run: Run,
    changes: Vec<ChangeLine>,
    pages: Pages,
}

impl RunPage<'_> {
    fn tone(&self) -> &'static str {
        tone(self.run.state)
    }

    fn state(&self) -> String {
        self.desk.text(state_key(self.run.state))
    }

    fn is(&self, state: State) -> bool {
        self.run.state == state
    }

    fn is_busy(&self) -> bool {
        is_busy(self.run.state)
    }

    fn done(&self) -> i64 {
        progress_of(&self.run).done
    }

    fn total(&self) -> i64 {
        progress_of(&self.run).total.max(1)
    }

    fn spoken(&self) -> String {
        spoken(self.desk, progress_of(&self.run))
    }

    /// How many licences will be written if the officer says so.
    fn to_write(&self) -> i64 {
        self.run.counts.fresh + self.run.counts.changed
    }

    fn opened(&self) -> String {
        self.import.as_ref().map(|import| written(self.desk, &import.opened)).unwrap_or_default()
    }
}

/// GET /imports/{id}
pub(super) async fn page(desk: Desk, Path(id): Path<Uuid>) -> Answer {
    let run = run_of(&desk, id).await?;
    if run.state == State::Mapping {
        return desk.go(&format!("/imports/{id}/mapping"));
    }
    let id = id.to_string();
    let (kinds, faults, changes, import) = desk
        .read(move |sql| {
            let kinds = tables::fault_kinds(sql, &id)?;
            let faults = tables::faults(sql, &id, 0, FIRST_FAULTS)?;
            let changes = tables::changes(sql, &id, 0, FIRST_CHANGES)?;
            Ok((kinds, faults, changes, books::import(sql, &id)?))
        })
        .await?;
    let faults = faults.iter().map(|fault| fault_line(&desk, fault, run.mapping.as_ref())).collect();
    let changes = changes.into_iter().map(|change| change_line(&desk, change)).collect();
    desk.page(&RunPage { desk: &desk, run, kinds, faults, changes, import })
}

/// Which page of a list is asked for.
#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    page: i64,
}

/// Where one is in a long list.
struct Pages {
    page: i64,
    pages: i64,
    address: String,
}

impl Pages {
    fn new(asked: &Asked, total: i64, address: String) -> Self {
        let pages = ((total + PAGE - 1) / PAGE).max(1);
        Self { page: asked.page.clamp(1, pages), pages, address }
    }

    fn skip(&self) -> i64 {
        (self.page - 1) * PAGE
    }

    fn previous(&self) -> String {
        if self.page > 1 { format!("{}?page={}", self.address, self.page - 1) } else { String::new() }
    }

    fn next(&self) -> String {
        if self.page < self.pages {
            format!("{}?page={}", self.address, self.page + 1)
        } else {
            String::new()
        }
    }

    fn position(&self, desk: &Desk) -> String {
        desk.text_args("import-position", &[("page", self.page.into()), ("pages", self.pages.into())])
    }
}

/// GET /imports/{id}/faults
pub(super) async fn faults(desk: Desk, Path(id): Path<Uuid>, Query(asked): Query<Asked>) -> Answer {
    let run = run_of(&desk, id).await?;
    let pages = Pages::new(&asked, run.counts.faults, format!("/imports/{id}/faults"));
    let skip = pages.skip();
    let faults = desk.read(move |sql| Ok(tables::faults(sql, &id.to_string(), skip, PAGE)?)).await?;
    let faults = faults.iter().map(|fault| fault_line(&desk, fault, run.mapping.as_ref())).collect();
    desk.page(&FaultsPage { desk: &desk, run, faults, pages })
}

/// GET /imports/{id}/differences
pub(super) async fn differences(desk: Desk, Path(id): Path<Uuid>, Query(asked): Query<Asked>) -> Answer {
    let run = run_of(&desk, id).await?;
    let pages = Pages::new(&asked, run.counts.changed, format!("/imports/{id}/differences"));
    let skip = pages.skip();
    let changes = desk.read(move |sql| Ok(tables::changes(sql, &id.to_string(), skip, PAGE)?)).await?;
    let changes = changes.into_iter().map(|change| change_line(&desk, change)).collect();
    desk.page(&DifferencesPage { desk: &desk, run, changes, pages })
}

fn fault_line(desk: &Desk, fault: &Fault, mapping: Option<&Mapping>) -> FaultLine {
    FaultLine {
        row: fault.row,
        column: column_of(fault),
        sentence: sentence(desk, fault),
        value: masking::told(fault, mapping),
    }
}

/// The column as the sheet shows it: its letters and heading.
pub(super) fn column_of(fault: &Fault) -> String {
    fault
        .column
        .as_ref()
        .map_or_else(String::new, |column| format!("{} {}", letters(column.index), column.heading))
}

/// What is wrong, in the reader's language.
pub(super) fn sentence(desk: &Desk, fault: &Fault) -> String {
    match fault.other_row {
        Some(row) => desk.text_with(fault.kind.text_key(), "row", row.cast_signed()),
        None => desk.text(fault.kind.text_key()),
    }
}

/// Letters of a column from 1: A … Z, AA … .
fn letters(index: usize) -> String {
    let mut rest = index;
    let mut letters = Vec::new();
    while rest > 0 {
        letters.push(char::from(b'A' + ((rest - 1) % 26) as u8));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

fn change_line(desk: &Desk, change: StoredChange) -> ChangeLine {
    let fields = change.fields.into_iter().map(|field| shown(desk, field)).collect();
    ChangeLine {
        number: change.number,
        row: change.row,
        address: format!("/{}", change.licence.replacen("licence/", "licences/", 1)),
        fields,
    }
}

/// Personal numbers stay masked in a list; who needs one in full opens the licence and says why.
fn shown(desk: &Desk, difference: Difference) -> Difference {
    let mask = match difference.field.as_str() {
        "holder.identity_number" => Some(Mask::Identity),
        "holder.phone" => Some(Mask::Phone),
        _ => None,
    };
    let masked = |value: String| match mask {
        Some(mask) => desk.masked(&value, mask),
        None => word_of(desk, &difference.field, value),
    };
    let key = format!("import-difference-{}", difference.field.replace(['.', '_'], "-"));
    Difference {
        field: label(desk, &key, &difference.field),
        before: masked(difference.before.clone()),
        after: masked(difference.after.clone()),
    }
}

/// Stored words of enumerations, in the reader's language.
fn word_of(desk: &Desk, field: &str, value: String) -> String {
    if field == "scope" {
        return serde_json::from_str(&value).map_or(value, |scope: Vec<Scope>| scopes(desk, &scope));
    }
    let prefix = match field {
        "standing" => "licence-standing-",
        "holder.subject" => "licence-subject-",
        "premises.kind" => "licence-premises-",
        "premises.area" => "licence-area-",
        _ => return value,
    };
    if value.is_empty() { value } else { desk.text(&format!("{prefix}{value}")) }
}

/// Columns kept word for word have no name of ours.
fn label(desk: &Desk, key: &str, field: &str) -> String {
    match field.strip_prefix("noted.") {
        Some(heading) => heading.to_owned(),
        None => desk.text(key),
    }
}

#[cfg(test)]
mod tests {
    use super::letters;

    #[test]
    fn columns_have_the_letters_of_a_sheet() {
        assert_eq!([1, 26, 27, 52, 53, 703].map(letters), ["A", "Z", "AA", "AZ", "BA", "AAA"]);
    }
}
