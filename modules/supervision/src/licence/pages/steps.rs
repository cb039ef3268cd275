//! The form of each step of an application, and what it does.

use askama::Template;
use axum::extract::Path;
use jiff::civil::Date;
use ledger::{MatterKey, Writing};
use site::{Answer, Desk, Form, Problem, Refusal, Routes};
use uuid::Uuid;

use super::applications::clock;
use super::companions;
use super::forms::{self, MISSING_ROWS};
use super::new::{Kept, MATERIALS, kept};
use super::words::{self, Choice, Clock, GroundLine, WAYS};
use super::{acts_of, folded, in_office, officer, subject_of};
use crate::bureau::Bureau;
use crate::licence::Licence;
use crate::licence::acts::*;
use crate::licence::application::Application;
use crate::licence::books::word;
use crate::licence::clock::{VALIDITY, due};
use crate::licence::decision::{Decision, HandingOver, minutes_of_day};
use crate::licence::grounds;
use crate::licence::office::ends::Convening;
use crate::licence::office::{self, Office};
use crate::licence::register::Colleague;
use crate::licence::steps::{Opinion, Verb, When};

/// Bytes of a step's form with its files.
const MOST_BYTES: usize = 64 * 1024 * 1024;

#[derive(Template)]
#[template(path = "application/step.html")]
struct StepPage<'a> {
    desk: &'a Desk,
    values: &'a Form,
    id: Uuid,
    verb: Verb,
    scene: Scene,
    kept: Vec<Kept>,
}

/// What the form of a step shows beside its fields.
struct Scene {
    number: String,
    title: String,
    clock: Option<Clock>,
    outstanding: Vec<(i64, String)>,
    check: Vec<(String, String)>,
    review: Vec<(String, String)>,
    /// Who may take part, with their certificates for a check.
    colleagues: Vec<Choice>,
    kind: Kind,
    /// The licence that closes with the grant of a new one.
    predecessor: String,
    grounds: Vec<GroundLine>,
    decision_phrase: String,
    valid_from: String,
    valid_until: String,
    address: String,
}

impl StepPage<'_> {
    fn heading(&self) -> String {
        self.desk.text(&format!("application-step-{}", self.verb.noun()))
    }

    fn lead(&self) -> String {
        self.desk.text(&format!("application-lead-{}", self.verb.noun()))
    }

    fn action(&self) -> String {
        format!("/applications/{}/{}", self.id, self.verb.noun())
    }

    fn back(&self) -> String {
        format!("/applications/{}", self.id)
    }

    fn me(&self) -> &str {
        &self.desk.me().id
    }

    fn takes_files(&self) -> bool {
        matches!(self.verb, Verb::Supplement | Verb::Check | Verb::HoldHearing)
    }

    fn decides_new(&self) -> bool {
        self.scene.kind == Kind::New
    }

    fn decides_renewal(&self) -> bool {
        self.scene.kind == Kind::Renewal
    }

    fn one_ground(&self) -> bool {
        self.verb == Verb::Terminate
    }

    fn rows(&self) -> std::ops::RangeInclusive<usize> {
        1..=MISSING_ROWS
    }

    fn materials(&self) -> Vec<Choice> {
        words::choices(self.desk, "licence-material-", &MATERIALS)
    }

    fn ways(&self) -> Vec<Choice> {
        words::choices(self.desk, "licence-way-", &WAYS)
    }

    /// What was typed, or what the form suggests before anything is.
    fn or<'s>(&'s self, name: &str, suggestion: &'s str) -> &'s str {
        let typed = self.values.value(name);
        if typed.is_empty() && !self.values.has_errors() { suggestion } else { typed }
    }

    fn material_chosen(&self, row: &usize, choice: &Choice) -> bool {
        self.values.chosen(&format!("material-{row}"), &choice.value)
    }

    fn typed(&self, name: &str, row: &usize) -> &str {
        self.values.value(&format!("{name}-{row}"))
    }
}

pub(super) fn routes() -> Routes {
    Verb::ALL.into_iter().fold(Routes::new(), |routes, verb| {
        let path = address(verb);
        let show = move |desk: Desk, Path(id): Path<Uuid>| show(verb, desk, id);
        let take = move |desk: Desk, Path(id): Path<Uuid>, form: Form| take(verb, desk, id, form);
        routes.get(path, verb.power(), show).upload(path, verb.power(), MOST_BYTES, take)
    })
}

