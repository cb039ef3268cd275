//! What is handed to the press and what comes out of it.

use jiff::civil::DateTime;
use serde_json::Value;

/// A template as a module gives it, embedded in the program: `Template { name: "acceptance", source: include_str!("../paper/acceptance.typ") }`.
#[derive(Clone, Copy, Debug)]
pub struct Template {
    /// Short name, used in messages.
    pub name: &'static str,
    /// Typst source. It may import `/official.typ` and nothing else.
    pub source: &'static str,
}

/// The second language of the labels. The legal text of a paper is Chinese always.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Chinese labels alone.
    Chinese,
    /// Chinese labels with English ones beneath.
    English,
}

impl Language {
    /// The language of a tag such as `zh-CN` or `en`; what is not English is Chinese.
    pub fn of(tag: &str) -> Self {
        if tag.starts_with("en") { Self::English } else { Self::Chinese }
    }

    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::Chinese => "zh-CN",
            Self::English => "en",
        }
    }
}

/// One paper to be printed. The same order gives the same bytes.
#[derive(Clone, Debug)]
pub struct Order<'a> {
    /// Which paper.
    pub template: &'a Template,
    /// Its fields, as the template's README names them. Strings are printed as they are, never read as markup.
    pub data: Value,
    /// Title in the PDF's metadata, e.g. "准予行政许可决定书 善烟许决〔2026〕第7号".
    pub title: String,
    /// Labels.
    pub language: Language,
    /// Time of issue in Asia/Shanghai, for the PDF's metadata.
    pub date: DateTime,
}

/// A printed paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pdf {
    /// The file, PDF/A-2b.
    pub bytes: Vec<u8>,
    /// SHA-256 of the file, lower-case hexadecimal: its content address.
    pub sha256: String,
    /// Number of pages, at least 1.
    pub pages: usize,
}
