//! The timeline of a matter: each act with who, when, its place in the record, and what it says.

use ledger::Act;
use site::{Desk, Mask, Problem};

use super::papers::attachment_address;
use super::words::{scopes, tenths};
use crate::licence::acts::*;
use crate::licence::books::word;
use crate::licence::printing::PaperLine;

/// One act as the timeline shows it.
pub struct Entry {
    pub number: i64,
    pub proof: String,
    pub title: String,
    pub who: String,
    pub when: String,
    pub when_iso: String,
    /// The day of the fact, where it is earlier than the record.
    pub effective: String,
    pub reason: String,
    pub basis: String,
    /// Label and value pairs.
    pub facts: Vec<(String, String)>,
    pub attachments: Vec<Attachment>,
    /// Where each of them can be opened; empty where this officer may not.
    pub files: Vec<String>,
    /// Fields that an import changed: field, before, after.
    pub changes: Vec<(String, String, String)>,
}

/// The entries of a timeline, the latest first.
///
/// # Errors
/// When an act or a name cannot be read.
pub fn entries(desk: &Desk, sql: &mut dyn store::Sql, acts: &[Act]) -> Result<Vec<Entry>, Problem> {
    acts.iter().rev().map(|act| entry(desk, sql, act)).collect()
}

fn entry(desk: &Desk, sql: &mut dyn store::Sql, act: &Act) -> Result<Entry, Problem> {
    let header = &act.header;
    let (recorded, effective) = (law::shanghai_day(header.recorded), law::shanghai_day(header.effective));
    let mut entry = Entry {
        number: header.number,
        proof: format!("/record/{}", header.number),
        title: desk.text(&format!("act-{}", header.kind.replace('.', "-"))),
        who: desk.who(sql, &header.actor)?,
        when: desk.instant(&header.recorded),
        when_iso: header.recorded.to_string(),
        effective: if effective < recorded { effective.to_string() } else { String::new() },
        reason: header.reason.clone().unwrap_or_default(),
        basis: header.basis.clone().unwrap_or_default(),
        facts: Vec::new(),
        attachments: Vec::new(),
        files: Vec::new(),
        changes: Vec::new(),
    };
    if act.body.is_none() {
        entry.facts.push((desk.text("licence-body"), desk.text("licence-body-erased")));
    } else {
        tell(desk, act, &mut entry)?;
    }
    Ok(entry)
}

fn tell(desk: &Desk, act: &Act, entry: &mut Entry) -> Result<(), Problem> {
    if act.header.kind == "paper.printed" {
        if let Some(PaperAct::Printed(printed)) = act.read()? {
            entry.facts = vec![fact(desk, "licence-fact-paper-act", &printed.act_number.to_string())];
            entry.facts.push(fact(desk, "licence-fact-digest", &printed.digest));
        }
    } else if act.header.matter.kind() == "application" {
        if let Some(body) = act.read::<ApplicationAct>()? {
            tell_application(desk, body, entry);
            let id = act.header.matter.id();
            let addresses = entry.attachments.iter().map(|file| attachment_address(desk, id, file));
            entry.files = addresses.collect();
        }
    } else if let Some(body) = act.read::<LicenceAct>()? {
        tell_licence(desk, body, entry);
    }
    Ok(())
}

fn fact(desk: &Desk, key: &str, value: &str) -> (String, String) {
    (desk.text(key), value.to_owned())
}

