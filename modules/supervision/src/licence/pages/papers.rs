//! Papers and uploads handed out, each only to those who may see what it belongs to.

use axum::extract::Path;
use ledger::{Act, Draft, MatterKey, Writing};
use site::disclosures::{self, Disclosure};
use site::{Answer, Desk, Problem, Routes};
use uuid::Uuid;

use super::{acts_of, folded, officer, subject, subject_of};
use crate::licence::acts::*;
use crate::licence::application::Application;
use crate::licence::books::word;
use crate::licence::printing;
use crate::licence::steps::Verb;

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/papers/{act}", "paper.read", paper)
        .get("/applications/{id}/receipt", "application.serve", blank_receipt)
        .get("/applications/{id}/attachments/{digest}", "application.read", attachment)
}

/// GET /papers/{act}
async fn paper(desk: Desk, Path(act): Path<i64>) -> Answer {
    let (number, bytes) = desk.blocking(move |desk| print(desk, act)).await?;
    desk.download(&format!("{number}.pdf"), "application/pdf", bytes)
}

fn print(desk: &Desk, act: i64) -> Result<(String, Vec<u8>), Problem> {
    let found = desk.house().store.read(|sql| -> Result<_, Problem> {
        let Some(paper) = printing::find(sql, act)? else { return Ok(None) };
        let table = if paper.matter.kind() == "licence" { "licences" } else { "applications" };
        Ok(subject(sql, table, paper.matter.id())?.map(|subject| (paper, subject)))
    })?;
    let (paper, subject) = found.ok_or(Problem::Missing)?;
    desk.require("paper.read", &subject)?;
    Ok((paper.number.clone(), printing::pdf(desk.house(), &paper)?))
}

/// GET /applications/{id}/receipt: the receipt of service to take along, while the licence is to be handed over.
async fn blank_receipt(desk: Desk, Path(id): Path<Uuid>) -> Answer {
    let bytes = desk.blocking(move |desk| print_blank_receipt(desk, id)).await?;
    desk.download("送达回证.pdf", "application/pdf", bytes)
}

fn print_blank_receipt(desk: &Desk, id: Uuid) -> Result<Vec<u8>, Problem> {
    let application: Application = folded(&acts_of(desk, "application", id)?)?;
    desk.require("application.serve", &subject_of(desk, &application))?;
    application.allows(Verb::Serve, &officer(desk, &application), desk.today())?;
    printing::blank_receipt(desk.house(), &application)?.ok_or(Problem::Missing)
}

/// GET /applications/{id}/attachments/{digest}: what holds personal data is opened only with a disclosure on record.
async fn attachment(desk: Desk, Path((id, digest)): Path<(Uuid, String)>) -> Answer {
    let attachment = desk.blocking(move |desk| find(desk, id, &digest)).await?;
    if personal(attachment.material) {
        let material = attachment.material;
        desk.act_plain(move |_, writing| disclose(writing, id, material)).await?;
    }
    desk.upload(&attachment.digest, &attachment.name).await
}

fn find(desk: &Desk, id: Uuid, digest: &str) -> Result<Attachment, Problem> {
    let acts = acts_of(desk, "application", id)?;
    let application: Application = folded(&acts)?;
    let subject = subject_of(desk, &application);
    desk.require("application.read", &subject)?;
    let mut named = attachments(&acts)?;
    named.retain(|attachment| attachment.digest == digest);
    // The same file may have been handed in as two materials; the stricter one counts.
    let strictest = named.iter().position(|attachment| personal(attachment.material)).unwrap_or(0);
    let found = named.into_iter().nth(strictest).ok_or(Problem::Missing)?;
    if personal(found.material) {
        desk.require("data.reveal", &subject)?;
    }
    Ok(found)
}

/// Every file of every act: what the applicant handed in and the photos of all checks.
fn attachments(acts: &[Act]) -> Result<Vec<Attachment>, Problem> {
    let mut all = Vec::new();
    for act in acts.iter().filter(|act| act.header.kind.starts_with("application.")) {
        match act.read::<ApplicationAct>()? {
            Some(ApplicationAct::Submitted(body)) => all.extend(body.attachments),
            Some(ApplicationAct::Supplemented(body)) => all.extend(body.attachments),
            Some(ApplicationAct::Checked(body)) => all.extend(body.photos),
            Some(ApplicationAct::HearingHeld(body)) => all.extend(body.attachments),
            _ => {}
        }
    }
    Ok(all)
}

/// Whether a material shows numbers or signatures that are masked elsewhere.
fn personal(material: Material) -> bool {
    matches!(
        material,
        Material::Identity | Material::Authorisation | Material::Form | Material::HearingRecord
    )
}

/// A form of reasons at every file would be clicked away: the opening itself is recorded, with one reason.
fn disclose(writing: &mut Writing, id: Uuid, material: Material) -> Result<(), Problem> {
    let body = Disclosure::Revealed {
        matter: MatterKey::new("application", id).to_string(),
        field: word(material),
        reason: "查阅申请材料".to_owned(),
    };
    let disclosure = MatterKey::new(disclosures::KIND, writing.new_id()?);
    writing.append(Draft::new(&disclosure, &body))?;
    Ok(())
}

/// Where this officer can open a file of an application; empty when he may not.
pub(super) fn attachment_address(desk: &Desk, id: Uuid, attachment: &Attachment) -> String {
    let may = !personal(attachment.material) || desk.may("data.reveal");
    if may { format!("/applications/{id}/attachments/{}", attachment.digest) } else { String::new() }
}
