//! Prints papers from recorded acts and keeps them by content address; the digest goes into the record.

use anyhow::{Context, Result, bail};
use jiff::civil::Time;
use law::Law;
use ledger::{Act, Actor, Ledger, MatterKey, Writing};
use paper::{Language as Labels, Order, Pdf, Press};
use site::{House, Language, Problem};
use store::Sql;

use super::acts::{PaperAct, PaperSeries, Printed};
use super::application::Application;
use super::office::append;
use super::papers::{Draft, Stationery};
use crate::bureau::Bureau;

/// A row of the book of papers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaperLine {
    /// Number of the act that issued it.
    pub act: i64,
    pub matter: MatterKey,
    pub series: PaperSeries,
    pub number: String,
    pub dated: String,
    /// SHA-256 of the printed PDF; `None` until first printed.
    pub digest: Option<String>,
    pub bytes: Option<i64>,
}

const COLUMNS: &str = "act, matter, series, number, dated, digest, bytes";

/// The paper that this act issued.
///
/// # Errors
/// When the store fails.
pub fn find(sql: &mut dyn Sql, act: i64) -> Result<Option<PaperLine>> {
    let row = sql.query_one(&format!("select {COLUMNS} from papers where act = $1"), &[act.into()])?;
    row.as_ref().map(line).transpose()
}

/// The papers of some matters, the oldest first.
///
/// # Errors
/// When the store fails.
pub fn of_matters(sql: &mut dyn Sql, matters: &[&MatterKey]) -> Result<Vec<PaperLine>> {
    let mut lines = Vec::new();
    for matter in matters {
        let text = format!("select {COLUMNS} from papers where matter = $1 order by act");
        for row in sql.query(&text, &[matter.as_str().into()])? {
            lines.push(line(&row)?);
        }
    }
    lines.sort_by_key(|line| line.act);
    Ok(lines)
}

/// Papers issued on or after `day` that have not been printed yet.
///
/// # Errors
/// When the store fails.
pub fn unprinted_since(sql: &mut dyn Sql, day: jiff::civil::Date) -> Result<Vec<PaperLine>> {
    let text = format!("select {COLUMNS} from papers where digest is null and dated >= $1 order by act");
    sql.query(&text, &[day.to_string().into()])?.iter().map(line).collect()
}

fn line(row: &store::Row) -> Result<PaperLine> {
    let word: String = row.get(2)?;
    Ok(PaperLine {
        act: row.get(0)?,
        matter: row.get::<String>(1)?.parse()?,
        series: PaperSeries::named(&word).with_context(|| format!("{word:?} names no series of papers"))?,
        number: row.get(3)?,
        dated: row.get(4)?,
        digest: row.get(5)?,
        bytes: row.get(6)?,
    })
}

/// The PDF of a paper: the one on record, or printed now and put on record.
///
/// A file that was lost is printed again; the same acts give the same bytes, and other bytes are never shown.
///
/// # Errors
/// When the paper was erased, cannot be printed, or comes out otherwise than recorded.
pub fn pdf(house: &House, paper: &PaperLine) -> Result<Vec<u8>> {
    if let Some(kept) = paper.digest.as_ref().and_then(|digest| house.uploads.bytes(digest).ok()) {
        return Ok(kept);
    }
    let printed = print(house, paper)?;
    match &paper.digest {
        Some(digest) if *digest != printed.sha256 => {
            bail!("paper {} no longer prints as recorded (SHA-256 {digest})", paper.number)
        }
        Some(_) => {}
        None => put_on_record(&house.ledger, paper, &printed)?,
    }
    house.uploads.keep(&format!("{}.pdf", paper.number), &printed.bytes)?;
    Ok(printed.bytes)
}

/// The receipt of service with lines for the hand, as it is taken along; `None` when nothing was granted. It is printed
/// anew each time and never recorded: the record gets the receipt of what really happened.
///
/// # Errors
/// When it cannot be printed.
pub fn blank_receipt(house: &House, application: &Application) -> Result<Option<Vec<u8>>> {
    let bureau = house.get::<Bureau>()?;
    let say = |key: &str| house.texts.say(Language::Chinese, key, &[]);
    let stationery = Stationery { bureau: &bureau, law: &house.law, say: &say, ledger: house.ledger.name() };
    let draft = stationery.blank_receipt(application, law::shanghai_day(house.now()));
    draft.map(|draft| Ok(press(house, draft)?.bytes)).transpose()
}

fn print(house: &House, paper: &PaperLine) -> Result<Pdf> {
    let bureau = house.get::<Bureau>()?;
    let acts = house.ledger.timeline(&paper.matter)?;
    let draft = draft(house, &bureau, &house.law, &acts, paper.act)?;
    press(house, draft).with_context(|| format!("paper {}", paper.number))
}

fn press(house: &House, draft: Draft) -> Result<Pdf> {
    let order = Order {
        template: draft.template,
        data: draft.data,
        title: draft.title,
        language: Labels::Chinese,
        date: draft.dated.to_datetime(Time::midnight()),
    };
    Ok(house.get::<Press>()?.print(&order)?)
}

fn draft(house: &House, bureau: &Bureau, law: &Law, acts: &[Act], number: i64) -> Result<Draft> {
    let say = |key: &str| house.texts.say(Language::Chinese, key, &[]);
    let stationery = Stationery { bureau, law, say: &say, ledger: house.ledger.name() };
    stationery.draft(acts, number)?.with_context(|| format!("act {number} issued no paper, or was erased"))
}

/// Two readers may print at the same moment: the second finds the digest on record and adds nothing.
fn put_on_record(ledger: &Ledger, paper: &PaperLine, printed: &Pdf) -> Result<()> {
    let (act, matter) = (paper.act, paper.matter.clone());
    let (digest, bytes) = (printed.sha256.clone(), i64::try_from(printed.bytes.len())?);
    let written = ledger.write(Actor::Node, move |writing: &mut Writing| -> Result<(), Problem> {
        let known = find(writing.sql(), act)?.is_some_and(|line| line.digest.is_some());
        if !known {
            append(
                writing,
                &matter,
                &PaperAct::Printed(Printed { act_number: act, digest, bytes }),
                None,
                None,
            )?;
        }
        Ok(())
    });
    Ok(written?)
}