fn tell_application(desk: &Desk, body: ApplicationAct, entry: &mut Entry) {
    match body {
        ApplicationAct::Submitted(body) => {
            entry.facts = vec![fact(desk, "licence-fact-number", &body.number), due(desk, &body.due)];
            entry.attachments = body.attachments;
        }
        ApplicationAct::CorrectionRequested(body) => {
            entry.facts = vec![paper(desk, &body.paper)];
            entry.facts.extend((1..).zip(&body.missing).map(|(place, missing)| asked(desk, place, missing)));
        }
        ApplicationAct::Supplemented(body) => {
            let places: Vec<String> = body.settles.iter().map(ToString::to_string).collect();
            entry.facts = vec![fact(desk, "licence-fact-settles", &places.join(&desk.text("list-comma")))];
            entry.facts.extend(body.due.as_ref().map(|limit| due(desk, limit)));
            entry.attachments = body.attachments;
        }
        ApplicationAct::Accepted(body) => entry.facts = vec![paper(desk, &body.paper), due(desk, &body.due)],
        ApplicationAct::DeemedAccepted(body) => {
            entry.facts = vec![
                fact(desk, "licence-fact-silent-until", &body.silence.loose.to_string()),
                paper(desk, &body.paper),
                due(desk, &body.due),
            ];
        }
        ApplicationAct::Checked(body) => tell_check(desk, body, entry),
        ApplicationAct::Reviewed(body) => {
            let key =
                if body.supports { "application-review-supports" } else { "application-review-objects" };
            entry.facts = vec![
                fact(desk, "licence-fact-conclusion", &desk.text(key)),
                fact(desk, "licence-fact-opinion", &body.opinion),
            ];
        }
        ApplicationAct::Extended(body) => {
            entry.facts = vec![
                fact(desk, "licence-fact-grounds", &body.reason),
                paper(desk, &body.paper),
                due(desk, &body.due),
            ];
        }
        ApplicationAct::Granted(body) => {
            entry.facts = vec![
                fact(desk, "licence-fact-opinion", &body.opinion),
                fact(desk, "licence-fact-licence", &body.licence_number),
                paper(desk, &body.paper),
                due(desk, &body.due),
            ];
        }
        ApplicationAct::Permitted(body) => {
            entry.facts = vec![
                fact(desk, "licence-fact-opinion", &body.opinion),
                fact(desk, "licence-fact-licence", &body.licence_number),
            ];
            entry.facts.extend(day(desk, "licence-field-valid-until", body.valid_until));
            entry.facts.extend([paper(desk, &body.paper), due(desk, &body.due)]);
        }
        ApplicationAct::DeemedGranted(body) => {
            entry.facts = vec![
                fact(desk, "licence-fact-silent-until", &body.silence.loose.to_string()),
                fact(desk, "licence-field-valid-until", &body.valid_until.to_string()),
                paper(desk, &body.paper),
                due(desk, &body.due),
            ];
        }
        ApplicationAct::NotAccepted(body) => {
            entry.facts = grounds(desk, &body.grounds);
            entry.facts.push(paper(desk, &body.paper));
        }
        ApplicationAct::Refused(body) => {
            entry.facts = grounds(desk, &body.grounds);
            entry.facts.push(fact(desk, "licence-fact-opinion", &body.opinion));
            entry.facts.push(paper(desk, &body.paper));
        }
        ApplicationAct::Terminated(body) => {
            entry.facts = grounds(desk, std::slice::from_ref(&body.ground));
            entry.facts.push(paper(desk, &body.paper));
        }
        ApplicationAct::HearingTold(_)
        | ApplicationAct::HearingRequested(_)
        | ApplicationAct::HearingNotified(_)
        | ApplicationAct::HearingHeld(_) => tell_hearing(desk, body, entry),
        ApplicationAct::Served(body) => entry.facts = service(desk, &body),
        ApplicationAct::DueChanged(body) => {
            entry.facts = vec![
                fact(desk, "licence-fact-due-before", &body.from.strict.to_string()),
                due(desk, &body.due),
            ];
        }
    }
}

fn tell_hearing(desk: &Desk, body: ApplicationAct, entry: &mut Entry) {
    match body {
        ApplicationAct::HearingTold(body) => {
            entry.facts = vec![
                fact(desk, "licence-field-persons", &body.persons),
                fact(desk, "licence-field-interests", &body.interests),
                paper(desk, &body.paper),
                due(desk, &body.due),
            ];
        }
        ApplicationAct::HearingRequested(body) => {
            entry.facts = vec![fact(desk, "licence-field-by", &body.by), due(desk, &body.due)];
        }
        ApplicationAct::HearingNotified(body) => {
            entry.facts = vec![
                fact(desk, "licence-field-hearing-on", &format!("{} {}", body.on, body.time)),
                fact(desk, "licence-field-hearing-place", &body.place),
                fact(desk, "licence-field-chair", &body.chair.name),
                paper(desk, &body.paper),
            ];
        }
        ApplicationAct::HearingHeld(body) => {
            entry.facts = vec![
                fact(desk, "licence-field-chair", &body.chair.name),
                fact(desk, "licence-field-record", &body.record),
                due(desk, &body.due),
            ];
            entry.attachments = body.attachments;
        }
        _ => {}
    }
}

/// Grounds as label and value pairs: words and article, and the fact.
pub fn grounds(desk: &Desk, grounds: &[Ground]) -> Vec<(String, String)> {
    let comma = desk.text("list-comma");
    let line = |ground: &Ground| {
        (
            desk.text("licence-ground"),
            format!("{}（{}）{comma}{}", ground.title, ground.citation, ground.fact),
        )
    };
    grounds.iter().map(line).collect()
}

fn day(desk: &Desk, key: &str, day: Option<jiff::civil::Date>) -> Option<(String, String)> {
    day.map(|day| fact(desk, key, &day.to_string()))
}

