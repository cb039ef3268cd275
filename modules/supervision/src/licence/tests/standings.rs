//! The standing of a licence: no sequence of requests and measures leaves the table below.

use std::collections::BTreeSet;

use jiff::civil::{Date, date};
use ledger::Matter;
use proptest::prelude::*;
use proptest::strategy::ValueTree;

use super::scene::*;
use crate::licence::Licence;
use crate::licence::acts::*;
use crate::licence::books::word;
use crate::licence::details::Details;
use crate::licence::measures::{LicenceVerb, Proposal, Ruling};
use crate::licence::requests::{Request, RequestFacts, ask};
use crate::licence::steps::{Step, Verb, When};
use crate::licence::verdict::Verdict;

/// Written by hand apart from the program.
const TABLE: &str = include_str!("licences.table");

#[derive(Clone, Copy, Debug)]
enum Event {
    Ask(Kind),
    Rule(Measure),
    Recover,
    /// The last day of validity passes.
    Expire,
}

impl Event {
    fn name(self) -> String {
        match self {
            Event::Ask(kind) => format!("ask:{}", word(kind)),
            Event::Rule(measure) => format!("rule:{}", word(measure)),
            Event::Recover => "recovery".into(),
            Event::Expire => "expiry".into(),
        }
    }
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        8 => prop::sample::select(Kind::ALL.to_vec()).prop_map(Event::Ask),
        8 => prop::sample::select(Measure::ALL.to_vec()).prop_map(Event::Rule),
        3 => Just(Event::Recover),
        1 => Just(Event::Expire),
    ];
    prop::collection::vec(event, 1..12)
}

/// As a register may bring it.
fn standings() -> impl Strategy<Value = Standing> {
    prop::sample::select(vec![Standing::Valid, Standing::Valid, Standing::Valid, Standing::Stripped])
}

/// The grounds a deregistration rests on, whatever the licence has come to.
const ENDS: [&str; 6] = ["died", "dissolved", "force-majeure", "expired", "closed", "ended"];

/// A licence with the day it is.
struct World {
    licence: Licence,
    today: Date,
    acts: i64,
}

impl World {
    fn new(standing: Standing) -> World {
        World { licence: licence(standing), today: TODAY, acts: 1 }
    }

    /// Renewed for a time that has not begun: no second renewal, whatever the standing.
    fn renewed_ahead(&self) -> bool {
        self.licence.data.as_ref().and_then(|data| data.valid_from).is_some_and(|from| self.today < from)
    }

    fn standing(&self) -> String {
        self.licence.standing_on(self.today).map(word).unwrap_or_default()
    }

    fn take(&mut self, body: &LicenceAct) {
        self.acts += 1;
        self.licence.fold(&act(self.acts, body, self.today)).unwrap();
    }

    /// Whether it happened; a refusal changes nothing.
    fn happens(&mut self, event: Event) -> bool {
        let before = self.licence.clone();
        let done = match event {
            Event::Ask(kind) => self.asked(kind),
            Event::Rule(measure) => self.ruled(measure),
            Event::Recover => self.recovered(),
            Event::Expire => {
                let until = self.licence.data.as_ref().and_then(|data| data.valid_until).unwrap();
                self.today = self.today.max(until.tomorrow().unwrap());
                return false;
            }
        };
        match done {
            Ok(bodies) => {
                bodies.iter().for_each(|body| self.take(body));
                true
            }
            Err(refusals) => {
                assert!(!refusals.is_empty());
                assert_eq!(before, self.licence);
                false
            }
        }
    }

    fn asked(&self, kind: Kind) -> Verdict<Vec<LicenceAct>> {
        let mut details = details();
        details.premises.trade_name = Some(format!("第{}家", self.acts));
        let day = self.today;
        let wish = Wish { from: Some(day), until: Some(day), reason: Some("装修".into()) };
        let facts = request_facts(day);
        let (who, when) = (officer("head", &Verb::ALL), When::on(day));
        let step = Step { who: &who, when: &when, today: day };
        let request = Request { kind, details, wish };
        let submitted = ask(&step, request, &self.licence, &bureau(), facts)?;
        let mut application = after(&[submitted]);
        application.state = crate::licence::State::Reviewed;
        application.latest = None;
        application.involved.clear();
        application.review = Some(Reviewed {
            opinion: "同意".into(),
            supports: true,
            reviewer: who.signer(),
            major_interests: false,
        });
        if let Some(checked) = application.demands_check().then(checked) {
            application.check = Some(checked);
        }
        let mut permit = permit_facts();
        let until = self.licence.data.as_ref().and_then(|data| data.valid_until).unwrap();
        permit.validity = (until.tomorrow().unwrap(), date(until.year() + 5, 3, 1));
        let (_, effect) = application.permit(&step, ("同意".into(), None), &self.licence, permit)?;
        Ok(vec![effect])
    }

