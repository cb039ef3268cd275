//! The officer as the fold of his acts, and what may be done to him.

use std::collections::BTreeSet;

use jiff::civil::Date;
use ledger::{Act, Actor, Matter, MatterKey};
use uuid::Uuid;

use crate::officers::{Appointment, Certificate, OfficerAct, Role};
use crate::problem::Refusal;

/// The kind of this matter, as in `officer/0193…`.
pub const KIND: &str = "officer";

/// The key of an officer's matter.
pub fn key(id: Uuid) -> MatterKey {
    MatterKey::new(KIND, id)
}

/// An officer as his acts left him.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OfficerMatter {
    /// Whether any act made him.
    pub known: bool,
    pub roles: BTreeSet<Role>,
    pub certificates: Vec<Certificate>,
    pub dismissed: bool,
    /// Id of the officer who asked that the second factor be taken away, while that is open.
    pub reset_asked_by: Option<String>,
}

impl Matter for OfficerMatter {
    fn fold(&mut self, act: &Act) -> anyhow::Result<()> {
        self.known = true;
        match (act.header.kind.as_str(), &act.header.actor) {
            ("officer.factor-reset-asked", Actor::Officer(id)) => self.reset_asked_by = Some(id.clone()),
            ("officer.factor-reset" | "officer.factor-reset-refused", _) => self.reset_asked_by = None,
            _ => {}
        }
        match act.read::<OfficerAct>()? {
            Some(body) => self.take(body),
            // An erased body leaves the header's kind: a dismissal stays one.
            None => self.dismissed |= act.header.kind == "officer.dismissed",
        }
        Ok(())
    }
}

/// What the verbs must know beyond the officer himself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// Whether the login name is already used.
    pub login_taken: bool,
    /// Administrators in office, himself not counted.
    pub other_administrators: i64,
    /// Whether he has a second factor.
    pub enrolled: bool,
}

impl OfficerMatter {
    fn take(&mut self, body: OfficerAct) {
        match body {
            OfficerAct::Appointed(appointment) => self.roles = appointment.roles,
            OfficerAct::RolesChanged { roles } => self.roles = roles,
            OfficerAct::CertificateRegistered(certificate) => self.certificates.push(certificate),
            OfficerAct::CertificateEnded { number } => self.certificates.retain(|held| held.number != number),
            OfficerAct::Dismissed {} => self.dismissed = true,
            OfficerAct::TerritoryChanged { .. }
            | OfficerAct::TeamChanged { .. }
            | OfficerAct::PasswordReset {}
            | OfficerAct::FactorResetAsked { .. }
            | OfficerAct::FactorReset {}
            | OfficerAct::FactorResetRefused { .. } => {}
        }
    }

    /// Gives a person an account.
    ///
    /// # Errors
    /// One refusal for each field that is not in order.
    pub fn appoint(&self, appointment: Appointment, facts: Facts) -> Result<OfficerAct, Vec<Refusal>> {
        let mut refusals = Vec::new();
        if !is_login(&appointment.login) {
            refusals.push(Refusal::on("login", "officer-refusal-login-form"));
        } else if facts.login_taken {
            refusals.push(Refusal::on("login", "officer-refusal-login-taken"));
        }
        if appointment.name.is_empty() {
            refusals.push(Refusal::on("name", "officer-refusal-name-missing"));
        }
        refusals.extend(check_roles(&appointment.roles).err());
        refusals.extend(check_territory(&appointment.territory).err());
        if refusals.is_empty() { Ok(OfficerAct::Appointed(appointment)) } else { Err(refusals) }
    }

    /// Changes his posts.
    ///
    /// # Errors
    /// Refused when none is left, when he is dismissed, or when he is the last administrator and would stop being one.
    pub fn change_roles(&self, roles: BTreeSet<Role>, facts: Facts) -> Result<OfficerAct, Refusal> {
        self.in_office()?;
        check_roles(&roles)?;
        if !roles.contains(&Role::Administrator) {
            self.not_last_administrator(facts)?;
        }
        Ok(OfficerAct::RolesChanged { roles })
    }

    /// Changes where he works.
    ///
    /// # Errors
    /// Refused when a prefix is no division code or he is dismissed.
    pub fn change_territory(&self, territory: Vec<String>) -> Result<OfficerAct, Refusal> {
        self.in_office()?;
        check_territory(&territory)?;
        Ok(OfficerAct::TerritoryChanged { territory })
    }

    /// Moves him to a team; empty for none.
    ///
    /// # Errors
    /// Refused when he is dismissed.
    pub fn change_team(&self, team: String) -> Result<OfficerAct, Refusal> {
        self.in_office()?;
        Ok(OfficerAct::TeamChanged { team })
    }

