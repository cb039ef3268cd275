//! Every text stands in both languages, and every text that a page or the program asks for exists.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use site::{Language, Texts};

#[test]
fn both_languages_have_the_same_keys() {
    let texts = Texts::embedded().unwrap();
    let (chinese, english) = (texts.keys(Language::Chinese), texts.keys(Language::English));
    assert!(chinese.len() > 200, "{}", chinese.len());
    assert_eq!(chinese.difference(english).collect::<Vec<_>>(), Vec::<&String>::new(), "missing in English");
    assert_eq!(english.difference(chinese).collect::<Vec<_>>(), Vec::<&String>::new(), "missing in Chinese");
}

#[test]
fn every_key_that_is_used_exists() {
    let texts = Texts::embedded().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut used = BTreeSet::new();
    for file in files(&root.join("src"), "rs").into_iter().chain(files(&root.join("templates"), "html")) {
        let content = std::fs::read_to_string(&file).unwrap();
        // What tests say about texts is no use of them.
        let shipped = content.split("#[cfg(test)]").next().unwrap_or_default();
        for call in [
            "text(\"",
            "text_with(\"",
            "text_args(\"",
            "Refusal::new(\"",
            "=> \"",
            "key: \"",
            "entry(\"",
            "go_with_notice(",
            "form, \"",
            "kind: \"",
        ] {
            used.extend(after(shipped, call).into_iter().filter(|key| is_key(key)));
        }
    }
    assert!(used.len() > 150, "{}", used.len());
    let missing: Vec<&String> =
        used.iter().filter(|key| is_ours(key) && !texts.has(Language::Chinese, key)).collect();
    assert_eq!(missing, Vec::<&String>::new());
}

/// Files below a folder with this ending.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let below = folders.iter().flat_map(|folder| self::files(folder, ending));
    files
        .into_iter()
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .chain(below)
        .collect()
}

/// The texts in quotes that follow these words.
fn after(content: &str, words: &str) -> Vec<String> {
    content.split(words).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}

/// Keys are words with hyphens between them.
fn is_key(text: &str) -> bool {
    text.contains('-')
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// Words with hyphens that are no keys of ours.
fn is_ours(key: &str) -> bool {
    const OTHERS: [&str; 5] = ["sec-", "text-", "x-", "application-json", "zh-"];
    !OTHERS.iter().any(|prefix| key.starts_with(prefix))
}
