//! The list of faults as a file for whoever mends the source.

use axum::extract::Path;
use ledger::{Draft, MatterKey};
use site::disclosures::{self, Disclosure};
use site::{Answer, Desk, Form, Format, Problem, Sheet};
use uuid::Uuid;

use super::super::acts::KIND;
use super::super::fault::Fault;
use super::super::limits::KEPT;
use super::super::mapping::Mapping;
use super::super::{masking, tables};
use super::result::{column_of, sentence};
use super::run_of;

/// POST /imports/{id}/faults.csv: a list that may name persons leaves the house, which is itself an act, so it is no GET.
pub(super) async fn faults(desk: Desk, Path(id): Path<Uuid>, _form: Form) -> Answer {
    let run = run_of(&desk, id).await?;
    let faults =
        desk.read(move |sql| Ok(tables::faults(sql, &id.to_string(), 0, KEPT.cast_signed())?)).await?;
    let bytes = written(&desk, &faults, run.mapping.as_ref())?;
    desk.act_plain(move |_, writing| {
        let body = Disclosure::FileHandedOut {
            matter: MatterKey::new(KIND, id).to_string(),
            file: "faults.csv".into(),
        };
        let disclosure = MatterKey::new(disclosures::KIND, writing.new_id()?);
        writing.append(Draft::new(&disclosure, &body))?;
        Ok(())
    })
    .await?;
    desk.download(&format!("{}-faults.csv", run.source), "text/csv; charset=utf-8", bytes)
}

fn written(desk: &Desk, faults: &[Fault], mapping: Option<&Mapping>) -> Result<Vec<u8>, Problem> {
    let headings = ["import-row", "import-column", "import-kind", "import-value"];
    let row = |fault: &Fault| {
        let value = masking::told(fault, mapping);
        vec![fault.row.to_string(), column_of(fault), sentence(desk, fault), value]
    };
    let headings = headings.map(|key| desk.text(key)).to_vec();
    let sheet = Sheet { headings, rows: faults.iter().map(row).collect() };
    Ok(sheet.file(Format::Csv)?)
}
