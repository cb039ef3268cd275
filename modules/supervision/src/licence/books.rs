//! The books of the licence path: applications, the register of licences, the papers issued.

use anyhow::Result;
use jiff::civil::Date;
use ledger::{Act, Book, Matter};
use store::{Row, Sql};

pub use super::register::find;

use super::acts::*;
use super::application::{self, Application, State};
use super::licence::{self, Licence};

/// Stands in the column `due` when nothing is: such rows sort last on both engines.
pub const NOTHING_DUE: &str = "9999-12-31";

/// All books of the licence path.
pub fn all() -> Vec<Box<dyn Book>> {
    let mut books: Vec<Box<dyn Book>> = vec![Box::new(Applications), Box::new(Licences), Box::new(Papers)];
    books.extend(super::import::books());
    books
}

/// One row per application; columns of personal data stay empty once the body is erased.
struct Applications;

impl Book for Applications {
    fn name(&self) -> &'static str {
        "applications"
    }

    fn version(&self) -> i64 {
        3
    }

    fn tables(&self) -> &'static [&'static str] {
        &["applications"]
    }

    fn definition(&self) -> &'static str {
        "create table applications (
            id TEXT primary key, number TEXT, state TEXT not null, name TEXT, trade_name TEXT, address TEXT,
            division TEXT not null, premises_kind TEXT, clerk TEXT, received TEXT, accepted TEXT, decided TEXT,
            due TEXT not null, due_loose TEXT, due_rule TEXT, licence TEXT, licence_number TEXT, outstanding INT64 not null,
            holder TEXT, kind TEXT not null, about TEXT, expiry TEXT);
         create index applications_about on applications (about);
         create index applications_expiry on applications (expiry);
         create index applications_state on applications (state, due);
         create index applications_due on applications (due, number);
         create index applications_number on applications (number)"
    }

    fn fold(&self, sql: &mut dyn Sql, act: &Act) -> Result<()> {
        if !act.header.kind.starts_with("application.") {
            return Ok(());
        }
        let id = act.header.matter.id().to_string();
        let body: Option<ApplicationAct> = act.read()?;
        if act.header.kind == "application.submitted" {
            return insert_application(sql, &id, act, body.as_ref());
        }
        update_application(sql, &id, act, body.as_ref())
    }
}

fn insert_application(sql: &mut dyn Sql, id: &str, act: &Act, body: Option<&ApplicationAct>) -> Result<()> {
    let submitted = match body {
        Some(ApplicationAct::Submitted(submitted)) => Some(submitted),
        _ => None,
    };
    let premises = submitted.map(|submitted| submitted.premises.clone()).unwrap_or_default();
    let holder = submitted.map(|submitted| submitted.holder.clone()).unwrap_or_default();
    let due = submitted.map(|submitted| &submitted.due);
    let about = submitted.and_then(|submitted| submitted.about.as_ref());
    let expiry = about.and_then(|about| about.valid_until).map(|day| day.to_string());
    let stored_holder = submitted.map(|submitted| serde_json::to_string(&submitted.holder)).transpose()?;
    sql.execute(
        "insert into applications (id, number, state, name, trade_name, address, division, premises_kind, clerk,
                                   received, due, due_loose, due_rule, holder, kind, about, expiry, licence_number,
                                   outstanding)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, 0)",
        &[
            id.into(),
            submitted.map(|submitted| submitted.number.clone()).into(),
            State::Submitted.name().into(),
            holder.name.into(),
            premises.trade_name.into(),
            premises.address.into(),
            premises.division.unwrap_or_default().into(),
            premises.kind.map(word).into(),
            submitted.map(|submitted| submitted.clerk.officer.clone()).into(),
            day(act).into(),
            due.map_or(NOTHING_DUE.to_owned(), |due| due.strict.to_string()).into(),
            due.map(|due| due.loose.to_string()).into(),
            due.map(|due| due.rule.clone()).into(),
            stored_holder.into(),
            word(submitted.map_or(Kind::New, |submitted| submitted.kind)).into(),
            about.map(|about| about.licence.clone()).into(),
            expiry.into(),
            about.map(|about| about.number.clone()).into(),
        ],
    )?;
    Ok(())
}

/// The row after one more act. The rules of state and limits are those of the matter itself.
fn update_application(sql: &mut dyn Sql, id: &str, act: &Act, body: Option<&ApplicationAct>) -> Result<()> {
    let mut row = ApplicationRow::load(sql, id)?;
    row.fold(act, body)?;
    row.store(sql, id)
}

