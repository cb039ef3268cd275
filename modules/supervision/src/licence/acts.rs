//! The acts of the licence path as they are stored: this format only ever grows (samples: tests/golden).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

mod bodies;

pub use super::data::*;
pub use bodies::*;

/// Acts on the matter `application/…`: the request for a new licence (新办) or about one that stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case")]
#[expect(
    clippy::large_enum_variant,
    reason = "an act lives for one command; a box would stand in every match"
)]
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
    /// The decision on a request about a licence that stands; what it does to the licence is an act there.
    Permitted(Permitted),
    /// No decision before the licence expired: renewed by law (L4 art. 50(2)); recorded by the node.
    DeemedGranted(DeemedGranted),
    /// Not accepted (L4 art. 32(1)(1), (2), art. 78).
    NotAccepted(NotAccepted),
    /// Refused, with grounds and remedies (L4 art. 38(2)).
    Refused(Refused),
    /// Ended without a decision: withdrawn, or nobody is left to decide for.
    Terminated(Terminated),
    /// Applicant and others told that they may ask for a hearing (L4 art. 47).
    HearingTold(HearingTold),
    /// One of them asked for it in time.
    HearingRequested(HearingRequested),
    /// Time and place given at least seven working days before (L4 art. 48).
    HearingNotified(HearingNotified),
    HearingHeld(HearingHeld),
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
    /// Holder, premises or scope changed on request (变更).
    Changed(Changed),
    /// A new time of validity under the same number (延续).
    Renewed(Renewed),
    Suspended(Suspended),
    Resumed(Resumed),
    Closed(Closed),
    /// The sheet was lost or spoilt and is issued again (补办).
    Replaced(Replaced),
    /// Told early enough to ask for renewal.
    RenewalReminded(RenewalReminded),
    /// A measure is proposed, and the holder is told what is held against him.
    MeasureProposed(MeasureProposed),
    MeasureDropped(MeasureDropped),
    /// Ordered to stop and put things right (责令整顿).
    Rectifying(MeasureTaken),
    /// Put right: trading again.
    Rectified(Rectified),
    Disqualified(MeasureTaken),
    Revoked(MeasureTaken),
    Withdrawn(MeasureTaken),
    Deregistered(MeasureTaken),
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
            Self::Permitted(_) => "application.permitted",
            Self::DeemedGranted(_) => "application.deemed-granted",
            Self::NotAccepted(_) => "application.not-accepted",
            Self::Refused(_) => "application.refused",
            Self::Terminated(_) => "application.terminated",
            Self::HearingTold(_) => "application.hearing-told",
            Self::HearingRequested(_) => "application.hearing-requested",
            Self::HearingNotified(_) => "application.hearing-notified",
            Self::HearingHeld(_) => "application.hearing-held",
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
            Self::Changed(_) => "licence.changed",
            Self::Renewed(_) => "licence.renewed",
            Self::Suspended(_) => "licence.suspended",
            Self::Resumed(_) => "licence.resumed",
            Self::Closed(_) => "licence.closed",
            Self::Replaced(_) => "licence.replaced",
            Self::RenewalReminded(_) => "licence.renewal-reminded",
            Self::MeasureProposed(_) => "licence.measure-proposed",
            Self::MeasureDropped(_) => "licence.measure-dropped",
            Self::Rectifying(_) => "licence.rectifying",
            Self::Rectified(_) => "licence.rectified",
            Self::Disqualified(_) => "licence.disqualified",
            Self::Revoked(_) => "licence.revoked",
            Self::Withdrawn(_) => "licence.withdrawn",
            Self::Deregistered(_) => "licence.deregistered",
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
    /// 听证笔录
    HearingRecord,
    /// 其他
    Other,
}

impl Material {
    /// What an applicant hands in and officers bring along.
    pub const ALL: [Material; 8] = [
        Material::Form,
        Material::Identity,
        Material::BusinessLicence,
        Material::PremisesRight,
        Material::Authorisation,
        Material::Photo,
        Material::HearingRecord,
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
    /// 不予受理决定书
    NonAcceptance,
    /// 不予许可决定书
    Refusal,
    /// 终止办理告知书
    Termination,
    /// 听证权利告知书
    HearingRight,
    /// 听证通知书
    HearingNotice,
    /// 拟作出处理决定告知书
    MeasureNotice,
    /// 处理决定书
    MeasureDecision,
    /// 延续提醒告知书
    RenewalReminder,
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
