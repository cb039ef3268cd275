//! The licence number scheme of a bureau, as data: how a number is made up, read and counted.

use serde::Deserialize;

use crate::licence::data::Subject;

/// How the licence numbers of a bureau are made up.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberScheme {
    pub parts: Vec<Part>,
    pub serials: Serials,
}

/// One part of a licence number, from left to right.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "part", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Part {
    /// The division code of the issuing bureau.
    Division { code: String },
    /// The kind of holder.
    Subject { individual: String, organisation: String },
    /// The running number, padded with zeros to the least digits.
    Serial { least_digits: usize, most_digits: usize },
}

/// Whether the two kinds of holder share one counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Serials {
    EachSubject,
    Together,
}

/// A licence number taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LicenceNumber {
    pub division: Option<String>,
    pub subject: Option<Subject>,
    pub serial: i64,
}

/// Why a text is no licence number of this bureau.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberFault {
    #[error("a character that is no digit")]
    NotDigits,
    #[error("too few or too many digits")]
    Length,
    #[error("another bureau's division code")]
    Division,
    #[error("an unknown kind of holder")]
    Subject,
    #[error("serial out of range")]
    Serial,
}

impl NumberScheme {
    /// The number with this serial.
    ///
    /// # Errors
    /// `Serial` if the serial is below 1 or has more digits than the scheme allows: the series is used up.
    pub fn format(&self, subject: Subject, serial: i64) -> Result<String, NumberFault> {
        self.parts.iter().map(|part| part.write(subject, serial)).collect()
    }

    /// Takes a number apart.
    ///
    /// # Errors
    /// The first reason why it is none of this scheme.
    pub fn parse(&self, text: &str) -> Result<LicenceNumber, NumberFault> {
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NumberFault::NotDigits);
        }
        if text.len() < self.length(Part::least) || text.len() > self.length(Part::most) {
            return Err(NumberFault::Length);
        }
        let mut number = LicenceNumber { division: None, subject: None, serial: 0 };
        let mut rest = text;
        for part in &self.parts {
            let width = part.width_in(rest);
            let (own, others) = rest.split_at_checked(width).ok_or(NumberFault::Length)?;
            part.read(own, &mut number)?;
            rest = others;
        }
        if rest.is_empty() { Ok(number) } else { Err(NumberFault::Length) }
    }

    /// Name of the counter from which the next serial is drawn.
    #[must_use]
    pub fn series(&self, subject: Subject) -> String {
        match (self.serials, subject) {
            (Serials::Together, _) => "licence-number".to_owned(),
            (Serials::EachSubject, Subject::Individual) => "licence-number/individual".to_owned(),
            (Serials::EachSubject, Subject::Organisation) => "licence-number/organisation".to_owned(),
        }
    }

    /// Whether the scheme itself makes sense: exactly one serial, at the end, and no part that is empty or no digits.
    pub(super) fn check(&self) -> Result<(), String> {
        let serials = self.parts.iter().filter(|part| matches!(part, Part::Serial { .. })).count();
        match self.parts.last() {
            Some(Part::Serial { .. }) if serials == 1 => {}
            _ => return Err("there must be exactly one serial, as the last part".to_owned()),
        }
        self.parts.iter().try_for_each(Part::check)
    }

    fn length(&self, of: impl Fn(&Part) -> usize) -> usize {
        self.parts.iter().map(of).sum()
    }
}

impl Part {
    fn write(&self, subject: Subject, serial: i64) -> Result<String, NumberFault> {
        match (self, subject) {
            (Self::Division { code }, _) => Ok(code.clone()),
            (Self::Subject { individual, .. }, Subject::Individual) => Ok(individual.clone()),
            (Self::Subject { organisation, .. }, Subject::Organisation) => Ok(organisation.clone()),
            (Self::Serial { least_digits, most_digits }, _) => {
                let text = format!("{serial:0width$}", width = *least_digits);
                if serial >= 1 && text.len() <= *most_digits { Ok(text) } else { Err(NumberFault::Serial) }
            }
        }
    }