/// The part of a row that later acts change.
struct ApplicationRow {
    matter: Application,
    outstanding: i64,
    accepted: Option<String>,
    decided: Option<String>,
    received: Option<String>,
    licence: Option<(String, String)>,
}

impl ApplicationRow {
    fn load(sql: &mut dyn Sql, id: &str) -> Result<ApplicationRow> {
        let found = sql.query_one(
            "select state, due, due_loose, due_rule, outstanding, accepted, decided, received, licence, licence_number
             from applications where id = $1",
            &[id.into()],
        )?;
        let row = found.ok_or_else(|| anyhow::anyhow!("application {id} has no first act"))?;
        let licence = row.get::<Option<String>>(8)?.zip(row.get::<Option<String>>(9)?);
        let matter = Application {
            state: State::named(&row.get::<String>(0)?),
            due: due_of(&row)?,
            ..Application::default()
        };
        Ok(ApplicationRow {
            matter,
            outstanding: row.get(4)?,
            accepted: row.get(5)?,
            decided: row.get(6)?,
            received: row.get(7)?,
            licence,
        })
    }

    fn fold(&mut self, act: &Act, body: Option<&ApplicationAct>) -> Result<()> {
        match body {
            Some(ApplicationAct::CorrectionRequested(body)) => {
                self.outstanding = i64::try_from(body.missing.len())?;
            }
            Some(ApplicationAct::Supplemented(body)) => {
                self.outstanding -= i64::try_from(body.settles.len())?;
                if body.due.is_some() {
                    self.received = Some(day(act));
                }
            }
            Some(ApplicationAct::Granted(body)) => {
                self.licence = Some((body.licence.clone(), body.licence_number.clone()));
            }
            Some(ApplicationAct::Permitted(body)) => {
                self.licence = Some((body.licence.clone(), body.licence_number.clone()));
            }
            Some(ApplicationAct::DeemedGranted(body)) => {
                self.licence = Some((body.licence.clone(), body.licence_number.clone()));
            }
            _ => {}
        }
        self.matter.fold(act)?;
        if act.header.kind == "application.supplemented" && self.outstanding > 0 {
            self.matter.state = State::CorrectionRequested;
        }
        if self.matter.state == State::Accepted && self.accepted.is_none() {
            self.accepted = Some(day(act));
        }
        if self.matter.decided.is_some() && self.decided.is_none() {
            self.decided = Some(day(act));
        }
        Ok(())
    }

    fn store(self, sql: &mut dyn Sql, id: &str) -> Result<()> {
        let due = self.matter.due.as_ref();
        let (licence, number) = self.licence.unzip();
        sql.execute(
            "update applications set state = $2, due = $3, due_loose = $4, due_rule = $5, outstanding = $6,
                    accepted = $7, decided = $8, received = $9, licence = $10, licence_number = coalesce($11, licence_number) where id = $1",
            &[
                id.into(),
                self.matter.state.name().into(),
                due.map_or(NOTHING_DUE.to_owned(), |due| due.strict.to_string()).into(),
                due.map(|due| due.loose.to_string()).into(),
                due.map(|due| due.rule.clone()).into(),
                self.outstanding.into(),
                self.accepted.into(),
                self.decided.into(),
                self.received.into(),
                licence.into(),
                number.into(),
            ],
        )?;
        Ok(())
    }
}

fn due_of(row: &Row) -> Result<Option<Due>> {
    let (strict, loose) = (row.get::<String>(1)?, row.get::<Option<String>>(2)?);
    let Some((loose, rule)) = loose.zip(row.get::<Option<String>>(3)?) else { return Ok(None) };
    Ok(Some(Due {
        rule,
        strict: strict.parse()?,
        loose: loose.parse()?,
        provisional: false,
        counted_by: None,
    }))
}

/// The register: one row per licence.
struct Licences;

