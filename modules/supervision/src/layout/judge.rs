//! What one rule says of one place. Pure; never a guess: what is not known stands in `missing`.

use jiff::civil::Date;

use super::Rules;
use super::answer::{Figure, Finding, Missing, Neighbour, Verdict};
use super::capacity::{Formula, Turn, served};
use super::measurement::{Measurement, Target};
use super::place::Place;
use super::question::{Outlet, Purpose, Question, Surroundings};
use super::rule::{Demand, Kind, Measure, Reach, Reference, Relief, ReliefCondition, Rule};
use crate::bureau::geometry::metres;

/// Neighbours that are always named with their distance.
const SHOWN: usize = 3;
/// Digits of a county's code.
const COUNTY: usize = 6;

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

    // Schools

    fn schools(&self, kinds: &[String], reach: Option<Reach>) -> Judged {
        let mut judged = Judged { concerned: true, ..Judged::default() };
        let Some(reach) = reach else {
            judged.lack(Missing::Distance);
            return judged;
        };
        let limit = Limit { metres: f64::from(reach.metres), measure: reach.measure, included: true };
        for (place, (_, school)) in self.schools_by_distance(kinds).into_iter().enumerate() {
            self.school(&mut judged, school, (limit, reach.reference), place < SHOWN);
        }
        let county = self.question.division.get(..COUNTY).unwrap_or(&self.question.division);
        self.demand_lists(&mut judged, kinds, county);
        if limit.metres + self.tolerance() > self.around.metres_inside {
            judged.lack(Missing::Beyond { metres: self.around.metres_inside });
        }
        judged
    }

    fn schools_by_distance(&self, kinds: &[String]) -> Vec<(f64, &Place)> {
        let places = self.rules.places.iter().filter(|place| kinds.contains(&place.kind));
        let nearest = |place: &Place| {
            let gates = place.gates().map(|gate| metres(self.question.point, gate));
            gates.chain(place.metres_from_grounds(self.question.point)).fold(f64::INFINITY, f64::min)
        };
        let mut schools: Vec<(f64, &Place)> = places.map(|place| (nearest(place), place)).collect();
        schools.sort_by(|one, other| one.0.total_cmp(&other.0));
        schools
    }

    fn school(
        &self,
        judged: &mut Judged,
        school: &Place,
        (limit, reference): (Limit, Reference),
        shown: bool,
    ) {
        let grounds = school.metres_from_grounds(self.question.point);
        let targets = match reference {
            Reference::Boundary => grounds.map(|metres| (None, metres)).into_iter().collect(),
            Reference::EveryEntrance => self.gates(school),
            Reference::EntranceCentre => self.gate_that_counts(school, limit.measure).into_iter().collect(),
        };
        if targets.is_empty() {
            // No gate is nearer than the grounds are.
            let far = reference != Reference::Boundary
                && grounds.is_some_and(|metres| !self.may_break(limit, metres));
            let name = school.name.clone();
            match reference {
                _ if far => {}
                Reference::Boundary => judged.lack(Missing::Boundary(name)),
                _ => judged.lack(Missing::Entrances(name)),
            }
        }
        for (entrance, straight) in targets {
            let to = Neighbour::Place {
                name: school.name.clone(),
                entrance: entrance.filter(|_| school.entrances.len() > 1).map(|number| number + 1),
                example: school.example,
            };
            let target = Target::Place { id: school.id.clone(), entrance };
            self.compare(judged, (to, target), straight, limit, shown);
        }
    }

    fn gates(&self, school: &Place) -> Vec<(Option<usize>, f64)> {
        let gates = school.gates().enumerate();
        gates.map(|(number, gate)| (Some(number), metres(self.question.point, gate))).collect()
    }

    /// Of several entrances the nearest counts: the one to which the officers measured, or else the nearest on the map.
    fn gate_that_counts(&self, school: &Place, measure: Measure) -> Option<(Option<usize>, f64)> {
        let gates = self.gates(school);
        let measured = |(entrance, _): &&(Option<usize>, f64)| {
            let target = Target::Place { id: school.id.clone(), entrance: *entrance };
            self.measured(&target, measure).is_some()
        };
        let nearest = || gates.iter().min_by(|one, other| one.1.total_cmp(&other.1));
        gates.iter().find(measured).or_else(nearest).copied()
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

    // Zones

    fn cap(&self, kind: &String, formula: &Formula) -> Judged {
        let mut judged = Judged::default();
        for zone in self.zones_here(&mut judged, std::slice::from_ref(kind)) {
            judged.concerned = true;
            self.capacity(&mut judged, zone, formula);
        }
        judged
    }

    fn ban(&self, kinds: &[String]) -> Judged {
        let mut judged = Judged::default();
        for zone in self.zones_here(&mut judged, kinds) {
            judged.figures.push(Figure::Inside(zone.name.clone()));
            judged.forbid();
        }
        judged
    }

    /// The zones that hold the place; what is not known of others is missing only if none does.
    fn zones_here(&self, judged: &mut Judged, kinds: &[String]) -> Vec<&Place> {
        let zones = self.rules.places.iter().filter(|place| kinds.contains(&place.kind));
        let held = zones.map(|zone| (zone, zone.holds(self.question.place(), self.tolerance())));
        let (here, others): (Vec<_>, Vec<_>) = held.partition(|(_, held)| *held == Some(true));
        if here.is_empty() {
            for kind in kinds {
                if others.iter().any(|(zone, held)| zone.kind == *kind && held.is_none()) {
                    judged.lack(Missing::Zone(kind.clone()));
                }
            }
            self.demand_lists(judged, kinds, &self.question.division);
        }
        here.into_iter().map(|(zone, _)| zone).collect()
    }

    fn capacity(&self, judged: &mut Judged, zone: &Place, formula: &Formula) {
        let name = || zone.name.clone();
        let size = formula.growth.and_then(|growth| Some((growth.of, zone.size(growth.of)?)));
        let Some(places) = formula.places(|unit| zone.size(unit)) else {
            let unit = formula.growth.map(|growth| growth.of);
            return unit.into_iter().for_each(|unit| judged.lack(Missing::Size { zone: name(), unit }));
        };
        let (taken, perhaps) = self.members(zone);
        let (ahead, perhaps_ahead) = self.ahead(zone);
        let waiting = count(ahead.len());
        judged.figures.push(Figure::Capacity { zone: name(), size, places, taken, waiting });
        let free = places.saturating_sub(taken);
        let before = count(served(free, ahead).len());
        match () {
            () if free == 0 => judged.forbid(),
            () if before == free => judged.lack(Missing::Earlier { zone: name(), count: waiting }),
            () if before + perhaps + perhaps_ahead >= free => {
                judged.lack(Missing::Members { zone: name(), count: perhaps + perhaps_ahead });
            }
            () => {}
        }
    }

    /// Outlets that surely belong to the zone, and those that may.
    fn members(&self, zone: &Place) -> (u32, u32) {
        let outlets = self.around.outlets.iter().filter(|outlet| self.counts(outlet));
        let belong = outlets.map(|outlet| {
            let held = zone.holds(outlet.place(), self.tolerance());
            if held == Some(true) { outlet.sells(self.question.goods).and(held) } else { held }
        });
        let (sure, perhaps) = tally(belong);
        let unplaced = if zone.boundary.is_empty() { 0 } else { count(self.around.unplaced) };
        (sure, perhaps + unplaced)
    }

    /// Applications before this one in the order that surely belong to the zone, and how many others may.
    fn ahead(&self, zone: &Place) -> (Vec<Turn>, u32) {
        if matches!(self.question.purpose, Purpose::Renewal { .. }) {
            return (Vec::new(), 0);
        }
        let earlier = |turn: &Turn| self.question.turn.as_ref().is_none_or(|own| turn < own);
        let pending = self.around.pending.iter().filter(|pending| earlier(&pending.turn));
        let pending = pending.filter(|pending| pending.sells(self.question.goods) != Some(false));
        let held: Vec<_> = pending.map(|one| (one, zone.holds(one.place(), self.tolerance()))).collect();
        let sure = held.iter().filter(|(_, held)| *held == Some(true));
        let perhaps = held.iter().filter(|(_, held)| held.is_none()).count();
        (sure.map(|(pending, _)| pending.turn.clone()).collect(), count(perhaps))
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

/// How many are sure and how many are unknown.
fn tally(held: impl Iterator<Item = Option<bool>>) -> (u32, u32) {
    held.fold((0, 0), |(sure, perhaps), held| match held {
        Some(true) => (sure + 1, perhaps),
        Some(false) => (sure, perhaps),
        None => (sure, perhaps + 1),
    })
}

fn count(many: usize) -> u32 {
    u32::try_from(many).unwrap_or(u32::MAX)
}
