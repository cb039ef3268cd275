//! What each act says: the bodies of the stored format.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::*;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submitted {
    /// Number of the application in the bureau's book of receipts.
    pub number: String,
    pub holder: Holder,
    pub premises: Premises,
    pub scope: Vec<Scope>,
    pub attachments: Vec<Attachment>,
    pub clerk: Signer,
    pub due: Due,
    #[serde(default, skip_serializing_if = "Kind::is_new")]
    pub kind: Kind,
    /// The licence it is about; for a new one the licence that it takes the place of, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<About>,
    #[serde(default, skip_serializing_if = "Wish::is_empty")]
    pub wish: Wish,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    pub material: Material,
    /// What exactly is missing or wrong, as the applicant is told.
    pub fault: String,
    /// What he is to bring.
    pub request: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorrectionRequested {
    pub missing: Vec<Missing>,
    pub paper: PaperNumber,
    pub clerk: Signer,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Supplemented {
    /// Places (from 1) in the list of the correction notice that are settled now.
    pub settles: Vec<i64>,
    pub attachments: Vec<Attachment>,
    pub clerk: Signer,
    /// Set when nothing is missing any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Due>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    pub paper: PaperNumber,
    pub clerk: Signer,
    pub due: Due,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeemedAccepted {
    pub paper: PaperNumber,
    /// The limit that ran out in silence.
    pub silence: Due,
    pub due: Due,
}

/// What was measured on the spot. Lengths in decimetres, areas in square decimetres.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// Apart from the dwelling (与住所相独立).
    pub separate_from_dwelling: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor_area: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nearest_outlet_distance: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nearest_outlet: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nearest_school_distance: Option<i64>,
    /// Tool and route, e.g. "measuring wheel, along the pavement, from the centre of the door".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    /// Two different officers whose certificates were valid on the day.
    pub officers: [Signer; 2],
    pub findings: String,
    pub measured: Measured,
    /// Whether the premises meet the conditions (L2 art. 9).
    pub meets_conditions: bool,
    pub photos: Vec<Attachment>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reviewed {
    pub opinion: String,
    pub supports: bool,
    pub reviewer: Signer,
    /// Major interests of others are touched: nothing is decided before they were told of the hearing (L4 art. 47).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub major_interests: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extended {
    /// Working days added.
    pub workdays: i64,
    pub reason: String,
    pub paper: PaperNumber,
    pub head: Signer,
    pub due: Due,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicationGranted {
    /// Key of the licence matter, `licence/…`.
    pub licence: String,
    pub licence_number: String,
    pub valid_from: Date,
    /// The last day of validity.
    pub valid_until: Date,
    pub opinion: String,
    pub paper: PaperNumber,
    pub head: Signer,
    pub due: Due,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permitted {
    pub kind: Kind,
    /// Key of the licence matter, `licence/…`.
    pub licence: String,
    pub licence_number: String,
    /// Number of the new sheet of the licence, where one is issued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// Last day of validity after a renewal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Date>,
    pub opinion: String,
    pub paper: PaperNumber,
    pub head: Signer,
    pub due: Due,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeemedGranted {
    pub licence: String,
    pub licence_number: String,
    /// Number of the new sheet of the licence.
    pub sheet: String,
    pub valid_until: Date,
    /// The limit that ran out in silence.
    pub silence: Due,
    pub paper: PaperNumber,
    /// The delivery limit.
    pub due: Due,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotAccepted {
    pub grounds: Vec<Ground>,
    pub paper: PaperNumber,
    pub clerk: Signer,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    pub grounds: Vec<Ground>,
    pub opinion: String,
    pub paper: PaperNumber,
    pub head: Signer,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terminated {
    pub ground: Ground,
    pub paper: PaperNumber,
    pub officer: Signer,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HearingTold {
    /// Who was told besides the applicant, and what is at stake for them.
    pub persons: String,
    pub interests: String,
    pub paper: PaperNumber,
    pub officer: Signer,
    /// Until when a hearing may be asked for.
    pub due: Due,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HearingRequested {
    pub by: String,
    pub clerk: Signer,
    /// Until when it is to be held.
    pub due: Due,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HearingNotified {
    pub on: Date,
    /// Hour and minute.
    pub time: String,
    pub place: String,
    /// Nobody who examines the application (L4 art. 48(1)(3)).
    pub chair: Signer,
    pub paper: PaperNumber,
    pub officer: Signer,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HearingHeld {
    pub chair: Signer,
    /// What the record of the hearing says; the decision rests on it (L4 art. 48(2)).
    pub record: String,
    pub attachments: Vec<Attachment>,
    /// The decision limit, the time of the hearing not counted (L4 art. 45).
    pub due: Due,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    pub application: String,
    pub holder: Holder,
    pub premises: Premises,
    pub scope: Vec<Scope>,
    /// The new sheet.
    pub paper: PaperNumber,
    pub head: Signer,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renewed {
    pub application: String,
    pub valid_from: Date,
    pub valid_until: Date,
    pub paper: PaperNumber,
    /// By silence (L4 art. 50(2)).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deemed: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspended {
    pub application: String,
    pub from: Date,
    /// The last day.
    pub until: Date,
    pub reason: String,
    pub head: Signer,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resumed {
    pub application: String,
    pub from: Date,
    pub head: Signer,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    pub application: String,
    pub from: Date,
    /// Key of the licence that takes its place, when the holder became another subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub successor: Option<String>,
    pub head: Signer,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replaced {
    pub application: String,
    pub reason: String,
    pub paper: PaperNumber,
    pub head: Signer,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenewalReminded {
    pub valid_until: Date,
    /// The last day for the request: thirty days before expiry, in both readings.
    pub due: Due,
    pub paper: PaperNumber,
    pub clerk: Signer,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeasureProposed {
    pub measure: Measure,
    pub grounds: Vec<Ground>,
    /// Days to put things right, for a rectification.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<i64>,
    pub paper: PaperNumber,
    pub officer: Signer,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeasureDropped {
    pub reason: String,
    pub head: Signer,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeasureTaken {
    pub grounds: Vec<Ground>,
    /// What the holder said, or that he was told and said nothing (L4 art. 7).
    pub heard: String,
    pub opinion: String,
    /// Until when things are to be put right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    pub paper: PaperNumber,
    pub head: Signer,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rectified {
    /// Two officers whose certificates were valid on the day.
    pub officers: [Signer; 2],
    pub findings: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LicenceGranted {
    /// Key of the application matter, `application/…`.
    pub application: String,
    pub data: LicenceData,
    pub paper: PaperNumber,
    pub head: Signer,
}

/// How a paper reached its addressee (送达方式).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// 直接送达
    Direct,
    /// 留置送达
    Left,
    /// 电子送达
    Electronic,
    /// 邮寄送达
    Post,
    /// 委托送达
    Entrusted,
    /// 公告送达
    PublicNotice,
}

/// A receipt of service (送达回证); the day of service is the act's `effective`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Served {
    /// Numbers of the papers handed over.
    pub papers: Vec<String>,
    pub way: Way,
    /// Who took it; `None` when it was left or published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receiver: Option<String>,
    /// Who the receiver is to the addressee.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relation: Option<String>,
    pub place: String,
    /// Hour and minute of service, as written on the receipt, e.g. `14:30`.
    pub time: String,
    pub servers: [Signer; 2],
    /// Why it was not taken (留置送达).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
    /// Who or what witnessed the leaving.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub witness: Option<String>,
    pub paper: PaperNumber,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// Key of the import that brought it, `import/…`.
    pub import: String,
    /// The register it comes from, as the importer named it.
    pub source: String,
    /// Row in the file, from 1, the heading counted.
    pub row: i64,
    pub data: LicenceData,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportChanged {
    pub import: String,
    pub source: String,
    pub row: i64,
    pub before: LicenceData,
    /// The whole licence as it is from now on.
    pub data: LicenceData,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DueChanged {
    pub from: Due,
    pub due: Due,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Printed {
    /// Number in the ledger of the act that issued the paper.
    pub act_number: i64,
    /// SHA-256 of the PDF, hexadecimal.
    pub digest: String,
    pub bytes: i64,
}
