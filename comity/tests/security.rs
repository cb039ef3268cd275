//! The table of docs/security.md: each requirement names a test that exists, or says that it is not met.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// The names of all tests of the workspace.
fn tests() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    ["ground", "modules", "comity"].iter().for_each(|top| collect(&root().join(top), &mut found));
    found
}

fn collect(folder: &Path, found: &mut BTreeSet<String>) {
    for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let marked = text.split("test]\n").skip(1);
            let names = marked.filter_map(|rest| rest.split("fn ").nth(1)?.split('(').next());
            found.extend(names.map(|name| name.trim().to_owned()));
        }
    }
}

#[test]
fn every_requirement_names_a_test_that_exists_or_says_that_it_is_not_met() {
    let (text, tests) = (std::fs::read_to_string(root().join("docs/security.md")).unwrap(), tests());
    let mut requirements = BTreeSet::new();
    for line in text.lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, number, _, named, _] = cells[..] else { continue };
        if !number.starts_with(|sign: char| sign.is_ascii_digit()) {
            continue;
        }
        assert!(requirements.insert(number.to_owned()), "{number} stands twice");
        let names: Vec<&str> =
            named.split('`').skip(1).step_by(2).filter(|name| name.contains('_')).collect();
        let unknown: Vec<&&str> =
            names.iter().filter(|name| **name != "second_factor" && !tests.contains(**name)).collect();
        assert!(unknown.is_empty(), "{number} names tests that do not exist: {unknown:?}");
        assert!(
            !names.is_empty() || named.contains("not met"),
            "{number} names no test and does not say why"
        );
    }
    assert!(requirements.len() > 55, "only {} requirements were found", requirements.len());
}
