//! Why a paper was not printed.

use thiserror::Error;

/// A paper that may not go out, with the text key of the reason.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Refusal {
    /// No font in the folder has the character; a box in its place would be a false paper.
    #[error("no font has the character {character} (U+{code:04X}); it stands in {place}{sheet}, near “{near}”", sheet = on(*page), code = u32::from(*character))]
    MissingGlyph {
        /// The character.
        character: char,
        /// Path of the data field, e.g. `/applicant/name`, or the template's name.
        place: String,
        /// Page, from 1; none when the data were looked at before printing.
        page: Option<usize>,
        /// The text around it.
        near: String,
    },
    /// A control or direction character: it prints nothing, yet changes what the reader sees.
    #[error("the field {place} holds the character U+{code:04X}, which does not print", code = u32::from(*character))]
    HiddenCharacter {
        /// The character.
        character: char,
        /// Path of the data field.
        place: String,
    },
    /// Text would leave the sheet.
    #[error("the text “{near}” does not fit on page {page}")]
    OffTheSheet {
        /// The text.
        near: String,
        /// Page, from 1.
        page: usize,
    },
    /// Template and data do not fit together, e.g. a field is missing.
    #[error("template {template}, line {line}: {what}")]
    Template {
        /// The template's name.
        template: String,
        /// Line in the template, 0 when the fault has no line there.
        line: usize,
        /// The typesetter's words.
        what: String,
    },
}

impl Refusal {
    /// Key of the reason in the text files.
    pub fn key(&self) -> &'static str {
        match self {
            Self::MissingGlyph { .. } => "paper-missing-glyph",
            Self::HiddenCharacter { .. } => "paper-hidden-character",
            Self::OffTheSheet { .. } => "paper-off-the-sheet",
            Self::Template { .. } => "paper-template",
        }
    }

    /// Arguments of the text, by name.
    pub fn arguments(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::MissingGlyph { character, place, page, near } => vec![
                ("character", character.to_string()),
                ("code", code(*character)),
                ("place", place.clone()),
                ("page", page.map_or_else(String::new, |page| page.to_string())),
                ("near", near.clone()),
            ],
            Self::HiddenCharacter { character, place } => {
                vec![("code", code(*character)), ("place", place.clone())]
            }
            Self::OffTheSheet { near, page } => vec![("near", near.clone()), ("page", page.to_string())],
            Self::Template { template, line, what } => {
                vec![("template", template.clone()), ("line", line.to_string()), ("what", what.clone())]
            }
        }
    }
}

fn on(page: Option<usize>) -> String {
    page.map_or_else(String::new, |page| format!(", on page {page}"))
}

fn code(character: char) -> String {
    format!("U+{:04X}", u32::from(character))
}
