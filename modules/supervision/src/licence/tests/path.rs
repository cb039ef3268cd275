//! The path of an application: no sequence of steps leaves the table below, and nothing a step refuses changes anything.

use std::collections::BTreeSet;

use jiff::civil::date;
use ledger::Matter;
use proptest::prelude::*;
use proptest::strategy::ValueTree;

use super::scene::*;
use crate::licence::acts::*;
use crate::licence::application::{Application, Hearing, State};
use crate::licence::details::submit;
use crate::licence::hearing::Appointment;
use crate::licence::steps::{Verb, When};
use crate::licence::verdict::Verdict;

/// Written by hand apart from the program: which step leads from which state to which, and for which kinds.
const TABLE: &str = include_str!("applications.table");

fn allowed(seen: bool, from: &str, step: &str) -> Vec<&'static str> {
    let kinds = if seen { "seen" } else { "unseen" };
    let rows = TABLE.lines().filter(|line| !line.starts_with('#'));
    let rows = rows.map(|line| line.split_whitespace().take(4).collect::<Vec<_>>());
    let leads = rows.filter(|row| row[0] == from && row[1] == step && (row[3] == "all" || row[3] == kinds));
    leads.map(|row| row[2]).collect()
}

/// The state as the table calls it, with how far a hearing is.
fn label(application: &Application) -> String {
    let state = application.state.name();
    let stage = |hearing: &Hearing| match hearing {
        Hearing { held: Some(_), .. } => "held",
        Hearing { notified: Some(_), .. } => "notified",
        Hearing { requested: Some(_), .. } => "asked",
        _ if hearing.settled(TODAY) => "lapsed",
        _ => "told",
    };
    match application.hearing.as_ref().filter(|_| application.state == State::Reviewed) {
        Some(hearing) => format!("{state}/{}", stage(hearing)),
        None => state.to_owned(),
    }
}

/// One attempt: which step, by whom of five people, and whether its input is favourable.
#[derive(Clone, Copy, Debug)]
struct Attempt {
    verb: Verb,
    who: usize,
    good: bool,
}

const PEOPLE: [&str; 5] = ["clerk", "one", "two", "reviewer", "head"];

fn attempts() -> impl Strategy<Value = Vec<Attempt>> {
    let attempt = (0..Verb::ALL.len(), 0..PEOPLE.len(), prop::bool::weighted(0.7));
    let attempt = attempt.prop_map(|(verb, who, good)| Attempt { verb: Verb::ALL[verb], who, good });
    prop::collection::vec(attempt, 1..60)
}

fn kinds() -> impl Strategy<Value = Kind> {
    prop::sample::select(vec![Kind::New, Kind::Renewal, Kind::Closing])
}