    fn read(&self, own: &str, number: &mut LicenceNumber) -> Result<(), NumberFault> {
        match self {
            Self::Division { code } if own == code => number.division = Some(own.to_owned()),
            Self::Division { .. } => return Err(NumberFault::Division),
            Self::Subject { individual, .. } if own == individual => {
                number.subject = Some(Subject::Individual)
            }
            Self::Subject { organisation, .. } if own == organisation => {
                number.subject = Some(Subject::Organisation)
            }
            Self::Subject { .. } => return Err(NumberFault::Subject),
            Self::Serial { .. } => number.serial = own.parse().map_err(|_| NumberFault::Serial)?,
        }
        if matches!(self, Self::Serial { .. }) && number.serial < 1 {
            Err(NumberFault::Serial)
        } else {
            Ok(())
        }
    }

    /// How many bytes of `rest` belong to this part; the serial, which is last, takes all.
    fn width_in(&self, rest: &str) -> usize {
        match self {
            Self::Serial { .. } => rest.len(),
            fixed => fixed.least(),
        }
    }

    fn least(&self) -> usize {
        match self {
            Self::Division { code } => code.len(),
            Self::Subject { individual, .. } => individual.len(),
            Self::Serial { least_digits, .. } => *least_digits,
        }
    }

    fn most(&self) -> usize {
        match self {
            Self::Serial { most_digits, .. } => *most_digits,
            fixed => fixed.least(),
        }
    }

    fn check(&self) -> Result<(), String> {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let sound = match self {
            Self::Division { code } => digits(code),
            Self::Subject { individual, organisation } => {
                digits(individual)
                    && digits(organisation)
                    && individual.len() == organisation.len()
                    && individual != organisation
            }
            Self::Serial { least_digits, most_digits } => {
                (1..=18).contains(least_digits) && (*least_digits..=18).contains(most_digits)
            }
        };
        if sound { Ok(()) } else { Err(format!("{self:?} is not made of digits, or its lengths do not fit")) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn national() -> NumberScheme {
        NumberScheme {
            serials: Serials::EachSubject,
            parts: vec![
                Part::Division { code: "330421".to_owned() },
                Part::Subject { individual: "1".to_owned(), organisation: "2".to_owned() },
                Part::Serial { least_digits: 5, most_digits: 5 },
            ],
        }
    }

    fn running() -> NumberScheme {
        NumberScheme {
            serials: Serials::Together,
            parts: vec![Part::Serial { least_digits: 4, most_digits: 7 }],
        }
    }

    #[test]
    fn the_number_of_the_trade_paper_is_read() {
        let number = national().parse("330421100123").unwrap();
        assert_eq!(number.subject, Some(Subject::Individual));
        assert_eq!((number.division.as_deref(), number.serial), (Some("330421"), 123));
    }

    #[test]
    fn each_fault_has_its_name() {
        let fault = |text: &str| national().parse(text).unwrap_err();
        assert_eq!(fault("33042110012"), NumberFault::Length);
        assert_eq!(fault("3304211001234"), NumberFault::Length);
        assert_eq!(fault("310118100123"), NumberFault::Division);
        assert_eq!(fault("330421300123"), NumberFault::Subject);
        assert_eq!(fault("330421100000"), NumberFault::Serial);
        assert_eq!(fault("33042110O123"), NumberFault::NotDigits);
        assert_eq!(fault("３３０４２１１００１２３"), NumberFault::NotDigits);
        assert_eq!(fault(""), NumberFault::NotDigits);
    }

    #[test]
    fn a_used_up_series_gives_no_number() {
        assert_eq!(national().format(Subject::Individual, 100_000), Err(NumberFault::Serial));
        assert_eq!(national().format(Subject::Individual, 0), Err(NumberFault::Serial));
    }

    #[test]
    fn a_scheme_without_a_serial_is_a_fault() {
        let scheme =
            NumberScheme { serials: Serials::Together, parts: vec![Part::Division { code: "1".to_owned() }] };
        assert!(scheme.check().is_err());
        assert!(national().check().is_ok() && running().check().is_ok());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(serial in 1_i64..=99_999, individual: bool) {
            let subject = if individual { Subject::Individual } else { Subject::Organisation };
            let number = national().parse(&national().format(subject, serial).unwrap()).unwrap();
            prop_assert_eq!((number.subject, number.serial), (Some(subject), serial));
        }

        #[test]
        fn what_is_read_is_written_back(text in "[0-9]{4,7}") {
            if let Ok(number) = running().parse(&text) {
                let again = running().format(Subject::Individual, number.serial).unwrap();
                prop_assert!(again == text || text.starts_with('0'));
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,20}") {
            let _ = national().parse(&text);
            let _ = running().parse(&text);
        }
    }
}
