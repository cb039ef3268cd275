//! The books of officers and their certificates.

use jiff::civil::Date;
use ledger::{Act, Actor, Book};
use store::{Row, Sql, Value};

use crate::desk::Desk;
use crate::officers::officer::Facts;
use crate::officers::{Appointment, Certificate, Officer, OfficerAct, Role};
use crate::second_factor;

/// Officers and certificates.
pub struct OfficerBook;

impl Book for OfficerBook {
    fn name(&self) -> &'static str {
        "officers"
    }

    fn version(&self) -> i64 {
        2
    }

    fn tables(&self) -> &'static [&'static str] {
        &["officers", "certificates"]
    }

    fn definition(&self) -> &'static str {
        "create table officers (id TEXT primary key, login TEXT not null, name TEXT not null, team TEXT not null,
                                roles TEXT not null, territory TEXT not null, state TEXT not null,
                                appointed INT64 not null, dismissed INT64, reset_asked TEXT not null default '');
         create unique index officers_login on officers (login);
         create table certificates (officer TEXT not null, number TEXT not null, issuer TEXT not null,
                                    valid_from TEXT not null, valid_until TEXT not null, ended INT64,
                                    primary key (officer, number));"
    }

    fn fold(&self, sql: &mut dyn Sql, act: &Act) -> anyhow::Result<()> {
        if act.header.matter.kind() != super::officer::KIND {
            return Ok(());
        }
        let id = act.header.matter.id().to_string();
        match act.read::<OfficerAct>()? {
            Some(body) => fold(sql, act, &id, body),
            None => fold_erased(sql, act, &id),
        }
    }
}

fn fold(sql: &mut dyn Sql, act: &Act, id: &str, body: OfficerAct) -> anyhow::Result<()> {
    match body {
        OfficerAct::Appointed(appointment) => appoint(sql, act, id, &appointment)?,
        OfficerAct::RolesChanged { roles } => set(sql, "roles", id, role_words(&roles).into())?,
        OfficerAct::TerritoryChanged { territory } => set(sql, "territory", id, territory.join(" ").into())?,
        OfficerAct::TeamChanged { team } => set(sql, "team", id, team.into())?,
        OfficerAct::CertificateRegistered(certificate) => register(sql, id, &certificate)?,
        OfficerAct::CertificateEnded { number } => {
            let effective = act.header.effective.as_microsecond();
            let text = "update certificates set ended = $1 where officer = $2 and number = $3";
            sql.execute(text, &[effective.into(), id.into(), number.into()])?;
        }
        OfficerAct::PasswordReset {} => {}
        OfficerAct::FactorResetAsked { .. } => {
            set(sql, "reset_asked", id, act.header.actor.to_string().into())?
        }
        OfficerAct::FactorReset {} | OfficerAct::FactorResetRefused { .. } => {
            set(sql, "reset_asked", id, "".into())?
        }
        OfficerAct::Dismissed {} => dismiss(sql, act, id)?,
    }
    Ok(())
}

/// An erased act folds by its header alone: the officer stays as an entry without a name, a dismissal stays one.
fn fold_erased(sql: &mut dyn Sql, act: &Act, id: &str) -> anyhow::Result<()> {
    match act.header.kind.as_str() {
        "officer.appointed" => {
            let nobody = Appointment {
                login: format!("#{id}"),
                name: String::new(),
                roles: Default::default(),
                territory: Vec::new(),
                team: String::new(),
            };
            appoint(sql, act, id, &nobody)
        }
        "officer.dismissed" => dismiss(sql, act, id),
        "officer.factor-reset-asked" => set(sql, "reset_asked", id, act.header.actor.to_string().into()),
        "officer.factor-reset" | "officer.factor-reset-refused" => set(sql, "reset_asked", id, "".into()),
        _ => Ok(()),
    }
}

fn appoint(sql: &mut dyn Sql, act: &Act, id: &str, appointment: &Appointment) -> anyhow::Result<()> {
    sql.execute(
        "insert into officers (id, login, name, team, roles, territory, state, appointed) values ($1, $2, $3, $4, $5, $6, 'active', $7)",
        &[
            id.into(),
            (&appointment.login).into(),
            (&appointment.name).into(),
            (&appointment.team).into(),
            role_words(&appointment.roles).into(),
            appointment.territory.join(" ").into(),
            act.header.effective.as_microsecond().into(),
        ],
    )?;
    Ok(())
}

fn set(sql: &mut dyn Sql, column: &str, id: &str, value: Value) -> anyhow::Result<()> {
    sql.execute(&format!("update officers set {column} = $1 where id = $2"), &[value, id.into()])?;
    Ok(())
}

fn dismiss(sql: &mut dyn Sql, act: &Act, id: &str) -> anyhow::Result<()> {
    let effective = act.header.effective.as_microsecond();
    sql.execute(
        "update officers set state = 'dismissed', dismissed = $1 where id = $2",
        &[effective.into(), id.into()],
    )?;
    Ok(())
}

/// A number entered anew after it was ended begins a new validity.
fn register(sql: &mut dyn Sql, id: &str, certificate: &Certificate) -> anyhow::Result<()> {
    sql.execute(
        "insert into certificates (officer, number, issuer, valid_from, valid_until) values ($1, $2, $3, $4, $5)
         on conflict (officer, number) do update set issuer = excluded.issuer, valid_from = excluded.valid_from,
                                                     valid_until = excluded.valid_until, ended = null",
        &[
            id.into(),
            (&certificate.number).into(),
            (&certificate.issuer).into(),
            certificate.valid_from.to_string().into(),
            certificate.valid_until.to_string().into(),
        ],
    )?;
    Ok(())
}

