//! What was asked: typed, or taken from an outlet or an application of the register.

use std::collections::BTreeMap;

use ledger::MatterKey;
use site::{Desk, Form, Problem, Refusal, Subject};
use uuid::Uuid;

use super::{area, goods};
use crate::bureau::{Bureau, Point};
use crate::layout::capacity::Turn;
use crate::layout::question::{Applicant, Purpose, Question};
use crate::layout::register;
use crate::licence::Application;
use crate::licence::data::{Kind, LicenceData, Premises, Scope};
use crate::licence::import::words::{micro_degrees, point};

/// The form as it was understood, with the question if there is one.
pub(super) struct Asked {
    pub form: Form,
    pub about: Option<String>,
    /// `None` while no place is given.
    pub question: Result<Option<Question>, Vec<Refusal>>,
}

/// What the register knows of the outlet or the application that the question is about.
#[derive(Default)]
struct Known {
    name: String,
    premises: Premises,
    goods: Option<Scope>,
    licence: Option<(String, LicenceData)>,
    turn: Option<Turn>,
    renewal: bool,
}

/// Reads the question; what was not typed is filled in from the register.
pub(super) fn read(desk: &Desk, bureau: &Bureau, form: Form) -> Result<Asked, Problem> {
    let known = match (form.value("outlet").parse(), form.value("application").parse()) {
        (Ok(id), _) => of_outlet(desk, id)?,
        (_, Ok(id)) => of_application(desk, id)?,
        _ => Known::default(),
    };
    let form = filled(bureau, form, &known);
    let question = question(desk, bureau, &form, &known);
    let about = (!known.name.is_empty()).then_some(known.name);
    Ok(Asked { form, about, question })
}

fn of_outlet(desk: &Desk, id: Uuid) -> Result<Known, Problem> {
    let found = desk.house().store.read(|sql| register::find(sql, &id.to_string()))?;
    let (outlet, data) = found.ok_or(Problem::Missing)?;
    desk.require("licence.read", &Subject::at(outlet.division))?;
    Ok(Known {
        name: format!("{} {}", outlet.name, outlet.number),
        premises: data.premises.clone(),
        goods: data.scope.first().copied(),
        licence: Some((outlet.id, data)),
        ..Known::default()
    })
}

fn of_application(desk: &Desk, id: Uuid) -> Result<Known, Problem> {
    let application: Application = desk.ledger().load(&MatterKey::new("application", id))?;
    let submitted = application.submitted.ok_or(Problem::Missing)?;
    let division = submitted.premises.division.clone().unwrap_or_default();
    desk.require("application.read", &Subject::at(division))?;
    let name = submitted.premises.trade_name.clone().unwrap_or_default();
    let about = submitted.about.as_ref().map(|about| about.licence.parse::<MatterKey>()).transpose()?;
    Ok(Known {
        name: format!("{name} {}", submitted.number),
        turn: application.accepted.map(|accepted| Turn::new(accepted, submitted.number)),
        goods: submitted.scope.first().copied(),
        premises: submitted.premises,
        licence: about.map(|about| licence(desk, &about.id().to_string())).transpose()?.flatten(),
        renewal: submitted.kind == Kind::Renewal,
    })
}

fn licence(desk: &Desk, id: &str) -> Result<Option<(String, LicenceData)>, Problem> {
    let found = desk.house().store.read(|sql| register::find(sql, id))?;
    Ok(found.map(|(outlet, data)| (outlet.id, data)))
}

