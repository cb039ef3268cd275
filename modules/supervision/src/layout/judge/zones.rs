//! Zones that hold only so many outlets, or none.

use super::super::answer::{Figure, Missing};
use super::super::capacity::{Formula, Turn, served};
use super::super::place::Place;
use super::super::question::Purpose;
use super::{Case, Judged};

impl Case<'_> {
    pub(super) fn cap(&self, kind: &String, formula: &Formula) -> Judged {
        let mut judged = Judged::default();
        for zone in self.zones_here(&mut judged, std::slice::from_ref(kind)) {
            judged.concerned = true;
            self.capacity(&mut judged, zone, formula);
        }
        judged
    }

    pub(super) fn ban(&self, kinds: &[String]) -> Judged {
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