    fn ruled(&self, measure: Measure) -> Verdict<Vec<LicenceAct>> {
        let grounds: Vec<Ground> = match measure {
            Measure::Deregistration => ENDS.map(|end| ground(&format!("deregistration.{end}"))).to_vec(),
            _ => vec![ground("any")],
        };
        let propose = |grounds: Vec<Ground>| self.proposed(measure, grounds);
        // Of the grounds for deregistration those that fit the standing are found by trying each.
        let fits = |ground: &Ground| propose(vec![ground.clone()]).is_ok();
        let chosen = grounds.iter().find(|ground| fits(ground)).or(grounds.first()).cloned();
        let proposed = propose(chosen.into_iter().collect())?;
        let mut licence = self.licence.clone();
        licence.fold(&by("reviewer", act(self.acts + 1, &proposed, self.today))).unwrap();
        let (who, when) = (officer("head", &[]), When::on(self.today));
        let step = Step { who: &who, when: &when, today: self.today };
        let ruling = Ruling { heard: "未陈述".into(), opinion: "同意".into() };
        let ruled = licence.rule(&step, ruling.clone(), paper(PaperSeries::MeasureDecision))?;
        let proposer = officer("reviewer", &[]);
        let same = Step { who: &proposer, when: &when, today: self.today };
        let refused = licence.rule(&same, ruling, paper(PaperSeries::MeasureDecision)).unwrap_err();
        assert_eq!(refused[0].key, "licence-refusal-proposer-decides");
        Ok(vec![proposed, ruled])
    }

    fn proposed(&self, measure: Measure, grounds: Vec<Ground>) -> Verdict<LicenceAct> {
        let (who, when) = (officer("reviewer", &[]), When::on(self.today));
        let step = Step { who: &who, when: &when, today: self.today };
        let proposal = Proposal { measure, grounds, days: Some(30) };
        self.licence.propose(&step, proposal, paper(PaperSeries::MeasureNotice))
    }

    fn recovered(&self) -> Verdict<Vec<LicenceAct>> {
        let (who, when) = (officer("one", &[]), When::on(self.today));
        let step = Step { who: &who, when: &when, today: self.today };
        let far = date(2099, 1, 1);
        let pair = [inspector("one", far), inspector("two", far)];
        Ok(vec![self.licence.recover(&step, &pair, "已恢复隔断".into())?])
    }
}

fn request_facts(day: Date) -> RequestFacts {
    RequestFacts {
        licence: facts().licence,
        number: "1".into(),
        open: false,
        longest_suspension: Some(day),
        due: due("licence.correction-notice", day),
    }
}

/// A change asked for about a valid licence.
fn change(details: Details) -> Verdict<ApplicationAct> {
    let (who, when) = (clerk(), When::on(TODAY));
    let request = Request { kind: Kind::Change, details, wish: Wish::default() };
    ask(&step(&who, &when), request, &licence(Standing::Valid), &bureau(), request_facts(TODAY))
}

fn by(who: &str, mut act: ledger::Act) -> ledger::Act {
    act.header.actor = ledger::Actor::Officer(who.to_owned());
    act
}

fn checked() -> Checked {
    let officers = [officer("one", &[]).signer(), officer("two", &[]).signer()];
    let found = findings(true);
    Checked {
        officers,
        findings: found.findings,
        measured: found.measured,
        meets_conditions: true,
        photos: vec![],
    }
}

fn row(from: &str, event: &str) -> Option<&'static str> {
    let rows = TABLE.lines().filter(|line| !line.starts_with('#'));
    let mut rows = rows.map(|line| line.split_whitespace().collect::<Vec<_>>());
    rows.find(|row| row[0] == from && row[1] == event).map(|row| row[2])
}

