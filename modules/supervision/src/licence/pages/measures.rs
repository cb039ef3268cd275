//! The forms of measures against a licence: proposal, ruling, dropping, and the return to trading.

use askama::Template;
use axum::extract::{Path, Query};
use ledger::{MatterKey, Writing};
use serde::Deserialize;
use site::{Answer, Desk, Form, Problem, Refusal, Routes};
use uuid::Uuid;

use super::requests::subject;
use super::words::{self, Choice, GroundLine};
use super::{acts_of, companions, folded, forms, in_office, me};
use crate::bureau::Bureau;
use crate::licence::Licence;
use crate::licence::acts::*;
use crate::licence::books::word;
use crate::licence::grounds::measure_of;
use crate::licence::measures::{LicenceVerb, Ruling, measures_against};

#[derive(Template)]
#[template(path = "licence/measure.html")]
struct MeasurePage<'a> {
    desk: &'a Desk,
    values: &'a Form,
    id: Uuid,
    verb: LicenceVerb,
    scene: Scene,
}

/// What the form shows beside its fields.
struct Scene {
    number: String,
    title: String,
    /// Measures that may be proposed.
    measures: Vec<Choice>,
    /// The one that was chosen.
    measure: Option<Measure>,
    grounds: Vec<GroundLine>,
    /// The proposal that is to be decided.
    proposed: Vec<(String, String)>,
    colleagues: Vec<Choice>,
}

impl MeasurePage<'_> {
    fn heading(&self) -> String {
        match self.scene.measure.filter(|_| self.verb == LicenceVerb::Propose) {
            Some(measure) => self.desk.text(&format!("licence-measure-{}", word(measure))),
            None => self.desk.text(&format!("licence-step-{}", self.verb.noun())),
        }
    }

    fn lead(&self) -> String {
        self.desk.text(&format!("licence-lead-{}", self.verb.noun()))
    }

    fn submit(&self) -> String {
        self.desk.text(&format!("licence-step-{}", self.verb.noun()))
    }

    fn action(&self) -> String {
        format!("/licences/{}/{}", self.id, self.verb.noun())
    }

    fn back(&self) -> String {
        format!("/licences/{}", self.id)
    }

    fn chosen(&self) -> Option<String> {
        self.scene.measure.map(word)
    }

    fn choose(&self, choice: &Choice) -> String {
        format!("{}?measure={}", self.action(), choice.value)
    }

    fn rectifies(&self) -> bool {
        self.scene.measure == Some(Measure::Rectification)
    }

    fn one_ground(&self) -> bool {
        false
    }
}

pub(super) fn routes() -> Routes {
    LicenceVerb::ALL.into_iter().fold(Routes::new(), |routes, verb| {
        let path = address(verb);
        let show =
            move |desk: Desk, Path(id): Path<Uuid>, Query(asked): Query<Asked>| show(verb, desk, id, asked);
        let take = move |desk: Desk, Path(id): Path<Uuid>, form: Form| take(verb, desk, id, form);
        routes.get(path, verb.power(), show).post(path, verb.power(), take)
    })
}

fn address(verb: LicenceVerb) -> &'static str {
    match verb {
        LicenceVerb::Propose => "/licences/{id}/proposal",
        LicenceVerb::Decide => "/licences/{id}/ruling",
        LicenceVerb::Drop => "/licences/{id}/dropping",
        LicenceVerb::Recover => "/licences/{id}/recovery",
    }
}

fn done_key(verb: LicenceVerb) -> &'static str {
    match verb {
        LicenceVerb::Propose => "licence-done-proposal",
        LicenceVerb::Decide => "licence-done-ruling",
        LicenceVerb::Drop => "licence-done-dropping",
        LicenceVerb::Recover => "licence-done-recovery",
    }
}

/// The measure that was chosen before its grounds are asked for.
#[derive(Deserialize)]
struct Asked {
    measure: Option<String>,
}

/// The steps open to the officer at the desk.
pub(super) fn offered(desk: &Desk, licence: &Licence) -> Vec<LicenceVerb> {
    let open = |verb: &LicenceVerb| {
        desk.may_on(verb.power(), &subject(licence))
            && licence.allows(*verb, &desk.me().id, desk.today()).is_ok()
    };
    LicenceVerb::ALL.into_iter().filter(open).collect()
}

/// GET /licences/{id}/…
async fn show(verb: LicenceVerb, desk: Desk, id: Uuid, asked: Asked) -> Answer {
    let form = Form::filled(asked.measure.map(|measure| ("measure", measure)));
    draw(verb, &desk, id, &form).await
}