fn address(verb: Verb) -> &'static str {
    match verb {
        Verb::Accept => "/applications/{id}/acceptance",
        Verb::RequestCorrection => "/applications/{id}/correction",
        Verb::Supplement => "/applications/{id}/supplement",
        Verb::Check => "/applications/{id}/check",
        Verb::Review => "/applications/{id}/review",
        Verb::Extend => "/applications/{id}/extension",
        Verb::TellHearing => "/applications/{id}/hearing-right",
        Verb::RequestHearing => "/applications/{id}/hearing-request",
        Verb::NotifyHearing => "/applications/{id}/hearing-notice",
        Verb::HoldHearing => "/applications/{id}/hearing",
        Verb::Grant => "/applications/{id}/decision",
        Verb::Refuse => "/applications/{id}/refusal",
        Verb::Decline => "/applications/{id}/non-acceptance",
        Verb::Terminate => "/applications/{id}/termination",
        Verb::Serve => "/applications/{id}/service",
    }
}

/// GET /applications/{id}/…: the form, or the reason why this step is not open.
async fn show(verb: Verb, desk: Desk, id: Uuid) -> Answer {
    draw(verb, &desk, id, &Form::empty()).await
}

/// POST /applications/{id}/…
async fn take(verb: Verb, desk: Desk, id: Uuid, form: Form) -> Answer {
    match desk.act(form, move |desk, writing, form| perform(verb, desk, writing, id, form)).await? {
        Ok(()) => desk.go_with_notice(&format!("/applications/{id}"), done_key(verb)),
        Err(form) => draw(verb, &desk, id, &form).await,
    }
}

fn done_key(verb: Verb) -> &'static str {
    match verb {
        Verb::Accept => "application-done-acceptance",
        Verb::RequestCorrection => "application-done-correction",
        Verb::Supplement => "application-done-supplement",
        Verb::Check => "application-done-check",
        Verb::Review => "application-done-review",
        Verb::Extend => "application-done-extension",
        Verb::TellHearing => "application-done-hearing-right",
        Verb::RequestHearing => "application-done-hearing-request",
        Verb::NotifyHearing => "application-done-hearing-notice",
        Verb::HoldHearing => "application-done-hearing",
        Verb::Grant => "application-done-decision",
        Verb::Refuse => "application-done-refusal",
        Verb::Decline => "application-done-non-acceptance",
        Verb::Terminate => "application-done-termination",
        Verb::Serve => "application-done-service",
    }
}

/// Takes the step: reads the form, and lets the office ask the verb.
fn perform(verb: Verb, desk: &Desk, writing: &mut Writing, id: Uuid, form: &Form) -> Result<(), Problem> {
    let key = MatterKey::new("application", id);
    let application: Application = writing.load(&key)?;
    if application.submitted.is_none() && application.received.is_none() {
        return Err(Problem::Missing);
    }
    desk.require(verb.power(), &subject_of(desk, &application))?;
    let who = officer(desk, &application);
    let when = forms::when(form, law::shanghai_day(writing.now()))?;
    if takes_two(verb) && application.allows(verb, &who, desk.today()).is_ok() {
        let officers = [form.value("first"), form.value("second")];
        companions::demand(desk, writing.sql(), (verb, &application), officers, when.day)?;
    }
    if verb == Verb::NotifyHearing {
        let asked = ("application.hear", &subject_of(desk, &application));
        companions::demand_one(desk, writing.sql(), asked, ("chair", form.value("chair")), desk.today())?;
    }
    if let Some(about) = application.about().filter(|_| verb == Verb::Grant) {
        let licence: Licence = writing.load(&about.licence.parse()?)?;
        desk.require(verb.power(), &super::requests::subject(&licence))?;
    }
    in_office(desk, writing, &who, |office| take_step(verb, office, &key, &when, (desk, form)))
}

/// Checks and handing over are done by two.
fn takes_two(verb: Verb) -> bool {
    matches!(verb, Verb::Check | Verb::Serve)
}

