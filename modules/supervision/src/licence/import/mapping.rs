//! Which column of a file holds which field of a licence: proposed from the headings, edited by an officer, kept per source.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::headings;
use crate::licence::data::Standing;

/// A field of a licence that a column can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Field {
    Number,
    Subject,
    Name,
    TradeName,
    ResponsiblePerson,
    IdentityNumber,
    CreditCode,
    Phone,
    Address,
    Division,
    Longitude,
    Latitude,
    PremisesKind,
    Area,
    Scope,
    Supplier,
    IssuedOn,
    ValidFrom,
    ValidUntil,
    Standing,
    Grid,
    OrderDay,
    Tier,
    Credit,
    Chain,
}

impl Field {
    pub const ALL: [Self; 25] = [
        Self::Number,
        Self::Subject,
        Self::Name,
        Self::TradeName,
        Self::ResponsiblePerson,
        Self::IdentityNumber,
        Self::CreditCode,
        Self::Phone,
        Self::Address,
        Self::Division,
        Self::Longitude,
        Self::Latitude,
        Self::PremisesKind,
        Self::Area,
        Self::Scope,
        Self::Supplier,
        Self::IssuedOn,
        Self::ValidFrom,
        Self::ValidUntil,
        Self::Standing,
        Self::Grid,
        Self::OrderDay,
        Self::Tier,
        Self::Credit,
        Self::Chain,
    ];

    /// Fields a register has unless its source is declared to lack them.
    pub const EXPECTED: [Self; 6] =
        [Self::Number, Self::Name, Self::Address, Self::ValidFrom, Self::ValidUntil, Self::Standing];

    /// The field's name in forms and stored mappings, e.g. `valid-from`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.text_key().trim_start_matches("import-field-")
    }

    /// The field with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name)
    }

    /// Key of its name in `text/*/import.ftl`.
    #[must_use]
    pub fn text_key(self) -> &'static str {
        match self {
            Self::Number => "import-field-number",
            Self::Subject => "import-field-subject",
            Self::Name => "import-field-name",
            Self::TradeName => "import-field-trade-name",
            Self::ResponsiblePerson => "import-field-responsible-person",
            Self::IdentityNumber => "import-field-identity-number",
            Self::CreditCode => "import-field-credit-code",
            Self::Phone => "import-field-phone",
            Self::Address => "import-field-address",
            Self::Division => "import-field-division",
            Self::Longitude => "import-field-longitude",
            Self::Latitude => "import-field-latitude",
            Self::PremisesKind => "import-field-premises-kind",
            Self::Area => "import-field-area",
            Self::Scope => "import-field-scope",
            Self::Supplier => "import-field-supplier",
            Self::IssuedOn => "import-field-issued-on",
            Self::ValidFrom => "import-field-valid-from",
            Self::ValidUntil => "import-field-valid-until",
            Self::Standing => "import-field-standing",
            Self::Grid => "import-field-grid",
            Self::OrderDay => "import-field-order-day",
            Self::Tier => "import-field-tier",
            Self::Credit => "import-field-credit",
            Self::Chain => "import-field-chain",
        }
    }

    /// Whether the field holds a code, number or date, in which full-width characters are a fault and not a style.
    #[must_use]
    pub fn is_coded(self) -> bool {
        matches!(
            self,
            Self::Number
                | Self::IdentityNumber
                | Self::CreditCode
                | Self::Phone
                | Self::Longitude
                | Self::Latitude
                | Self::IssuedOn
                | Self::ValidFrom
                | Self::ValidUntil
                | Self::OrderDay
                | Self::Tier
        )
    }
}

/// What is done with several rows of one licence number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Repeated {
    /// A register has one row per licence: the later row is a fault.
    #[default]
    Fault,
    /// The source repeats licences on purpose: the first row counts.
    First,
    /// The last row counts.
    Last,
    /// The row with the latest date in `latest_by` counts; of equal dates the later row.
    Latest,
}

/// How the files of one source are read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The row that holds the headings, from 1.
    #[serde(default = "first_row")]
    pub heading_row: u64,
    /// Field → heading of its column.
    pub columns: BTreeMap<Field, String>,
    /// Expected fields that this source does not have; their absence is declared, not overlooked.
    #[serde(default)]
    pub absent: BTreeSet<Field>,
    /// The state every licence of this source is taken to have, where no column says it.
    #[serde(default)]
    pub standing: Option<Standing>,
    #[serde(default)]
    pub repeated: Repeated,
    /// Heading of the date column that decides between rows of one licence.
    #[serde(default)]
    pub latest_by: Option<String>,
    /// Headings of columns that are kept word for word beside the licence.
    #[serde(default)]
    pub noted: Vec<String>,
}

fn first_row() -> u64 {
    1
}

/// Why a mapping cannot be used with a file. Each names the field or heading concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MappingFault {
    /// An expected field has no column and is not declared absent.
    Missing(Field),
    /// The file has no column with this heading.
    NoSuchHeading(Option<Field>, String),
    /// The file has several columns with this heading.
    HeadingTwice(Field, String),
    /// Longitude without latitude, or the reverse.
    HalfAPoint,
    /// `Latest` needs a date column.
    NoDateColumn,
}

/// A mapping bound to the columns of one file, by place.
#[derive(Clone, Debug)]
pub struct Bound {
    pub mapping: Mapping,
    pub headings: Vec<String>,
    places: BTreeMap<Field, usize>,
    pub(super) latest_by: Option<usize>,
    pub(super) noted: Vec<usize>,
}

