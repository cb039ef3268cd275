//! The page "Can I open here?" (这里能开店吗) and the map it shares with other pages.

mod asked;
mod map;
mod words;

use askama::Template;
use axum::extract::Query;
use site::{Answer, Desk, Form, Problem, Routes};
use store::{Sql, Value};

use self::asked::Asked;
use self::words::Shown;
use crate::bureau::Bureau;
use crate::layout::register;
use crate::layout::rule::Rule;
use crate::licence::data::{AreaKind, Scope};

/// Outlets that a search on this page offers.
const MOST_FOUND: usize = 10;
/// Zoom at which single shops are seen.
const NEAR: i64 = 16;

/// The page and the data of its map.
pub fn routes() -> Routes {
    Routes::new()
        .get("/layout", "layout.read", page)
        .get("/layout/boundary", "layout.read", map::boundary)
        .get("/layout/points", "layout.read", map::points)
}

/// A choice of a select.
struct Choice {
    value: String,
    label: String,
}

/// How the map opens.
struct View {
    points: String,
    longitude: String,
    latitude: String,
    zoom: i64,
}

/// An outlet of the register that the search found.
struct Found {
    address: String,
    title: String,
    place: String,
}

#[derive(Template)]
#[template(path = "layout/ask.html")]
struct AskPage<'a> {
    desk: &'a Desk,
    form: Form,
    bureau: &'a Bureau,
    /// What the answer is about, if it is about something of the register.
    about: Option<String>,
    found: Vec<Found>,
    shown: Option<Shown>,
}

impl AskPage<'_> {
    fn choices(&self, prefix: &str, values: &[&str]) -> Vec<Choice> {
        let choice = |value: &&str| Choice {
            value: (*value).to_owned(),
            label: self.desk.text(&format!("{prefix}{value}")),
        };
        values.iter().map(choice).collect()
    }

    fn goods(&self) -> Vec<Choice> {
        self.choices("licence-scope-", &["cigarettes", "electronic-cigarettes"])
    }

    fn areas(&self) -> Vec<Choice> {
        self.choices("licence-area-", &["urban", "town", "village"])
    }

    fn answers(&self) -> Vec<Choice> {
        self.choices("licence-", &["yes", "no"])
    }

    fn groups(&self) -> Vec<Choice> {
        let title = |text: &law::Text| text.in_language(self.desk.language()).to_owned();
        let groups = self.bureau.layout.groups.iter();
        groups.map(|group| Choice { value: group.id.clone(), label: title(&group.title) }).collect()
    }

    /// Towns with their villages, as codes and names.
    fn divisions(&self) -> Vec<Choice> {
        let divisions = &self.bureau.divisions;
        let within =
            |town: &str| divisions.villages_of(town).map(|village| village.code.clone()).collect::<Vec<_>>();
        let codes = divisions.towns().flat_map(|town| [vec![town.code.clone()], within(&town.code)].concat());
        codes
            .map(|code| Choice { label: words::division(self.desk, self.bureau, &code), value: code })
            .collect()
    }

    /// New, renewal where it is about something of the register, and a move because of each rule that lets holders move.
    fn purposes(&self) -> Vec<Choice> {
        let mut purposes = self.choices("layout-purpose-", &["new"]);
        if self.about.is_some() {
            purposes.extend(self.choices("layout-purpose-", &["renewal"]));
        }
        let movable = |rule: &&Rule| {
            let existing = rule.existing.as_ref();
            rule.valid.holds(self.desk.today())
                && existing.is_some_and(|existing| !existing.moving_free_of.is_empty())
        };
        purposes.extend(self.bureau.layout.rules.iter().filter(movable).map(|rule| Choice {
            value: format!("move:{}", rule.id),
            label: self.desk.text_with("layout-purpose-move", "rule", words::title(self.desk, rule)),
        }));
        purposes
    }

    /// What is answered with yes, no or not known: the conditions of reliefs, and those of rules that an officer must see.
    fn questions(&self) -> Vec<Choice> {
        let today = self.desk.today();
        let rules = || self.bureau.layout.rules.iter().filter(|rule| rule.valid.holds(today));
        let reliefs = [("runs", "layout-relief-runs-it-himself"), ("other", "layout-field-other-licence")];
        let of_applicant = reliefs.into_iter().filter(|_| rules().any(|rule| !rule.reliefs.is_empty()));
        let of_applicant =
            of_applicant.map(|(field, key)| Choice { value: field.to_owned(), label: self.desk.text(key) });
        let condition = |rule: &Rule| {
            let text = rule.condition.as_ref()?.in_language(self.desk.language());
            let label = self.desk.text_with("layout-condition", "condition", text);
            Some(Choice { value: asked::condition(&rule.id), label })
        };
        of_applicant.chain(rules().filter_map(condition)).collect()
    }

    fn place(&self, shown: &Shown) -> String {
        format!("{}, {}", shown.longitude, shown.latitude)
    }

    /// How the map opens: around the asked place if there is one.
    fn view(&self) -> View {
        let map = &self.bureau.map;
        match &self.shown {
            Some(Shown { longitude, latitude, .. }) => View {
                points: format!("/layout/points?longitude={longitude}&latitude={latitude}"),
                longitude: longitude.clone(),
                latitude: latitude.clone(),
                zoom: NEAR,
            },
            None => View {
                points: "/layout/points".to_owned(),
                longitude: map.longitude.to_string(),
                latitude: map.latitude.to_string(),
                zoom: map.zoom,
            },
        }
    }
}

