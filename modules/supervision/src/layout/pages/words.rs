//! The answer in the officer's language.

use law::{Certainty, Text};
use site::{Desk, Subject};

use crate::bureau::Bureau;
use crate::layout::answer::{Answer, Figure, Finding, Missing, Neighbour, Verdict};
use crate::layout::capacity::Unit;
use crate::layout::question::Question;
use crate::layout::rule::{NoGround, ReliefCondition, Rule};

/// The answer as the page shows it.
pub(super) struct Shown {
    pub longitude: String,
    pub latitude: String,
    pub tone: &'static str,
    pub verdict: String,
    pub sentence: String,
    /// What the made-up rules would say.
    pub examples: Option<String>,
    pub lines: Vec<Line>,
}

/// One rule's part of it.
pub(super) struct Line {
    pub title: String,
    pub tone: &'static str,
    pub verdict: String,
    pub example: bool,
    pub figures: Vec<Said>,
    pub missing: Vec<Said>,
    pub citation: String,
    pub source: String,
    pub note: String,
    /// Why no refusal may rest on it; empty if one may.
    pub no_ground: String,
    /// Short digest of the version that was asked.
    pub version: String,
}

/// A sentence, with the address of what it speaks of.
pub(super) struct Said {
    pub text: String,
    pub address: String,
}

pub(super) fn shown(desk: &Desk, bureau: &Bureau, question: &Question, answer: &Answer) -> Shown {
    let verdict = answer.verdict();
    let incomplete = !answer.whole && verdict == Verdict::Undetermined;
    let sentence =
        if incomplete { "layout-answer-not-whole".to_owned() } else { key("layout-answer-", verdict) };
    let examples = answer.of_examples().map(|verdict| {
        desk.text_with("layout-answer-examples", "verdict", desk.text(&key("layout-verdict-", verdict)))
    });
    let teller = Teller { desk, bureau };
    Shown {
        longitude: degrees(question.point.longitude),
        latitude: degrees(question.point.latitude),
        tone: tone(verdict),
        verdict: desk.text(&key("layout-verdict-", verdict)),
        sentence: desk.text(&sentence),
        examples,
        lines: answer.findings.iter().map(|finding| teller.line(finding)).collect(),
    }
}

struct Teller<'a> {
    desk: &'a Desk,
    bureau: &'a Bureau,
}

