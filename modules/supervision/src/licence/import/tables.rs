//! What the importer keeps that is no act: runs under way, their faults and differences, and the mapping of each source.
//! The tables are made in `books.rs`.

use anyhow::{Context, Result};
use store::{Row, Sql, Value};

use super::difference::Difference;
use super::fault::{Column, Fault, Kind};
use super::limits::KEPT;
use super::mapping::Mapping;

/// How far a run has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The file is there; its columns are to be told.
    Mapping,
    /// Being checked, nothing is written.
    Checking,
    /// Checked; an officer decides whether to import.
    Checked,
    Importing,
    /// An officer asked to stop; the next batch does not begin.
    Stopping,
    /// Stopped; what is in stays in, and it can go on.
    Stopped,
    Finished,
    /// The file cannot be read.
    Refused,
}

impl State {
    const ALL: [Self; 8] = [
        Self::Mapping,
        Self::Checking,
        Self::Checked,
        Self::Importing,
        Self::Stopping,
        Self::Stopped,
        Self::Finished,
        Self::Refused,
    ];

    /// The word that is stored; the text key is `import-state-` and the word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Mapping => "mapping",
            Self::Checking => "checking",
            Self::Checked => "checked",
            Self::Importing => "importing",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
            Self::Finished => "finished",
            Self::Refused => "refused",
        }
    }

    fn of_word(word: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|state| state.word() == word)
            .with_context(|| format!("import state {word}"))
    }
}

/// What was counted in a file, and what came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub rows: i64,
    pub fresh: i64,
    pub unchanged: i64,
    pub changed: i64,
    /// Rows at fault.
    pub faulty: i64,
    /// Faults in them.
    pub faults: i64,
    /// Rows left out because another row of the same licence counts.
    pub overtaken: i64,
    /// Licences written as new.
    pub added: i64,
    /// Licences written as changed.
    pub altered: i64,
}

/// One run of the importer over one file.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    pub id: String,
    pub source: String,
    pub file: String,
    pub digest: String,
    /// Text form of the actor who handed the file in.
    pub actor: String,
    pub mapping: Option<Mapping>,
    pub state: State,
    /// Text key of why the file cannot be read.
    pub refusal: Option<String>,
    pub accept_changes: bool,
    /// Whether the act of the import is written.
    pub opened: bool,
    /// The last row that is done.
    pub position: i64,
    pub counts: Counts,
}

const COLUMNS: &str =
    "id, source, file, digest, actor, mapping, state, refusal, accept_changes, opened, position,
    row_count, fresh, unchanged, changed, faulty, faults, overtaken, added, altered";

impl Run {
    /// A run that has just been ordered.
    #[must_use]
    pub fn new(id: String, source: String, file: String, digest: String, actor: String) -> Self {
        let counts = Counts::default();
        Self {
            id,
            source,
            file,
            digest,
            actor,
            mapping: None,
            state: State::Mapping,
            refusal: None,
            accept_changes: false,
            opened: false,
            position: 0,
            counts,
        }
    }

    /// Stores a new run.
    ///
    /// # Errors
    /// The store fails.
    pub fn insert(&self, sql: &mut dyn Sql, begun: i64) -> Result<()> {
        let text = format!(
            "insert into import_runs ({COLUMNS}, begun)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)"
        );
        let mut values = self.values()?;
        values.push(begun.into());
        sql.execute(&text, &values)?;
        Ok(())
    }

    /// Stores how far it has come.
    ///
    /// # Errors
    /// The store fails.
    pub fn save(&self, sql: &mut dyn Sql) -> Result<()> {
        let text = "update import_runs set source = $2, file = $3, digest = $4, actor = $5, mapping = $6, state = $7, refusal = $8,
            accept_changes = $9, opened = $10, position = $11, row_count = $12, fresh = $13, unchanged = $14, changed = $15,
            faulty = $16, faults = $17, overtaken = $18, added = $19, altered = $20 where id = $1";
        sql.execute(text, &self.values()?)?;
        Ok(())
    }

    /// The run with this id.
    ///
    /// # Errors
    /// The store fails.
    pub fn find(sql: &mut dyn Sql, id: &str) -> Result<Option<Self>> {
        let row = sql.query_one(&format!("select {COLUMNS} from import_runs where id = $1"), &[id.into()])?;
        row.as_ref().map(Self::of_row).transpose()
    }

