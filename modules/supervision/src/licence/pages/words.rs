//! Words and marks of the licence path as pages show them.

use jiff::civil::Date;
use law::{Deadline, Standing as Running};
use site::{Desk, Listing};

use crate::bureau::{Bureau, Division};
use crate::licence::acts::*;
use crate::licence::application::State;
pub use crate::licence::books::named;
use crate::licence::books::word;
use crate::licence::grounds::rests_on_layout;

/// A choice of a select, radio or check box.
#[derive(Clone)]
pub struct Choice {
    pub value: String,
    pub label: String,
}

/// Choices of an enumeration whose words stand in the texts under `prefix`.
pub fn choices<T: serde::Serialize + Copy>(desk: &Desk, prefix: &str, all: &[T]) -> Vec<Choice> {
    let choice = |value: &T| {
        let value = word(value);
        Choice { label: desk.text(&format!("{prefix}{value}")), value }
    };
    all.iter().map(choice).collect()
}

pub const SUBJECTS: [Subject; 2] = [Subject::Individual, Subject::Organisation];
pub const KINDS: [Kind; 7] = Kind::ALL;
pub const AREAS: [AreaKind; 3] = [AreaKind::Urban, AreaKind::Town, AreaKind::Village];
pub const SCOPES: [Scope; 2] = [Scope::Cigarettes, Scope::ElectronicCigarettes];
pub const PREMISES: [PremisesKind; 7] = [
    PremisesKind::Grocery,
    PremisesKind::Convenience,
    PremisesKind::Supermarket,
    PremisesKind::DepartmentStore,
    PremisesKind::TobaccoAndLiquor,
    PremisesKind::Entertainment,
    PremisesKind::Other,
];
/// The ways that can be chosen. Service by public notice needs the notice and thirty days (L11 art. 95): an act of its own.
pub const WAYS: [Way; 5] = [Way::Direct, Way::Left, Way::Electronic, Way::Post, Way::Entrusted];
pub const STANDINGS: [Standing; 10] = [
    Standing::Valid,
    Standing::Suspended,
    Standing::Rectifying,
    Standing::Closed,
    Standing::Expired,
    Standing::Revoked,
    Standing::Withdrawn,
    Standing::Disqualified,
    Standing::Stripped,
    Standing::Deregistered,
];

/// The word for an optional value of an enumeration; "not stated" where the source is silent.
pub fn said<T: serde::Serialize>(desk: &Desk, prefix: &str, value: Option<T>) -> String {
    value.map_or_else(
        || desk.text("licence-not-stated"),
        |value| desk.text(&format!("{prefix}{}", word(value))),
    )
}

/// A text, or "not stated".
pub fn stated(desk: &Desk, value: Option<&str>) -> String {
    value.filter(|value| !value.is_empty()).map_or_else(|| desk.text("licence-not-stated"), str::to_owned)
}

/// What an outlet is called: the name over the door, or its holder.
pub fn outlet(desk: &Desk, data: &LicenceData) -> String {
    stated(desk, data.premises.trade_name.as_deref().or(data.holder.name.as_deref()))
}

/// Several scopes in words.
pub fn scopes(desk: &Desk, scope: &[Scope]) -> String {
    if scope.is_empty() {
        return desk.text("licence-not-stated");
    }
    let words: Vec<String> =
        scope.iter().map(|each| desk.text(&format!("licence-scope-{}", word(each)))).collect();
    words.join(&desk.text("list-comma"))
}

pub fn standing_tone(standing: Option<Standing>) -> &'static str {
    match standing {
        Some(Standing::Valid) => "good",
        Some(Standing::Suspended | Standing::Rectifying) => "warn",
        Some(Standing::Revoked | Standing::Disqualified | Standing::Stripped) => "bad",
        _ => "neutral",
    }
}

pub fn state_tone(state: State) -> &'static str {
    match state {
        State::CorrectionRequested => "warn",
        State::Refused | State::NotAccepted => "bad",
        State::Terminated => "neutral",
        State::Granted | State::Served => "good",
        State::New => "neutral",
        _ => "info",
    }
}

/// The name of a division in the language of the page, with the town before the village.
pub fn place(desk: &Desk, bureau: &Bureau, code: &str) -> String {
    let english = || {
        bureau.divisions.get(code).map(|division| division.name_en.clone()).filter(|name| !name.is_empty())
    };
    let chosen = if desk.language() == "en" { english() } else { None };
    chosen.or_else(|| bureau.divisions.full_name(code)).unwrap_or_else(|| stated(desk, Some(code)))
}

/// The name of one division in the language of the page.
pub fn division_name(desk: &Desk, division: &Division) -> String {
    let english = desk.language() == "en" && !division.name_en.is_empty();
    if english { format!("{} {}", division.name_en, division.name) } else { division.name.clone() }
}

/// The towns of the bureau as choices of a filter.
pub fn towns(desk: &Desk, bureau: &Bureau) -> Vec<Choice> {
    let choice = |town: &Division| Choice { value: town.code.clone(), label: division_name(desk, town) };
    bureau.divisions.towns().map(choice).collect()
}

/// "page 2 of 104".
pub fn position(desk: &Desk, listing: &Listing) -> String {
    desk.text_args("licence-list-position", &[("page", listing.page.into()), ("pages", listing.pages.into())])
}