impl Teller<'_> {
    fn line(&self, finding: &Finding) -> Line {
        let Finding { rule, verdict, .. } = finding;
        let desk = self.desk;
        let text =
            |text: &Option<Text>| text.as_ref().map(|text| in_language(desk, text)).unwrap_or_default();
        let words = desk.text(&key("layout-verdict-", *verdict));
        Line {
            title: title(desk, rule),
            tone: if rule.example { "neutral" } else { tone(*verdict) },
            verdict: if rule.example {
                desk.text_with("layout-verdict-example", "verdict", words)
            } else {
                words
            },
            example: rule.example,
            figures: finding.figures.iter().map(|figure| self.figure(figure)).collect(),
            missing: finding.missing.iter().map(|missing| self.missing(missing)).collect(),
            citation: text(&rule.citation),
            source: self.source(rule),
            note: text(&rule.note),
            no_ground: finding.ground.err().map(|reason| desk.text(no_ground(reason))).unwrap_or_default(),
            version: rule.version.chars().take(8).collect(),
        }
    }

    fn source(&self, rule: &Rule) -> String {
        let Some(source) = &rule.source else { return self.desk.text("layout-no-source") };
        let key = match rule.certainty {
            Certainty::V => "layout-source-read",
            _ => "layout-source-second-hand",
        };
        self.desk.text_with(key, "source", source.as_str())
    }

    fn figure(&self, figure: &Figure) -> Said {
        let desk = self.desk;
        match figure {
            Figure::Distance { to, metres, measured, limit } => {
                let key = if *measured { "layout-figure-measured" } else { "layout-figure-computed" };
                let text = desk
                    .text_args(key, &[("to", self.neighbour(to).into()), ("metres", tenths(*metres).into())]);
                let limit = limit
                    .map(|limit| desk.text_with("layout-figure-limit", "limit", limit))
                    .unwrap_or_default();
                Said { text: format!("{text}{limit}"), address: self.address(to) }
            }
            Figure::Relief { group, percent, decimetres } => {
                let group =
                    self.bureau.layout.word(group).map(|text| in_language(desk, text)).unwrap_or_default();
                let metres = tenths(f64::from(*decimetres) / 10.0);
                let values =
                    [("group", group.into()), ("percent", (*percent).into()), ("metres", metres.into())];
                said(desk.text_args("layout-figure-relief", &values))
            }
            Figure::NoRelief(condition) => {
                let condition = desk.text(relief(*condition));
                said(desk.text_with("layout-figure-no-relief", "condition", condition))
            }
            Figure::Capacity { zone, size, places, taken, waiting } => {
                let size =
                    size.map(|(unit, count)| desk.text_with(sized(unit), "count", count)).unwrap_or_default();
                let values = [
                    ("zone", in_language(desk, zone).into()),
                    ("size", size.into()),
                    ("places", (*places).into()),
                    ("taken", (*taken).into()),
                    ("waiting", (*waiting).into()),
                ];
                said(desk.text_args("layout-figure-capacity", &values))
            }
            Figure::Inside(zone) => {
                said(desk.text_with("layout-figure-inside", "zone", in_language(desk, zone)))
            }
            Figure::Kept => said(desk.text("layout-figure-kept")),
            Figure::FreeToMove { because_of } => {
                let rule = self.bureau.layout.rules.iter().find(|rule| rule.id == *because_of);
                let rule = rule.map(|rule| title(desk, rule)).unwrap_or_default();
                said(desk.text_with("layout-figure-free-to-move", "rule", rule))
            }
        }
    }

    fn missing(&self, missing: &Missing) -> Said {
        let desk = self.desk;
        let named = |key: &str, text: &Text| desk.text_with(key, "name", in_language(desk, text));
        let text = match missing {
            Missing::Distance => desk.text("layout-missing-distance"),
            Missing::Division(known) => {
                desk.text_with("layout-missing-division", "known", division(desk, self.bureau, known))
            }
            Missing::AreaKind => desk.text("layout-missing-area"),
            Missing::Condition(condition) => {
                desk.text_with("layout-missing-condition", "condition", in_language(desk, condition))
            }
            Missing::List(kinds) => desk.text_with("layout-missing-list", "kinds", self.kinds(kinds)),
            Missing::Entrances(name) => named("layout-missing-entrances", name),
            Missing::Boundary(name) => named("layout-missing-boundary", name),
            Missing::Beyond { metres } => desk.text_with("layout-missing-beyond", "metres", tenths(*metres)),
            Missing::Way(to) => desk.text_with("layout-missing-way", "to", self.neighbour(to)),
            Missing::Measurement { to, metres, limit } => {
                let values = [
                    ("to", self.neighbour(to).into()),
                    ("metres", tenths(*metres).into()),
                    ("limit", tenths(*limit).into()),
                ];
                desk.text_args("layout-missing-measurement", &values)
            }
            Missing::Contradiction { to, measured, computed } => {
                let values = [
                    ("to", self.neighbour(to).into()),
                    ("measured", tenths(*measured).into()),
                    ("computed", tenths(*computed).into()),
                ];
                desk.text_args("layout-missing-contradiction", &values)
            }
            Missing::Evidence { to, lacks } => {
                let lacks: Vec<String> =
                    lacks.iter().map(|lack| desk.text(&format!("layout-evidence-{}", lack.word()))).collect();
                let lacks = lacks.join(&desk.text("list-comma"));
                desk.text_args(
                    "layout-missing-evidence",
                    &[("to", self.neighbour(to).into()), ("lacks", lacks.into())],
                )
            }
            Missing::Positions(count) => desk.text_with("layout-missing-positions", "count", *count),
            Missing::Goods(to) => desk.text_with("layout-missing-goods", "to", self.neighbour(to)),
            Missing::Relief(condition) => {
                desk.text_with("layout-missing-relief", "condition", desk.text(relief(*condition)))
            }
            Missing::Zone(kind) => {
                desk.text_with("layout-missing-zone", "kind", self.kinds(std::slice::from_ref(kind)))
            }
            Missing::Size { zone, unit } => {
                let values =
                    [("zone", in_language(desk, zone).into()), ("unit", desk.text(unit_word(*unit)).into())];
                desk.text_args("layout-missing-size", &values)
            }
            Missing::Members { zone, count } => {
                let values = [("zone", in_language(desk, zone).into()), ("count", (*count).into())];
                desk.text_args("layout-missing-members", &values)
            }
            Missing::Earlier { zone, count } => {
                let values = [("zone", in_language(desk, zone).into()), ("count", (*count).into())];
                desk.text_args("layout-missing-earlier", &values)
            }
            Missing::Existing => desk.text("layout-missing-existing"),
        };
        let (Missing::Way(to) | Missing::Goods(to) | Missing::Measurement { to, .. }) = missing else {
            return said(text);
        };
        Said { text, address: self.address(to) }
    }

    fn kinds(&self, kinds: &[String]) -> String {
        let words = kinds.iter().filter_map(|kind| self.bureau.layout.word(kind));
        words.map(|text| in_language(self.desk, text)).collect::<Vec<_>>().join(&self.desk.text("list-comma"))
    }

    /// The name of a neighbour; an outlet outside the officer's territory has none for him.
    fn neighbour(&self, neighbour: &Neighbour) -> String {
        let desk = self.desk;
        match neighbour {
            Neighbour::Outlet { number, name, .. } if self.may_read(neighbour) => {
                desk.text_args("layout-neighbour-outlet", &[("name", name.into()), ("number", number.into())])
            }
            Neighbour::Outlet { .. } => desk.text("layout-neighbour-elsewhere"),
            Neighbour::Place { name, entrance, example: made_up } => {
                let name = in_language(desk, name);
                let name = if *made_up { example(desk, &name) } else { name };
                entrance.map_or(name.clone(), |entrance| {
                    desk.text_args(
                        "layout-neighbour-entrance",
                        &[("name", name.into()), ("entrance", entrance.into())],
                    )
                })
            }
        }
    }

    fn address(&self, neighbour: &Neighbour) -> String {
        match neighbour {
            Neighbour::Outlet { id, .. } if self.may_read(neighbour) => format!("/licences/{id}"),
            _ => String::new(),
        }
    }

    fn may_read(&self, neighbour: &Neighbour) -> bool {
        match neighbour {
            Neighbour::Outlet { division, .. } => {
                self.desk.may_on("licence.read", &Subject::at(division.clone()))
            }
            Neighbour::Place { .. } => true,
        }
    }
}

