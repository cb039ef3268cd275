//! The words of the house in Chinese and English: Fluent files, one bundle for each language.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Context;
use fluent_templates::LanguageIdentifier;
use fluent_templates::fluent_bundle::concurrent::FluentBundle;
use fluent_templates::fluent_bundle::{FluentArgs, FluentResource, FluentValue};

/// A language an officer may choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// Simplified Chinese, the language of the office.
    #[default]
    Chinese,
    /// English.
    English,
}

impl Language {
    /// Both languages, the default first.
    pub const ALL: [Language; 2] = [Language::Chinese, Language::English];

    /// The BCP 47 tag, which is also the folder under `text/`.
    pub fn tag(self) -> &'static str {
        match self {
            Language::Chinese => "zh-CN",
            Language::English => "en",
        }
    }

    /// Reads a tag as a cookie or a form gives it.
    pub fn from_tag(tag: &str) -> Option<Language> {
        Language::ALL.into_iter().find(|language| language.tag() == tag)
    }

    /// Chooses for a newcomer by the Accept-Language header (RFC 9110 §12.5.4); Chinese when it says nothing of use.
    pub fn accepted(header: &str) -> Language {
        let mut wishes: Vec<(f32, &str)> = header.split(',').filter_map(wish).collect();
        wishes.sort_by(|left, right| right.0.total_cmp(&left.0));
        wishes.into_iter().find_map(|(_, tag)| by_primary_tag(tag)).unwrap_or_default()
    }
}

fn wish(part: &str) -> Option<(f32, &str)> {
    let mut pieces = part.split(';').map(str::trim);
    let tag = pieces.next().filter(|tag| !tag.is_empty())?;
    let quality =
        pieces.find_map(|piece| piece.strip_prefix("q=")).map_or(Some(1.0), |text| text.parse().ok())?;
    (quality > 0.0).then_some((quality, tag))
}

fn by_primary_tag(tag: &str) -> Option<Language> {
    match tag.split('-').next().unwrap_or_default().to_ascii_lowercase().as_str() {
        "zh" => Some(Language::Chinese),
        "en" => Some(Language::English),
        _ => None,
    }
}

/// A value set into a text.
#[derive(Debug, Clone, PartialEq)]
pub enum Argument {
    /// Words, set in as they are.
    Text(String),
    /// A whole number, which also chooses plural forms.
    Number(i64),
}

macro_rules! argument_from {
    ($($source:ty => $variant:ident, $convert:expr;)*) => {$(
        impl From<$source> for Argument {
            fn from(value: $source) -> Self {
                let convert: fn($source) -> _ = $convert;
                Argument::$variant(convert(value))
            }
        }
    )*};
}

argument_from! {
    &str => Text, |value| value.to_owned();
    String => Text, |value| value;
    i64 => Number, |value| value;
    i32 => Number, i64::from;
    u32 => Number, i64::from;
    usize => Number, |value| i64::try_from(value).unwrap_or(i64::MAX);
    u64 => Number, |value| i64::try_from(value).unwrap_or(i64::MAX);
}

impl From<&String> for Argument {
    fn from(value: &String) -> Self {
        Argument::Text(value.clone())
    }
}

impl From<&i64> for Argument {
    fn from(value: &i64) -> Self {
        Argument::Number(*value)
    }
}

#[derive(rust_embed::RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../text"]
#[include = "*.ftl"]
struct Embedded;

/// All texts in both languages.
pub struct Texts {
    bundles: Vec<FluentBundle<FluentResource>>,
    keys: Vec<BTreeSet<String>>,
}

impl Texts {
    /// The texts that came with the program.
    ///
    /// # Errors
    /// When a file is not Fluent or a key stands twice.
    pub fn embedded() -> anyhow::Result<Texts> {
        let files = <Embedded as rust_embed::RustEmbed>::iter().filter_map(|path| {
            let file = <Embedded as rust_embed::RustEmbed>::get(&path)?;
            Some((path.to_string(), String::from_utf8_lossy(&file.data).into_owned()))
        });
        Texts::load(files)
    }

    /// The texts of a folder that a bureau has put in place of ours.
    ///
    /// # Errors
    /// When a file cannot be read, is not Fluent or a key stands twice.
    pub fn folder(folder: &Path) -> anyhow::Result<Texts> {
        let mut files = Vec::new();
        for language in Language::ALL {
            for entry in std::fs::read_dir(folder.join(language.tag()))? {
                let path = entry?.path();
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                if name.ends_with(".ftl") {
                    let content =
                        std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
                    files.push((format!("{}/{name}", language.tag()), content));
                }
            }
        }
        Texts::load(files)
    }

