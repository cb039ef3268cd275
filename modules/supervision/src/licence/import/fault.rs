//! What can be wrong in a file that is imported: each fault with row, column, kind and the offending value.

use serde::{Deserialize, Serialize};

use super::mapping::{Bound, Field};

/// One fault. A row with any fault stays out of the register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Row in the file from 1, headings counted.
    pub row: u64,
    /// `None` where the whole row is at fault.
    pub column: Option<Column>,
    pub kind: Kind,
    /// The offending value as it stands in the file, cut to a readable length.
    pub value: String,
    /// The first row with the same number, where that is what is wrong.
    pub other_row: Option<u64>,
}

/// A column of the file: its place from 1, and its heading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    pub index: usize,
    pub heading: String,
}

/// The kinds of fault; the text key of each is `import-fault-` and its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The row cannot be taken apart into cells.
    BrokenQuoting,
    /// More or fewer cells than headings.
    ColumnCount,
    /// Bytes that are no text in the encoding of the file.
    Encoding,
    /// A line or cell beyond all reason.
    TooLong,
    /// A computed cell: its value depends on what is not in the file.
    Formula,
    /// Full-width digits or letters (０１２) where a code, number or date should stand.
    FullWidth,
    MissingNumber,
    NumberFormat,
    DuplicateNumber,
    ConflictingNumber,
    MissingName,
    MissingAddress,
    MissingValue,
    UnknownDivision,
    CreditCode,
    IdentityNumber,
    Phone,
    NotADate,
    EndBeforeStart,
    ValidityTooLong,
    NotAPoint,
    OutsideTerritory,
    UnknownStanding,
    UnknownSubject,
    UnknownArea,
    UnknownScope,
    NotAWholeNumber,
    /// The row says otherwise than a licence that was granted on this node.
    GrantedHere,
}

impl Kind {
    pub const ALL: [Self; 28] = [
        Self::BrokenQuoting,
        Self::ColumnCount,
        Self::Encoding,
        Self::TooLong,
        Self::Formula,
        Self::FullWidth,
        Self::MissingNumber,
        Self::NumberFormat,
        Self::DuplicateNumber,
        Self::ConflictingNumber,
        Self::MissingName,
        Self::MissingAddress,
        Self::MissingValue,
        Self::UnknownDivision,
        Self::CreditCode,
        Self::IdentityNumber,
        Self::Phone,
        Self::NotADate,
        Self::EndBeforeStart,
        Self::ValidityTooLong,
        Self::NotAPoint,
        Self::OutsideTerritory,
        Self::UnknownStanding,
        Self::UnknownSubject,
        Self::UnknownArea,
        Self::UnknownScope,
        Self::NotAWholeNumber,
        Self::GrantedHere,
    ];

    /// The kind's name as it is stored, e.g. `number-format`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.text_key().trim_start_matches("import-fault-")
    }

    /// The kind with this stored name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Key of its sentence in `text/*/import.ftl`.
    #[must_use]
    pub fn text_key(self) -> &'static str {
        match self {
            Self::BrokenQuoting => "import-fault-broken-quoting",
            Self::ColumnCount => "import-fault-column-count",
            Self::Encoding => "import-fault-encoding",
            Self::TooLong => "import-fault-too-long",
            Self::Formula => "import-fault-formula",
            Self::FullWidth => "import-fault-full-width",
            Self::MissingNumber => "import-fault-missing-number",
            Self::NumberFormat => "import-fault-number-format",
            Self::DuplicateNumber => "import-fault-duplicate-number",
            Self::ConflictingNumber => "import-fault-conflicting-number",
            Self::MissingName => "import-fault-missing-name",
            Self::MissingAddress => "import-fault-missing-address",
            Self::MissingValue => "import-fault-missing-value",
            Self::UnknownDivision => "import-fault-unknown-division",
            Self::CreditCode => "import-fault-credit-code",
            Self::IdentityNumber => "import-fault-identity-number",
            Self::Phone => "import-fault-phone",
            Self::NotADate => "import-fault-not-a-date",
            Self::EndBeforeStart => "import-fault-end-before-start",
            Self::ValidityTooLong => "import-fault-validity-too-long",
            Self::NotAPoint => "import-fault-not-a-point",
            Self::OutsideTerritory => "import-fault-outside-territory",
            Self::UnknownStanding => "import-fault-unknown-standing",
            Self::UnknownSubject => "import-fault-unknown-subject",
            Self::UnknownArea => "import-fault-unknown-area",
            Self::UnknownScope => "import-fault-unknown-scope",
            Self::NotAWholeNumber => "import-fault-not-a-whole-number",
            Self::GrantedHere => "import-fault-granted-here",
        }
    }
}

impl Fault {
    /// A fault in the column of licence numbers.
    #[must_use]
    pub fn of_number(row: u64, kind: Kind, number: &str, bound: &Bound) -> Self {
        let column = bound
            .place(Field::Number)
            .map(|place| Column { index: place + 1, heading: bound.headings[place].clone() });
        Self { row, column, kind, value: shown(number), other_row: None }
    }
}

/// At most so many characters of a value are shown.
const SHOWN: usize = 80;

/// The value, cut where it would be too long to read.
#[must_use]
pub fn shown(value: &str) -> String {
    match value.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_again_by_its_name() {
        for kind in Kind::ALL {
            assert_eq!(Kind::named(kind.name()), Some(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
    }

    #[test]
    fn a_long_value_is_cut_between_characters() {
        assert_eq!(shown(&"烟".repeat(200)).chars().count(), SHOWN + 1);
        assert_eq!(shown("短"), "短");
    }
}