/// GET /layout
async fn page(desk: Desk, Query(query): Query<Vec<(String, String)>>) -> Answer {
    let bureau = desk.house().get::<Bureau>()?;
    let typed = Form::filled(query);
    let read = typed.clone();
    let (asked, found) = desk.blocking(move |desk| Ok((answer(desk, read)?, search(desk, typed)?))).await?;
    let (form, shown) = (asked.form, asked.shown);
    let page = AskPage { desk: &desk, form, bureau: &bureau, about: asked.about, found, shown };
    desk.form_page(&page.form, &page)
}

/// What the page shows: the form as it was understood, and the answer if a place was given.
struct Answered {
    form: Form,
    about: Option<String>,
    shown: Option<Shown>,
}

fn answer(desk: &Desk, form: Form) -> Result<Answered, Problem> {
    let bureau = desk.house().get::<Bureau>()?;
    let Asked { form, about, question } = asked::read(desk, &bureau, form)?;
    let question = match question {
        Ok(question) => question,
        Err(refusals) => {
            let form = form.refuse(&refusals, &desk.house().texts, desk.chosen_language());
            return Ok(Answered { form, about, shown: None });
        }
    };
    let Some(question) = question else { return Ok(Answered { form, about, shown: None }) };
    let setting = (&bureau.layout, &bureau.territory);
    let around =
        desk.house().store.read(|sql| register::surroundings(sql, desk.ledger(), setting, &question))?;
    let shown = words::shown(desk, &bureau, &question, &bureau.layout.answer(&question, &around));
    Ok(Answered { form, about, shown: Some(shown) })
}

/// Outlets of the register by number, name or address, where the officer may read them.
fn search(desk: &Desk, form: Form) -> Result<Vec<Found>, Problem> {
    let wanted = form.value("q").to_lowercase();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let bureau = desk.house().get::<Bureau>()?;
    let escaped = wanted.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    let mut parameters = vec![Value::from(format!("%{escaped}%"))];
    let scope = desk.scope("licence.read").predicate("division", &mut parameters);
    let like = ["number", "name", "trade_name", "address"]
        .map(|column| format!("lower({column}) like $1 escape '\\'"));
    let text = format!(
        "select id, number, trade_name, address, division from licences
         where longitude is not null and ({}) and {scope} order by number limit {MOST_FOUND}",
        like.join(" or ")
    );
    let read = |sql: &mut dyn Sql| -> Result<Vec<Found>, Problem> {
        let rows = sql.query(&text, &parameters)?;
        rows.iter().map(|row| found(desk, &bureau, row)).collect()
    };
    desk.house().store.read(read)
}

fn found(desk: &Desk, bureau: &Bureau, row: &store::Row) -> Result<Found, Problem> {
    let text = |index| Ok::<String, store::Error>(row.get::<Option<String>>(index)?.unwrap_or_default());
    let division = text(4)?;
    let address = text(3)?;
    let place = if address.is_empty() { words::division(desk, bureau, &division) } else { address };
    Ok(Found {
        address: format!("/layout?outlet={}", text(0)?),
        title: format!("{} {}", text(2)?, text(1)?),
        place,
    })
}

/// The goods of a word of the form.
fn goods(word: &str) -> Option<Scope> {
    serde_json::from_value(word.into()).ok()
}

/// The kind of area of a word of the form.
fn area(word: &str) -> Option<AreaKind> {
    serde_json::from_value(word.into()).ok()
}
