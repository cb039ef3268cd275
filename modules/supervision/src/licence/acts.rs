//! The acts of the licence path as they are stored: this format only ever grows (samples: tests/golden).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use super::data::*;

/// Acts on the matter `application/…`, an application for a new licence (新办).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case")]
pub enum ApplicationAct {
    /// Papers handed in; `effective` is the day of receipt.
    Submitted(Submitted),
    /// The one notice of everything that is missing (L4 art. 32(4)).
    CorrectionRequested(CorrectionRequested),
    /// The applicant brought some or all of what was missing.
    Supplemented(Supplemented),
    Accepted(Accepted),
    /// Five working days of silence: accepted as of the day of receipt (L4 art. 32(4)).
    DeemedAccepted(DeemedAccepted),
    /// The premises looked at by two officers (L4 art. 34).
    Checked(Checked),
    /// The reviewer's opinion before the decision.
    Reviewed(Reviewed),
    /// Ten more working days for the decision, by the head (L4 art. 42).
    Extended(Extended),
    /// The decision to grant; the licence itself is the act `licence.granted` of the same moment.
    Granted(ApplicationGranted),
    /// Decision and licence handed over: the application is done.
    Served(Served),
    /// The law data changed (a calendar was published), and with it the day on which the next step is due.
    DueChanged(DueChanged),
}

/// Acts on the matter `licence/…`, one licence with its outlet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case")]
#[expect(
    clippy::large_enum_variant,
    reason = "an act lives for one command; a box would stand in every match"
)]
pub enum LicenceAct {
    /// First seen in a register that was imported.
    Imported(Imported),
    /// A later import says something else than we know.
    ImportChanged(ImportChanged),
    Granted(LicenceGranted),
    Served(Served),
}

/// The act `paper.printed`, on the matter whose act issued the paper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case")]
pub enum PaperAct {
    Printed(Printed),
}

impl ledger::Body for ApplicationAct {
    fn kind(&self) -> &'static str {
        match self {
            Self::Submitted(_) => "application.submitted",
            Self::CorrectionRequested(_) => "application.correction-requested",
            Self::Supplemented(_) => "application.supplemented",
            Self::Accepted(_) => "application.accepted",
            Self::DeemedAccepted(_) => "application.deemed-accepted",
            Self::Checked(_) => "application.checked",
            Self::Reviewed(_) => "application.reviewed",
            Self::Extended(_) => "application.extended",
            Self::Granted(_) => "application.granted",
            Self::Served(_) => "application.served",
            Self::DueChanged(_) => "application.due-changed",
        }
    }
}

impl ledger::Body for LicenceAct {
    fn kind(&self) -> &'static str {
        match self {
            Self::Imported(_) => "licence.imported",
            Self::ImportChanged(_) => "licence.import-changed",
            Self::Granted(_) => "licence.granted",
            Self::Served(_) => "licence.served",
        }
    }
}

impl ledger::Body for PaperAct {
    fn kind(&self) -> &'static str {
        "paper.printed"
    }
}

/// A file by its content address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    pub material: Material,
    /// The name the file had.
    pub name: String,
    /// SHA-256 of the content, hexadecimal.
    pub digest: String,
    pub bytes: i64,
    /// Media type, e.g. `application/pdf`.
    pub media: String,
}

/// What a paper of the applicant is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Material {
    /// 许可证申请表
    Form,
    /// 身份证明
    Identity,
    /// 营业执照
    BusinessLicence,
    /// 经营场所权属（使用）证明
    PremisesRight,
    /// 授权委托书
    Authorisation,
    /// 现场照片
    Photo,
    /// 其他
    Other,
}

impl Material {
    pub const ALL: [Material; 7] = [
        Material::Form,
        Material::Identity,
        Material::BusinessLicence,
        Material::PremisesRight,
        Material::Authorisation,
        Material::Photo,
        Material::Other,
    ];
}

/// The number under which a paper was issued: gap-free per bureau, series and year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaperNumber {
    pub series: PaperSeries,
    /// As printed, by the bureau's own pattern.
    pub text: String,
    pub year: i64,
    pub serial: i64,
    /// The date on the paper.
    pub dated: Date,
}

/// The series of papers of the licence path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PaperSeries {
    /// 补正告知书
    CorrectionNotice,
    /// 受理通知书
    Acceptance,
    /// 延长期限告知书
    Extension,
    /// 准予许可决定书
    Decision,
    /// 许可证 (its number is the licence number)
    Licence,
    /// 送达回证
    ServiceReceipt,
}

/// A time limit as the law data had it at that moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// The rule that was applied, e.g. `licence.decision`.
    pub rule: String,
    /// Last day in the strict reading: shown and warned on.
    pub strict: Date,
    /// Last day in the loose reading: only after it is there a breach.
    pub loose: Date,
    /// The days lie outside the published calendar.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub provisional: bool,
    /// What decided; acts from before it was kept do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted_by: Option<CountedBy>,
}

/// The law data a limit was counted by, as digests: years later it can be shown what the count rested on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountedBy {
    pub rule: String,
    pub calendar: String,
}

/// An officer as he stood on that day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signer {
    pub officer: String,
    pub name: String,
    /// Number of the inspection certificate, where the act demands one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
}

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
