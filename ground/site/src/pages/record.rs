//! The record: its latest checkpoint, single acts with their proof checked before the reader's eyes, proofs to take away.

use askama::Template;
use axum::extract::Path;
use jiff::Timestamp;
use ledger::{Act, Draft, Header, Ledger, MatterKey, VerifierKey};
use serde_json::Value;
use store::Sql;

use crate::desk::Desk;
use crate::disclosures::{self, Disclosure};
use crate::form::Form;
use crate::listing::{Filter, Listing, Table};
use crate::pages::personal;
use crate::problem::{Answer, Problem, Refusal};
use crate::routes::Routes;

static ACTS: Table = Table {
    from: "acts",
    columns: "number, kind, matter, recorded",
    division: "",
    power: "record.list",
    sort: &["number"],
    default_sort: "-number",
    key: "number",
    size: 50,
    filters: &[Filter::contains("q", &["kind", "matter"])],
};

#[derive(Template)]
#[template(path = "record/record.html")]
struct RecordPage<'a> {
    desk: &'a Desk,
    ledger: &'a str,
    checkpoint: Option<String>,
    verifiers: Vec<VerifierKey>,
    listing: Listing,
    lines: Vec<Line>,
}

struct Line {
    number: i64,
    kind: String,
    matter: String,
    recorded: Timestamp,
}

#[derive(Template)]
#[template(path = "record/act.html")]
struct ActPage<'a> {
    desk: &'a Desk,
    shown: Shown,
}

/// An act as far as this officer may see it.
struct Shown {
    header: Header,
    actor: String,
    /// Address of the matter's page, when he may open it.
    matter: Option<String>,
    body: Content,
    /// What the check of signature, path and leaf found; empty when all hold.
    fault: String,
    may_prove: bool,
    /// Whether he may ask for the erasure of the matter's personal data.
    may_erase: bool,
}

/// What is shown of a body.
enum Content {
    Open(String),
    Closed,
    Erased,
}

impl Shown {
    /// By how many seconds the clock stood behind; rounded up, so that it is never said to have been right.
    fn clock_behind(&self, desk: &Desk) -> Option<String> {
        let microseconds = self.header.clock_behind?;
        let seconds = microseconds / 1_000_000 + i64::from(microseconds % 1_000_000 > 0);
        Some(desk.text_with("act-clock-behind", "seconds", seconds))
    }

    fn commitment(&self) -> String {
        hex::encode(self.header.commitment)
    }
}

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/record", "record.read", record)
        .get("/record/{number}", "record.read", act)
        .post("/record/{number}/proof", "record.proof", proof)
        .post("/record/key", "record.rotate", rotate)
}

/// GET /record
async fn record(desk: Desk) -> Answer {
    let (listing, lines) = desk.list(desk.listing(&ACTS), line).await?;
    let checkpoint = desk.blocking(|desk| newest(desk.ledger())).await?;
    let verifiers = newest_keys(desk.ledger().verifiers());
    desk.page(&RecordPage {
        desk: &desk,
        ledger: desk.ledger().name(),
        checkpoint,
        verifiers,
        listing,
        lines,
    })
}

/// Those of the keys that sign now.
fn newest_keys(mut keys: Vec<VerifierKey>) -> Vec<VerifierKey> {
    let latest = keys.iter().map(VerifierKey::from).max();
    keys.retain(|key| Some(key.from()) == latest);
    keys
}

fn line(row: &store::Row) -> Result<Line, Problem> {
    let recorded = Timestamp::from_microsecond(row.get(3)?).map_err(anyhow::Error::from)?;
    Ok(Line { number: row.get(0)?, kind: row.get(1)?, matter: row.get(2)?, recorded })
}