impl Book for Licences {
    fn name(&self) -> &'static str {
        "licences"
    }

    fn version(&self) -> i64 {
        2
    }

    fn tables(&self) -> &'static [&'static str] {
        &["licences"]
    }

    fn definition(&self) -> &'static str {
        "create table licences (
            id TEXT primary key, number TEXT unique, standing TEXT, name TEXT, trade_name TEXT, address TEXT,
            division TEXT not null, premises_kind TEXT, area TEXT, valid_from TEXT, valid_until TEXT,
            longitude INT64, latitude INT64, source TEXT, application TEXT, served TEXT, data TEXT,
            sheets INT64 not null default 0, proposal TEXT, proposer TEXT, pending_until TEXT, reminded TEXT,
            standing_before TEXT, standing_from TEXT, own INT64 not null default 0);
         create index licences_proposal on licences (proposal);
         create index licences_division on licences (division, number);
         create index licences_valid_until on licences (valid_until);
         create index licences_name on licences (name)"
    }

    fn fold(&self, sql: &mut dyn Sql, act: &Act) -> Result<()> {
        let id = act.header.matter.id().to_string();
        match act.header.kind.as_str() {
            "licence.imported" | "licence.import-changed" | "licence.granted" => put_licence(sql, &id, act),
            kind if kind.starts_with("licence.") => update_licence(sql, &id, act),
            _ => Ok(()),
        }
    }
}

fn put_licence(sql: &mut dyn Sql, id: &str, act: &Act) -> Result<()> {
    let (data, source, application) = match act.read::<LicenceAct>()? {
        Some(LicenceAct::Imported(body)) => (Some(body.data), Some(body.source), None),
        Some(LicenceAct::ImportChanged(body)) => (Some(body.data), Some(body.source), None),
        Some(LicenceAct::Granted(body)) => (Some(body.data), None, Some(body.application)),
        Some(_) | None => (None, None, None),
    };
    let granted = act.header.kind == "licence.granted";
    match data {
        Some(data) => put_data(sql, id, &data, Origin { source, application, granted }),
        None => put_erased(sql, id, act, granted),
    }
}

/// What was erased leaves what the headers and the other acts say.
fn put_erased(sql: &mut dyn Sql, id: &str, act: &Act, granted: bool) -> Result<()> {
    let standing = licence::brings(&act.header.kind).map(word);
    sql.execute(
        "insert into licences (id, division, standing, sheets, own) values ($1, '', $2, $3, $3)
         on conflict (id) do nothing",
        &[id.into(), standing.into(), i64::from(granted).into()],
    )?;
    Ok(())
}

/// Where a licence comes from; what later acts do not say stays.
#[derive(Default)]
struct Origin {
    source: Option<String>,
    application: Option<String>,
    granted: bool,
}

/// The columns that stand for what the licence says.
fn put_data(sql: &mut dyn Sql, id: &str, data: &LicenceData, origin: Origin) -> Result<()> {
    let number = Some(data.number.clone()).filter(|number| !number.is_empty());
    let text = |date: Option<Date>| date.map(|date| date.to_string());
    let premises = &data.premises;
    sql.execute(
        "insert into licences (id, number, standing, name, trade_name, address, division, premises_kind, area,
                               valid_from, valid_until, longitude, latitude, data, source, application, sheets, own)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $17)
         on conflict (id) do update set number = excluded.number, standing = excluded.standing, name = excluded.name,
            trade_name = excluded.trade_name, address = excluded.address, division = excluded.division,
            premises_kind = excluded.premises_kind, area = excluded.area, valid_from = excluded.valid_from,
            valid_until = excluded.valid_until, longitude = excluded.longitude, latitude = excluded.latitude,
            data = excluded.data, source = coalesce(excluded.source, licences.source)",
        &[
            id.into(),
            number.into(),
            data.standing.map(word).into(),
            data.holder.name.clone().into(),
            premises.trade_name.clone().into(),
            premises.address.clone().into(),
            premises.division.clone().unwrap_or_default().into(),
            premises.kind.map(word).or_else(|| premises.kind_as_stated.clone()).into(),
            premises.area.map(word).into(),
            text(data.valid_from).into(),
            text(data.valid_until).into(),
            premises.point.map(|point| i64::from(point.longitude)).into(),
            premises.point.map(|point| i64::from(point.latitude)).into(),
            serde_json::to_string(data)?.into(),
            origin.source.into(),
            origin.application.into(),
            i64::from(origin.granted).into(),
        ],
    )?;
    Ok(())
}