fn take_step(
    verb: Verb,
    office: &mut Office,
    key: &MatterKey,
    when: &When,
    (desk, form): (&Desk, &Form),
) -> Result<(), Problem> {
    let uploads = &desk.house().uploads;
    match verb {
        Verb::Accept => office.accept(key, when),
        Verb::RequestCorrection => office.request_correction(key, when, forms::missing(form)),
        Verb::Supplement => {
            office.supplement(key, when, forms::settles(form), forms::attachments(form, uploads)?)
        }
        Verb::Check => {
            let officers = [form.value("first"), form.value("second")];
            office.check(key, when, officers, forms::findings(form, uploads)?)
        }
        Verb::Review => {
            let opinion = Opinion {
                opinion: form.value("opinion").to_owned(),
                supports: forms::yes_or_no(form, "supports")?,
                major_interests: form.chosen("major_interests", "yes"),
            };
            office.review(key, when, opinion)
        }
        Verb::TellHearing => {
            let told = (form.value("persons").to_owned(), form.value("interests").to_owned());
            office.tell_hearing(key, when, told)
        }
        Verb::RequestHearing => office.request_hearing(key, when, form.value("by").to_owned()),
        Verb::NotifyHearing => office.notify_hearing(key, when, convening(form)?),
        Verb::HoldHearing => {
            let record = (form.value("record").to_owned(), forms::attachments(form, uploads)?);
            office.hold_hearing(key, when, record)
        }
        Verb::Refuse => office.refuse(key, when, (forms::grounds(form), form.value("opinion").to_owned())),
        Verb::Decline => office.decline(key, when, forms::grounds(form)),
        Verb::Terminate => office.terminate(key, when, forms::grounds(form)),
        Verb::Extend => office.extend(key, when, form.value("grounds").to_owned()),
        Verb::Grant => {
            let application: Application = office.writing.load(key)?;
            if application.kind() == Kind::New {
                return office.grant(key, when, decision(office, form, when)?).map(|_| ());
            }
            let decided = (form.value("opinion").to_owned(), forms::date(form, "valid_until")?);
            office.permit(key, when, decided).map(|_| ())
        }
        Verb::Serve => {
            let handing = handing(office, form, when.day)?;
            office.serve(key, when, handing)
        }
    }
}

fn convening(form: &Form) -> Result<Convening, Problem> {
    let on = forms::date(form, "on")?.ok_or_else(|| Refusal::on("on", "application-refusal-no-date"))?;
    let text = |name: &str| form.value(name).to_owned();
    Ok(Convening { on, time: text("time"), place: text("place"), chair: text("chair") })
}

/// The head's decision; the time of validity is by default the longest the law allows from the day of issue.
fn decision(office: &Office, form: &Form, when: &When) -> Result<Decision, Problem> {
    let valid_from = forms::date(form, "valid_from")?.unwrap_or(when.day);
    let longest = due(office.setting.law, VALIDITY, when.day, &[]).map_err(office::refused)?.strict;
    let valid_until = forms::date(form, "valid_until")?.unwrap_or(longest);
    Ok(Decision { opinion: form.value("opinion").to_owned(), valid_from, valid_until })
}

fn handing(office: &mut Office, form: &Form, day: Date) -> Result<HandingOver, Problem> {
    let first = office.server((form.value("first"), "first"), day)?;
    let second = office.server((form.value("second"), "second"), day)?;
    if minutes_of_day(form.value("time"))
        .is_some_and(|minutes| lies_ahead(day, minutes, office.writing.now()))
    {
        return Err(Refusal::on("time", "application-refusal-time-ahead").into());
    }
    Ok(HandingOver {
        way: words::named(form.value("way")).unwrap_or(Way::Direct),
        receiver: forms::text(form, "receiver"),
        relation: forms::text(form, "relation"),
        place: form.value("place").to_owned(),
        time: form.value("time").to_owned(),
        servers: [first, second],
        refusal: forms::text(form, "refusal"),
        witness: forms::text(form, "witness"),
    })
}

/// Nothing has been served at a moment that has not come yet.
fn lies_ahead(day: Date, minutes: i64, now: jiff::Timestamp) -> bool {
    law::day_start(day).as_second() + minutes * 60 > now.as_second()
}

async fn draw(verb: Verb, desk: &Desk, id: Uuid, form: &Form) -> Answer {
    let refused = form.has_errors();
    let day = forms::date(form, "day").ok().flatten().unwrap_or_else(|| desk.today());
    let scene = desk.blocking(move |desk| scene(verb, desk, id, (refused, day))).await?;
    let kept = kept(desk, form).await?;
    desk.form_page(form, &StepPage { desk, values: form, id, verb, scene, kept })
}

