//! A request for erasure as the fold of its acts, and what may be done about it. Pure.

use ledger::{Act, Actor, Matter, MatterKey};
use uuid::Uuid;

use crate::erasures::ErasureAct;
use crate::problem::Refusal;

/// The kind of this matter.
pub(crate) const KIND: &str = "erasure-request";

/// Signs that a reason must have at least.
const SHORTEST: usize = 4;

pub(crate) fn key(id: Uuid) -> MatterKey {
    MatterKey::new(KIND, id)
}

/// How far a request has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum State {
    #[default]
    Open,
    Approved,
    Refused,
}

/// A request as its acts left it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Request {
    pub state: State,
    /// Id of the officer who asked.
    pub requester: String,
    pub matter: String,
    pub division: String,
    pub numbers: Vec<i64>,
    pub reason: String,
    pub basis: String,
}

impl Matter for Request {
    fn fold(&mut self, act: &Act) -> anyhow::Result<()> {
        match act.header.kind.as_str() {
            "erasure-request.requested" => self.take(act)?,
            "erasure-request.approved" => self.state = State::Approved,
            "erasure-request.refused" => self.state = State::Refused,
            _ => {}
        }
        Ok(())
    }
}

impl Request {
    fn take(&mut self, act: &Act) -> anyhow::Result<()> {
        if let Actor::Officer(id) = &act.header.actor {
            self.requester.clone_from(id);
        }
        self.basis = act.header.basis.clone().unwrap_or_default();
        if let Some(ErasureAct::Requested { matter, division, numbers, reason }) = act.read()? {
            (self.matter, self.division, self.numbers, self.reason) = (matter, division, numbers, reason);
        }
        Ok(())
    }

    /// Asks for the erasure of these acts of a matter.
    ///
    /// # Errors
    /// One refusal for each field that is not in order.
    pub(crate) fn request(
        (matter, division): (String, String),
        numbers: Vec<i64>,
        reason: &str,
        basis: &str,
    ) -> Result<ErasureAct, Vec<Refusal>> {
        let mut refusals = Vec::new();
        if numbers.is_empty() {
            refusals.push(Refusal::new("erasure-refusal-nothing"));
        }
        if basis.chars().count() < SHORTEST {
            refusals.push(Refusal::on("basis", "erasure-refusal-basis"));
        }
        refusals.extend(checked("reason", reason).err());
        if !refusals.is_empty() {
            return Err(refusals);
        }
        Ok(ErasureAct::Requested { matter, division, numbers, reason: reason.to_owned() })
    }

    /// Agrees, as an officer who did not ask himself.
    ///
    /// # Errors
    /// Refused when it is decided already or he asked for it.
    pub(crate) fn approve(&self, officer: &str) -> Result<ErasureAct, Refusal> {
        self.open_to(officer)?;
        Ok(ErasureAct::Approved {})
    }

    /// Does not agree.
    ///
    /// # Errors
    /// As `approve`, and when he gives no reason.
    pub(crate) fn refuse(&self, officer: &str, reason: &str) -> Result<ErasureAct, Refusal> {
        self.open_to(officer)?;
        checked("refusal", reason)?;
        Ok(ErasureAct::Refused { reason: reason.to_owned() })
    }

    /// Whether he may decide it.
    pub(crate) fn can_decide(&self, officer: &str) -> bool {
        self.open_to(officer).is_ok()
    }

    fn open_to(&self, officer: &str) -> Result<(), Refusal> {
        if self.state != State::Open {
            return Err(Refusal::new("erasure-refusal-decided"));
        }
        if self.requester == officer {
            return Err(Refusal::new("erasure-refusal-four-eyes"));
        }
        Ok(())
    }
}

fn checked(field: &'static str, reason: &str) -> Result<(), Refusal> {
    match reason.chars().count() {
        0..SHORTEST => Err(Refusal::on(field, "erasure-refusal-reason")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> (String, String) {
        ("application/1".to_owned(), "330421".to_owned())
    }

    #[test]
    fn a_request_names_acts_a_reason_and_a_legal_basis() {
        assert!(Request::request(place(), vec![3], "撤回同意", "个人信息保护法第四十七条").is_ok());
        let refused = Request::request(place(), vec![], "x", "").unwrap_err();
        let keys: Vec<_> = refused.iter().map(|refusal| refusal.key).collect();
        assert_eq!(keys, ["erasure-refusal-nothing", "erasure-refusal-basis", "erasure-refusal-reason"]);
    }

    #[test]
    fn it_is_decided_once_and_by_another() {
        let asked = Request { requester: "a".into(), ..Request::default() };
        assert_eq!(asked.approve("a").unwrap_err().key, "erasure-refusal-four-eyes");
        assert_eq!(asked.refuse("b", "").unwrap_err().field, "refusal");
        assert!(asked.approve("b").is_ok() && asked.refuse("b", "保存期限未届满").is_ok());
        let decided = Request { state: State::Refused, ..asked };
        assert_eq!(decided.approve("b").unwrap_err().key, "erasure-refusal-decided");
        assert!(!decided.can_decide("b"));
    }
}