fn tell_check(desk: &Desk, body: Checked, entry: &mut Entry) {
    let names = body.officers.each_ref().map(signed);
    let key = if body.meets_conditions { "application-check-meets" } else { "application-check-fails" };
    entry.facts = vec![
        fact(desk, "licence-fact-officers", &names.join(&desk.text("list-comma"))),
        fact(desk, "licence-fact-conclusion", &desk.text(key)),
        fact(desk, "licence-fact-findings", &body.findings),
    ];
    entry.facts.extend(measured(desk, &body.measured));
    entry.attachments = body.photos;
}

/// The measured facts as label and value pairs, units written out.
pub fn measured(desk: &Desk, measured: &Measured) -> Vec<(String, String)> {
    let apart = if measured.separate_from_dwelling { "licence-yes" } else { "licence-no" };
    let mut facts = vec![fact(desk, "licence-fact-separate", &desk.text(apart))];
    let with_unit = |key: &str, unit: &str, value: Option<i64>| {
        value.map(|value| (desk.text(key), desk.text_with(unit, "value", tenths(value))))
    };
    // A square metre has a hundred square decimetres: the stored area is shown with one decimal.
    let area = measured.floor_area.map(|area| area / 10);
    facts.extend(with_unit("licence-fact-floor-area", "licence-square-metres", area));
    facts.extend(with_unit(
        "licence-fact-outlet-distance",
        "licence-metres",
        measured.nearest_outlet_distance,
    ));
    facts.extend(measured.nearest_outlet.as_ref().map(|name| fact(desk, "licence-fact-outlet", name)));
    facts.extend(with_unit(
        "licence-fact-school-distance",
        "licence-metres",
        measured.nearest_school_distance,
    ));
    facts.extend(measured.method.as_ref().map(|method| fact(desk, "licence-fact-method", method)));
    facts
}

fn tell_licence(desk: &Desk, body: LicenceAct, entry: &mut Entry) {
    match body {
        LicenceAct::Imported(body) => {
            entry.facts = vec![
                fact(desk, "licence-fact-source", &body.source),
                fact(desk, "licence-fact-row", &body.row.to_string()),
            ];
        }
        LicenceAct::ImportChanged(body) => {
            entry.facts = vec![
                fact(desk, "licence-fact-source", &body.source),
                fact(desk, "licence-fact-row", &body.row.to_string()),
            ];
            entry.changes = changes(desk, &body);
        }
        LicenceAct::Granted(body) => {
            entry.facts = vec![
                fact(desk, "licence-fact-licence", &body.data.number),
                fact(desk, "licence-fact-scope", &scopes(desk, &body.data.scope)),
            ];
        }
        LicenceAct::Served(body) => entry.facts = service(desk, &body),
        LicenceAct::Changed(body) => entry.facts = vec![paper(desk, &body.paper)],
        LicenceAct::Renewed(body) => {
            let time = format!("{} – {}", body.valid_from, body.valid_until);
            entry.facts = vec![fact(desk, "licence-fact-validity", &time), paper(desk, &body.paper)];
        }
        LicenceAct::Suspended(body) => {
            let time = format!("{} – {}", body.from, body.until);
            entry.facts = vec![fact(desk, "licence-fact-suspension", &time)];
            entry.facts.push(fact(desk, "licence-field-wish-reason", &body.reason));
        }
        LicenceAct::Resumed(body) => entry.facts.extend(day(desk, "licence-field-from", Some(body.from))),
        LicenceAct::Closed(body) => entry.facts.extend(day(desk, "licence-field-from", Some(body.from))),
        LicenceAct::Replaced(body) => {
            entry.facts =
                vec![fact(desk, "licence-field-wish-reason", &body.reason), paper(desk, &body.paper)];
        }
        LicenceAct::RenewalReminded(body) => {
            entry.facts = vec![due(desk, &body.due), paper(desk, &body.paper)];
        }
        LicenceAct::MeasureProposed(body) => {
            entry.facts = super::measures::proposed(desk, &body);
            entry.facts.push(paper(desk, &body.paper));
        }
        LicenceAct::MeasureDropped(body) => {
            entry.facts = vec![fact(desk, "licence-field-dropping-reason", &body.reason)];
        }
        LicenceAct::Rectified(body) => {
            let names = body.officers.each_ref().map(signed).join(&desk.text("list-comma"));
            entry.facts = vec![fact(desk, "licence-fact-officers", &names)];
            entry.facts.push(fact(desk, "licence-fact-findings", &body.findings));
        }
        LicenceAct::Rectifying(body)
        | LicenceAct::Disqualified(body)
        | LicenceAct::Revoked(body)
        | LicenceAct::Withdrawn(body)
        | LicenceAct::Deregistered(body) => tell_measure(desk, &body, entry),
    }
}

