//! Pages of officers: list, one officer, appointment, and the changes an administrator makes.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::Path;
use jiff::civil::Date;
use ledger::{Draft, Writing};
use store::Sql;
use uuid::Uuid;

use crate::desk::Desk;
use crate::form::Form;
use crate::listing::{Filter, Listing, Table};
use crate::module::{Urgency, Waiting};
use crate::officers::books::{self, CertificateLine, OfficerLine};
use crate::officers::{Appointment, Certificate, OfficerAct, OfficerMatter, Role, officer};
use crate::pages::id as read_id;
use crate::pages::sign_in::hash_password;
use crate::passwords;
use crate::problem::{Answer, Problem, Refusal};
use crate::routes::Routes;
use crate::second_factor;
use crate::sessions;

static OFFICERS: Table = Table {
    from: "officers",
    columns: books::COLUMNS,
    division: "",
    power: "officer.read",
    sort: &["name", "login", "team"],
    default_sort: "name",
    key: "id",
    size: 50,
    filters: &[
        Filter::contains("q", &["name", "login"]),
        Filter::contains("role", &["roles"]),
        Filter::equals("state", &["state"]),
    ],
};

#[derive(Template)]
#[template(path = "officers/list.html")]
struct ListPage<'a> {
    desk: &'a Desk,
    listing: Listing,
    lines: Vec<OfficerLine>,
}

#[derive(Template)]
#[template(path = "officers/officer.html")]
struct OfficerPage<'a> {
    desk: &'a Desk,
    values: &'a Form,
    officer: OfficerLine,
    certificates: Vec<CertificateLine>,
    acts: Vec<TimelineAct>,
    today: Date,
    /// Whether he has a second factor.
    enrolled: bool,
    reset_asked: bool,
    may_reset: bool,
}

/// An act with the name of who did it.
struct TimelineAct {
    act: ledger::Act,
    actor: String,
}

#[derive(Template)]
#[template(path = "officers/appoint.html")]
struct AppointPage<'a> {
    desk: &'a Desk,
    values: &'a Form,
}

#[derive(Template)]
#[template(path = "officers/password.html")]
struct PasswordPage<'a> {
    desk: &'a Desk,
    id: Uuid,
    login: String,
    password: String,
}

impl OfficerPage<'_> {
    /// Whether the box of a role is ticked: as he typed when that was refused, else as it is.
    fn has_role(&self, role: Role) -> bool {
        if self.is_refused("roles") {
            self.values.chosen("roles", role.word())
        } else {
            self.officer.roles.contains(&role)
        }
    }

    fn territory_shown(&self) -> String {
        if self.is_refused("territory") {
            self.values.value("territory").to_owned()
        } else {
            self.officer.territory.join(" ")
        }
    }

    fn team_shown(&self) -> &str {
        if self.is_refused("team") { self.values.value("team") } else { &self.officer.team }
    }

    /// Each change has its own form: only the one that was sent has a reason beside its field or a value under its name.
    fn is_refused(&self, field: &str) -> bool {
        self.values.has_errors()
            && (!self.values.error(field).is_empty() || !self.values.values(field).is_empty())
    }

    fn state_of(&self, line: &CertificateLine) -> (&'static str, &'static str) {
        let (certificate, ended) = line;
        match () {
            () if *ended => ("neutral", "certificate-ended"),
            () if certificate.valid_until < self.today => ("bad", "certificate-expired"),
            () if certificate.valid_from > self.today => ("info", "certificate-future"),
            () => ("good", "certificate-valid"),
        }
    }
}

pub(crate) fn routes() -> Routes {
    const ADMINISTER: &str = "officer.administer";
    Routes::new()
        .get("/officers", "officer.read", list)
        .get("/officers/new", ADMINISTER, new)
        .post("/officers", ADMINISTER, appoint)
        .get("/officers/{id}", "officer.read", one)
        .post("/officers/{id}/roles", ADMINISTER, change_roles)
        .post("/officers/{id}/territory", ADMINISTER, change_territory)
        .post("/officers/{id}/team", ADMINISTER, change_team)
        .post("/officers/{id}/certificates", ADMINISTER, register_certificate)
        .post("/officers/{id}/certificates/ended", ADMINISTER, end_certificate)
        .post("/officers/{id}/password", ADMINISTER, reset_password)
        .post("/officers/{id}/dismissal", ADMINISTER, dismiss)
        .post("/officers/{id}/factor/reset", "factor.reset", ask_factor_reset)
        .post("/officers/{id}/factor/approval", "factor.reset", reset_factor)
        .post("/officers/{id}/factor/refusal", "factor.reset", refuse_factor_reset)
}

/// GET /officers
async fn list(desk: Desk) -> Answer {
    let (listing, lines) = desk.list(desk.listing(&OFFICERS), |row| Ok(books::line(row)?)).await?;
    desk.page(&ListPage { desk: &desk, listing, lines })
}