    /// Enters a certificate.
    ///
    /// # Errors
    /// Refused when the number is missing or entered already, or the days run backwards.
    pub fn register_certificate(&self, certificate: Certificate) -> Result<OfficerAct, Refusal> {
        self.in_office()?;
        if certificate.number.is_empty() {
            return Err(Refusal::on("number", "officer-refusal-certificate-number"));
        }
        if self.certificates.iter().any(|held| held.number == certificate.number) {
            return Err(Refusal::on("number", "officer-refusal-certificate-twice"));
        }
        if certificate.valid_until < certificate.valid_from {
            return Err(Refusal::on("valid_until", "officer-refusal-certificate-days"));
        }
        Ok(OfficerAct::CertificateRegistered(certificate))
    }

    /// Ends a certificate before its time.
    ///
    /// # Errors
    /// Refused when he holds none of that number.
    pub fn end_certificate(&self, number: &str) -> Result<OfficerAct, Refusal> {
        if !self.certificates.iter().any(|held| held.number == number) {
            return Err(Refusal::on("number", "officer-refusal-certificate-unknown"));
        }
        Ok(OfficerAct::CertificateEnded { number: number.to_owned() })
    }

    /// Gives him a new one-time password.
    ///
    /// # Errors
    /// Refused when he is dismissed.
    pub fn reset_password(&self) -> Result<OfficerAct, Refusal> {
        self.in_office()?;
        Ok(OfficerAct::PasswordReset {})
    }

    /// Asks that his second factor be taken away, since he has lost it.
    ///
    /// # Errors
    /// Refused when he has none, when that is asked already, or without a reason.
    pub fn ask_factor_reset(&self, reason: &str, facts: Facts) -> Result<OfficerAct, Refusal> {
        self.in_office()?;
        if !facts.enrolled {
            return Err(Refusal::new("factor-refusal-none"));
        }
        if self.reset_asked_by.is_some() {
            return Err(Refusal::new("factor-refusal-asked"));
        }
        Ok(OfficerAct::FactorResetAsked { reason: checked("reason", reason)? })
    }

    /// Takes his second factor away, as an officer who neither asked for it nor is he.
    ///
    /// # Errors
    /// Refused when nobody asked, or to the one who asked or whose factor it is.
    pub fn reset_factor(&self, officer: &str, by: &str) -> Result<OfficerAct, Refusal> {
        self.reset_open_to(officer, by)?;
        Ok(OfficerAct::FactorReset {})
    }

    /// Does not agree that it is taken away.
    ///
    /// # Errors
    /// As `reset_factor`, and without a reason.
    pub fn refuse_factor_reset(&self, officer: &str, by: &str, reason: &str) -> Result<OfficerAct, Refusal> {
        self.reset_open_to(officer, by)?;
        Ok(OfficerAct::FactorResetRefused { reason: checked("refusal", reason)? })
    }

    /// Whether he may decide on the request (four eyes).
    ///
    /// # Errors
    /// Says why not.
    pub fn reset_open_to(&self, officer: &str, by: &str) -> Result<(), Refusal> {
        self.in_office()?;
        match &self.reset_asked_by {
            None => Err(Refusal::new("factor-refusal-not-asked")),
            Some(asker) if asker == by || officer == by => Err(Refusal::new("factor-refusal-four-eyes")),
            Some(_) => Ok(()),
        }
    }

    /// Closes his account.
    ///
    /// # Errors
    /// Refused when he is the last administrator or gone already.
    pub fn dismiss(&self, facts: Facts) -> Result<OfficerAct, Refusal> {
        self.in_office()?;
        self.not_last_administrator(facts)?;
        Ok(OfficerAct::Dismissed {})
    }

    /// Whether a certificate covers this day.
    pub fn certified_on(&self, day: Date) -> bool {
        self.certificates.iter().any(|held| held.valid_from <= day && day <= held.valid_until)
    }

    fn in_office(&self) -> Result<(), Refusal> {
        if self.dismissed { Err(Refusal::new("officer-refusal-dismissed")) } else { Ok(()) }
    }

    fn not_last_administrator(&self, facts: Facts) -> Result<(), Refusal> {
        let last = self.roles.contains(&Role::Administrator) && facts.other_administrators == 0;
        if last { Err(Refusal::on("roles", "officer-refusal-last-administrator")) } else { Ok(()) }
    }
}

/// A reason of four signs or more.
fn checked(field: &'static str, reason: &str) -> Result<String, Refusal> {
    if reason.chars().count() < 4 {
        Err(Refusal::on(field, "factor-refusal-reason"))
    } else {
        Ok(reason.to_owned())
    }
}