impl Mapping {
    /// A mapping guessed from the headings of a file: Chinese and English names known from real registers.
    #[must_use]
    pub fn propose(heading_row: u64, headings: &[String]) -> Self {
        let mut mapping = Self { heading_row, ..Self::default() };
        for heading in headings {
            if let Some(field) = headings::field_of(heading) {
                mapping.columns.entry(field).or_insert_with(|| heading.clone());
            }
        }
        mapping
    }

    /// Looks every heading up in the file.
    ///
    /// # Errors
    /// All faults of the mapping for this file.
    pub fn bind(&self, headings: &[String]) -> Result<Bound, Vec<MappingFault>> {
        let mut faults = self.gaps();
        let mut places = BTreeMap::new();
        for (field, heading) in &self.columns {
            match place_of(headings, heading) {
                Ok(place) => drop(places.insert(*field, place)),
                Err(0) => faults.push(MappingFault::NoSuchHeading(Some(*field), heading.clone())),
                Err(_) => faults.push(MappingFault::HeadingTwice(*field, heading.clone())),
            }
        }
        let mut place = |heading: &String| {
            let found = headings.iter().position(|own| own == heading);
            if found.is_none() {
                faults.push(MappingFault::NoSuchHeading(None, heading.clone()));
            }
            found
        };
        let latest_by = self.latest_by.as_ref().and_then(&mut place);
        let latest_by = latest_by.filter(|_| self.repeated == Repeated::Latest);
        let noted = self.noted.iter().filter_map(&mut place).collect();
        if faults.is_empty() {
            Ok(Bound { mapping: self.clone(), headings: headings.to_vec(), places, latest_by, noted })
        } else {
            Err(faults)
        }
    }

    fn gaps(&self) -> Vec<MappingFault> {
        let lacks = |field: &Field| {
            let assumed = *field == Field::Standing && self.standing.is_some();
            !self.columns.contains_key(field)
                && !assumed
                && (*field == Field::Number || !self.absent.contains(field))
        };
        let mut faults: Vec<_> =
            Field::EXPECTED.into_iter().filter(lacks).map(MappingFault::Missing).collect();
        if self.columns.contains_key(&Field::Longitude) != self.columns.contains_key(&Field::Latitude) {
            faults.push(MappingFault::HalfAPoint);
        }
        if self.repeated == Repeated::Latest && self.latest_by.is_none() {
            faults.push(MappingFault::NoDateColumn);
        }
        faults
    }
}

impl Bound {
    /// Place of the field's column, from 0.
    #[must_use]
    pub fn place(&self, field: Field) -> Option<usize> {
        self.places.get(&field).copied()
    }

    /// Fields that have a column, by place in the file.
    pub fn fields(&self) -> impl Iterator<Item = (Field, usize)> + '_ {
        self.places.iter().map(|(field, place)| (*field, *place))
    }
}

/// The one place of the heading, or how often it stands there.
fn place_of(headings: &[String], heading: &str) -> Result<usize, usize> {
    let mut found = headings.iter().enumerate().filter(|(_, own)| *own == heading).map(|(place, _)| place);
    match (found.next(), found.count()) {
        (Some(place), 0) => Ok(place),
        (Some(_), others) => Err(others + 1),
        (None, _) => Err(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headings(text: &str) -> Vec<String> {
        text.split(',').map(str::to_owned).collect()
    }

    #[test]
    fn chinese_headings_are_recognised() {
        let row = headings("序号,许可证号,企业名称,经营者姓名,经营地址,有效期起,有效期止,许可证状态");
        let mapping = Mapping::propose(1, &row);
        assert_eq!(mapping.columns[&Field::Number], "许可证号");
        assert_eq!(mapping.columns[&Field::ValidUntil], "有效期止");
        assert!(mapping.bind(&row).is_ok());
    }

    #[test]
    fn an_expected_field_must_be_mapped_or_declared_absent() {
        let row = headings("License,Facility_Type");
        let mut mapping = Mapping::propose(1, &row);
        let faults = mapping.bind(&row).unwrap_err();
        assert!(faults.contains(&MappingFault::Missing(Field::Name)));
        mapping.absent = Field::EXPECTED.into_iter().collect();
        assert_eq!(mapping.columns.get(&Field::Number).map(String::as_str), Some("License"));
        assert!(mapping.bind(&row).is_ok());
    }

    #[test]
    fn the_number_can_never_be_absent() {
        let mapping = Mapping { absent: Field::EXPECTED.into_iter().collect(), ..Mapping::default() };
        assert_eq!(mapping.bind(&headings("a,b")).unwrap_err(), [MappingFault::Missing(Field::Number)]);
    }

    #[test]
    fn a_heading_that_stands_twice_is_not_guessed() {
        let row = headings("许可证号,许可证号");
        let mut mapping = Mapping::propose(1, &row);
        mapping.absent = Field::EXPECTED.into_iter().collect();
        assert_eq!(
            mapping.bind(&row).unwrap_err(),
            [MappingFault::HeadingTwice(Field::Number, "许可证号".to_owned())]
        );
    }

    #[test]
    fn every_field_is_found_again_by_its_name() {
        for field in Field::ALL {
            assert_eq!(Field::named(field.name()), Some(field));
            assert_eq!(serde_json::to_value(field).unwrap(), field.name());
        }
    }
}