    /// The oldest run that has work to do.
    ///
    /// # Errors
    /// The store fails.
    pub fn next_due(sql: &mut dyn Sql) -> Result<Option<Self>> {
        let text = format!(
            "select {COLUMNS} from import_runs where state in ('checking', 'importing', 'stopping') order by begun, id limit 1"
        );
        sql.query_one(&text, &[])?.as_ref().map(Self::of_row).transpose()
    }

    /// The newest runs, newest first.
    ///
    /// # Errors
    /// The store fails.
    pub fn newest(sql: &mut dyn Sql, limit: i64) -> Result<Vec<Self>> {
        let text = format!("select {COLUMNS} from import_runs order by begun desc, id desc limit $1");
        sql.query(&text, &[limit.into()])?.iter().map(Self::of_row).collect()
    }

    fn values(&self) -> Result<Vec<Value>> {
        let counts = &self.counts;
        Ok(vec![
            (&self.id).into(),
            (&self.source).into(),
            (&self.file).into(),
            (&self.digest).into(),
            (&self.actor).into(),
            self.mapping.as_ref().map(serde_json::to_string).transpose()?.into(),
            self.state.word().into(),
            self.refusal.clone().into(),
            self.accept_changes.into(),
            self.opened.into(),
            self.position.into(),
            counts.rows.into(),
            counts.fresh.into(),
            counts.unchanged.into(),
            counts.changed.into(),
            counts.faulty.into(),
            counts.faults.into(),
            counts.overtaken.into(),
            counts.added.into(),
            counts.altered.into(),
        ])
    }

    fn of_row(row: &Row) -> Result<Self> {
        let mapping: Option<String> = row.get(5)?;
        Ok(Self {
            id: row.get(0)?,
            source: row.get(1)?,
            file: row.get(2)?,
            digest: row.get(3)?,
            actor: row.get(4)?,
            mapping: mapping.map(|text| serde_json::from_str(&text)).transpose()?,
            state: State::of_word(&row.get::<String>(6)?)?,
            refusal: row.get(7)?,
            accept_changes: row.get(8)?,
            opened: row.get(9)?,
            position: row.get(10)?,
            counts: Counts {
                rows: row.get(11)?,
                fresh: row.get(12)?,
                unchanged: row.get(13)?,
                changed: row.get(14)?,
                faulty: row.get(15)?,
                faults: row.get(16)?,
                overtaken: row.get(17)?,
                added: row.get(18)?,
                altered: row.get(19)?,
            },
        })
    }
}

/// A licence that the file would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredChange {
    pub number: String,
    pub row: i64,
    pub licence: String,
    pub fields: Vec<Difference>,
}

/// Forgets faults and differences of a run, before it is checked anew.
///
/// # Errors
/// The store fails.
pub fn clear(sql: &mut dyn Sql, run: &str) -> Result<()> {
    sql.execute("delete from import_faults where run = $1", &[run.into()])?;
    sql.execute("delete from import_differences where run = $1", &[run.into()])?;
    Ok(())
}

/// Keeps a fault as the `place`-th of its run, unless there are too many to read.
///
/// # Errors
/// The store fails.
pub fn put_fault(sql: &mut dyn Sql, run: &str, place: i64, fault: &Fault) -> Result<()> {
    if place.unsigned_abs() > KEPT {
        return Ok(());
    }
    let column = fault.column.as_ref();
    sql.execute(
        "insert into import_faults (run, place, row_number, column_index, heading, kind, value, other_row)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            run.into(),
            place.into(),
            i64::try_from(fault.row)?.into(),
            column.map(|column| i64::try_from(column.index)).transpose()?.into(),
            column.map(|column| column.heading.clone()).into(),
            fault.kind.name().into(),
            (&fault.value).into(),
            fault.other_row.map(i64::try_from).transpose()?.into(),
        ],
    )?;
    Ok(())
}

/// Shows the faults of a run, in file order, to `each`, from the `skip`-th on.
///
/// # Errors
/// The store fails, or a stored fault cannot be read.
pub fn faults(sql: &mut dyn Sql, run: &str, skip: i64, limit: i64) -> Result<Vec<Fault>> {
    let text = "select row_number, column_index, heading, kind, value, other_row from import_faults
                where run = $1 and place > $2 order by place limit $3";
    sql.query(text, &[run.into(), skip.into(), limit.into()])?.iter().map(fault_of).collect()
}

