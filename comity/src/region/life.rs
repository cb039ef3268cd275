//! What holders asked for and the bureau did about licences that stand, on the morning of the as-of date.

use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use jiff::ToSpan;
use jiff::civil::Date;
use ledger::{Actor, MatterKey};
use paper::Press;
use site::House;
use site::Problem;
use site::officers::Role;
use supervision::bureau::Bureau;
use supervision::licence::acts::{Kind, Measure, Wish};
use supervision::licence::details::Details;
use supervision::licence::grounds::Picked;
use supervision::licence::office::{Office, Setting};
use supervision::licence::requests::Request;
use supervision::licence::steps::{Officer, Opinion, When};

use super::officers::Roster;

/// Holders reminded of renewal this morning.
const REMINDED: usize = 12;

/// Requests of every kind, how far each came, and one proposed measure.
pub fn live(house: &House, roster: &Roster, today: Date) -> Result<()> {
    let ending = licences(house, today, today.checked_add(110.days())?, REMINDED + 4)?;
    let lasting = licences(house, today.checked_add(400.days())?, today.checked_add(4_000.days())?, 7)?;
    let (asking, reminded) = ending.split_at(ending.len().min(4));
    let desk = Desk { house, roster, today };
    for key in reminded {
        desk.remind(key)?;
    }
    for key in asking {
        let request = desk.ask(key, Kind::Renewal, Wish::default())?;
        desk.accept(&request)?;
    }
    let [suspended, suspending, closing, replaced, rectified, rest @ ..] = lasting.as_slice() else {
        return Ok(());
    };
    let half = Wish {
        from: Some(today),
        until: Some(today.checked_add(6.months())?),
        reason: Some("店面装修".to_owned()),
    };
    let settled = desk.ask(suspended, Kind::Suspension, half.clone())?;
    desk.permit(&settled)?;
    desk.ask(suspending, Kind::Suspension, half)?;
    let gone = Wish { from: Some(today), until: None, reason: Some("不再经营".to_owned()) };
    let closed = desk.ask(closing, Kind::Closing, gone)?;
    desk.permit(&closed)?;
    let lost = Wish { reason: Some("许可证遗失".to_owned()), ..Wish::default() };
    let replaced = desk.ask(replaced, Kind::Replacement, lost)?;
    desk.accept(&replaced)?;
    desk.review(&replaced)?;
    desk.propose(rectified)?;
    rest.iter().try_for_each(|key| desk.remind(key))
}

/// Licences in force that end between the two days, those that end first in front.
fn licences(house: &House, from: Date, until: Date, most: usize) -> Result<Vec<MatterKey>> {
    house.store.read(|sql| {
        let rows = sql.query(
            &format!(
                "select id from licences where standing = 'valid' and valid_until >= $1 and valid_until <= $2
                 order by valid_until, number limit {most}"
            ),
            &[from.to_string().into(), until.to_string().into()],
        )?;
        rows.iter().map(|row| Ok(format!("licence/{}", row.get::<String>(0)?).parse()?)).collect()
    })
}

struct Desk<'a> {
    house: &'a House,
    roster: &'a Roster,
    today: Date,
}

impl Desk<'_> {
    fn act<T: Send + 'static>(
        &self,
        role: Role,
        step: impl FnOnce(&mut Office, &When) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T> {
        let who: Officer = self.roster.with_role(role, 0).officer.clone();
        let (bureau, press): (Arc<Bureau>, Arc<Press>) = (self.house.get()?, self.house.get()?);
        let (law, when) = (self.house.law.clone(), When::on(self.today));
        let actor = Actor::Officer(who.id.clone());
        let done = self.house.ledger.write(actor, move |writing| {
            let setting = Setting { bureau: &bureau, law: &law, press: &press };
            step(&mut Office { writing, setting, who: &who }, &when)
        });
        done.map_err(|problem: Problem| anyhow!("{problem:?}"))
    }

    fn ask(&self, licence: &MatterKey, kind: Kind, wish: Wish) -> Result<MatterKey> {
        let licence = licence.clone();
        let request = Request { kind, details: Details::default(), wish };
        self.act(Role::Clerk, move |office, when| office.ask(&licence, when, request))
            .with_context(|| format!("{kind:?}"))
    }

    fn accept(&self, key: &MatterKey) -> Result<()> {
        let key = key.clone();
        self.act(Role::Clerk, move |office, when| office.accept(&key, when))
    }

    fn review(&self, key: &MatterKey) -> Result<()> {
        let key = key.clone();
        let opinion = Opinion {
            opinion: "申请符合规定条件，建议准予。".to_owned(),
            supports: true,
            major_interests: false,
        };
        self.act(Role::Reviewer, move |office, when| office.review(&key, when, opinion))
    }

    fn permit(&self, key: &MatterKey) -> Result<()> {
        self.accept(key)?;
        self.review(key)?;
        let key = key.clone();
        let decided = ("同意。".to_owned(), None);
        self.act(Role::Head, move |office, when| office.permit(&key, when, decided).map(drop))
    }

    fn remind(&self, licence: &MatterKey) -> Result<()> {
        let licence = licence.clone();
        self.act(Role::Clerk, move |office, when| office.remind(&licence, when).map(drop))
    }

    fn propose(&self, licence: &MatterKey) -> Result<()> {
        let licence = licence.clone();
        let ground = Picked {
            id: "rectification.conditions".to_owned(),
            fact: "经营场所已与住所打通，不再相独立（演示）。".to_owned(),
            rule: None,
        };
        self.act(Role::Reviewer, move |office, when| {
            office.propose(&licence, when, (Measure::Rectification, Some(30)), vec![ground])
        })
    }
}
