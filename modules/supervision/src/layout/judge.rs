//! What one rule says of one place. Pure; never a guess: what is not known stands in `missing`.

use jiff::civil::Date;

use super::Rules;
use super::answer::{Figure, Finding, Missing, Neighbour, Verdict};
use super::measurement::{Measurement, Target};
use super::question::{Outlet, Purpose, Question, Surroundings};
use super::rule::{Demand, Kind, Measure, Relief, ReliefCondition, Rule};
use crate::bureau::geometry::metres;

mod schools;
mod zones;

/// Neighbours that are always named with their distance.
const SHOWN: usize = 3;

/// The finding of a rule, or `None` if it does not hold for these goods, on that day or in that area.
pub(super) fn finding<'a>(
    rules: &Rules,
    rule: &'a Rule,
    question: &Question,
    around: &Surroundings,
) -> Option<Finding<'a>> {
    let doubts = doubts(rule, question)?;
    let case = Case { rules, rule, question, around };
    let mut judged = case.judge();
    if question.confirmed.get(&rule.id) == Some(&false) {
        judged = Judged::default();
    }
    judged.doubt(doubts);
    case.weigh_purpose(&mut judged);
    let ground = rule.ground(question.on);
    Some(Finding {
        rule,
        verdict: judged.verdict(),
        figures: judged.figures,
        missing: judged.missing,
        ground,
    })
}

/// What is not known of whether the rule holds here at all; `None` if it surely does not.
fn doubts(rule: &Rule, question: &Question) -> Option<Vec<Missing>> {
    let division = question.division.as_str();
    let here = rule.areas.iter().any(|area| division.starts_with(area.as_str()));
    let perhaps = rule.areas.iter().any(|area| area.starts_with(division));
    let kinds = &rule.area_kinds;
    let other_kind = question.area_kind.is_some_and(|kind| !kinds.is_empty() && !kinds.contains(&kind));
    if !rule.valid.holds(question.on)
        || !rule.goods.contains(&question.goods)
        || !(here || perhaps)
        || other_kind
    {
        return None;
    }
    let division = (!here).then(|| Missing::Division(division.to_owned()));
    let kind = (!kinds.is_empty() && question.area_kind.is_none()).then_some(Missing::AreaKind);
    let unseen = !question.confirmed.contains_key(&rule.id);
    let condition = rule.condition.clone().filter(|_| unseen).map(Missing::Condition);
    Some(division.into_iter().chain(kind).chain(condition).collect())
}

/// What has been found so far.
#[derive(Default)]
struct Judged {
    concerned: bool,
    forbidden: bool,
    figures: Vec<Figure>,
    missing: Vec<Missing>,
}

impl Judged {
    fn verdict(&self) -> Verdict {
        match self {
            Judged { forbidden: true, .. } => Verdict::Forbidden,
            Judged { missing, .. } if !missing.is_empty() => Verdict::Undetermined,
            Judged { concerned: true, .. } => Verdict::Allowed,
            _ => Verdict::NotConcerned,
        }
    }

    fn forbid(&mut self) {
        self.forbidden = true;
        self.missing.clear();
    }

    /// Something is not known; no matter once the place is forbidden.
    fn lack(&mut self, missing: Missing) {
        if !self.forbidden {
            self.missing.push(missing);
        }
    }

    /// Doubts whether the rule holds here matter only if it would object.
    fn doubt(&mut self, doubts: Vec<Missing>) {
        if self.verdict() > Verdict::Allowed && !doubts.is_empty() {
            self.forbidden = false;
            self.missing.splice(0..0, doubts);
        }
    }
}

/// A distance to be kept, in metres.
#[derive(Clone, Copy)]
struct Limit {
    metres: f64,
    measure: Measure,
    /// Whether the limit itself is too near: "within 100 metres" holds at 100, "not less than 30 metres" is kept at 30.
    included: bool,
}

impl Limit {
    fn broken_by(self, metres: f64) -> bool {
        metres < self.metres || (self.included && metres <= self.metres)
    }
}

/// One rule asked about one question.
struct Case<'a> {
    rules: &'a Rules,
    rule: &'a Rule,
    question: &'a Question,
    around: &'a Surroundings,
}

