//! What stands in the papers, from the acts that issue them.

use jiff::civil::date;
use ledger::Act;
use serde_json::Value;

use super::scene::*;
use crate::bureau::Bureau;
use crate::licence::acts::*;
use crate::licence::papers::Stationery;

fn drafted(acts: &[Act], number: i64) -> Value {
    let (bureau, law): (Bureau, _) = (bureau(), law());
    let say = |key: &str| key.to_owned();
    let stationery = Stationery { bureau: &bureau, law: &law, say: &say, ledger: "jiashan.comity.example" };
    stationery.draft(acts, number).unwrap().unwrap().data
}

fn accepted() -> ApplicationAct {
    ApplicationAct::Accepted(Accepted {
        paper: paper(PaperSeries::Acceptance),
        clerk: officer("acceptor", &[]).signer(),
        due: due("licence.decision", date(2026, 12, 23)),
    })
}

#[test]
fn an_acceptance_names_applicant_number_and_limit() {
    let data = drafted(&[act(1, &submitted(), TODAY), act(2, &accepted(), TODAY)], 2);
    assert_eq!(data["applicant"]["name"], "阿珍副食品店");
    assert_eq!(data["applicant"]["person"], "沈阿珍");
    assert_eq!(data["application"]["submitted"], "2026-11-25");
    assert_eq!(
        (&data["decision"]["days"], &data["decision"]["due"]),
        (&Value::from(20), &Value::from("2026-12-23"))
    );
    assert_eq!(data["officer"], "officer acceptor", "who accepted, not who received");
    assert_eq!((&data["deemed"], &data["proof"]["act"]), (&Value::from(false), &Value::from(2)));
}

#[test]
fn a_decision_prints_remedies_from_the_law_data() {
    let granted = ApplicationAct::Granted(ApplicationGranted {
        licence: facts().licence,
        licence_number: "330421100001".into(),
        valid_from: TODAY,
        valid_until: date(2031, 11, 24),
        opinion: "同意".into(),
        paper: paper(PaperSeries::Decision),
        head: head().signer(),
        due: facts().due,
    });
    let data =
        drafted(&[act(1, &submitted(), TODAY), act(2, &accepted(), TODAY), act(3, &granted, TODAY)], 3);
    assert_eq!(data["remedies"]["reconsideration_days"], 60);
    assert_eq!(data["remedies"]["lawsuit_months"], 6);
    assert_eq!(data["remedies"]["reconsideration_body"], "嘉兴市烟草专卖局");
    assert_eq!(data["licence"]["number"], "330421100001");
    assert_eq!(data["licence"]["valid_to"], "2031-11-24");
}

#[test]
fn an_act_without_a_paper_drafts_none() {
    let (bureau, law) = (bureau(), law());
    let say = |key: &str| key.to_owned();
    let stationery = Stationery { bureau: &bureau, law: &law, say: &say, ledger: "x" };
    assert!(stationery.draft(&[act(1, &submitted(), TODAY)], 1).unwrap().is_none());
}