/// A step that is not open shows its reason instead of a form; one that was just refused shows the form again.
fn scene(verb: Verb, desk: &Desk, id: Uuid, (refused, day): (bool, Date)) -> Result<Scene, Problem> {
    let application: Application = folded(&acts_of(desk, "application", id)?)?;
    desk.require(verb.power(), &subject_of(desk, &application))?;
    if !refused {
        application.allows(verb, &officer(desk, &application), desk.today())?;
    }
    let colleagues = if takes_two(verb) || verb == Verb::NotifyHearing {
        desk.house().store.read(|sql| companions::offered(desk, sql, (partaking(verb), &application), day))?
    } else {
        Vec::new()
    };
    let submitted = application.submitted.as_ref();
    let text = |value: Option<&String>| value.cloned().unwrap_or_default();
    let today = desk.today();
    let bureau = desk.house().get::<Bureau>()?;
    let from = renewed_from(&application).unwrap_or(today);
    let longest = due(desk.law(), VALIDITY, from, &[]).map_err(office::refused)?.strict;
    Ok(Scene {
        kind: application.kind(),
        predecessor: text(
            application.about().filter(|_| application.kind() == Kind::New).map(|about| &about.number),
        ),
        grounds: grounds_for(desk, &bureau, verb, application.kind()),
        number: text(submitted.map(|submitted| &submitted.number)),
        title: text(submitted.and_then(|submitted| submitted.premises.trade_name.as_ref())),
        address: text(submitted.and_then(|submitted| submitted.premises.address.as_ref())),
        clock: clock(desk, &application)?,
        outstanding: outstanding(desk, &application),
        check: check_facts(desk, &application),
        review: review_facts(desk, &application),
        colleagues: colleagues.iter().map(|one| choice(desk, verb, one)).collect(),
        decision_phrase: desk.text("application-decision-phrase"),
        valid_from: today.to_string(),
        valid_until: longest.to_string(),
    })
}

/// A renewal begins the day after the old time of validity.
fn renewed_from(application: &Application) -> Option<Date> {
    let ends = application.about().filter(|_| application.kind() == Kind::Renewal)?.valid_until?;
    ends.tomorrow().ok()
}

/// In which step the colleagues on offer take part: a hearing is led by one who may hear.
fn partaking(verb: Verb) -> Verb {
    if verb == Verb::NotifyHearing { Verb::HoldHearing } else { verb }
}

/// The checklist that a step rests on; empty where it rests on none.
fn grounds_for(desk: &Desk, bureau: &Bureau, verb: Verb, kind: Kind) -> Vec<GroundLine> {
    match verb {
        Verb::Refuse => words::grounds(desk, bureau, grounds::refusal_of(kind)),
        Verb::Decline => words::grounds(desk, bureau, grounds::NON_ACCEPTANCE),
        Verb::Terminate => words::grounds(desk, bureau, grounds::TERMINATION),
        _ => Vec::new(),
    }
}

/// An officer as the form offers him; for the check on the spot with his certificate or the word that he has none.
fn choice(desk: &Desk, verb: Verb, colleague: &Colleague) -> Choice {
    if verb == Verb::Check {
        return companions::certified(desk, colleague);
    }
    Choice { value: colleague.officer.id.clone(), label: colleague.officer.name.clone() }
}

fn outstanding(desk: &Desk, application: &Application) -> Vec<(i64, String)> {
    let line = |(place, missing): (i64, &Missing)| {
        let material = desk.text(&format!("licence-material-{}", word(missing.material)));
        (place, format!("{place}. {material}: {} → {}", missing.fault, missing.request))
    };
    application.outstanding().into_iter().map(line).collect()
}

fn check_facts(desk: &Desk, application: &Application) -> Vec<(String, String)> {
    let Some(check) = &application.check else { return Vec::new() };
    let names = check.officers.each_ref().map(|signer| signer.name.clone());
    let key = if check.meets_conditions { "application-check-meets" } else { "application-check-fails" };
    let mut facts = vec![
        (desk.text("licence-fact-officers"), names.join(&desk.text("list-comma"))),
        (desk.text("licence-fact-conclusion"), desk.text(key)),
        (desk.text("licence-fact-findings"), check.findings.clone()),
    ];
    facts.extend(super::timeline::measured(desk, &check.measured));
    facts
}

fn review_facts(desk: &Desk, application: &Application) -> Vec<(String, String)> {
    let Some(review) = &application.review else { return Vec::new() };
    let key = if review.supports { "application-review-supports" } else { "application-review-objects" };
    vec![
        (desk.text("licence-fact-reviewer"), review.reviewer.name.clone()),
        (desk.text("licence-fact-conclusion"), desk.text(key)),
        (desk.text("licence-fact-opinion"), review.opinion.clone()),
    ]
}