/// A point as degrees, from millionths.
pub fn degrees(millionths: i32) -> String {
    let sign = if millionths < 0 { "-" } else { "" };
    let all = millionths.unsigned_abs();
    format!("{sign}{}.{:06}", all / 1_000_000, all % 1_000_000)
}

/// A length or area given in tenths.
pub fn tenths(value: i64) -> String {
    format!("{}.{}", value / 10, value % 10)
}

/// A ground of a checklist as a form offers it.
pub struct GroundLine {
    pub id: String,
    pub title: String,
    pub citation: String,
    pub note: String,
    /// How sure we are of it, in words; empty where it was read in the law.
    pub certainty: String,
    /// It founds nothing and cannot be ticked.
    pub example: bool,
    /// The layout rules one of which must be named; empty for other grounds.
    pub rules: Vec<Choice>,
}

/// The checklist of grounds of today's law.
pub fn grounds(desk: &Desk, bureau: &Bureau, founds: &str) -> Vec<GroundLine> {
    let tag = desk.language();
    let layout = layout_rules(desk, bureau);
    let line = |ground: &law::Ground| GroundLine {
        id: ground.id.clone(),
        title: ground.title.in_language(tag).to_owned(),
        citation: ground.citation.in_language(tag).to_owned(),
        note: ground.note.as_ref().map(|note| note.in_language(tag).to_owned()).unwrap_or_default(),
        certainty: certainty(desk, ground.certainty),
        example: ground.example,
        rules: if rests_on_layout(&ground.id) { layout.clone() } else { Vec::new() },
    };
    desk.law().grounds(founds, desk.today()).map(line).collect()
}

/// The layout rules of the bureau; those on which no refusal may rest say so.
fn layout_rules(desk: &Desk, bureau: &Bureau) -> Vec<Choice> {
    let line = |rule: &crate::layout::rule::Rule| {
        let title = rule.title.in_language(desk.language());
        let founds = rule.ground(desk.today()).is_ok();
        let label = if founds {
            title.to_owned()
        } else {
            desk.text_with("licence-layout-founds-nothing", "rule", title)
        };
        Choice { value: rule.id.clone(), label }
    };
    bureau.layout.rules.iter().map(line).collect()
}

fn certainty(desk: &Desk, certainty: law::Certainty) -> String {
    match certainty {
        law::Certainty::V => String::new(),
        law::Certainty::S => desk.text("licence-certainty-s"),
        law::Certainty::M => desk.text("licence-certainty-m"),
        law::Certainty::P => desk.text("licence-certainty-p"),
    }
}

/// A deadline as the clock bar shows it.
pub struct Clock {
    pub title: String,
    pub tone: &'static str,
    pub state: String,
    pub due: String,
    pub due_iso: String,
    pub left: String,
    pub used: i64,
    pub total: i64,
    pub citation: String,
    pub trace: String,
    /// Note, strict and loose end, where the law can be read in two ways.
    pub doubt: Option<(String, String, String)>,
    pub provisional: bool,
    pub example: bool,
}

impl Clock {
    pub fn of(desk: &Desk, deadline: &Deadline, from: Date) -> Clock {
        let tag = desk.language();
        let calendar = desk.law().calendar();
        let state = deadline.state(desk.now());
        let day = deadline.strict.day.to_string();
        Clock {
            title: deadline.title.in_language(tag).to_owned(),
            tone: tone(&state),
            state: desk.text(state_key(&state)),
            due: desk.text_with("application-clock-due", "day", day.as_str()),
            due_iso: day.clone(),
            left: left(desk, &state),
            used: calendar.workdays_between(from, desk.today()),
            total: calendar.workdays_between(from, deadline.strict.day),
            citation: deadline.citation.in_language(tag).to_owned(),
            trace: deadline.trace.in_language(tag).to_owned(),
            doubt: deadline
                .doubt
                .as_ref()
                .filter(|_| deadline.doubtful)
                .map(|doubt| (doubt.in_language(tag).to_owned(), day, deadline.loose.day.to_string())),
            provisional: deadline.strict.provisional,
            example: deadline.example,
        }
    }
}

fn tone(state: &Running) -> &'static str {
    match state {
        Running::Running { .. } => "good",
        Running::Warned { .. } => "warn",
        Running::BreachStrict { .. } | Running::Breach { .. } => "bad",
    }
}

fn state_key(state: &Running) -> &'static str {
    match state {
        Running::Running { .. } => "application-clock-running",
        Running::Warned { .. } => "application-clock-warned",
        Running::BreachStrict { .. } => "application-clock-breach-strict",
        Running::Breach { .. } => "application-clock-breach",
    }
}

fn left(desk: &Desk, state: &Running) -> String {
    match *state {
        Running::Running { workdays_left } | Running::Warned { workdays_left } => {
            desk.text_with("application-clock-left", "days", workdays_left)
        }
        Running::BreachStrict { workdays_late } | Running::Breach { workdays_late } => {
            desk.text_with("application-clock-late", "days", workdays_late)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn millionths_and_tenths_are_written_without_floats() {
        assert_eq!(degrees(120_923_456), "120.923456");
        assert_eq!(degrees(-87_000_001), "-87.000001");
        assert_eq!(tenths(356), "35.6");
    }
}
