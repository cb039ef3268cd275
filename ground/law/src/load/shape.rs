//! From a checked entry of a law file to the rule the engine counts with.

use crate::ground::Ground;
use crate::load::Found;
use crate::raw::{RawDeadline, RawExpiry, RawExtensible, RawGround, RawReading};
use crate::rule::{Expiry, Extensible, Reading, Rule, StartsOn};
use crate::statute::Basis;
use crate::text::Text;

pub(crate) fn rule(found: &Found<RawDeadline>, cite: impl Fn(&[Basis]) -> Text) -> Rule {
    let raw = &found.value;
    let (events, title) = (raw.starts_on.events.clone(), raw.starts_on.title.clone());
    Rule {
        id: raw.id.clone(),
        layer: layer(&found.file),
        title: raw.title.clone(),
        valid: raw.valid,
        basis: raw.basis.clone(),
        citation: cite(&raw.basis),
        certainty: raw.certainty.least(),
        source: raw.source.clone(),
        example: raw.example,
        starts_on: StartsOn { events, title },
        strict: reading(raw, raw.strict.as_ref()),
        loose: reading(raw, raw.loose.as_ref()),
        doubt: raw.doubt.clone(),
        extended_by: raw.extended_by.as_ref().map(extensible),
        on_expiry: expiry(&raw.on_expiry),
        warn_at: raw.warn_at,
        note: raw.note.clone(),
        version: String::new(),
    }
    .sealed()
}

pub(crate) fn ground(found: &Found<RawGround>, cite: impl Fn(&[Basis]) -> Text) -> Ground {
    let raw = &found.value;
    Ground {
        id: raw.id.clone(),
        founds: raw.founds.clone(),
        title: raw.title.clone(),
        valid: raw.valid,
        basis: raw.basis.clone(),
        citation: cite(&raw.basis),
        certainty: raw.certainty,
        source: raw.source.clone(),
        example: raw.example,
        note: raw.note.clone(),
    }
}

pub(crate) fn reading(raw: &RawDeadline, changes: Option<&RawReading>) -> Reading {
    let plain = RawReading::default();
    let changes = changes.unwrap_or(&plain);
    Reading {
        unit: changes.unit.unwrap_or(raw.unit),
        n: changes.n.unwrap_or(raw.n),
        direction: raw.direction,
        first: changes.first.unwrap_or(raw.first),
        roll: changes.roll.unwrap_or(raw.roll),
        suspended_by: changes.suspended_by.as_ref().unwrap_or(&raw.suspended_by).clone(),
    }
}

fn layer(file: &str) -> String {
    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    folder.strip_prefix("law/").unwrap_or(folder).to_owned()
}

fn extensible(raw: &RawExtensible) -> Extensible {
    let (approver, notice) = (raw.approver.clone(), raw.notice.clone());
    Extensible { approver, most: raw.most, notice, certainty: raw.certainty }
}

fn expiry(raw: &RawExpiry) -> Expiry {
    match raw {
        RawExpiry::Breach => Expiry::Breach,
        RawExpiry::Deemed { outcome, from } => Expiry::Deemed { outcome: outcome.clone(), from: *from },
        RawExpiry::RightLapses => Expiry::RightLapses,
        RawExpiry::Ends { outcome } => Expiry::Ends { outcome: outcome.clone() },
    }
}
