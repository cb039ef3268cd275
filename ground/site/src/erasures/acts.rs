//! The stored format of requests for erasure; only ever grows.

use serde::{Deserialize, Serialize};

/// One step on the way of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case")]
pub enum ErasureAct {
    /// An officer asked that the bodies of these acts go. The legal basis stands in the header, the reason here, since it
    /// may name a person.
    Requested { matter: String, division: String, numbers: Vec<i64>, reason: String },
    /// Another officer agreed; in the same command the bodies went.
    Approved {},
    /// Another officer did not agree.
    Refused { reason: String },
}

impl ledger::Body for ErasureAct {
    fn kind(&self) -> &'static str {
        match self {
            ErasureAct::Requested { .. } => "erasure-request.requested",
            ErasureAct::Approved {} => "erasure-request.approved",
            ErasureAct::Refused { .. } => "erasure-request.refused",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_act_ever_shipped_reads_and_writes_as_it_did() {
        const GOLDEN: &[&str] = &[
            r#"{"act":"requested","matter":"application/0199","division":"330421103","numbers":[3,4],"reason":"撤回同意"}"#,
            r#"{"act":"approved"}"#,
            r#"{"act":"refused","reason":"保存期限未届满"}"#,
        ];
        for line in GOLDEN {
            let act: ErasureAct = serde_json::from_str(line).unwrap();
            assert_eq!(&serde_json::to_string(&act).unwrap(), line);
        }
    }
}
