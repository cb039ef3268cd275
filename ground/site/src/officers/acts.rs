//! The stored format of what is done to officers; only ever grows.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::officers::Role;

/// One thing done to an officer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case")]
pub enum OfficerAct {
    /// He was given an account and his first posts.
    Appointed(Appointment),
    /// His posts became these.
    RolesChanged { roles: BTreeSet<Role> },
    /// His territory became these division-code prefixes.
    TerritoryChanged { territory: Vec<String> },
    /// He was moved to this team.
    TeamChanged { team: String },
    /// An enforcement certificate (执法证) was entered.
    CertificateRegistered(Certificate),
    /// A certificate ended before its time.
    CertificateEnded { number: String },
    /// He was given a new one-time password; the password itself is never recorded.
    PasswordReset {},
    /// His account was closed for good.
    Dismissed {},
    /// He has lost his second factor: an administrator or a head asked that it be taken away.
    FactorResetAsked { reason: String },
    /// Another of them agreed; in the same command it was taken away.
    FactorReset {},
    /// Another did not agree.
    FactorResetRefused { reason: String },
}

/// What an appointment says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appointment {
    /// The name he signs in with.
    pub login: String,
    pub name: String,
    pub roles: BTreeSet<Role>,
    /// Division-code prefixes: `330421` is all of Jiashan.
    pub territory: Vec<String>,
    pub team: String,
}

/// An enforcement certificate, valid on both of its days (行政处罚法 art. 42: enforcement officers must hold one).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    pub number: String,
    pub issuer: String,
    pub valid_from: Date,
    pub valid_until: Date,
}

impl ledger::Body for OfficerAct {
    fn kind(&self) -> &'static str {
        match self {
            OfficerAct::Appointed(_) => "officer.appointed",
            OfficerAct::RolesChanged { .. } => "officer.roles-changed",
            OfficerAct::TerritoryChanged { .. } => "officer.territory-changed",
            OfficerAct::TeamChanged { .. } => "officer.team-changed",
            OfficerAct::CertificateRegistered(_) => "officer.certificate-registered",
            OfficerAct::CertificateEnded { .. } => "officer.certificate-ended",
            OfficerAct::PasswordReset {} => "officer.password-reset",
            OfficerAct::Dismissed {} => "officer.dismissed",
            OfficerAct::FactorResetAsked { .. } => "officer.factor-reset-asked",
            OfficerAct::FactorReset {} => "officer.factor-reset",
            OfficerAct::FactorResetRefused { .. } => "officer.factor-reset-refused",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One sample of every act ever shipped. A line may be added, never changed.
    const GOLDEN: &[&str] = &[
        r#"{"act":"appointed","login":"zhangsan","name":"张三","roles":["clerk","head"],"territory":["330421"],"team":"一中队"}"#,
        r#"{"act":"roles-changed","roles":["inspector"]}"#,
        r#"{"act":"territory-changed","territory":["330421101","330421102"]}"#,
        r#"{"act":"team-changed","team":"二中队"}"#,
        r#"{"act":"certificate-registered","number":"浙F0401","issuer":"浙江省司法厅","valid_from":"2024-01-01","valid_until":"2028-12-31"}"#,
        r#"{"act":"certificate-ended","number":"浙F0401"}"#,
        r#"{"act":"password-reset"}"#,
        r#"{"act":"dismissed"}"#,
        r#"{"act":"factor-reset-asked","reason":"手机遗失"}"#,
        r#"{"act":"factor-reset"}"#,
        r#"{"act":"factor-reset-refused","reason":"未见本人"}"#,
    ];

    #[test]
    fn every_act_ever_shipped_reads_and_writes_as_it_did() {
        for line in GOLDEN {
            let act: OfficerAct = serde_json::from_str(line).unwrap();
            assert_eq!(&serde_json::to_string(&act).unwrap(), line);
        }
    }
}