fn role_words(roles: &std::collections::BTreeSet<Role>) -> String {
    roles.iter().map(|role| role.word()).collect::<Vec<_>>().join(" ")
}

/// One row of the book of officers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficerLine {
    pub id: String,
    pub login: String,
    pub name: String,
    pub team: String,
    pub roles: Vec<Role>,
    pub territory: Vec<String>,
    pub active: bool,
}

impl OfficerLine {
    /// His roles in the language of the page.
    pub fn role_words(&self, desk: &Desk) -> String {
        let words: Vec<String> = self.roles.iter().map(|role| desk.text(role.key())).collect();
        words.join(&desk.text("list-comma"))
    }
}

/// The columns of [`OfficerLine`], in the order in which [`line`] reads them.
pub const COLUMNS: &str = "id, login, name, team, roles, territory, state";

/// Reads one row of [`COLUMNS`].
///
/// # Errors
/// When the columns are others.
pub fn line(row: &Row) -> store::Result<OfficerLine> {
    let words = |index| row.get::<String>(index);
    Ok(OfficerLine {
        id: row.get(0)?,
        login: row.get(1)?,
        name: row.get(2)?,
        team: row.get(3)?,
        roles: words(4)?.split_whitespace().filter_map(Role::from_word).collect(),
        territory: words(5)?.split_whitespace().map(str::to_owned).collect(),
        active: words(6)? == "active",
    })
}

/// The officer of this id.
///
/// # Errors
/// When the store cannot read.
pub fn find(sql: &mut dyn Sql, id: &str) -> store::Result<Option<OfficerLine>> {
    let row = sql.query_one(&format!("select {COLUMNS} from officers where id = $1"), &[id.into()])?;
    row.as_ref().map(line).transpose()
}

/// The officer of this login name, also one who is gone.
///
/// # Errors
/// When the store cannot read.
pub fn find_login(sql: &mut dyn Sql, login: &str) -> store::Result<Option<OfficerLine>> {
    let row = sql.query_one(&format!("select {COLUMNS} from officers where login = $1"), &[login.into()])?;
    row.as_ref().map(line).transpose()
}

/// Id and name of those in office whose second factor others than this officer asked to take away.
///
/// # Errors
/// When the store cannot read.
pub fn resets_asked(sql: &mut dyn Sql, but_not_by: &Actor) -> store::Result<Vec<(String, String)>> {
    let text = "select id, name from officers
                where reset_asked <> '' and reset_asked <> $1 and state = 'active' order by name, id";
    let rows = sql.query(text, &[but_not_by.to_string().into()])?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// The officer with what authority must know of him on that day; none when he is gone.
///
/// # Errors
/// When the store cannot read.
pub fn in_office(sql: &mut dyn Sql, id: &str, day: Date) -> store::Result<Option<Officer>> {
    let Some(line) = find(sql, id)?.filter(|line| line.active) else { return Ok(None) };
    let held = sql.query_one(
        "select 1 from certificates where officer = $1 and ended is null and valid_from <= $2 and valid_until >= $2",
        &[id.into(), day.to_string().into()],
    )?;
    Ok(Some(Officer {
        id: line.id,
        name: line.name,
        roles: line.roles.into_iter().collect(),
        territory: line.territory,
        team: line.team,
        certified: held.is_some(),
    }))
}

/// One row of the book of certificates, with whether it was ended before its time.
pub type CertificateLine = (Certificate, bool);

/// An officer's certificates, the latest first.
///
/// # Errors
/// When the store cannot read.
pub fn certificates(sql: &mut dyn Sql, id: &str) -> anyhow::Result<Vec<CertificateLine>> {
    let rows = sql.query(
        "select number, issuer, valid_from, valid_until, ended from certificates where officer = $1 order by valid_until desc, number",
        &[id.into()],
    )?;
    rows.iter()
        .map(|row| {
            let certificate = Certificate {
                number: row.get(0)?,
                issuer: row.get(1)?,
                valid_from: row.get::<String>(2)?.parse()?,
                valid_until: row.get::<String>(3)?.parse()?,
            };
            Ok((certificate, row.get::<Option<i64>>(4)?.is_some()))
        })
        .collect()
}

/// What the verbs must know, about this officer and this login name.
///
/// # Errors
/// When the store cannot read.
pub fn facts(sql: &mut dyn Sql, id: &str, login: &str) -> store::Result<Facts> {
    let taken = sql.query_one("select 1 from officers where login = $1", &[login.into()])?.is_some();
    let others = sql.query("select roles from officers where state = 'active' and id <> $1", &[id.into()])?;
    let mut administrators = 0;
    for row in &others {
        let roles: String = row.get(0)?;
        administrators += i64::from(roles.split_whitespace().any(|word| word == Role::Administrator.word()));
    }
    let enrolled = second_factor::is_enrolled(sql, id)?;
    Ok(Facts { login_taken: taken, other_administrators: administrators, enrolled })
}

/// The name of an officer from the book; of any other actor, and of an officer whose name was erased, its text form.
///
/// # Errors
/// When the store cannot read.
pub fn actor_name(sql: &mut dyn Sql, actor: &Actor) -> store::Result<String> {
    let Actor::Officer(id) = actor else { return Ok(actor.to_string()) };
    Ok(find(sql, id)?
        .map(|line| line.name)
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| actor.to_string()))
}