fn said(text: String) -> Said {
    Said { text, address: String::new() }
}

/// The title of a rule.
pub(super) fn title(desk: &Desk, rule: &Rule) -> String {
    in_language(desk, &rule.title)
}

/// A text of the data in the language of the page.
pub(super) fn in_language(desk: &Desk, text: &Text) -> String {
    text.in_language(desk.language()).to_owned()
}

/// A name with the mark of what is made up.
pub(super) fn example(desk: &Desk, name: &str) -> String {
    desk.text_with("layout-neighbour-example", "name", name)
}

/// The name of a division, with the town before the village.
pub(super) fn division(desk: &Desk, bureau: &Bureau, code: &str) -> String {
    let english = bureau.divisions.get(code).map(|division| division.name_en.clone());
    let english = english.filter(|name| desk.language() == "en" && !name.is_empty());
    english.or_else(|| bureau.divisions.full_name(code)).unwrap_or_else(|| code.to_owned())
}

/// A coordinate in degrees, from millionths.
pub(super) fn degrees(millionths: i32) -> String {
    format!("{:.6}", f64::from(millionths) / 1_000_000.0)
}

/// Metres to a tenth: finer than any coordinate is.
fn tenths(metres: f64) -> String {
    format!("{metres:.1}")
}

fn key(prefix: &str, verdict: Verdict) -> String {
    let word = match verdict {
        Verdict::NotConcerned => "not-concerned",
        Verdict::Allowed => "allowed",
        Verdict::Undetermined => "undetermined",
        Verdict::Forbidden => "forbidden",
    };
    format!("{prefix}{word}")
}

fn tone(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::NotConcerned => "neutral",
        Verdict::Allowed => "good",
        Verdict::Undetermined => "warn",
        Verdict::Forbidden => "bad",
    }
}

fn relief(condition: ReliefCondition) -> &'static str {
    match condition {
        ReliefCondition::RunsItHimself => "layout-relief-runs-it-himself",
        ReliefCondition::OneLicencePerCity => "layout-relief-one-licence-per-city",
    }
}

fn sized(unit: Unit) -> &'static str {
    match unit {
        Unit::Stalls => "layout-size-stalls",
        Unit::Inhabitants => "layout-size-inhabitants",
    }
}

fn unit_word(unit: Unit) -> &'static str {
    match unit {
        Unit::Stalls => "layout-unit-stalls",
        Unit::Inhabitants => "layout-unit-inhabitants",
    }
}

fn no_ground(reason: NoGround) -> &'static str {
    match reason {
        NoGround::Unknown => "layout-no-ground-unknown",
        NoGround::Example => "layout-no-ground-example",
        NoGround::NotInForce => "layout-no-ground-not-in-force",
        NoGround::NoSource => "layout-no-ground-no-source",
        NoGround::NotRead => "layout-no-ground-not-read",
        NoGround::NoDistance => "layout-no-ground-no-distance",
    }
}
