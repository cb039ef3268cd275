//! Words in the two languages every rule must speak.

use serde::{Deserialize, Serialize};

/// The same words in Chinese and in English.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Chinese (zh-CN), the language of record.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Text {
    /// Makes a text of its two halves.
    #[must_use]
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Text {
        Text { zh: zh.into(), en: en.into() }
    }

    /// The words in a language such as `zh-CN` or `en`; Chinese for anything that is not English.
    #[must_use]
    pub fn in_language(&self, language: &str) -> &str {
        if language.starts_with("en") { &self.en } else { &self.zh }
    }
}