/// The row after one more act. What the act does is the matter's to say; here it is only put down.
fn update_licence(sql: &mut dyn Sql, id: &str, act: &Act) -> Result<()> {
    let found = sql.query_one(
        "select data, standing, sheets, proposal, proposer, reminded, served, standing_before, standing_from
         from licences where id = $1",
        &[id.into()],
    )?;
    let row = found.ok_or_else(|| anyhow::anyhow!("licence {id} has no first act"))?;
    let data = row.get::<Option<String>>(0)?.map(|data| serde_json::from_str(&data)).transpose()?;
    let standing = row.get::<Option<String>>(1)?.and_then(|text| named(&text));
    let day = |place| row.get::<Option<String>>(place)?.map(|day| Ok(day.parse()?)).transpose();
    let (reminded, served): (Result<Option<Date>>, Result<Option<Date>>) = (day(5), day(6));
    let before = row.get::<Option<String>>(7)?.and_then(|text| named(&text));
    let starts: Result<Option<Date>> = day(8);
    let mut licence = Licence {
        data,
        standing,
        sheets: row.get(2)?,
        proposer: row.get(4)?,
        reminded: reminded?,
        served: served?,
        starts: starts?.map(|from| (before, from)),
        ..Licence::default()
    };
    let proposed: Option<String> = row.get(3)?;
    licence.fold(act)?;
    if let Some(data) = &licence.data {
        put_data(sql, id, data, Origin::default())?;
    }
    put_progress(sql, id, proposed, licence)
}

/// The columns that stand for what is under way.
fn put_progress(sql: &mut dyn Sql, id: &str, proposed: Option<String>, licence: Licence) -> Result<()> {
    let proposal = licence.proposal.map(|proposal| word(proposal.measure)).or(proposed);
    let proposal = proposal.filter(|_| licence.proposer.is_some());
    let until = licence.suspension.map(|(_, until)| until).or(licence.rectify_until);
    let pending = matches!(licence.standing, Some(Standing::Suspended | Standing::Rectifying));
    let text = |date: Option<Date>| date.map(|date| date.to_string());
    sql.execute(
        "update licences set standing = $2, sheets = $3, proposal = $4, proposer = $5, reminded = $6, served = $7,
                pending_until = case when $8 = 0 then null else coalesce($9, pending_until) end, standing_before = $10,
                standing_from = $11, own = 1 where id = $1",
        &[
            id.into(),
            licence.standing.map(word).into(),
            licence.sheets.into(),
            proposal.into(),
            licence.proposer.into(),
            text(licence.reminded).into(),
            text(licence.served).into(),
            i64::from(pending).into(),
            text(until).into(),
            licence.starts.and_then(|(before, _)| before).map(word).into(),
            text(licence.starts.map(|(_, from)| from)).into(),
        ],
    )?;
    Ok(())
}

/// One row per paper issued, by the act that issued it.
struct Papers;

impl Book for Papers {
    fn name(&self) -> &'static str {
        "papers"
    }

    fn version(&self) -> i64 {
        1
    }

    fn tables(&self) -> &'static [&'static str] {
        &["papers"]
    }

    fn definition(&self) -> &'static str {
        "create table papers (
            act INT64 primary key, matter TEXT not null, series TEXT not null, number TEXT not null, dated TEXT not null,
            digest TEXT, bytes INT64);
         create index papers_matter on papers (matter);
         create unique index papers_number on papers (series, number)"
    }

    fn fold(&self, sql: &mut dyn Sql, act: &Act) -> Result<()> {
        if act.header.kind == "paper.printed" {
            return note_print(sql, act);
        }
        let number = match act.header.matter.kind() {
            "application" => act.read::<ApplicationAct>()?.as_ref().and_then(application::paper_of).cloned(),
            "licence" => act.read::<LicenceAct>()?.as_ref().and_then(licence::paper_of).cloned(),
            _ => None,
        };
        number.map_or(Ok(()), |number| insert_paper(sql, act, &number))
    }
}

fn insert_paper(sql: &mut dyn Sql, act: &Act, number: &PaperNumber) -> Result<()> {
    sql.execute(
        "insert into papers (act, matter, series, number, dated) values ($1, $2, $3, $4, $5)",
        &[
            act.header.number.into(),
            act.header.matter.as_str().into(),
            word(number.series).into(),
            number.text.clone().into(),
            number.dated.to_string().into(),
        ],
    )?;
    Ok(())
}

fn note_print(sql: &mut dyn Sql, act: &Act) -> Result<()> {
    if let Some(PaperAct::Printed(printed)) = act.read::<PaperAct>()? {
        sql.execute(
            "update papers set digest = $2, bytes = $3 where act = $1",
            &[printed.act_number.into(), printed.digest.into(), printed.bytes.into()],
        )?;
    }
    Ok(())
}

fn day(act: &Act) -> String {
    law::shanghai_day(act.header.effective).to_string()
}

/// The enumeration value of a stored word.
pub fn named<T: serde::de::DeserializeOwned>(word: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::from(word)).ok()
}

/// The stored word of an enumeration (`kebab-case`).
pub fn word<T: serde::Serialize>(value: T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        _ => String::new(),
    }
}