fn try_step(application: &Application, attempt: Attempt) -> Verdict<ApplicationAct> {
    let who = officer(PEOPLE[attempt.who], &Verb::ALL);
    let when = When::on(TODAY);
    let step = step(&who, &when);
    let good = attempt.good;
    match attempt.verb {
        Verb::Accept => application.accept(
            &step,
            paper(PaperSeries::Acceptance),
            due("licence.decision", date(2026, 12, 23)),
        ),
        Verb::RequestCorrection => {
            let missing =
                Missing { material: Material::Identity, fault: "缺".into(), request: "补".into() };
            let list = if good { vec![missing.clone(), missing] } else { vec![] };
            application.request_correction(&step, list, paper(PaperSeries::CorrectionNotice))
        }
        Verb::Supplement => {
            let open: Vec<i64> = application.outstanding().iter().map(|(place, _)| *place).collect();
            let settles = if good { open } else { open.into_iter().take(1).collect() };
            application.supplement(
                &step,
                settles,
                vec![],
                due("licence.acceptance-after-supplement", date(2026, 12, 2)),
            )
        }
        Verb::Check => {
            let other = PEOPLE[(attempt.who + 1) % PEOPLE.len()];
            let pair = [inspector(&who.id, date(2028, 12, 31)), inspector(other, date(2028, 12, 31))];
            application.record_check(&step, &pair, findings(good))
        }
        Verb::Review => application.record_review(&step, opinion(good)),
        Verb::Extend => {
            let due = due("licence.decision", date(2027, 1, 7));
            application.extend_time(&step, (10, "需要复测".into()), paper(PaperSeries::Extension), due)
        }
        Verb::TellHearing => {
            let last = if good { date(2026, 12, 2) } else { date(2026, 11, 24) };
            let told = ("阿福烟酒店".into(), "间距".into());
            application.tell_hearing(
                &step,
                told,
                paper(PaperSeries::HearingRight),
                due("licence.hearing-request", last),
            )
        }
        Verb::RequestHearing => {
            application.request_hearing(&step, "阿福".into(), due("licence.hearing-held", date(2026, 12, 23)))
        }
        Verb::NotifyHearing => {
            let chair = officer(if good { "head" } else { "reviewer" }, &[]).signer();
            let appointment = Appointment {
                on: TODAY,
                time: "09:30".into(),
                place: "三楼".into(),
                chair,
                notice_until: TODAY,
            };
            application.notify_hearing(&step, appointment, paper(PaperSeries::HearingNotice))
        }
        Verb::HoldHearing => application.hold_hearing(
            &step,
            "笔录".into(),
            vec![],
            due("licence.decision", date(2026, 12, 30)),
        ),
        Verb::Grant if application.kind() == Kind::New => {
            application.grant(&step, decision(), facts()).map(|(granted, _)| granted)
        }
        Verb::Grant => {
            let stands = licence(Standing::Valid);
            let permitted = application.permit(&step, ("同意".into(), None), &stands, permit_facts());
            permitted.map(|(permitted, _)| permitted)
        }
        Verb::Refuse => {
            let grounds = vec![ground("refusal.premises")];
            application.refuse(&step, grounds, "不同意".into(), paper(PaperSeries::Refusal))
        }
        Verb::Decline => {
            let grounds = vec![ground("non-acceptance.no-power")];
            application.decline(&step, grounds, paper(PaperSeries::NonAcceptance))
        }
        Verb::Terminate => {
            let grounds = vec![ground("termination.withdrawn")];
            application.terminate(&step, grounds, paper(PaperSeries::Termination))
        }
        Verb::Serve => application
            .serve(&step, handing(), paper(PaperSeries::ServiceReceipt))
            .map(ApplicationAct::Served),
    }
}

proptest! {
    #[test]
    fn no_sequence_of_steps_leaves_the_table(attempts in attempts(), kind in kinds()) {
        let mut application = after(&[submitted_for(kind)]);
        let mut acts = vec![submitted_for(kind)];
        for (number, attempt) in (2..).zip(attempts) {
            let before = application.clone();
            match try_step(&application, attempt) {
                Ok(body) => {
                    application.fold(&act(number, &body, TODAY)).unwrap();
                    let leads = allowed(before.demands_check(), &label(&before), attempt.verb.noun());
                    let to = label(&application);
                    prop_assert!(leads.contains(&to.as_str()), "{} {attempt:?} {to}", label(&before));
                    acts.push(body);
                }
                Err(refusals) => {
                    prop_assert!(!refusals.is_empty());
                    prop_assert_eq!(&before, &application);
                }
            }
            check_invariants(&application, &acts);
        }
    }

    #[test]
    fn buttons_are_exactly_what_verbs_allow(attempts in attempts(), who in 0..PEOPLE.len(), kind in kinds()) {
        let mut application = after(&[submitted_for(kind)]);
        for (number, attempt) in (2..).zip(attempts) {
            if let Ok(body) = try_step(&application, attempt) {
                application.fold(&act(number, &body, TODAY)).unwrap();
            }
        }
        let offered = application.can(&officer(PEOPLE[who], &Verb::ALL), TODAY);
        for verb in Verb::ALL {
            let verdict = try_step(&application, Attempt { verb, who, good: true });
            let out_of_turn = |refusals: &[site::Refusal]| refusals[0].field.is_empty();
            let open = verdict.as_ref().map_or_else(|refusals| !out_of_turn(refusals), |_| true);
            prop_assert_eq!(offered.contains(&verb), open, "{:?} {:?}", verb, verdict);
        }
    }
}

