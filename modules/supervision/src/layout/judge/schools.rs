//! Distances to schools and other places that must not be near.

use super::super::answer::{Missing, Neighbour};
use super::super::measurement::Target;
use super::super::place::Place;
use super::super::rule::{Measure, Reach, Reference};
use super::{Case, Judged, Limit, SHOWN};
use crate::bureau::geometry::metres;

/// Digits of a county's code.
const COUNTY: usize = 6;

impl Case<'_> {
    pub(super) fn schools(&self, kinds: &[String], reach: Option<Reach>) -> Judged {
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
}
