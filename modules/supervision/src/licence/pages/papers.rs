//! Papers and uploads handed out, each only to those who may see what it belongs to.

use axum::extract::Path;
use site::{Answer, Desk, Problem, Routes};
use uuid::Uuid;

use super::{acts_of, folded, subject, subject_of};
use crate::licence::acts::Attachment;
use crate::licence::application::Application;
use crate::licence::printing;

pub(super) fn routes() -> Routes {
    Routes::new().get("/papers/{act}", "paper.read", paper).get(
        "/applications/{id}/attachments/{digest}",
        "application.read",
        attachment,
    )
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

/// GET /applications/{id}/attachments/{digest}
async fn attachment(desk: Desk, Path((id, digest)): Path<(Uuid, String)>) -> Answer {
    let attachment = desk.blocking(move |desk| find(desk, id, &digest)).await?;
    desk.upload(&attachment.digest, &attachment.name).await
}

fn find(desk: &Desk, id: Uuid, digest: &str) -> Result<Attachment, Problem> {
    let application: Application = folded(&acts_of(desk, "application", id)?)?;
    desk.require("application.read", &subject_of(desk, &application))?;
    let photos = application.check.iter().flat_map(|check| &check.photos);
    let mut all = application.attachments.iter().chain(photos);
    all.find(|attachment| attachment.digest == digest).cloned().ok_or(Problem::Missing)
}
