//! The list of faults as a file for whoever mends the source.

use axum::extract::Path;
use ledger::{Draft, MatterKey};
use site::disclosures::{self, Disclosure};
use site::{Answer, Desk, Form, Problem};
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

/// With a byte order mark, or spreadsheets would take the Chinese words for something else.
fn written(desk: &Desk, faults: &[Fault], mapping: Option<&Mapping>) -> Result<Vec<u8>, Problem> {
    let mut writer = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    let headings = ["import-row", "import-column", "import-kind", "import-value"];
    writer.write_record(headings.map(|key| desk.text(key))).map_err(anyhow::Error::from)?;
    for fault in faults {
        let value = masking::told(fault, mapping);
        let row = [fault.row.to_string(), column_of(fault), sentence(desk, fault), value];
        writer.write_record(row.map(|cell| harmless(&cell))).map_err(anyhow::Error::from)?;
    }
    Ok(writer.into_inner().map_err(|error| anyhow::anyhow!("{error}"))?)
}

/// A cell that a spreadsheet would compute is marked as text by an apostrophe, so that nobody's formula runs on our machine.
fn harmless(cell: &str) -> String {
    match cell.trim_start().chars().next() {
        Some('=' | '+' | '-' | '@') => format!("'{cell}"),
        _ if cell.starts_with(['\t', '\r', '\n']) => format!("'{cell}"),
        _ => cell.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn nothing_in_the_file_is_computed() {
        for cell in ["=1+1", "+86138", "-2", "@SUM(A1)", "\t=1", " =HYPERLINK(\"x\")"] {
            assert!(harmless(cell).starts_with('\''), "{cell}");
        }
        assert_eq!(harmless("西塘镇1号"), "西塘镇1号");
    }
}
