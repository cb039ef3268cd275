//! What the node knows of its own bureau: names, numbers, papers, territory and divisions, read from the data of `region/`.

pub mod checks;
mod divisions;
pub mod geometry;
mod number;
mod papers;
mod territory;

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::layout::{self, Rules};
pub use crate::licence::data::{Point, Subject};
use crate::licence::import::mapping::Mapping;
pub use divisions::{Division, Divisions};
pub use number::{LicenceNumber, NumberFault, NumberScheme, Part, Serials};
pub use papers::{PaperFault, PaperPattern};
pub use territory::Territory;

/// A name in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Names {
    pub zh: String,
    pub en: String,
}

/// Who hears an application for reconsideration (L8 art. 24, 27); uncertain, therefore data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reconsideration {
    Superior,
    Government,
}

/// The bureau's counter.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    pub address: Names,
    pub phone: String,
    pub hours: Names,
    /// Made up: to be marked as an example wherever it is shown.
    #[serde(default)]
    pub example: bool,
}

/// Which checks the identifiers of this place allow; an absent one is not checked.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identifiers {
    pub credit_code: Option<CreditCodeCheck>,
    pub identity_number: Option<IdentityCheck>,
    pub phone: Option<PhoneCheck>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum CreditCodeCheck {
    #[serde(rename = "gb-32100")]
    Gb32100,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum IdentityCheck {
    #[serde(rename = "gb-11643")]
    Gb11643,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PhoneCheck {
    MainlandChina,
}

/// The longest validity of a licence, with its source.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Validity {
    pub years: i16,
    pub basis: String,
}

/// Where a map of the territory opens.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MapView {
    pub longitude: f64,
    pub latitude: f64,
    pub zoom: i64,
}

/// A bureau as its folder in `region/` describes it.
#[derive(Clone, Debug)]
pub struct Bureau {
    pub id: String,
    pub name: Names,
    /// Division code of the area it answers for, e.g. `330421`.
    pub division: String,
    pub superior: Names,
    pub government: Names,
    pub court: Names,
    pub supplier: Names,
    pub reconsideration: Reconsideration,
    pub contact: Contact,
    pub time_zone: String,
    pub scheme: NumberScheme,
    pub identifiers: Identifiers,
    /// `None` where the place knows no longest validity.
    pub validity: Option<Validity>,
    /// Patterns of document numbers by kind, e.g. `acceptance`.
    pub papers: BTreeMap<String, PaperPattern>,
    pub territory: Territory,
    pub divisions: Divisions,
    pub map: MapView,
    /// Where outlets may be (合理布局); no rules where the folder has none.
    pub layout: Rules,
    /// Column mappings that come with the region, by source name.
    pub imports: BTreeMap<String, Mapping>,
}

/// What is wrong in the data of a region; the node does not start on it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {field}: {message}")]
pub struct Fault {
    pub file: String,
    pub field: String,
    pub message: String,
}

/// `bureau.toml` as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stated {
    id: String,
    division: String,
    time_zone: String,
    reconsideration: Reconsideration,
    name: Names,
    superior: Names,
    government: Names,
    court: Names,
    supplier: Names,
    contact: Contact,
    number: NumberScheme,
    #[serde(default)]
    identifiers: Identifiers,
    validity: Option<Validity>,
    papers: BTreeMap<String, PaperPattern>,
    territory: territory::Stated,
    map: MapView,
    #[serde(default)]
    import: BTreeMap<String, Mapping>,
}

impl Bureau {
    /// Reads a bureau from its folder; `read` gives the text of a file of that folder, or `None` if there is none.
    ///
    /// # Errors
    /// All faults found, each with file and field.
    pub fn load(read: impl Fn(&str) -> Option<String>) -> Result<Self, Vec<Fault>> {
        let stated = Stated::parse(read("bureau.toml")).map_err(|fault| vec![fault])?;
        let mut faults = stated.check();
        let divisions = keep(Divisions::read(read("divisions.csv")), &mut faults);
        let territory = keep(Territory::read(&stated.territory, &read), &mut faults);
        let layout = layout::load(&read).map_err(|found| faults.extend(found)).unwrap_or_default();
        faults.extend(territory.iter().flat_map(|territory| layout::strays(&layout, territory)));
        match (divisions, territory) {
            (Some(divisions), Some(territory)) if faults.is_empty() => {
                Ok(stated.into_bureau(divisions, territory, layout))
            }
            _ => Err(faults),
        }
    }

    /// The document number of one paper, e.g. `嘉善烟许受〔2026〕第00012号`.
    ///
    /// # Errors
    /// An unknown kind of paper, or a serial that has more digits than the pattern gives it.
    pub fn paper_number(&self, kind: &str, year: i16, serial: i64) -> Result<String, PaperFault> {
        let pattern = self.papers.get(kind).ok_or_else(|| PaperFault::UnknownKind(kind.to_owned()))?;
        pattern.number(year, serial)
    }

    /// The body to which reconsideration is to be asked.
    #[must_use]
    pub fn reconsideration_body(&self) -> &Names {
        match self.reconsideration {
            Reconsideration::Superior => &self.superior,
            Reconsideration::Government => &self.government,
        }
    }
}

impl Stated {
    fn parse(text: Option<String>) -> Result<Self, Fault> {
        let text = text.ok_or_else(|| fault("bureau.toml", "", "the file is missing"))?;
        let document =
            toml::Deserializer::parse(&text).map_err(|error| fault("bureau.toml", "", error.message()))?;
        serde_path_to_error::deserialize(document)
            .map_err(|error| fault("bureau.toml", &error.path().to_string(), error.inner().message()))
    }

    fn check(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        if let Err(message) = self.number.check() {
            faults.push(fault("bureau.toml", "number.parts", &message));
        }
        if jiff::tz::TimeZone::get(&self.time_zone).is_err() {
            faults.push(fault("bureau.toml", "time_zone", "no such time zone"));
        }
        for (kind, pattern) in &self.papers {
            if let Err(message) = pattern.check() {
                faults.push(fault("bureau.toml", &format!("papers.{kind}.pattern"), message));
            }
        }
        faults
    }

    fn into_bureau(self, divisions: Divisions, territory: Territory, layout: Rules) -> Bureau {
        Bureau {
            id: self.id,
            name: self.name,
            division: self.division,
            superior: self.superior,
            government: self.government,
            court: self.court,
            supplier: self.supplier,
            reconsideration: self.reconsideration,
            contact: self.contact,
            time_zone: self.time_zone,
            scheme: self.number,
            identifiers: self.identifiers,
            validity: self.validity,
            papers: self.papers,
            territory,
            divisions,
            map: self.map,
            layout,
            imports: self.import,
        }
    }
}

fn fault(file: &str, field: &str, message: &str) -> Fault {
    Fault { file: file.to_owned(), field: field.to_owned(), message: message.to_owned() }
}

fn keep<T>(result: Result<T, Fault>, faults: &mut Vec<Fault>) -> Option<T> {
    result.map_err(|fault| faults.push(fault)).ok()
}
