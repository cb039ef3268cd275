//! The stored format: every act ever shipped reads as it did (tests/golden, one file per kind, never changed).

use ledger::Body;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::licence::acts::{ApplicationAct, LicenceAct, PaperAct};

pub const KINDS: [&str; 40] = [
    "application.submitted",
    "application.correction-requested",
    "application.supplemented",
    "application.accepted",
    "application.deemed-accepted",
    "application.checked",
    "application.reviewed",
    "application.extended",
    "application.granted",
    "application.served",
    "application.due-changed",
    "licence.imported",
    "licence.import-changed",
    "licence.granted",
    "licence.served",
    "application.permitted",
    "application.deemed-granted",
    "application.not-accepted",
    "application.refused",
    "application.terminated",
    "application.hearing-told",
    "application.hearing-requested",
    "application.hearing-notified",
    "application.hearing-held",
    "licence.changed",
    "licence.renewed",
    "licence.suspended",
    "licence.resumed",
    "licence.closed",
    "licence.replaced",
    "licence.renewal-reminded",
    "licence.measure-proposed",
    "licence.measure-dropped",
    "licence.rectifying",
    "licence.rectified",
    "licence.disqualified",
    "licence.revoked",
    "licence.withdrawn",
    "licence.deregistered",
    "paper.printed",
];

#[test]
fn every_act_ever_shipped_reads_and_writes_as_it_did() {
    for kind in KINDS {
        match kind.split_once('.') {
            Some(("application", _)) => check::<ApplicationAct>(kind),
            Some(("licence", _)) => check::<LicenceAct>(kind),
            _ => check::<PaperAct>(kind),
        }
    }
}

fn check<B: Body + Serialize + DeserializeOwned>(kind: &str) {
    let path = format!("{}/tests/golden/{kind}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let body: B = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
    assert_eq!(body.kind(), kind);
    let again = serde_json::to_value(&body).unwrap();
    assert_eq!(again, serde_json::from_str::<serde_json::Value>(&text).unwrap(), "{kind}");
}

#[test]
fn there_is_a_sample_of_every_kind_and_of_no_other() {
    let folder = format!("{}/tests/golden", env!("CARGO_MANIFEST_DIR"));
    let files =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut found: Vec<String> = files.map(|name| name.trim_end_matches(".json").to_owned()).collect();
    let mut expected = KINDS.map(str::to_owned).to_vec();
    found.retain(|name| {
        name.starts_with("application.") || name.starts_with("licence.") || name.starts_with("paper.")
    });
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}