/// GET /officers/new
async fn new(desk: Desk) -> Answer {
    desk.page(&AppointPage { desk: &desk, values: &Form::empty() })
}

/// POST /officers
async fn appoint(desk: Desk, form: Form) -> Answer {
    let password = passwords::one_time(&*desk.house().random)?;
    let hash = hash_password(&desk, &password).await?;
    match desk
        .act(form, move |_, writing, form| record_appointment(writing, &read_appointment(form), &hash))
        .await?
    {
        Ok((id, login)) => desk.page(&PasswordPage { desk: &desk, id, login, password }),
        Err(form) => desk.form_page(&form, &AppointPage { desk: &desk, values: &form }),
    }
}

/// GET /officers/{id}
async fn one(desk: Desk, Path(id): Path<String>) -> Answer {
    draw(&desk, &Form::empty(), read_id(&id)?).await
}

async fn draw(desk: &Desk, values: &Form, id: Uuid) -> Answer {
    let (officer, certificates, enrolled) = desk
        .read(move |sql| {
            let id = id.to_string();
            let officer = books::find(sql, &id)?.ok_or(Problem::Missing)?;
            Ok((officer, books::certificates(sql, &id)?, second_factor::is_enrolled(sql, &id)?))
        })
        .await?;
    let acts = desk.blocking(move |desk| timeline(desk, id)).await?;
    let known =
        desk.blocking(move |desk| Ok(desk.ledger().load::<OfficerMatter>(&officer::key(id))?)).await?;
    let may_reset = known.reset_open_to(&id.to_string(), &desk.me().id).is_ok() && desk.may("factor.reset");
    let (today, reset_asked) = (desk.today(), known.reset_asked_by.is_some());
    let page =
        OfficerPage { desk, values, officer, certificates, acts, today, enrolled, reset_asked, may_reset };
    desk.form_page(values, &page)
}

fn timeline(desk: &Desk, id: Uuid) -> Result<Vec<TimelineAct>, Problem> {
    let acts = desk.ledger().timeline(&officer::key(id))?;
    desk.ledger().read(|sql| {
        let named = acts.into_iter().map(|act| {
            let actor = desk.who(sql, &act.header.actor)?;
            Ok(TimelineAct { act, actor })
        });
        named.collect()
    })
}

/// One change of an officer: `verb` looks at him and says what is to be recorded.
async fn change<V>(desk: Desk, id: &str, form: Form, notice: &str, verb: V) -> Answer
where
    V: FnOnce(&OfficerMatter, officer::Facts, &Form) -> Result<OfficerAct, Refusal> + Send + 'static,
{
    let id = read_id(id)?;
    match desk
        .act(form, move |_, writing, form| record(writing, id, |known, facts| verb(known, facts, form)))
        .await?
    {
        Ok(()) => desk.go_with_notice(&format!("/officers/{id}"), notice),
        Err(form) => draw(&desk, &form, id).await,
    }
}

