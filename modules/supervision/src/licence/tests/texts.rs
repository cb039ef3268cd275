//! Every text the licence path asks for is there in both languages.

use std::collections::BTreeSet;
use std::path::Path;

use super::scene::root;
use crate::licence::acts::{Kind, Measure};
use crate::licence::application::State;
use crate::licence::books::word;
use crate::licence::measures::LicenceVerb;
use crate::licence::pages::words::{AREAS, PREMISES, SCOPES, STANDINGS, SUBJECTS, WAYS};
use crate::licence::steps::Verb;

/// Words in quotation marks that look like keys and are none.
const NO_KEYS: [&str; 5] =
    ["licence-map", "licence-silence", "licence-limits", "licence-printing", "licence-renewals"];

fn keys_of(language: &str) -> BTreeSet<String> {
    let folder = root().join("text").join(language);
    let mut keys = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        keys.extend(text.lines().filter_map(|line| Some(line.split_once(" =")?.0.to_owned())));
    }
    keys
}

/// Keys written out in sources and templates.
fn asked(folder: &Path, into: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            asked(&path, into);
        } else if path.extension().is_some_and(|ending| ending == "rs" || ending == "html") {
            let text = std::fs::read_to_string(&path).unwrap();
            into.extend(text.split('"').filter(|part| is_key(part)).map(str::to_owned));
        }
    }
}

fn is_key(part: &str) -> bool {
    let ours = ["application-", "licence-", "act-", "menu-"].iter().any(|prefix| part.starts_with(prefix));
    let plain = part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    ours && plain && !part.ends_with('-') && !NO_KEYS.contains(&part)
}

/// Keys put together from a prefix and a value.
fn composed() -> Vec<String> {
    let mut keys: Vec<String> =
        State::ALL.iter().map(|state| format!("application-state-{}", state.name())).collect();
    for verb in Verb::ALL {
        keys.extend(["step", "lead", "done"].map(|kind| format!("application-{kind}-{}", verb.noun())));
    }
    keys.extend(SUBJECTS.map(|value| format!("licence-subject-{}", word(value))));
    keys.extend(AREAS.map(|value| format!("licence-area-{}", word(value))));
    keys.extend(SCOPES.map(|value| format!("licence-scope-{}", word(value))));
    keys.extend(PREMISES.map(|value| format!("licence-premises-{}", word(value))));
    keys.extend(STANDINGS.map(|value| format!("licence-standing-{}", word(value))));
    keys.push("licence-way-public-notice".to_owned());
    keys.extend(WAYS.map(|value| format!("licence-way-{}", word(value))));
    keys.extend(crate::licence::acts::Material::ALL.map(|value| format!("licence-material-{}", word(value))));
    keys.extend(super::format::KINDS.map(|kind| format!("act-{}", kind.replace('.', "-"))));
    for kind in Kind::ALL {
        let forms = ["application-kind", "application-of", "licence-request"];
        keys.extend(forms.map(|form| format!("{form}-{}", word(kind))));
    }
    let asked = Kind::ALL.into_iter().filter(|kind| !kind.is_new());
    keys.extend(asked.map(|kind| format!("licence-request-lead-{}", word(kind))));
    keys.extend(Measure::ALL.map(|value| format!("licence-measure-{}", word(value))));
    for verb in LicenceVerb::ALL {
        keys.extend(["step", "lead", "done"].map(|kind| format!("licence-{kind}-{}", verb.noun())));
    }
    keys.extend((1..=7).map(|day| format!("licence-weekday-{day}")));
    keys
}

#[test]
fn every_text_that_is_asked_for_is_there_in_both_languages() {
    let mut wanted: BTreeSet<String> = composed().into_iter().collect();
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["src/licence/pages", "templates/licence", "templates/application"] {
        asked(&own.join(folder), &mut wanted);
    }
    for file in [
        "steps.rs",
        "decision.rs",
        "details.rs",
        "office.rs",
        "papers.rs",
        "ends.rs",
        "grounds.rs",
        "hearing.rs",
        "measures.rs",
        "requests.rs",
        "office/ends.rs",
        "office/requests.rs",
    ] {
        let text = std::fs::read_to_string(own.join("src/licence").join(file)).unwrap();
        wanted.extend(text.split('"').filter(|part| is_key(part)).map(str::to_owned));
    }
    assert!(wanted.len() > 200, "{}", wanted.len());
    for language in ["zh-CN", "en"] {
        let missing: Vec<_> = wanted.difference(&keys_of(language)).cloned().collect();
        assert!(missing.is_empty(), "{language}: {missing:?}");
    }
}
