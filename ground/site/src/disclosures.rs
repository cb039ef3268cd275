//! Disclosures as a matter of their own: a masked value was shown, a proof or a file was handed out; who, what, why.

use ledger::{Act, Body, Book};
use serde::{Deserialize, Serialize};
use store::Sql;

/// The kind of this matter. Each disclosure is its own matter, so that modules never meet its acts among theirs.
pub const KIND: &str = "disclosure";

/// What was disclosed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case")]
pub enum Disclosure {
    /// A masked field of a matter was shown in full. The reason stands in the body, since it may name a person.
    Revealed { matter: String, field: String, reason: String },
    /// The proof of an act was handed out.
    ProofHandedOut { number: i64 },
    /// A file that may name persons was made from a matter's data and handed out.
    FileHandedOut { matter: String, file: String },
}

impl Body for Disclosure {
    fn kind(&self) -> &'static str {
        match self {
            Disclosure::Revealed { .. } => "data.revealed",
            Disclosure::ProofHandedOut { .. } => "proof.handed-out",
            Disclosure::FileHandedOut { .. } => "file.handed-out",
        }
    }
}

/// The book of disclosures, for the auditor.
pub struct DisclosureBook;

impl Book for DisclosureBook {
    fn name(&self) -> &'static str {
        "disclosures"
    }

    fn version(&self) -> i64 {
        1
    }

    fn tables(&self) -> &'static [&'static str] {
        &["disclosures"]
    }

    fn definition(&self) -> &'static str {
        "create table disclosures (number INT64 primary key, kind TEXT not null, actor TEXT not null, recorded INT64 not null,
                                   about TEXT not null, field TEXT not null, reason TEXT not null);"
    }

    fn fold(&self, sql: &mut dyn Sql, act: &Act) -> anyhow::Result<()> {
        if act.header.matter.kind() != KIND {
            return Ok(());
        }
        let (about, field, reason) = match act.read::<Disclosure>()? {
            Some(Disclosure::Revealed { matter, field, reason }) => (matter, field, reason),
            Some(Disclosure::ProofHandedOut { number }) => (number.to_string(), String::new(), String::new()),
            Some(Disclosure::FileHandedOut { matter, file }) => (matter, file, String::new()),
            None => (String::new(), String::new(), String::new()),
        };
        sql.execute(
            "insert into disclosures (number, kind, actor, recorded, about, field, reason) values ($1, $2, $3, $4, $5, $6, $7)",
            &[
                act.header.number.into(),
                act.header.kind.as_str().into(),
                act.header.actor.to_string().into(),
                act.header.recorded.as_microsecond().into(),
                about.into(),
                field.into(),
                reason.into(),
            ],
        )?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_act_ever_shipped_reads_and_writes_as_it_did() {
        const GOLDEN: &[&str] = &[
            r#"{"act":"revealed","matter":"application/0199","field":"person_id","reason":"核对身份"}"#,
            r#"{"act":"proof-handed-out","number":7}"#,
            r#"{"act":"file-handed-out","matter":"import/0199","file":"faults.csv"}"#,
        ];
        for line in GOLDEN {
            let act: Disclosure = serde_json::from_str(line).unwrap();
            assert_eq!(&serde_json::to_string(&act).unwrap(), line);
        }
    }
}