/// Every line of the table can really be walked: a table that allows what the program never does would check nothing.
#[test]
fn every_line_of_the_table_is_walked() {
    let mut walked = BTreeSet::new();
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let every = Verb::ALL.len() * PEOPLE.len() * 2;
    let attempt = |n: usize| Attempt {
        verb: Verb::ALL[n % Verb::ALL.len()],
        who: n / Verb::ALL.len() % PEOPLE.len(),
        good: n % every >= every / 2,
    };
    // Steps without a common divisor with the number of attempts go through all of them, each time in another order.
    let orders =
        prop::collection::vec((0..every, prop::sample::select(vec![7, 11, 13, 17, 19, 23, 29, 31])), 18);
    for _ in 0..1_500 {
        let (orders, kind) = (&orders, kinds()).new_tree(&mut runner).unwrap().current();
        let mut application = after(&[submitted_for(kind)]);
        for (number, (start, stride)) in (2..).zip(orders) {
            let from = label(&application);
            let ends = |attempt: &Attempt| {
                matches!(attempt.verb, Verb::Terminate | Verb::Decline | Verb::Refuse | Verb::Grant)
            };
            // Most walks go on as long as they can.
            let all = (0..every).map(|n| attempt((start + n * stride) % every));
            let mut all = all.filter(|attempt| start % 5 == 0 || !ends(attempt));
            let taken = all.find_map(|attempt| Some((attempt, try_step(&application, attempt).ok()?)));
            let Some((attempt, body)) = taken else { break };
            application.fold(&act(number, &body, TODAY)).unwrap();
            walked.insert((from, attempt.verb.noun(), label(&application)));
        }
    }
    for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
        let row: Vec<&str> = line.split_whitespace().collect();
        assert!(walked.contains(&(row[0].into(), row[1], row[2].into())), "{line}");
    }
}

/// What must hold whatever happened.
fn check_invariants(application: &Application, acts: &[ApplicationAct]) {
    if let Some(grant) = &application.grant {
        let check = application.check.as_ref().expect("granted without a check");
        assert!(check.meets_conditions && check.officers[0].officer != check.officers[1].officer);
        assert!(application.review.as_ref().expect("granted without an opinion").supports);
        assert!(!hands(acts).contains(&grant.head.officer), "the decider had a hand in it: {acts:?}");
    }
    let idle =
        [State::CorrectionRequested, State::Refused, State::NotAccepted, State::Terminated, State::Served];
    let working = !idle.contains(&application.state);
    assert_eq!(
        application.due.is_some(),
        working,
        "a clock runs exactly while the bureau has something to do"
    );
}

/// Everyone named by an act that is neither the decision nor the head's own, read from the stored text of the acts.
fn hands(acts: &[ApplicationAct]) -> BTreeSet<String> {
    let own = |act: &&ApplicationAct| {
        !matches!(
            act,
            ApplicationAct::Extended(_)
                | ApplicationAct::Granted(_)
                | ApplicationAct::Permitted(_)
                | ApplicationAct::HearingNotified(_)
                | ApplicationAct::HearingHeld(_)
                | ApplicationAct::Served(_)
        )
    };
    let texts = acts.iter().filter(own).map(|act| serde_json::to_string(act).unwrap());
    let named = |text: String| {
        let parts =
            text.split("\"officer\":\"").skip(1).map(|part| part.split('"').next().unwrap().to_owned());
        parts.collect::<Vec<_>>()
    };
    texts.flat_map(named).collect()
}

/// The first field and key of a refusal.
fn why<T: std::fmt::Debug>(verdict: Verdict<T>) -> (&'static str, &'static str) {
    let refusals = verdict.unwrap_err();
    (refusals[0].field, refusals[0].key)
}

fn accepted() -> ApplicationAct {
    ApplicationAct::Accepted(Accepted {
        paper: paper(PaperSeries::Acceptance),
        clerk: clerk().signer(),
        due: due("licence.decision", date(2026, 12, 23)),
    })
}

#[test]
fn the_notice_of_what_is_missing_is_given_once() {
    let application = after(&[submitted()]);
    let missing =
        vec![Missing { material: Material::Form, fault: "未签名".into(), request: "签名".into() }];
    let (who, when) = (clerk(), When::on(TODAY));
    let asked = application.request_correction(
        &step(&who, &when),
        missing.clone(),
        paper(PaperSeries::CorrectionNotice),
    );
    let brought = ApplicationAct::Supplemented(Supplemented {
        settles: vec![1],
        attachments: vec![],
        clerk: who.signer(),
        due: Some(due("licence.acceptance-after-supplement", date(2026, 12, 2))),
    });
    let application = after(&[submitted(), asked.unwrap(), brought]);
    assert_eq!(application.state, State::Supplemented);
    let again =
        application.request_correction(&step(&who, &when), missing, paper(PaperSeries::CorrectionNotice));
    assert_eq!(why(again), ("", "application-refusal-not-in-turn"));
}