/// The form with what the register knows in the fields that were left empty.
fn filled(bureau: &Bureau, form: Form, known: &Known) -> Form {
    let word = |value: serde_json::Result<serde_json::Value>| {
        value.ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
    };
    let premises = &known.premises;
    let degrees = |pick: fn(&Point) -> i32| {
        premises.point.as_ref().map(|point| super::words::degrees(pick(point))).unwrap_or_default()
    };
    let grid = known.licence.as_ref().and_then(|(_, data)| data.grid.clone()).unwrap_or_default();
    let defaults = [
        ("longitude", degrees(|point| point.longitude)),
        ("latitude", degrees(|point| point.latitude)),
        ("division", premises.division.clone().unwrap_or_default()),
        ("area", word(serde_json::to_value(premises.area))),
        ("goods", word(serde_json::to_value(known.goods.unwrap_or(Scope::Cigarettes)))),
        ("grid", grid),
        ("purpose", if known.renewal { "renewal" } else { "new" }.to_owned()),
    ];
    let names = [
        "longitude",
        "latitude",
        "division",
        "area",
        "goods",
        "grid",
        "purpose",
        "group",
        "runs",
        "other",
        "outlet",
        "application",
        "q",
    ];
    let value = |name: &str| {
        let default = || defaults.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
        Some(form.value(name).to_owned())
            .filter(|typed| !typed.is_empty())
            .or_else(default)
            .unwrap_or_default()
    };
    let conditions = bureau.layout.rules.iter().map(|rule| condition(&rule.id));
    let all = names.iter().map(|name| (*name).to_owned()).chain(conditions);
    Form::filled(all.map(|name| (name.clone(), value(&name))))
}

fn question(
    desk: &Desk,
    bureau: &Bureau,
    form: &Form,
    known: &Known,
) -> Result<Option<Question>, Vec<Refusal>> {
    if form.value("longitude").is_empty() && form.value("latitude").is_empty() {
        return Ok(None);
    }
    let point = place(bureau, form)?;
    let division = Some(form.value("division")).filter(|code| bureau.divisions.get(code).is_some());
    Ok(Some(Question {
        point,
        division: division.unwrap_or(&bureau.division).to_owned(),
        area_kind: area(form.value("area")),
        goods: goods(form.value("goods")).unwrap_or(Scope::Cigarettes),
        grid: Some(form.value("grid").to_owned()).filter(|grid| !grid.is_empty()),
        on: desk.today(),
        purpose: purpose(form, known),
        applicant: applicant(bureau, form),
        confirmed: confirmed(bureau, form),
        measurements: Vec::new(),
        own: known.licence.as_ref().map(|(id, _)| id.clone()),
        turn: known.turn.clone(),
    }))
}

fn place(bureau: &Bureau, form: &Form) -> Result<Point, Vec<Refusal>> {
    let read = |name: &'static str| {
        let typed = form.value(name);
        micro_degrees(typed).ok_or_else(|| Refusal::on(name, "layout-refusal-degrees"))
    };
    let (longitude, latitude) = match (read("longitude"), read("latitude")) {
        (Ok(longitude), Ok(latitude)) => (longitude, latitude),
        (one, other) => return Err(one.err().into_iter().chain(other.err()).collect()),
    };
    let outside = || vec![Refusal::on("longitude", "layout-refusal-outside")];
    point(longitude, latitude).filter(|point| bureau.territory.may_contain(*point)).ok_or_else(outside)
}

fn purpose(form: &Form, known: &Known) -> Purpose {
    let chosen = form.value("purpose");
    let licence = known.licence.as_ref().map(|(_, data)| data);
    let granted = licence.and_then(|data| data.issued_on.or(data.valid_from));
    match (chosen, chosen.strip_prefix("move:"), granted) {
        ("renewal", _, Some(granted)) => Purpose::Renewal { granted },
        (_, Some(rule), _) => Purpose::Move { because_of: rule.to_owned() },
        _ => Purpose::New,
    }
}

fn applicant(bureau: &Bureau, form: &Form) -> Applicant {
    let group = form.value("group");
    Applicant {
        group: bureau.layout.groups.iter().find(|known| known.id == group).map(|known| known.id.clone()),
        runs_it_himself: yes(form.value("runs")),
        other_licence_in_city: yes(form.value("other")),
    }
}

fn confirmed(bureau: &Bureau, form: &Form) -> BTreeMap<String, bool> {
    let answer = |id: &String| Some((id.clone(), yes(form.value(&condition(id)))?));
    bureau.layout.rules.iter().filter_map(|rule| answer(&rule.id)).collect()
}

/// The field in which an officer says whether a rule's condition is met.
pub(super) fn condition(rule: &str) -> String {
    format!("condition-{rule}")
}

/// Yes, no, or not known.
fn yes(word: &str) -> Option<bool> {
    match word {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}