fn fault_of(row: &Row) -> Result<Fault> {
    let heading: Option<String> = row.get(2)?;
    let index: Option<i64> = row.get(1)?;
    let kind: String = row.get(3)?;
    Ok(Fault {
        row: row.get::<i64>(0)?.unsigned_abs(),
        column: index
            .zip(heading)
            .map(|(index, heading)| Column { index: index.unsigned_abs() as usize, heading }),
        kind: Kind::named(&kind).with_context(|| format!("kind of fault {kind}"))?,
        value: row.get(4)?,
        other_row: row.get::<Option<i64>>(5)?.map(i64::unsigned_abs),
    })
}

/// How often each kind of fault occurs, most frequent first.
///
/// # Errors
/// The store fails.
pub fn fault_kinds(sql: &mut dyn Sql, run: &str) -> Result<Vec<(Kind, i64)>> {
    let text =
        "select kind, count(*) from import_faults where run = $1 group by kind order by count(*) desc, kind";
    let rows = sql.query(text, &[run.into()])?;
    rows.iter()
        .map(|row| Ok((Kind::named(&row.get::<String>(0)?).context("kind of fault")?, row.get(1)?)))
        .collect()
}

/// Keeps a change that was found, for an officer to look at.
///
/// # Errors
/// The store fails.
pub fn put_change(sql: &mut dyn Sql, run: &str, change: &StoredChange) -> Result<()> {
    sql.execute(
        "insert into import_differences (run, number, row_number, licence, fields) values ($1, $2, $3, $4, $5)",
        &[run.into(), (&change.number).into(), change.row.into(), (&change.licence).into(), serde_json::to_string(&change.fields)?.into()],
    )?;
    Ok(())
}

/// The changes found, in file order, from the `skip`-th on.
///
/// # Errors
/// The store fails.
pub fn changes(sql: &mut dyn Sql, run: &str, skip: i64, limit: i64) -> Result<Vec<StoredChange>> {
    let text = "select number, row_number, licence, fields from import_differences where run = $1 order by row_number limit $2 offset $3";
    let rows = sql.query(text, &[run.into(), limit.into(), skip.into()])?;
    rows.iter()
        .map(|row| {
            let fields = serde_json::from_str(&row.get::<String>(3)?)?;
            Ok(StoredChange { number: row.get(0)?, row: row.get(1)?, licence: row.get(2)?, fields })
        })
        .collect()
}

/// Whether exactly this change was shown before it was agreed to.
///
/// # Errors
/// The store fails.
pub fn was_shown(sql: &mut dyn Sql, run: &str, number: &str, fields: &[Difference]) -> Result<bool> {
    let text = "select 1 from import_differences where run = $1 and number = $2 and fields = $3";
    Ok(sql.query_one(text, &[run.into(), number.into(), serde_json::to_string(fields)?.into()])?.is_some())
}

/// The mapping last used for a source.
///
/// # Errors
/// The store fails.
pub fn mapping_of(sql: &mut dyn Sql, source: &str) -> Result<Option<Mapping>> {
    let row = sql.query_one("select mapping from import_mappings where source = $1", &[source.into()])?;
    row.map(|row| Ok(serde_json::from_str(&row.get::<String>(0)?)?)).transpose()
}

/// Keeps the mapping of a source.
///
/// # Errors
/// The store fails.
pub fn keep_mapping(sql: &mut dyn Sql, source: &str, mapping: &Mapping) -> Result<()> {
    sql.execute(
        "insert into import_mappings (source, mapping) values ($1, $2) on conflict (source) do update set mapping = excluded.mapping",
        &[source.into(), serde_json::to_string(mapping)?.into()],
    )?;
    Ok(())
}

/// Names of the sources whose mapping is known.
///
/// # Errors
/// The store fails.
pub fn sources(sql: &mut dyn Sql) -> Result<Vec<String>> {
    let rows = sql.query("select source from import_mappings order by source", &[])?;
    rows.iter().map(|row| Ok(row.get(0)?)).collect()
}