    /// Texts from `(path, content)` pairs, where a path is `zh-CN/licence.ftl`.
    ///
    /// # Errors
    /// When a file is not Fluent or a key stands twice.
    pub fn load(files: impl IntoIterator<Item = (String, String)>) -> anyhow::Result<Texts> {
        let mut texts = Texts { bundles: Vec::new(), keys: Vec::new() };
        for language in Language::ALL {
            texts.bundles.push(empty_bundle(language)?);
            texts.keys.push(BTreeSet::new());
        }
        for (path, content) in files {
            let position =
                Language::ALL.iter().position(|language| path.starts_with(&format!("{}/", language.tag())));
            texts.add(position.with_context(|| format!("{path}: no such language"))?, &path, content)?;
        }
        Ok(texts)
    }

    fn add(&mut self, position: usize, path: &str, content: String) -> anyhow::Result<()> {
        self.keys[position].extend(keys_in(&content));
        let resource =
            FluentResource::try_new(content).map_err(|(_, faults)| anyhow::anyhow!("{path}: {faults:?}"))?;
        self.bundles[position].add_resource(resource).map_err(|faults| anyhow::anyhow!("{path}: {faults:?}"))
    }

    /// The text for `key`; a missing key shows itself, so that the fault is seen and never stops an officer.
    pub fn say(&self, language: Language, key: &str, arguments: &[(&str, Argument)]) -> String {
        let mut values = FluentArgs::new();
        for (name, value) in arguments {
            values.set(*name, fluent_value(value));
        }
        self.format(language, key, &values).unwrap_or_else(|| {
            tracing::error!(key, language = language.tag(), "text key missing");
            format!("⟦{key}⟧")
        })
    }

    fn format(&self, language: Language, key: &str, values: &FluentArgs<'_>) -> Option<String> {
        let bundle = &self.bundles[language as usize];
        let pattern = bundle.get_message(key)?.value()?;
        let mut faults = Vec::new();
        let text = bundle.format_pattern(pattern, Some(values), &mut faults).into_owned();
        if !faults.is_empty() {
            tracing::error!(key, ?faults, "text could not be filled in");
        }
        Some(text)
    }

    /// The keys of one language, for the parity test.
    pub fn keys(&self, language: Language) -> &BTreeSet<String> {
        &self.keys[language as usize]
    }

    /// Whether a text exists.
    pub fn has(&self, language: Language, key: &str) -> bool {
        self.keys[language as usize].contains(key)
    }
}

fn empty_bundle(language: Language) -> anyhow::Result<FluentBundle<FluentResource>> {
    let identifier: LanguageIdentifier = language.tag().parse().context("language tag")?;
    let mut bundle = FluentBundle::new_concurrent(vec![identifier]);
    // The marks that isolate right-to-left values would be copied with a licence number out of the page.
    bundle.set_use_isolating(false);
    Ok(bundle)
}

/// Message keys of a Fluent file: the lines that begin with a letter and hold an equals sign.
fn keys_in(content: &str) -> impl Iterator<Item = String> + '_ {
    content
        .lines()
        .filter(|line| line.starts_with(|first: char| first.is_ascii_alphabetic()))
        .filter_map(|line| line.split_once('='))
        .map(|(key, _)| key.trim().to_owned())
}

fn fluent_value(argument: &Argument) -> FluentValue<'_> {
    match argument {
        Argument::Text(text) => FluentValue::from(text.as_str()),
        Argument::Number(number) => FluentValue::from(*number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newcomer_gets_the_language_his_browser_asks_for() {
        assert_eq!(Language::accepted("en-GB,en;q=0.9,zh;q=0.8"), Language::English);
        assert_eq!(Language::accepted("fr, zh-CN;q=0.5, en;q=0.4"), Language::Chinese);
        assert_eq!(Language::accepted("en;q=0, fr"), Language::Chinese);
        assert_eq!(Language::accepted(""), Language::Chinese);
    }

    #[test]
    fn a_text_takes_its_values_and_a_missing_one_shows_its_key() {
        let texts =
            Texts::load([("en/a.ftl".to_owned(), "days-left = { $days } days left\n".to_owned())]).unwrap();
        assert_eq!(texts.say(Language::English, "days-left", &[("days", 5.into())]), "5 days left");
        assert_eq!(texts.say(Language::Chinese, "days-left", &[]), "⟦days-left⟧");
    }

    #[test]
    fn a_key_that_stands_twice_is_a_fault_that_names_the_file() {
        let twice = [
            ("en/a.ftl".to_owned(), "same = a\n".to_owned()),
            ("en/b.ftl".to_owned(), "same = b\n".to_owned()),
        ];
        assert!(Texts::load(twice).err().unwrap().to_string().starts_with("en/b.ftl"));
    }
}
