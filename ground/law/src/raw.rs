//! The law files as written, before they are checked against one another.

use jiff::civil::Date;
use serde::Deserialize;

use crate::count::{Direction, First, Roll, Unit};
use crate::rule::DeemedFrom;
use crate::statute::{Basis, Certainty, CountingKind, Validity, Version};
use crate::text::Text;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawStatute {
    pub(crate) id: String,
    pub(crate) title: Text,
    pub(crate) version: Vec<Version>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawCounting {
    pub(crate) id: String,
    pub(crate) kind: CountingKind,
    pub(crate) statute: String,
    pub(crate) article: u16,
    #[serde(default)]
    pub(crate) paragraph: Option<u16>,
    pub(crate) certainty: Certainty,
    #[serde(default)]
    pub(crate) unit: Option<Unit>,
    #[serde(default)]
    pub(crate) days: Option<Days>,
    pub(crate) text: Text,
    #[serde(default)]
    pub(crate) note: Option<Text>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "a list of numbers of days, or \"all\"")]
pub(crate) enum Days {
    These(Vec<u32>),
    All(All),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum All {
    All,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawCalendar {
    pub(crate) year: i16,
    #[serde(rename = "certainty")]
    pub(crate) _certainty: Certainty,
    pub(crate) source: String,
    #[serde(default)]
    pub(crate) festival: Vec<RawFestival>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawFestival {
    pub(crate) title: Text,
    #[serde(default)]
    pub(crate) off: Vec<Date>,
    #[serde(default)]
    pub(crate) work: Vec<Date>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawGround {
    pub(crate) id: String,
    pub(crate) founds: String,
    pub(crate) title: Text,
    pub(crate) valid: Validity,
    pub(crate) basis: Vec<Basis>,
    pub(crate) certainty: Certainty,
    #[serde(default)]
    pub(crate) source: Option<String>,
    #[serde(default)]
    pub(crate) example: bool,
    #[serde(default)]
    pub(crate) note: Option<Text>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawDeadline {
    pub(crate) id: String,
    pub(crate) title: Text,
    pub(crate) valid: Validity,
    pub(crate) basis: Vec<Basis>,
    pub(crate) certainty: RawCertainty,
    #[serde(default)]
    pub(crate) source: Option<String>,
    #[serde(default)]
    pub(crate) example: bool,
    pub(crate) starts_on: RawStartsOn,
    pub(crate) unit: Unit,
    pub(crate) n: u32,
    pub(crate) direction: Direction,
    pub(crate) first: First,
    pub(crate) roll: Roll,
    #[serde(default)]
    pub(crate) suspended_by: Vec<String>,
    #[serde(default)]
    pub(crate) strict: Option<RawReading>,
    #[serde(default)]
    pub(crate) loose: Option<RawReading>,
    #[serde(default)]
    pub(crate) doubt: Option<Text>,
    #[serde(default)]
    pub(crate) extended_by: Option<RawExtensible>,
    pub(crate) on_expiry: RawExpiry,
    pub(crate) warn_at: u32,
    #[serde(default)]
    pub(crate) note: Option<Text>,
}

/// How sure we are of each part; every part must be stated.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawCertainty {
    pub(crate) period: Certainty,
    pub(crate) unit: Certainty,
    pub(crate) start: Certainty,
    pub(crate) roll: Certainty,
}

impl RawCertainty {
    pub(crate) fn least(&self) -> Certainty {
        self.period.max(self.unit).max(self.start).max(self.roll)
    }

    /// Whether the limit must be read twice.
    pub(crate) fn doubtful(&self) -> bool {
        [self.unit, self.start, self.roll].iter().any(|part| *part != Certainty::V)
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawStartsOn {
    pub(crate) events: Vec<String>,
    pub(crate) title: Text,
}

/// What a reading changes in the rule's own fields.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawReading {
    #[serde(default)]
    pub(crate) unit: Option<Unit>,
    #[serde(default)]
    pub(crate) n: Option<u32>,
    #[serde(default)]
    pub(crate) first: Option<First>,
    #[serde(default)]
    pub(crate) roll: Option<Roll>,
    #[serde(default)]
    pub(crate) suspended_by: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawExtensible {
    pub(crate) approver: Text,
    #[serde(default)]
    pub(crate) most: Option<u32>,
    pub(crate) notice: Text,
    pub(crate) certainty: Certainty,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, tag = "kind", rename_all = "kebab-case")]
pub(crate) enum RawExpiry {
    Breach,
    Deemed { outcome: String, from: DeemedFrom },
    RightLapses,
    Ends { outcome: String },
}