impl Case<'_> {
    fn judge(&self) -> Judged {
        match &self.rule.demand {
            Demand::Spacing { metres, measure } => self.spacing(*metres, *measure),
            Demand::School { schools, reach } => self.schools(schools, *reach),
            Demand::Cap { zone, formula } => self.cap(zone, formula),
            Demand::ZoneBan { zones } => self.ban(zones),
        }
    }

    fn tolerance(&self) -> f64 {
        f64::from(self.rules.tolerance)
    }

    // Spacing

    fn spacing(&self, full: u32, measure: Measure) -> Judged {
        let limit = |metres: f64| Limit { metres, measure, included: false };
        let plain = self.distances(limit(f64::from(full)));
        let Some((relief, group)) = self.relief() else { return plain };
        if plain.verdict() <= Verdict::Allowed {
            return plain;
        }
        if let Some(unmet) =
            relief.conditions.iter().find(|condition| self.fulfils(**condition) == Some(false))
        {
            return Judged { figures: [vec![Figure::NoRelief(*unmet)], plain.figures].concat(), ..plain };
        }
        let decimetres = full * 100_u32.saturating_sub(relief.percent) / 10;
        let mut relieved = self.distances(limit(f64::from(decimetres) / 10.0));
        relieved.figures.insert(0, Figure::Relief { group, percent: relief.percent, decimetres });
        for condition in relief.conditions.iter().filter(|condition| self.fulfils(**condition).is_none()) {
            relieved.lack(Missing::Relief(*condition));
        }
        relieved
    }

    fn relief(&self) -> Option<(&Relief, String)> {
        let group = self.question.applicant.group.as_ref()?;
        let relief = self.rule.reliefs.iter().find(|relief| relief.groups.contains(group))?;
        Some((relief, group.clone()))
    }

    fn fulfils(&self, condition: ReliefCondition) -> Option<bool> {
        let applicant = &self.question.applicant;
        match condition {
            ReliefCondition::RunsItHimself => applicant.runs_it_himself,
            ReliefCondition::OneLicencePerCity => applicant.other_licence_in_city.map(|other| !other),
        }
    }

    fn distances(&self, limit: Limit) -> Judged {
        let mut judged = Judged { concerned: true, ..Judged::default() };
        let mut near: Vec<(f64, &Outlet)> = self.neighbours().collect();
        near.sort_by(|one, other| one.0.total_cmp(&other.0));
        for (place, (straight, outlet)) in near.into_iter().enumerate() {
            let target = Target::Outlet(outlet.number.clone());
            let shown = place < SHOWN;
            let sells = outlet.sells(self.question.goods);
            if sells.is_none() && self.may_break(limit, straight) {
                judged.lack(Missing::Goods(neighbour(outlet)));
            } else {
                self.compare(&mut judged, (neighbour(outlet), target), straight, limit, shown);
            }
        }
        if self.around.unplaced > 0 {
            judged.lack(Missing::Positions(self.around.unplaced));
        }
        judged
    }

    /// The outlets with a place that sell these goods, or may.
    fn neighbours(&self) -> impl Iterator<Item = (f64, &Outlet)> {
        let outlets = self.around.outlets.iter().filter(|outlet| self.counts(outlet));
        outlets.filter_map(|outlet| Some((metres(self.question.point, outlet.point?), outlet)))
    }

    fn counts(&self, outlet: &Outlet) -> bool {
        self.question.own.as_ref() != Some(&outlet.id) && outlet.sells(self.question.goods) != Some(false)
    }

    // Distances

    /// Whether somebody at this computed distance may be too near. A walked way is never shorter than the straight line.
    fn may_break(&self, limit: Limit, straight: f64) -> bool {
        straight - self.tolerance() <= limit.metres
    }

    fn compare(
        &self,
        judged: &mut Judged,
        (to, target): (Neighbour, Target),
        straight: f64,
        limit: Limit,
        shown: bool,
    ) {
        let measured = self.measured(&target, limit.measure);
        let lacks = measured.map(Measurement::lacks).unwrap_or_default();
        if let Some(measured) = measured.filter(|_| lacks.is_empty()) {
            return self.decide(judged, to, (f64::from(measured.decimetres) / 10.0, straight), limit);
        }
        let near = self.may_break(limit, straight);
        if near || shown {
            let limit = (limit.measure == Measure::Radius).then_some(limit.metres.round() as u32);
            judged.figures.push(Figure::Distance {
                to: to.clone(),
                metres: straight,
                measured: false,
                limit,
            });
        }
        match limit.measure {
            _ if !near => {}
            _ if !lacks.is_empty() => judged.lack(Missing::Evidence { to, lacks }),
            Measure::Radius if straight + self.tolerance() < limit.metres => judged.forbid(),
            Measure::Radius => {
                judged.lack(Missing::Measurement { to, metres: straight, limit: limit.metres })
            }
            Measure::Walking => judged.lack(Missing::Way(to)),
        }
    }

    /// An officer's measurement decides, unless it cannot be true together with the positions on the map.
    fn decide(&self, judged: &mut Judged, to: Neighbour, (measured, straight): (f64, f64), limit: Limit) {
        let shown = Figure::Distance {
            to: to.clone(),
            metres: measured,
            measured: true,
            limit: Some(limit.metres.round() as u32),
        };
        judged.figures.push(shown);
        let contradicts = match limit.measure {
            Measure::Radius => (measured - straight).abs() > self.tolerance(),
            Measure::Walking => measured < straight - self.tolerance(),
        };
        if contradicts {
            judged.lack(Missing::Contradiction { to, measured, computed: straight });
        } else if limit.broken_by(measured) {
            judged.forbid();
        }
    }

    fn measured(&self, target: &Target, measure: Measure) -> Option<&Measurement> {
        let fits = |one: &&Measurement| one.measure == measure && one.target == *target;
        self.question.measurements.iter().rev().find(fits)
    }

    fn demand_lists(&self, judged: &mut Judged, kinds: &[String], division: &str) {
        let unknown: Vec<String> = kinds
            .iter()
            .filter(|kind| !self.rules.surveyed(kind, division, self.question.on))
            .cloned()
            .collect();
        if !unknown.is_empty() {
            judged.lack(Missing::List(unknown));
        }
    }

    // Licences that are older than the rule

    fn weigh_purpose(&self, judged: &mut Judged) {
        match &self.question.purpose {
            Purpose::New => {}
            Purpose::Renewal { granted } => self.weigh_renewal(judged, *granted),
            Purpose::Move { because_of } => self.weigh_move(judged, because_of),
        }
    }

    fn weigh_renewal(&self, judged: &mut Judged, granted: Date) {
        let older = self.rule.valid.from.is_none_or(|from| granted < from);
        if !older || judged.verdict() <= Verdict::Allowed {
            return;
        }
        match &self.rule.existing {
            Some(existing) if existing.renewed => judged.release(Figure::Kept),
            Some(_) => {}
            None if judged.forbidden => {
                judged.forbidden = false;
                judged.lack(Missing::Existing);
            }
            None => judged.lack(Missing::Existing),
        }
    }

    fn weigh_move(&self, judged: &mut Judged, because_of: &str) {
        let on = self.question.on;
        let displacing = self.rules.rules.iter().find(|rule| rule.id == because_of && rule.valid.holds(on));
        // A made-up rule displaces nobody from a rule in force.
        let displacing = displacing.filter(|rule| !rule.example || self.rule.example);
        let existing = displacing.and_then(|rule| rule.existing.as_ref());
        let kind: Kind = self.rule.kind();
        if existing.is_some_and(|existing| existing.moving_free_of.contains(&kind)) {
            judged.release(Figure::FreeToMove { because_of: because_of.to_owned() });
        }
    }
}

impl Judged {
    /// The rule objects, but not to this holder.
    fn release(&mut self, reason: Figure) {
        self.forbidden = false;
        self.missing.clear();
        self.concerned = true;
        self.figures.insert(0, reason);
    }
}

fn neighbour(outlet: &Outlet) -> Neighbour {
    let Outlet { id, number, name, division, .. } = outlet.clone();
    Neighbour::Outlet { id, number, name, division }
}