proptest! {
    #[test]
    fn a_licence_changes_exactly_as_the_table_says(events in events(), standing in standings()) {
        let mut world = World::new(standing);
        for event in events {
            let from = world.standing();
            let again = world.renewed_ahead() && matches!(event, Event::Ask(Kind::Renewal));
            let happened = world.happens(event);
            if again || matches!(event, Event::Expire) {
                prop_assert!(!happened);
                continue;
            }
            let to = row(&from, &event.name());
            prop_assert_eq!(happened, to.is_some(), "{} {:?}", from, event);
            if let Some(to) = to {
                prop_assert_eq!(to, world.standing(), "{} {:?}", from, event);
            }
        }
    }
}

#[test]
fn every_line_of_the_table_is_walked() {
    let mut walked = BTreeSet::new();
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..1_500 {
        let mut world = World::new(standings().new_tree(&mut runner).unwrap().current());
        for event in events().new_tree(&mut runner).unwrap().current() {
            let from = world.standing();
            if world.happens(event) {
                walked.insert((from, event.name()));
            }
        }
    }
    for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
        let row: Vec<&str> = line.split_whitespace().collect();
        assert!(walked.contains(&(row[0].into(), row[1].into())), "{line}");
    }
}

#[test]
fn a_licence_that_became_another_subject_is_not_changed_but_applied_for_anew() {
    let mut details = details();
    details.holder.subject = Some(Subject::Organisation);
    details.holder.credit_code = Some("91330421MA2B9F7C4L".into());
    let refused = change(details).unwrap_err();
    assert!(refused.iter().any(|refusal| refusal.key == "licence-refusal-subject-changes"), "{refused:?}");
}

#[test]
fn the_headers_alone_tell_the_standing_when_the_bodies_are_erased() {
    let mut licence = licence(Standing::Valid);
    let taken = MeasureTaken {
        grounds: vec![ground("revocation.fraud")],
        heard: "未陈述".into(),
        opinion: "同意".into(),
        until: None,
        paper: paper(PaperSeries::MeasureDecision),
        head: head().signer(),
    };
    let mut revoked = act(2, &LicenceAct::Revoked(taken), TODAY);
    revoked.body = None;
    licence.fold(&revoked).unwrap();
    assert_eq!(licence.standing_on(TODAY), Some(Standing::Revoked));
    assert!(licence.allows(LicenceVerb::Decide, "head", TODAY).is_err());
}

#[test]
fn a_closing_asked_for_the_end_of_the_year_begins_there() {
    let mut licence = licence(Standing::Valid);
    let closed = Closed {
        application: facts().application,
        from: date(2026, 12, 31),
        successor: None,
        head: head().signer(),
    };
    licence.fold(&act(2, &LicenceAct::Closed(closed), TODAY)).unwrap();
    assert_eq!(licence.standing_on(date(2026, 12, 30)), Some(Standing::Valid));
    assert_eq!(licence.standing_on(date(2026, 12, 31)), Some(Standing::Closed));
}

#[test]
fn silence_renews_no_licence_that_was_ended_or_moved_meanwhile() {
    let deem = |licence: &Licence| {
        let mut application = after(&[submitted_for(Kind::Renewal)]);
        application.state = crate::licence::State::Accepted;
        let silence = due("licence.renewal-decision", date(2027, 3, 1));
        application.deem_renewed(date(2027, 3, 2), licence, permit_facts(), silence)
    };
    assert!(deem(&licence(Standing::Valid)).is_ok());
    for ended in [Standing::Closed, Standing::Revoked, Standing::Deregistered] {
        assert!(deem(&licence(ended)).is_err(), "{ended:?}");
    }
    let mut longer = licence(Standing::Valid);
    longer.data.as_mut().unwrap().valid_until = Some(date(2028, 3, 1));
    assert!(deem(&longer).is_err(), "it ends on another day now");
}

#[test]
fn another_person_is_no_change() {
    let mut details = details();
    details.holder.identity_number = Some("330421197001010018".into());
    let refused = change(details).unwrap_err();
    assert!(refused.iter().any(|refusal| refusal.key == "licence-refusal-identity-changes"), "{refused:?}");
}
