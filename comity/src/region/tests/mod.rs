//! What must hold of everything that is made up.

use std::collections::{BTreeMap, BTreeSet};

use law::Law;
use sha2::{Digest, Sha256};
use supervision::bureau::checks;
use supervision::licence::data::{AreaKind, Premises};

use super::*;

mod lived;
mod sample;

const AS_OF: &str = "2026-11-25T08:30:00+08:00";

fn bureau() -> Bureau {
    Bureau::load(|file| embedded::region(REGION, file)).unwrap()
}

fn made(seed: u64) -> MadeUp {
    let law = Law::load(embedded::law(None).unwrap()).unwrap();
    make(seed, AS_OF.parse().unwrap(), &bureau(), law.calendar()).unwrap()
}

fn digest(made: &MadeUp) -> String {
    hex::encode(Sha256::digest(format!("{made:?}")))
}

fn all_premises(made: &MadeUp) -> Vec<&Premises> {
    let applied = made.plans.iter().map(|plan| &plan.outlet.premises);
    made.register.iter().map(|licence| &licence.premises).chain(applied).collect()
}

#[test]
fn the_same_seed_and_date_make_the_same_bureau() {
    let first = digest(&made(1));
    assert_eq!(first, digest(&made(1)));
    assert_ne!(first, digest(&made(2)));
}

#[test]
fn there_are_as_many_outlets_as_promised() {
    let made = made(1);
    let granted =
        made.plans.iter().filter(|plan| plan.steps.iter().any(|(_, step)| *step == Planned::Grant)).count();
    assert_eq!(made.register.len() + granted, OUTLETS);
    let numbers: BTreeSet<_> = made.register.iter().map(|licence| &licence.number).collect();
    assert_eq!(numbers.len(), made.register.len());
}

#[test]
fn every_point_lies_inside_the_boundary_and_in_a_real_village() {
    let (bureau, made) = (bureau(), made(1));
    for premises in all_premises(&made) {
        let point = premises.point.unwrap();
        assert!(bureau.territory.contains(point), "{premises:?}");
        assert_eq!(premises.division.as_deref().unwrap().len(), 12);
        assert!(bureau.divisions.get(premises.division.as_deref().unwrap()).is_some());
    }
}

#[test]
fn the_shares_of_the_towns_are_plausible() {
    let made = made(1);
    let mut towns: BTreeMap<String, usize> = BTreeMap::new();
    for premises in all_premises(&made) {
        *towns.entry(premises.division.as_deref().unwrap()[..9].to_owned()).or_default() += 1;
    }
    let total: usize = towns.values().sum();
    assert_eq!(towns.len(), 9);
    assert!(towns.values().all(|count| count * 100 >= total * 2 && count * 100 <= total * 28), "{towns:?}");
    let seat = towns["330421001"] + towns["330421002"];
    assert!((30..=50).contains(&(seat * 100 / total)), "{towns:?}");
    let villages =
        all_premises(&made).iter().filter(|premises| premises.area == Some(AreaKind::Village)).count();
    assert!((25..=55).contains(&(villages * 100 / total)), "{villages} of {total}");
}

#[test]
fn no_identifier_could_belong_to_anybody() {
    let made = made(1);
    for holder in made
        .register
        .iter()
        .map(|licence| &licence.holder)
        .chain(made.plans.iter().map(|plan| &plan.outlet.holder))
    {
        let identity = holder.identity_number.as_deref().unwrap();
        assert!(checks::identity_number(identity) && identity.starts_with("330499"), "{holder:?}");
        let code = holder.credit_code.as_deref().unwrap();
        assert!(checks::credit_code(code) && code[8..].starts_with("DEM0"), "{holder:?}");
        assert!(checks::phone(holder.phone.as_deref().unwrap()), "{holder:?}");
    }
}

#[test]
fn no_plan_runs_ahead_of_the_clock_or_backwards() {
    let as_of: Timestamp = AS_OF.parse().unwrap();
    for plan in &made(1).plans {
        assert!(plan.steps.is_sorted_by(|before, after| before.0 < after.0), "{plan:?}");
        assert!(plan.steps.iter().all(|(at, _)| *at < as_of), "{plan:?}");
    }
}

#[test]
fn the_register_file_is_read_back_without_a_fault() {
    use supervision::licence::import::mapping::Mapping;
    use supervision::licence::import::source::{Flow, Source};
    use supervision::licence::import::walk::{What, walk};
    let (bureau, made) = (bureau(), made(1));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("register.csv");
    std::fs::write(&path, register::file(&made.register).unwrap()).unwrap();
    let source = Source::open(&path).unwrap();
    let bound = Mapping::propose(source.heading_row, &source.headings).bind(&source.headings).unwrap();
    let mut read = Vec::new();
    let mut visit = |walked: supervision::licence::import::walk::Walked| {
        match walked.what {
            What::Licence(data) => read.push(*data),
            other => panic!("row {}: {other:?}", walked.row),
        }
        Ok(Flow::On)
    };
    walk(&source, &bound, &bureau, &mut visit).unwrap();
    let expected: Vec<_> =
        made.register.iter().map(|licence| LicenceData { chain: None, ..licence.clone() }).collect();
    assert!(read == expected, "the file does not say what was made up");
}
