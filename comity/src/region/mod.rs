//! The made-up bureau of Jiashan: officers, a register in real towns and villages, and a year of licence acts, from a seed.

mod applications;
mod draw;
mod life;
mod officers;
mod outlets;
mod people;
mod places;
mod register;
mod year;

use anyhow::{Context, Result, ensure};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use law::Calendar;
use ledger::{Actor, ManualClock};
use site::House;
use supervision::bureau::Bureau;
use supervision::licence::data::LicenceData;
use supervision::licence::import::orders::{order_check, order_import, take_in};
use supervision::licence::import::run::work;

use crate::embedded;
use applications::{Plan, Planned, Year};
use draw::Draw;
pub use officers::Login;
use outlets::Outlets;
use people::Names;
use places::Places;

/// The region whose data the bureau is made from.
const REGION: &str = "jiashan";
/// Outlets in the register on the as-of date.
const OUTLETS: usize = 2_600;
/// The system from which the register was taken over.
const SOURCE: &str = "原专卖管理系统（演示）";

/// Everything that is made up before anything is written: a function of seed and date alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeUp {
    /// The register a year before the as-of date.
    pub register: Vec<LicenceData>,
    /// The applications since.
    pub plans: Vec<Plan>,
}

/// Makes up register and year.
///
/// # Errors
/// When the region's data are at fault.
pub fn make(seed: u64, as_of: Timestamp, bureau: &Bureau, calendar: &Calendar) -> Result<MadeUp> {
    let places = Places::read(bureau, &data("towns.csv")?, seed)?;
    let names = names()?;
    let plans = Year::new(calendar, Draw::new(seed, 1), as_of).plan(&mut Outlets::new(
        &places,
        &names,
        Draw::new(seed, 2),
        50_000,
    ))?;
    let granted =
        plans.iter().filter(|plan| plan.steps.iter().any(|(_, step)| *step == Planned::Grant)).count();
    ensure!(granted < OUTLETS, "more licences granted than there are outlets");
    let today = law::shanghai_day(as_of);
    let mut outlets = Outlets::new(&places, &names, Draw::new(seed, 3), 0);
    let register = register::licences(&mut outlets, bureau, OUTLETS - granted, validity(today)?)?;
    Ok(MadeUp { register, plans })
}

/// Makes up the bureau in an empty house whose clock is moved through the year; gives the logins.
///
/// # Errors
/// When the house is not empty, or anything made up is not lawful.
pub fn prepare(house: &House, clock: &ManualClock, seed: u64, as_of: Timestamp) -> Result<Vec<Login>> {
    let bureau = house.get::<Bureau>()?;
    let made = make(seed, as_of, &bureau, house.law.calendar())?;
    let began = as_of.checked_sub((366 * 24).hours())?;
    clock.set(began);
    let (roster, logins) = officers::appoint(house, &names()?, seed, law::shanghai_day(began))?;
    take_over(house, &made.register)?;
    year::live(house, clock, &roster, &made.plans, as_of)?;
    life::live(house, &roster, law::shanghai_day(as_of))?;
    Ok(logins)
}

/// Brings the register in through the importer, as a real bureau would.
fn take_over(house: &House, register: &[LicenceData]) -> Result<()> {
    let file = house.uploads.keep("零售许可证台账.csv", &register::file(register)?)?;
    let actor = Actor::Command("import".to_owned());
    let run = take_in(house, &actor, SOURCE, &file)?;
    let mapping = run.mapping.context("the register has headings")?;
    order_check(house, &run.id, mapping)?.map_err(|faults| anyhow::anyhow!("mapping: {faults:?}"))?;
    work(house)?;
    order_import(house, &actor, &run.id, false)?;
    work(house)
}

/// Issued so that hardly any has run out on the as-of date.
fn validity(today: Date) -> Result<(Date, Date)> {
    Ok((
        today.checked_sub(5.years())?.checked_add(12.days())?,
        today.checked_sub(1.year())?.checked_sub(10.days())?,
    ))
}

fn names() -> Result<Names> {
    Names::read(&data("surnames.csv")?, &data("given_names.csv")?)
}

fn data(file: &str) -> Result<String> {
    embedded::region(REGION, file).with_context(|| format!("region/{REGION}/{file}"))
}

#[cfg(test)]
mod tests;