#[test]
fn silence_accepts_only_after_the_loose_limit_and_then_nothing_else_may_be_asked() {
    let mut application = after(&[submitted()]);
    let paper_ = || paper(PaperSeries::Acceptance);
    let decision = due("licence.decision", date(2026, 12, 23));
    let last_day = application.due.clone().unwrap().loose;
    assert_eq!(
        why(application.deem_accepted(last_day, paper_(), decision.clone())),
        ("", "application-refusal-not-silent")
    );
    let after_it = last_day.tomorrow().unwrap();
    let (who, late) = (clerk(), When::on(after_it));
    let step = crate::licence::steps::Step { who: &who, when: &late, today: after_it };
    assert_eq!(
        why(application.accept(&step, paper_(), decision.clone())),
        ("day", "application-refusal-silence-over")
    );
    let deemed = application.deem_accepted(after_it, paper_(), decision).unwrap();
    application.fold(&act(2, &deemed, TODAY)).unwrap();
    assert_eq!(
        (application.state, application.deemed, application.accepted),
        (State::Accepted, true, Some(TODAY))
    );
}

#[test]
fn two_different_officers_with_certificates_of_that_day_check_and_one_of_them_records() {
    let application = after(&[submitted(), accepted()]);
    let who = officer("one", &[Verb::Check]);
    let when = When::on(TODAY);
    let valid = date(2028, 12, 31);
    let check = |pair: [_; 2]| application.record_check(&step(&who, &when), &pair, findings(true));
    assert_eq!(
        why(check([inspector("one", valid), inspector("one", valid)])),
        ("second", "application-refusal-same-officer")
    );
    let expired = inspector("two", TODAY.yesterday().unwrap());
    assert_eq!(why(check([inspector("one", valid), expired])), ("second", "application-refusal-certificate"));
    assert_eq!(
        why(check([inspector("two", valid), inspector("three", valid)])),
        ("first", "application-refusal-recorder-absent")
    );
    assert!(check([inspector("one", valid), inspector("two", TODAY)]).is_ok(), "valid on its last day");
}

#[test]
fn an_earlier_day_needs_a_reason_and_a_later_one_is_no_day_yet() {
    let mut application = Application::default();
    application.fold(&act(1, &submitted(), TODAY.yesterday().unwrap())).unwrap();
    let who = clerk();
    let accept = |when: When| {
        application.accept(
            &step(&who, &when),
            paper(PaperSeries::Acceptance),
            due("licence.decision", date(2026, 12, 23)),
        )
    };
    let earlier = When::on(TODAY.yesterday().unwrap());
    assert_eq!(why(accept(earlier.clone())), ("reason", "application-refusal-reason-missing"));
    assert!(accept(When { reason: Some("窗口停电".into()), ..earlier }).is_ok());
    assert_eq!(why(accept(When::on(TODAY.tomorrow().unwrap()))), ("day", "application-refusal-day-ahead"));
    let before_receipt = When { day: date(2026, 11, 20), reason: Some("补录".into()) };
    assert_eq!(why(accept(before_receipt)), ("day", "application-refusal-day-before-last-step"));
}

