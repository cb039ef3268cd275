//! What the node does by itself on the licence path: acceptance by silence, moved limits, printing of fresh papers.

use std::time::Duration;

use anyhow::Result;
use jiff::civil::Date;
use ledger::{Act, Actor, Matter, MatterKey, Writing};
use site::{Chore, House, Problem};
use store::Value;

use super::acts::*;
use super::application::Application;
use super::clock::{RENEWAL_REQUEST, due};
use super::office::requests::deem_renewed;
use super::office::{append, paper_number};
use super::printing;
use super::steps::When;
use crate::bureau::Bureau;

const SILENCE: &str = "licence-silence";
const RENEWALS: &str = "licence-renewals";
const LIMITS: &str = "licence-limits";
const PRINTING: &str = "licence-printing";

/// All chores of the licence path.
pub fn all() -> Vec<Chore> {
    let mut chores = vec![
        Chore { name: SILENCE, every: Duration::from_secs(60), woken: true, run: accept_by_silence },
        Chore { name: RENEWALS, every: Duration::from_secs(60), woken: true, run: renew_by_silence },
        Chore { name: LIMITS, every: Duration::from_secs(3600), woken: false, run: move_limits },
        Chore { name: PRINTING, every: Duration::from_secs(60), woken: true, run: print_fresh_papers },
    ];
    chores.extend(super::import::chores());
    chores
}

/// Five working days without a word: accepted as of the day of receipt (L4 art. 32(4)).
fn accept_by_silence(house: &House) -> Result<()> {
    let today = law::shanghai_day(house.now());
    let bureau = house.get::<Bureau>()?;
    site::for_each(SILENCE, silent(house, today)?, |key| {
        let (bureau, law, key) = (bureau.clone(), house.law.clone(), key.parse::<MatterKey>()?);
        let deem = move |writing: &mut Writing| deem(writing, &bureau, &law, &key);
        Ok(house.ledger.write(Actor::Node, deem)?)
    })
}

fn silent(house: &House, today: Date) -> Result<Vec<String>> {
    let silent = "state = 'submitted' and due_loose < $1 order by due_loose, id";
    applications(house, silent, &[today.to_string().into()])
}

/// Keys of applications as they stand in the book: one that cannot be read fails alone, as the step of its matter.
fn applications(house: &House, which: &str, parameters: &[Value]) -> Result<Vec<String>> {
    house.store.read(|sql| {
        let rows = sql.query(&format!("select id from applications where {which}"), parameters)?;
        rows.iter().map(|row| Ok(format!("application/{}", row.get::<String>(0)?))).collect()
    })
}

/// A refusal here means that an officer spoke a moment before; there is nothing left to do then.
fn deem(writing: &mut Writing, bureau: &Bureau, law: &law::Law, key: &MatterKey) -> Result<(), Problem> {
    let application: Application = writing.load(key)?;
    let today = law::shanghai_day(writing.now());
    let Some(received) = application.received.filter(|_| application.state.awaits_acceptance()) else {
        return Ok(());
    };
    let limit = application.deadline(law).map_err(anyhow::Error::from)?;
    let decision = application.decision_deadline(law, received, &[]).map_err(anyhow::Error::from)?;
    let decision = Due::of(&decision);
    let paper = paper_number(writing, bureau, "acceptance", (PaperSeries::Acceptance, today))?;
    let body = application.deem_accepted(today, paper, decision)?;
    let reason = limit.as_ref().map(|limit| limit.trace.zh.clone());
    let when = When { day: received, reason };
    append(writing, key, &body, Some(&when), limit.map(|limit| limit.citation.zh).as_deref())?;
    Ok(())
}

