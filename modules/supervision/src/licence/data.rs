//! What a licence or an application says about holder, premises and scope: the shared part of the stored format.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Whom the licence is for: the seventh digit of the national licence number (domain a.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// An individual business (个体工商户), digit 1.
    Individual,
    /// An enterprise, organisation or other body, digit 2.
    Organisation,
}

/// The holder of a licence or the applicant. Everything is personal data and stands only in bodies, never in headers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holder {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    /// The operator's name, or the name of the enterprise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Resident identity number (GB 11643) of the operator or responsible person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity_number: Option<String>,
    /// Unified social credit code (GB 32100).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit_code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub responsible_person: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

/// A place in WGS 84, in millionths of a degree, because no float stands in an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Point {
    pub longitude: i32,
    pub latitude: i32,
}

/// The kind of shop (业态).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PremisesKind {
    /// 食杂店
    Grocery,
    /// 便利店
    Convenience,
    /// 超市
    Supermarket,
    /// 商场
    DepartmentStore,
    /// 烟酒商店
    TobaccoAndLiquor,
    /// 娱乐服务类
    Entertainment,
    /// 其他
    Other,
}

/// The kind of area (市场类型).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AreaKind {
    Urban,
    Town,
    Village,
}

/// What may be sold under the licence (许可范围).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// 卷烟、雪茄烟零售
    Cigarettes,
    /// 电子烟零售
    ElectronicCigarettes,
}

/// What an applicant asks for (细则 art. 11).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// 新办
    #[default]
    New,
    /// 变更
    Change,
    /// 延续 (L4 art. 50)
    Renewal,
    /// 停业
    Suspension,
    /// 恢复营业
    Resumption,
    /// 歇业
    Closing,
    /// 补办
    Replacement,
}

impl Kind {
    pub const ALL: [Kind; 7] = [
        Kind::New,
        Kind::Change,
        Kind::Renewal,
        Kind::Suspension,
        Kind::Resumption,
        Kind::Closing,
        Kind::Replacement,
    ];

    pub fn is_new(&self) -> bool {
        *self == Kind::New
    }

    /// Whether the holder gets a new sheet of his licence when it is permitted.
    pub fn reissues(self) -> bool {
        matches!(self, Kind::Change | Kind::Renewal | Kind::Replacement)
    }
}

/// The licence a request is about, as the register had it when the request came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Key of the matter, `licence/…`.
    pub licence: String,
    pub number: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Date>,
    /// A change that moves the premises or widens the scope: they are looked at again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub recheck: bool,
    /// What a change begins from; if the licence says something else when it is decided, it is not permitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Box<Stood>>,
}

/// The part of a licence that a change may touch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stood {
    pub holder: Holder,
    pub premises: Premises,
    pub scope: Vec<Scope>,
}

impl From<&LicenceData> for Stood {
    fn from(data: &LicenceData) -> Stood {
        Stood { holder: data.holder.clone(), premises: data.premises.clone(), scope: data.scope.clone() }
    }
}

/// For when and why something is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wish {
    /// The first day of a suspension, of trading again, or of being closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// The last day of a suspension.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Wish {
    pub fn is_empty(&self) -> bool {
        *self == Wish::default()
    }
}

/// A measure of the bureau against a licence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// 责令暂停、整顿 (L2 art. 14)
    Rectification,
    /// 取消资格 (L2 art. 14)
    Disqualification,
    /// 撤销 (L4 art. 69)
    Revocation,
    /// 撤回 (L4 art. 8)
    Withdrawal,
    /// 注销 (L4 art. 70)
    Deregistration,
}

impl Measure {
    pub const ALL: [Measure; 5] = [
        Measure::Rectification,
        Measure::Disqualification,
        Measure::Revocation,
        Measure::Withdrawal,
        Measure::Deregistration,
    ];
}

/// A ground of the checklist (law/) and the fact of this case that fulfils it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ground {
    /// Its id in the law data, e.g. `refusal.premises`.
    pub id: String,
    /// Words and article as the law data had them, so that the paper says for ever what it said.
    pub title: String,
    pub citation: String,
    pub fact: String,
    /// The layout rule it rests on, where the ground is that the layout forbids it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<LayoutRule>,
}

/// A rule of the layout (合理布局) as it stood on the day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayoutRule {
    pub id: String,
    /// Digest of the rule.
    pub version: String,
}

/// The shop.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Premises {
    /// The name over the door (字号).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trade_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Division code: 6 digits county, 9 town, 12 village; the finest that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub division: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub point: Option<Point>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<PremisesKind>,
    /// The source's own word for the kind of shop, where it fits none of ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind_as_stated: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<AreaKind>,
}

/// The state of a licence (domain a.2). Expiry by the mere passing of time is computed from `valid_until`, not stored here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// 有效
    #[default]
    Valid,
    /// 停业
    Suspended,
    /// 责令整顿
    Rectifying,
    /// 歇业
    Closed,
    /// 期满失效
    Expired,
    /// 撤销 (L4 art. 69)
    Revoked,
    /// 撤回
    Withdrawn,
    /// 取消资格
    Disqualified,
    /// 吊销
    Stripped,
    /// 注销 (L4 art. 70)
    Deregistered,
}

/// Everything a licence says. A field is `None` where the source (an import) does not know it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LicenceData {
    pub number: String,
    /// `None` where the source does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing: Option<Standing>,
    pub holder: Holder,
    pub premises: Premises,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scope: Vec<Scope>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issued_on: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Date>,
    /// The last day of validity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Date>,
    /// The wholesale enterprise that supplies the shop (L2 art. 23).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supplier: Option<String>,
    /// Grid of supervision (网格).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grid: Option<String>,
    /// Weekday of the order, 1 = Monday.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_day: Option<i64>,
    /// Supply tier (档位), 1-30.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<i64>,
    /// Credit grade, A-D.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit: Option<String>,
    /// Chain or franchise the shop belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chain: Option<String>,
    /// Columns of the source that have no field here, kept word for word.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub noted: BTreeMap<String, String>,
}