fn tell_measure(desk: &Desk, body: &MeasureTaken, entry: &mut Entry) {
    entry.facts = grounds(desk, &body.grounds);
    entry.facts.extend(day(desk, "licence-fact-until", body.until));
    entry.facts.push(fact(desk, "licence-field-heard", &body.heard));
    entry.facts.push(fact(desk, "licence-fact-opinion", &body.opinion));
    entry.facts.push(paper(desk, &body.paper));
}

/// What an import changed; personal numbers are masked here as everywhere.
fn changes(desk: &Desk, body: &ImportChanged) -> Vec<(String, String, String)> {
    let rows = crate::licence::differences(&body.before, &body.data).into_iter();
    rows.map(|(field, before, after)| {
        (field_label(desk, &field), value_label(desk, &field, before), value_label(desk, &field, after))
    })
    .collect()
}

/// Columns that the source has and we have not are called as the source calls them.
fn field_label(desk: &Desk, field: &str) -> String {
    match field.strip_prefix("noted.") {
        Some(column) => column.to_owned(),
        None => desk.text(&format!("licence-field-{}", field.replace(['.', '_'], "-"))),
    }
}

fn value_label(desk: &Desk, field: &str, value: String) -> String {
    if value.is_empty() {
        return value;
    }
    match field {
        "holder.identity_number" => desk.masked(&value, Mask::Identity),
        "holder.phone" => desk.masked(&value, Mask::Phone),
        "standing" => desk.text(&format!("licence-standing-{value}")),
        "holder.subject" => desk.text(&format!("licence-subject-{value}")),
        "premises.kind" => desk.text(&format!("licence-premises-{value}")),
        "premises.area" => desk.text(&format!("licence-area-{value}")),
        "scope" => serde_json::from_str(&value).map_or(value, |scope: Vec<Scope>| scopes(desk, &scope)),
        _ => value,
    }
}

fn service(desk: &Desk, body: &Served) -> Vec<(String, String)> {
    let servers = body.servers.each_ref().map(signed);
    let mut facts = vec![
        fact(desk, "licence-fact-way", &desk.text(&format!("licence-way-{}", word(body.way)))),
        fact(desk, "licence-fact-served-papers", &body.papers.join(&desk.text("list-comma"))),
    ];
    facts.extend(body.receiver.as_ref().map(|receiver| fact(desk, "licence-fact-receiver", receiver)));
    facts.extend(body.relation.as_ref().map(|relation| fact(desk, "licence-fact-relation", relation)));
    facts.push(fact(desk, "licence-fact-place", &body.place));
    facts.push(fact(desk, "licence-fact-time", &body.time));
    facts.push(fact(desk, "licence-fact-servers", &servers.join(&desk.text("list-comma"))));
    facts.extend(body.refusal.as_ref().map(|refusal| fact(desk, "licence-fact-not-taken", refusal)));
    facts.extend(body.witness.as_ref().map(|witness| fact(desk, "licence-fact-witness", witness)));
    facts.push(paper(desk, &body.paper));
    facts
}

fn asked(desk: &Desk, place: i64, missing: &Missing) -> (String, String) {
    let material = desk.text(&format!("licence-material-{}", word(missing.material)));
    (format!("{place}. {material}"), format!("{} → {}", missing.fault, missing.request))
}

fn paper(desk: &Desk, paper: &PaperNumber) -> (String, String) {
    (desk.text(paper.series.key()), paper.text.clone())
}

fn due(desk: &Desk, due: &Due) -> (String, String) {
    let day = due.strict.to_string();
    let note = if due.provisional { desk.text("licence-due-provisional") } else { String::new() };
    (desk.text("licence-fact-due"), format!("{day}{note}"))
}

fn signed(signer: &Signer) -> String {
    signer
        .certificate
        .as_ref()
        .map_or_else(|| signer.name.clone(), |number| format!("{} ({number})", signer.name))
}

/// A paper in the list of documents of a page.
pub struct Document {
    pub href: String,
    pub title: String,
    pub number: String,
    pub dated: String,
    pub size: String,
}

/// Papers as a page lists them.
pub fn documents(desk: &Desk, papers: &[PaperLine]) -> Vec<Document> {
    let document = |paper: &PaperLine| Document {
        href: format!("/papers/{}", paper.act),
        title: desk.text(paper.series.key()),
        number: paper.number.clone(),
        dated: paper.dated.clone(),
        size: paper.bytes.map_or_else(String::new, |bytes| format!("PDF {} KB", (bytes + 1023) / 1024)),
    };
    papers.iter().map(document).collect()
}