/// No decision before expiry: renewed by law (L4 art. 50(2)). A request that came too late for the thirty days is left to
/// the officers: whether silence renews there too, the law does not say.
fn renew_by_silence(house: &House) -> Result<()> {
    let today = law::shanghai_day(house.now());
    let bureau = house.get::<Bureau>()?;
    site::for_each(RENEWALS, unrenewed(house, today)?, |key| {
        let (bureau, law, key) = (bureau.clone(), house.law.clone(), key.parse::<MatterKey>()?);
        let acts = house.ledger.timeline(&key)?;
        let application = folded(acts.iter())?;
        let expiry = application.about().and_then(|about| about.valid_until);
        let waits = application.awaits_renewal_decision() && in_time(&application, &law)?;
        if !waits || !expiry.map_or(Ok(false), |expiry| waited_at_expiry(&acts, expiry))? {
            return Ok(());
        }
        let deem = move |writing: &mut Writing| deem_renewed(writing, &bureau, &law, &key);
        Ok(house.ledger.write(Actor::Node, deem)?)
    })
}

fn unrenewed(house: &House, today: Date) -> Result<Vec<String>> {
    let lapsed = "kind = 'renewal' and expiry < $1
        and state in ('submitted', 'supplemented', 'accepted', 'checked', 'reviewed') order by expiry, id";
    applications(house, lapsed, &[today.to_string().into()])
}

/// Whether it waited for the bureau, and not for the applicant, on the last day of validity.
fn waited_at_expiry(acts: &[Act], expiry: Date) -> Result<bool> {
    let before = acts.iter().filter(|act| law::shanghai_day(act.header.effective) <= expiry);
    Ok(folded(before)?.awaits_renewal_decision())
}

fn folded<'a>(acts: impl Iterator<Item = &'a Act>) -> Result<Application> {
    let mut application = Application::default();
    for act in acts {
        application.fold(act)?;
    }
    Ok(application)
}

/// Whether the request came thirty days before expiry, on the looser reading.
pub(super) fn in_time(application: &Application, law: &law::Law) -> Result<bool> {
    let expiry = application.about().and_then(|about| about.valid_until);
    let Some((expiry, received)) = expiry.zip(application.first_received) else { return Ok(false) };
    Ok(received <= due(law, RENEWAL_REQUEST, expiry, &[])?.loose)
}

/// When the law data change (a calendar was published), the open limits follow, each by an act.
fn move_limits(house: &House) -> Result<()> {
    site::for_each(LIMITS, open(house)?, |key| {
        let (law, key) = (house.law.clone(), key.parse::<MatterKey>()?);
        // Nearly all limits stand as they are: only those that move trouble the writer.
        if moved(&house.ledger.load(&key)?, &law)?.is_none() {
            return Ok(());
        }
        Ok(house.ledger.write(Actor::Node, move |writing: &mut Writing| move_limit(writing, &law, &key))?)
    })
}

fn open(house: &House) -> Result<Vec<String>> {
    applications(house, "due_rule is not null order by id", &[])
}

fn move_limit(writing: &mut Writing, law: &law::Law, key: &MatterKey) -> Result<(), Problem> {
    if let Some(change) = moved(&writing.load(key)?, law)? {
        append(writing, key, &ApplicationAct::DueChanged(change), None, None)?;
    }
    Ok(())
}

/// How the open limit of an application stands under the law data of now, if it stands otherwise than recorded.
fn moved(application: &Application, law: &law::Law) -> Result<Option<DueChanged>> {
    let now = application.deadline(law)?.map(|deadline| Due::of(&deadline));
    let both = application.due.clone().zip(now).filter(|(from, due)| !from.says_the_same(due));
    Ok(both.map(|(from, due)| DueChanged { from, due }))
}

/// Papers of today and yesterday are printed without being asked for; older ones when somebody first looks at them.
fn print_fresh_papers(house: &House) -> Result<()> {
    let yesterday = law::shanghai_day(house.now()).yesterday()?;
    let papers = house.store.read(|sql| printing::unprinted_since(sql, yesterday))?;
    let named = papers.iter().map(Named);
    site::for_each(PRINTING, named, |Named(paper)| printing::pdf(house, paper).map(drop))
}

/// A paper as the log names it: its number and the matter it belongs to.
struct Named<'a>(&'a printing::PaperLine);

impl std::fmt::Display for Named<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} {}", self.0.matter, self.0.number)
    }
}