/// POST /licences/{id}/…
async fn take(verb: LicenceVerb, desk: Desk, id: Uuid, form: Form) -> Answer {
    match desk.act(form, move |desk, writing, form| perform(verb, desk, writing, id, form)).await? {
        Ok(()) => desk.go_with_notice(&format!("/licences/{id}"), done_key(verb)),
        Err(form) => draw(verb, &desk, id, &form).await,
    }
}

fn perform(
    verb: LicenceVerb,
    desk: &Desk,
    writing: &mut Writing,
    id: Uuid,
    form: &Form,
) -> Result<(), Problem> {
    let key = MatterKey::new("licence", id);
    let licence: Licence = writing.load(&key)?;
    if licence.standing.is_none() {
        return Err(Problem::Missing);
    }
    desk.require(verb.power(), &subject(&licence))?;
    let who = me(desk, Vec::new());
    let when = forms::when(form, law::shanghai_day(writing.now()))?;
    let officers = [form.value("first"), form.value("second")];
    if verb == LicenceVerb::Recover && licence.allows(verb, &who.id, desk.today()).is_ok() {
        let place = subject(&licence);
        companions::demand_at(desk, writing.sql(), (verb.power(), &place), officers, when.day)?;
    }
    let text = |name: &str| form.value(name).to_owned();
    in_office(desk, writing, &who, |office| match verb {
        LicenceVerb::Propose => {
            let measure = words::named(form.value("measure"));
            let measure = measure.ok_or_else(|| Refusal::on("measure", "licence-refusal-measure-missing"))?;
            office.propose(&key, &when, (measure, days(form)?), forms::grounds(form))
        }
        LicenceVerb::Decide => {
            office.rule(&key, &when, Ruling { heard: text("heard"), opinion: text("opinion") })
        }
        LicenceVerb::Drop => office.drop_measure(&key, &when, text("dropping_reason")),
        LicenceVerb::Recover => office.recover(&key, &when, officers, text("findings")),
    })
}

fn days(form: &Form) -> Result<Option<i64>, Refusal> {
    match form.value("days") {
        "" => Ok(None),
        typed => typed.parse().map(Some).map_err(|_| Refusal::on("days", "licence-refusal-days")),
    }
}

async fn draw(verb: LicenceVerb, desk: &Desk, id: Uuid, form: &Form) -> Answer {
    let chosen: Option<Measure> = words::named(form.value("measure"));
    let refused = form.has_errors();
    let scene = desk.blocking(move |desk| scene(verb, desk, id, (refused, chosen))).await?;
    desk.form_page(form, &MeasurePage { desk, values: form, id, verb, scene })
}

/// A step that is not open shows its reason instead of a form; one that was just refused shows the form again.
fn scene(
    verb: LicenceVerb,
    desk: &Desk,
    id: Uuid,
    (refused, chosen): (bool, Option<Measure>),
) -> Result<Scene, Problem> {
    let licence: Licence = folded(&acts_of(desk, "licence", id)?)?;
    let place = subject(&licence);
    desk.require(verb.power(), &place)?;
    if !refused {
        licence.allows(verb, &desk.me().id, desk.today())?;
    }
    let data = licence.data.clone().unwrap_or_default();
    let against = measures_against(licence.standing_on(desk.today()));
    let measure = chosen.filter(|measure| refused || against.contains(measure));
    let colleagues = if verb == LicenceVerb::Recover {
        let asked = (verb.power(), &place);
        desk.house().store.read(|sql| companions::offered_at(desk, sql, asked, desk.today()))?
    } else {
        Vec::new()
    };
    let bureau = desk.house().get::<Bureau>()?;
    Ok(Scene {
        number: data.number.clone(),
        title: words::outlet(desk, &data),
        measures: words::choices(desk, "licence-measure-", against),
        measure,
        grounds: measure
            .map(|measure| words::grounds(desk, &bureau, measure_of(measure)))
            .unwrap_or_default(),
        proposed: licence.proposal.as_ref().map(|told| proposed(desk, told)).unwrap_or_default(),
        colleagues: colleagues.iter().map(|one| companions::certified(desk, one)).collect(),
    })
}

/// A proposal as facts.
pub(super) fn proposed(desk: &Desk, told: &MeasureProposed) -> Vec<(String, String)> {
    let measure = desk.text(&format!("licence-measure-{}", word(told.measure)));
    let mut facts = vec![
        (desk.text("licence-fact-measure"), measure),
        (desk.text("licence-fact-proposer"), told.officer.name.clone()),
    ];
    facts.extend(told.days.map(|days| (desk.text("licence-fact-days"), days.to_string())));
    facts.extend(super::timeline::grounds(desk, &told.grounds));
    facts
}