fn record<V>(writing: &mut Writing<'_>, id: Uuid, verb: V) -> Result<(), Problem>
where
    V: FnOnce(&OfficerMatter, officer::Facts) -> Result<OfficerAct, Refusal>,
{
    let key = officer::key(id);
    let known = writing.load::<OfficerMatter>(&key)?;
    if !known.known {
        return Err(Problem::Missing);
    }
    let facts = books::facts(writing.sql(), &id.to_string(), "")?;
    writing.append(Draft::new(&key, &verb(&known, facts)?))?;
    Ok(())
}

/// POST /officers/{id}/roles
async fn change_roles(desk: Desk, Path(id): Path<String>, form: Form) -> Answer {
    change(desk, &id, form, "officer-changed", |known, facts, form| known.change_roles(roles(form), facts))
        .await
}

/// POST /officers/{id}/territory
async fn change_territory(desk: Desk, Path(id): Path<String>, form: Form) -> Answer {
    change(desk, &id, form, "officer-changed", |known, _, form| known.change_territory(territory(form))).await
}

/// POST /officers/{id}/team
async fn change_team(desk: Desk, Path(id): Path<String>, form: Form) -> Answer {
    change(desk, &id, form, "officer-changed", |known, _, form| {
        known.change_team(form.value("team").to_owned())
    })
    .await
}

/// POST /officers/{id}/certificates
async fn register_certificate(desk: Desk, Path(id): Path<String>, form: Form) -> Answer {
    let verb = |known: &OfficerMatter, _, form: &Form| known.register_certificate(certificate(form)?);
    change(desk, &id, form, "officer-certificate-registered", verb).await
}

/// POST /officers/{id}/certificates/ended
async fn end_certificate(desk: Desk, Path(id): Path<String>, form: Form) -> Answer {
    let verb = |known: &OfficerMatter, _, form: &Form| known.end_certificate(form.value("number"));
    change(desk, &id, form, "officer-certificate-ended", verb).await
}

/// POST /officers/{id}/password
async fn reset_password(desk: Desk, Path(id): Path<String>, _form: Form) -> Answer {
    let id = read_id(&id)?;
    let password = passwords::one_time(&*desk.house().random)?;
    let hash = hash_password(&desk, &password).await?;
    let login = desk
        .act_plain(move |desk, writing| {
            record(writing, id, |known, _| known.reset_password())?;
            let officer = id.to_string();
            passwords::set(writing.sql(), &officer, &hash, true, desk.house().wall.now())?;
            sessions::end_others(writing.sql(), &officer, "")?;
            Ok(books::find(writing.sql(), &officer)?.map(|line| line.login).unwrap_or_default())
        })
        .await?;
    desk.page(&PasswordPage { desk: &desk, id, login, password })
}

/// POST /officers/{id}/dismissal
async fn dismiss(desk: Desk, Path(id): Path<String>, form: Form) -> Answer {
    change(desk, &id, form, "officer-dismissed", |known, facts, _| known.dismiss(facts)).await
}

/// POST /officers/{id}/factor/reset
async fn ask_factor_reset(desk: Desk, Path(id): Path<String>, form: Form) -> Answer {
    let verb =
        |known: &OfficerMatter, facts, form: &Form| known.ask_factor_reset(form.value("reason"), facts);
    change(desk, &id, form, "factor-reset-asked", verb).await
}

/// POST /officers/{id}/factor/approval: he is signed out everywhere, and told when he comes in again.
async fn reset_factor(desk: Desk, Path(id): Path<String>, form: Form) -> Answer {
    let id = read_id(&id)?;
    let reset = desk.act(form, move |desk, writing, _| {
        let officer = id.to_string();
        record(writing, id, |known, _| known.reset_factor(&officer, &desk.me().id))?;
        second_factor::reset(writing.sql(), &officer, desk.house().wall.now())?;
        sessions::end_others(writing.sql(), &officer, "")?;
        Ok(())
    });
    match reset.await? {
        Ok(()) => desk.go_with_notice(&format!("/officers/{id}"), "factor-reset"),
        Err(form) => draw(&desk, &form, id).await,
    }
}

/// POST /officers/{id}/factor/refusal
async fn refuse_factor_reset(desk: Desk, Path(id): Path<String>, form: Form) -> Answer {
    let (officer, by) = (id.clone(), desk.me().id.clone());
    let verb = move |known: &OfficerMatter, _, form: &Form| {
        known.refuse_factor_reset(&officer, &by, form.value("refusal"))
    };
    change(desk, &id, form, "factor-reset-refused", verb).await
}

/// Requests for the reset of a lost second factor that wait for this officer.
pub(crate) fn inbox(desk: &Desk, sql: &mut dyn Sql) -> anyhow::Result<Vec<Waiting>> {
    if !desk.may("factor.reset") {
        return Ok(Vec::new());
    }
    let asked = books::resets_asked(sql, &desk.actor())?.into_iter().filter(|(id, _)| *id != desk.me().id);
    let waiting = asked.map(|(id, name)| Waiting {
        title: name,
        detail: desk.text("factor-reset-waits"),
        address: format!("/officers/{id}"),
        due: None,
        urgency: Urgency::Calm,
    });
    Ok(waiting.collect())
}

/// Records an appointment and gives the account its one-time password, in one transaction.
pub(crate) fn record_appointment(
    writing: &mut Writing<'_>,
    appointment: &Appointment,
    hash: &str,
) -> Result<(Uuid, String), Problem> {
    let id = writing.new_id()?;
    let facts = books::facts(writing.sql(), &id.to_string(), &appointment.login)?;
    let body = OfficerMatter::default().appoint(appointment.clone(), facts)?;
    writing.append(Draft::new(&officer::key(id), &body))?;
    let now = writing.now();
    passwords::set(writing.sql(), &id.to_string(), hash, true, now)?;
    Ok((id, appointment.login.clone()))
}

fn read_appointment(form: &Form) -> Appointment {
    Appointment {
        login: form.value("login").to_lowercase(),
        name: form.value("name").to_owned(),
        roles: roles(form),
        territory: territory(form),
        team: form.value("team").to_owned(),
    }
}

fn roles(form: &Form) -> BTreeSet<Role> {
    form.values("roles").into_iter().filter_map(Role::from_word).collect()
}

/// Codes apart by spaces or by Chinese or Western commas.
fn territory(form: &Form) -> Vec<String> {
    let apart = |sign: char| sign.is_whitespace() || ",，、;；".contains(sign);
    form.value("territory").split(apart).filter(|code| !code.is_empty()).map(str::to_owned).collect()
}

fn certificate(form: &Form) -> Result<Certificate, Refusal> {
    let day = |field: &'static str| {
        form.value(field).parse().map_err(|_| Refusal::on(field, "officer-refusal-day"))
    };
    Ok(Certificate {
        number: form.value("number").to_owned(),
        issuer: form.value("issuer").to_owned(),
        valid_from: day("valid_from")?,
        valid_until: day("valid_until")?,
    })
}