/// Login names are lower-case letters, digits, dot, hyphen and underscore, 2 to 32 of them: easy to type on any keyboard.
fn is_login(login: &str) -> bool {
    let sign = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_".contains(&byte);
    (2..=32).contains(&login.len()) && login.bytes().all(sign)
}

fn check_roles(roles: &BTreeSet<Role>) -> Result<(), Refusal> {
    if roles.is_empty() { Err(Refusal::on("roles", "officer-refusal-roles-missing")) } else { Ok(()) }
}

/// Division codes are letters and digits, up to 12 (GB/T 2260 and the statistical codes below it are digits only).
fn check_territory(territory: &[String]) -> Result<(), Refusal> {
    let is_code = |code: &String| {
        (1..=12).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    match territory.iter().find(|code| !is_code(code)) {
        Some(code) => Err(Refusal::on("territory", "officer-refusal-territory").with("code", code)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACTS: Facts = Facts { login_taken: false, other_administrators: 0, enrolled: false };

    fn officer(roles: &[Role]) -> OfficerMatter {
        OfficerMatter { known: true, roles: roles.iter().copied().collect(), ..OfficerMatter::default() }
    }

    #[test]
    fn the_last_administrator_can_neither_go_nor_stop_being_one() {
        let last = officer(&[Role::Administrator]);
        assert_eq!(last.dismiss(FACTS).unwrap_err().key, "officer-refusal-last-administrator");
        assert_eq!(last.change_roles([Role::Clerk].into(), FACTS).unwrap_err().field, "roles");
        let facts = Facts { other_administrators: 1, ..FACTS };
        assert_eq!(last.dismiss(facts), Ok(OfficerAct::Dismissed {}));
    }

    #[test]
    fn an_appointment_names_every_field_that_is_wrong() {
        let appointment = Appointment {
            login: "Zhang San".into(),
            name: String::new(),
            roles: BTreeSet::new(),
            territory: vec!["33%".into()],
            team: String::new(),
        };
        let refusals = OfficerMatter::default().appoint(appointment, FACTS).unwrap_err();
        let fields: Vec<_> = refusals.iter().map(|refusal| refusal.field).collect();
        assert_eq!(fields, ["login", "name", "roles", "territory"]);
    }

    #[test]
    fn a_certificate_counts_on_its_first_and_last_day() {
        let mut inspector = officer(&[Role::Inspector]);
        let certificate = Certificate {
            number: "浙F0401".into(),
            issuer: "浙江省司法厅".into(),
            valid_from: "2024-01-01".parse().unwrap(),
            valid_until: "2024-12-31".parse().unwrap(),
        };
        inspector.take(inspector.register_certificate(certificate.clone()).unwrap());
        assert!(
            inspector.certified_on(certificate.valid_from) && inspector.certified_on(certificate.valid_until)
        );
        assert!(!inspector.certified_on("2025-01-01".parse().unwrap()));
        assert_eq!(
            inspector.register_certificate(certificate).unwrap_err().key,
            "officer-refusal-certificate-twice"
        );
        inspector.take(inspector.end_certificate("浙F0401").unwrap());
        assert!(!inspector.certified_on("2024-06-01".parse().unwrap()));
    }

    #[test]
    fn a_lost_second_factor_takes_two_others() {
        let clerk = officer(&[Role::Clerk]);
        let facts = Facts { enrolled: true, ..FACTS };
        assert_eq!(clerk.ask_factor_reset("手机遗失", FACTS).unwrap_err().key, "factor-refusal-none");
        assert_eq!(clerk.ask_factor_reset("丢", facts).unwrap_err().field, "reason");
        assert!(clerk.ask_factor_reset("手机遗失", facts).is_ok());
        assert_eq!(clerk.reset_factor("clerk", "b").unwrap_err().key, "factor-refusal-not-asked");
        let asked = OfficerMatter { reset_asked_by: Some("a".into()), ..clerk };
        assert_eq!(asked.ask_factor_reset("手机遗失", facts).unwrap_err().key, "factor-refusal-asked");
        for same in ["a", "clerk"] {
            assert_eq!(asked.reset_factor("clerk", same).unwrap_err().key, "factor-refusal-four-eyes");
        }
        assert!(asked.reset_factor("clerk", "b").is_ok());
        assert_eq!(asked.refuse_factor_reset("clerk", "b", "").unwrap_err().field, "refusal");
    }

    #[test]
    fn nothing_is_changed_about_an_officer_who_is_gone() {
        let gone = OfficerMatter { dismissed: true, ..officer(&[Role::Clerk]) };
        assert!(gone.change_team("二中队".into()).is_err());
        assert!(gone.reset_password().is_err());
        assert!(gone.dismiss(FACTS).is_err());
    }
}