#[test]
fn a_licence_runs_five_years_at_most_and_not_backwards() {
    let mut bodies = vec![submitted(), accepted()];
    let (one, reviewer, when) =
        (officer("one", &[Verb::Check]), officer("reviewer", &[Verb::Review]), When::on(TODAY));
    let pair = [inspector("one", date(2028, 1, 1)), inspector("two", date(2028, 1, 1))];
    bodies.push(after(&bodies).record_check(&step(&one, &when), &pair, findings(true)).unwrap());
    bodies.push(after(&bodies).record_review(&step(&reviewer, &when), opinion(true)).unwrap());
    let application = after(&bodies);
    let who = head();
    let grant = |decision| application.grant(&step(&who, &when), decision, facts());
    let longer = crate::licence::decision::Decision { valid_until: date(2031, 11, 25), ..decision() };
    assert_eq!(why(grant(longer)), ("valid_until", "application-refusal-valid-too-long"));
    let backwards = crate::licence::decision::Decision { valid_until: TODAY, ..decision() };
    assert_eq!(why(grant(backwards)), ("valid_until", "application-refusal-valid-until-order"));
    let (granted, licence) = grant(decision()).unwrap();
    let (ApplicationAct::Granted(granted), LicenceAct::Granted(licence)) = (granted, licence) else {
        panic!("a grant makes a grant and a licence")
    };
    assert_eq!(granted.licence_number, licence.data.number);
    assert_eq!(licence.data.holder.name.as_deref(), Some("沈阿珍"));
    let clerk_too = officer("clerk", &[Verb::Grant]);
    let refused = application.grant(&step(&clerk_too, &when), decision(), facts());
    assert_eq!(why(refused), ("", "application-refusal-four-eyes"));
}

#[test]
fn a_paper_left_behind_needs_a_reason_and_a_witness() {
    let mut bodies = vec![submitted(), accepted()];
    let granted = ApplicationAct::Granted(ApplicationGranted {
        licence: facts().licence,
        licence_number: facts().number,
        valid_from: TODAY,
        valid_until: date(2031, 11, 24),
        opinion: "同意".into(),
        paper: paper(PaperSeries::Decision),
        head: head().signer(),
        due: facts().due,
    });
    bodies.push(granted);
    let application = after(&bodies);
    let (who, when) = (clerk(), When::on(TODAY));
    let left =
        crate::licence::decision::HandingOver { way: Way::Left, receiver: None, relation: None, ..handing() };
    let refusals =
        application.serve(&step(&who, &when), left, paper(PaperSeries::ServiceReceipt)).unwrap_err();
    let fields: Vec<_> = refusals.iter().map(|refusal| refusal.field).collect();
    assert_eq!(fields, ["refusal", "witness"]);
    let published = crate::licence::decision::HandingOver { way: Way::PublicNotice, ..handing() };
    let refused = application.serve(&step(&who, &when), published, paper(PaperSeries::ServiceReceipt));
    assert_eq!(why(refused), ("way", "application-refusal-public-notice"));
    let served =
        application.serve(&step(&who, &when), handing(), paper(PaperSeries::ServiceReceipt)).unwrap();
    assert_eq!(served.papers, ["嘉善烟许〔2026〕第00001号", "330421100001"]);
}

#[test]
fn every_field_of_an_application_at_fault_is_named_at_once() {
    let bureau = bureau();
    let (who, when) = (clerk(), When::on(TODAY));
    let refusals =
        submit(&step(&who, &when), Default::default(), &bureau, "1".into(), due("x", TODAY)).unwrap_err();
    let fields: Vec<_> = refusals.iter().map(|refusal| refusal.field).collect();
    let expected = [
        "subject",
        "name",
        "responsible_person",
        "phone",
        "trade_name",
        "address",
        "premises_kind",
        "area",
        "division",
        "point",
        "scope",
    ];
    assert_eq!(fields, expected);
    let good = submit(&step(&who, &when), details(), &bureau, "1".into(), due("x", TODAY));
    assert!(good.is_ok(), "{good:?}");
    let mut wrong = details();
    wrong.holder.identity_number = Some("330421196802150020".into());
    wrong.premises.point = Some(Point { longitude: 121_500_000, latitude: 31_200_000 });
    let fields = submit(&step(&who, &when), wrong, &bureau, "1".into(), due("x", TODAY)).unwrap_err();
    assert_eq!(fields.iter().map(|refusal| refusal.field).collect::<Vec<_>>(), ["identity_number", "point"]);
}

#[test]
fn an_erased_application_keeps_its_state() {
    let mut application = Application::default();
    for (number, body) in [(1, submitted()), (2, accepted())] {
        let mut erased = act(number, &body, TODAY);
        erased.body = None;
        erased.header.actor = ledger::Actor::Officer("clerk".into());
        application.fold(&erased).unwrap();
    }
    assert!(application.involved.contains("clerk"), "the header still says who");
    assert_eq!((application.state, application.accepted), (State::Accepted, Some(TODAY)));
    assert!(application.submitted.is_none());
}
