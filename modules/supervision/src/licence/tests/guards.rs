//! What guards the path: four eyes over all acts, and days that nobody can choose to his liking.

use jiff::civil::date;

use super::scene::*;
use crate::licence::acts::*;
use crate::licence::steps::{Step, Verb, When};

#[test]
fn who_accepted_or_made_an_earlier_check_or_opinion_does_not_decide_either() {
    let by = |id: &str| officer(id, &Verb::ALL);
    let when = When::on(TODAY);
    let mut bodies = vec![submitted()];
    let due = due("licence.decision", date(2026, 12, 23));
    let accepting = by("acceptor");
    bodies
        .push(after(&bodies).accept(&step(&accepting, &when), paper(PaperSeries::Acceptance), due).unwrap());
    for (first, second, reviewer, good) in [("a", "b", "c", false), ("d", "e", "f", true)] {
        let (recorder, reviewing) = (by(first), by(reviewer));
        let pair = [inspector(first, date(2028, 1, 1)), inspector(second, date(2028, 1, 1))];
        bodies.push(after(&bodies).record_check(&step(&recorder, &when), &pair, findings(good)).unwrap());
        bodies.push(after(&bodies).record_review(&step(&reviewing, &when), opinion(good)).unwrap());
    }
    let application = after(&bodies);
    for id in ["clerk", "acceptor", "a", "b", "c", "d", "e", "f"] {
        let refused = application.allows(Verb::Grant, &by(id), TODAY);
        assert_eq!(refused.unwrap_err().key, "application-refusal-four-eyes", "{id}");
    }
    assert!(application.allows(Verb::Grant, &by("head"), TODAY).is_ok());
}

#[test]
fn a_time_that_ran_out_is_not_repaired_by_an_earlier_day() {
    let due = due("licence.decision", date(2026, 12, 23));
    let accepted = Accepted { paper: paper(PaperSeries::Acceptance), clerk: clerk().signer(), due };
    let application = after(&[submitted(), ApplicationAct::Accepted(accepted)]);
    let (last, over) = (date(2026, 12, 23), date(2026, 12, 24));
    assert!(application.can(&head(), last).contains(&Verb::Extend));
    assert!(!application.can(&head(), over).contains(&Verb::Extend), "no button either");
    let (who, earlier) = (head(), When { day: last, reason: Some("补录".into()) });
    let later = super::scene::due("licence.decision", date(2027, 1, 7));
    let late = Step { who: &who, when: &earlier, today: over };
    let refused = application
        .extend_time(&late, (10, "复测".into()), paper(PaperSeries::Extension), later)
        .unwrap_err();
    assert_eq!(refused[0].key, "application-refusal-extension-late");
}

/// Silence is attached to not telling what is missing (L4 art. 32(4)), not to what follows the supplement.
#[test]
fn silence_after_a_supplement_accepts_nothing_and_a_late_acceptance_is_one() {
    let supplement = Supplemented {
        settles: vec![1],
        attachments: vec![],
        clerk: clerk().signer(),
        due: Some(due("licence.acceptance-after-supplement", date(2026, 12, 2))),
    };
    let missing = Missing { material: Material::Form, fault: "未签名".into(), request: "签名".into() };
    let notice = CorrectionRequested {
        missing: vec![missing],
        paper: paper(PaperSeries::CorrectionNotice),
        clerk: clerk().signer(),
    };
    let application = after(&[
        submitted(),
        ApplicationAct::CorrectionRequested(notice),
        ApplicationAct::Supplemented(supplement),
    ]);
    let late = date(2026, 12, 3);
    let decision = due("licence.decision", date(2026, 12, 31));
    let deemed = application.deem_accepted(late, paper(PaperSeries::Acceptance), decision.clone());
    assert_eq!(deemed.unwrap_err()[0].key, "application-refusal-not-silent");
    let running = application.deadline(&law()).unwrap().unwrap();
    assert_eq!(running.on_expiry, law::Expiry::Breach);
    assert_eq!((running.strict.day, running.loose.day), (date(2026, 12, 1), date(2026, 12, 2)));
    assert!(running.doubtful && running.doubt.is_some());
    let (who, when) = (clerk(), When::on(late));
    let step = Step { who: &who, when: &when, today: late };
    assert!(application.accept(&step, paper(PaperSeries::Acceptance), decision).is_ok());
}

#[test]
fn a_place_ticked_twice_settles_once() {
    let missing = Missing { material: Material::Form, fault: "未签名".into(), request: "签名".into() };
    let notice = CorrectionRequested {
        missing: vec![missing.clone(), missing],
        paper: paper(PaperSeries::CorrectionNotice),
        clerk: clerk().signer(),
    };
    let application = after(&[submitted(), ApplicationAct::CorrectionRequested(notice)]);
    let (who, when) = (clerk(), When::on(TODAY));
    let limit = due("licence.acceptance-after-supplement", date(2026, 12, 2));
    let act = application.supplement(&step(&who, &when), vec![2, 2], vec![], limit).unwrap();
    let ApplicationAct::Supplemented(body) = act else { panic!("a supplement") };
    assert_eq!((body.settles, body.due), (vec![2], None), "the first is still open");
}
