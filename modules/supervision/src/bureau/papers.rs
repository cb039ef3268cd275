//! Document numbers by a bureau's own patterns.

use serde::Deserialize;

/// The pattern of the numbers of one kind of paper, e.g. `嘉善烟许受〔{year}〕第{serial}号`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaperPattern {
    pub pattern: String,
    /// The serial is padded with zeros to so many digits, and may not have more.
    pub digits: usize,
    /// Made up: the paper says so.
    #[serde(default)]
    pub example: bool,
}

/// Why a document cannot be numbered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PaperFault {
    #[error("the region gives no pattern for papers of the kind {0}")]
    UnknownKind(String),
    #[error("the series is used up: {0}")]
    UsedUp(i64),
}

impl PaperPattern {
    pub(super) fn number(&self, year: i16, serial: i64) -> Result<String, PaperFault> {
        let text = format!("{serial:0width$}", width = self.digits);
        if serial < 1 || text.len() > self.digits {
            return Err(PaperFault::UsedUp(serial));
        }
        Ok(self.pattern.replace("{year}", &year.to_string()).replace("{serial}", &text))
    }

    pub(super) fn check(&self) -> Result<(), &'static str> {
        match (self.pattern.contains("{serial}"), self.pattern.contains("{year}"), self.digits) {
            (true, true, 1..=9) => Ok(()),
            (_, _, 1..=9) => Err("must contain {year} and {serial}"),
            _ => Err("digits must lie between 1 and 9"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_bears_year_and_padded_serial() {
        let pattern =
            PaperPattern { pattern: "嘉〔{year}〕第{serial}号".to_owned(), digits: 3, example: true };
        assert_eq!(pattern.number(2026, 7).unwrap(), "嘉〔2026〕第007号");
        assert_eq!(pattern.number(2026, 1000), Err(PaperFault::UsedUp(1000)));
        assert_eq!(pattern.number(2026, 0), Err(PaperFault::UsedUp(0)));
    }
}
