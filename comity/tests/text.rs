//! Chinese and English say the same things: same files, same keys, same placeholders.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

#[test]
fn both_languages_have_the_same_keys_with_the_same_placeholders() {
    let chinese = language("zh-CN");
    let english = language("en");
    assert!(!chinese.is_empty(), "no texts found");
    assert_eq!(
        chinese.keys().collect::<BTreeSet<_>>(),
        english.keys().collect::<BTreeSet<_>>(),
        "keys differ between text/zh-CN and text/en"
    );
    for (key, placeholders) in &chinese {
        assert_eq!(placeholders, &english[key], "placeholders of {key} differ");
    }
}

/// `file/key` → the placeholders its message uses.
fn language(name: &str) -> BTreeMap<String, BTreeSet<String>> {
    let folder = root().join("text").join(name);
    let mut keys = BTreeMap::new();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        let mut current: Option<String> = None;
        for line in std::fs::read_to_string(&path).unwrap().lines() {
            if let Some(key) = key_of(line) {
                let key = format!("{file}/{key}");
                assert!(keys.insert(key.clone(), BTreeSet::new()).is_none(), "{key} stands twice in {name}");
                current = Some(key);
            }
            if let Some(key) = &current {
                keys.get_mut(key).unwrap().extend(placeholders(line));
            }
        }
    }
    keys
}

fn key_of(line: &str) -> Option<&str> {
    let (key, _) = line.split_once('=')?;
    let key = key.trim_end();
    let starts_well = line.starts_with(|first: char| first.is_ascii_alphabetic());
    (starts_well && key.chars().all(|each| each.is_ascii_alphanumeric() || each == '-')).then_some(key)
}

fn placeholders(line: &str) -> impl Iterator<Item = String> + '_ {
    line.split('$').skip(1).map(|rest| {
        rest.chars().take_while(|each| each.is_ascii_alphanumeric() || *each == '-' || *each == '_').collect()
    })
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}