fn newest(ledger: &Ledger) -> Result<Option<String>, Problem> {
    match ledger.checkpoint() {
        Ok(checkpoint) => Ok(Some(checkpoint.note().to_owned())),
        Err(ledger::Error::Empty) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// GET /record/{number}
async fn act(desk: Desk, Path(number): Path<i64>) -> Answer {
    let shown = desk.blocking(move |desk| show(desk, number)).await?;
    desk.page(&ActPage { desk: &desk, shown })
}

/// POST /record/{number}/proof: handing a proof out is itself an act, so it is no GET.
async fn proof(desk: Desk, Path(number): Path<i64>, _form: Form) -> Answer {
    let text = desk.blocking(move |desk| prove(desk, number)).await?;
    desk.act_plain(move |_, writing| {
        let key = MatterKey::new(disclosures::KIND, writing.new_id()?);
        writing.append(Draft::new(&key, &Disclosure::ProofHandedOut { number }))?;
        Ok(())
    })
    .await?;
    desk.download(&format!("act-{number}.tlog-proof"), "text/plain; charset=utf-8", text.into_bytes())
}

/// POST /record/key with `reason`: a new key signs from the next checkpoint on, and nobody need stop working.
async fn rotate(desk: Desk, form: Form) -> Answer {
    let reason = form.value("reason").to_owned();
    if reason.chars().count() < 4 {
        return Err(Refusal::on("reason", "record-refusal-key-reason").into());
    }
    desk.blocking(move |desk| {
        let ledger = desk.ledger();
        Ok(ledger.rotate(desk.actor(), ledger.profile(), &reason)?)
    })
    .await?;
    desk.go_with_notice("/record", "record-key-changed")
}

fn prove(desk: &Desk, number: i64) -> Result<String, Problem> {
    let act = find(desk, number)?;
    let subject = desk.ledger().read(|sql| reach(desk, sql, &act))?;
    match subject.may_prove {
        true => Ok(desk.ledger().proof(number)?.to_string()),
        false => Err(Problem::Denied),
    }
}

fn find(desk: &Desk, number: i64) -> Result<Act, Problem> {
    desk.ledger().act(number).map_err(|error| match error {
        ledger::Error::Unknown(_) => Problem::Missing,
        other => other.into(),
    })
}

/// What the officer may do with an act.
struct Reach {
    may_see: bool,
    may_open: bool,
    may_prove: bool,
    may_erase: bool,
    address: Option<String>,
}

/// An act is seen by those who may see the record at the place of its matter, its body by those who may read the matter.
fn reach(desk: &Desk, sql: &mut dyn Sql, act: &Act) -> Result<Reach, Problem> {
    let key = &act.header.matter;
    let Some((kind, subject)) = desk.house().subject(sql, key)? else {
        let may = desk.may("record.list");
        return Ok(Reach { may_see: may, may_open: may, may_prove: may, may_erase: false, address: None });
    };
    let may_open = desk.may_on(kind.power, &subject);
    Ok(Reach {
        may_see: desk.may_on("record.read", &subject),
        may_open,
        may_prove: desk.may_on("record.proof", &subject),
        may_erase: may_open && kind.reveal.is_some() && desk.may_on("erasure.request", &subject),
        address: may_open.then(|| (kind.address)(key.id())),
    })
}

fn show(desk: &Desk, number: i64) -> Result<Shown, Problem> {
    let act = find(desk, number)?;
    let (reach, actor) = desk
        .ledger()
        .read(|sql| Ok::<_, Problem>((reach(desk, sql, &act)?, desk.who(sql, &act.header.actor)?)))?;
    if !reach.may_see {
        return Err(Problem::Missing);
    }
    Ok(Shown {
        fault: check(desk.ledger(), &act.header),
        body: content(&act, reach.may_open)?,
        header: act.header,
        actor,
        matter: reach.address,
        may_prove: reach.may_prove,
        may_erase: reach.may_erase,
    })
}

/// Checks the act's proof now, from the stored bytes and the signed checkpoint.
fn check(ledger: &Ledger, header: &Header) -> String {
    let proved = ledger.proof(header.number).and_then(|proof| proof.verify(&ledger.verifiers()));
    match proved {
        Ok(proved) if proved == *header => String::new(),
        Ok(_) => "the proven leaf is another one".to_owned(),
        Err(error) => error.to_string(),
    }
}

fn content(act: &Act, may_open: bool) -> Result<Content, Problem> {
    let Some(body) = &act.body else { return Ok(Content::Erased) };
    if !may_open {
        return Ok(Content::Closed);
    }
    let mut value: Value = serde_json::from_slice(body)?;
    personal::mask(&mut value);
    Ok(Content::Open(serde_json::to_string_pretty(&value)?))
}
