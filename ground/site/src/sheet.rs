//! A list as a file: every row of the filtered list as CSV or as a workbook, for whoever may take it along.

use ledger::{Draft, MatterKey};
use rust_xlsxwriter::{Format as Style, Workbook};
use store::Row;

use crate::desk::Desk;
use crate::disclosures::{self, Disclosure};
use crate::listing::Listing;
use crate::problem::{Answer, Problem, Refusal};

/// Rows of one file at most; whoever needs more narrows the list.
const MOST: i64 = 100_000;

/// In which form a list is handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Csv,
    Xlsx,
}

impl Format {
    /// The format of that ending.
    ///
    /// # Errors
    /// Missing for any other word.
    pub fn named(ending: &str) -> Result<Format, Problem> {
        match ending {
            "csv" => Ok(Format::Csv),
            "xlsx" => Ok(Format::Xlsx),
            _ => Err(Problem::Missing),
        }
    }

    fn ending(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Xlsx => "xlsx",
        }
    }

    fn media_type(self) -> &'static str {
        match self {
            Format::Csv => "text/csv; charset=utf-8",
            Format::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }
}

/// Headings and rows, as they are read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    pub headings: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

impl Sheet {
    /// The file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn file(&self, format: Format) -> anyhow::Result<Vec<u8>> {
        match format {
            Format::Csv => self.separated(),
            Format::Xlsx => self.workbook(),
        }
    }

    /// With a byte order mark, or spreadsheets would take the Chinese words for something else.
    fn separated(&self) -> anyhow::Result<Vec<u8>> {
        let mut writer = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
        for row in std::iter::once(&self.headings).chain(&self.rows) {
            writer.write_record(row.iter().map(|cell| harmless(cell)))?;
        }
        writer.into_inner().map_err(|error| anyhow::anyhow!("{error}"))
    }

    /// Every cell is a text: numbers of licences keep all their digits, and nothing is computed.
    fn workbook(&self) -> anyhow::Result<Vec<u8>> {
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet();
        let bold = Style::new().set_bold();
        for (column, heading) in (0_u16..).zip(&self.headings) {
            sheet.write_string_with_format(0, column, heading, &bold)?;
        }
        for (row, cells) in (1_u32..).zip(&self.rows) {
            for (column, cell) in (0_u16..).zip(cells) {
                sheet.write_string(row, column, cell)?;
            }
        }
        sheet.set_freeze_panes(1, 0)?;
        sheet.autofit();
        Ok(workbook.save_to_buffer()?)
    }
}

/// A cell that a spreadsheet would compute is marked as text by an apostrophe, so that nobody's formula runs on a reader's machine.
pub fn harmless(cell: &str) -> String {
    match cell.trim_start().chars().next() {
        Some('=' | '+' | '-' | '@') => format!("'{cell}"),
        _ if cell.starts_with(['\t', '\r', '\n']) => format!("'{cell}"),
        _ => cell.to_owned(),
    }
}

impl Desk {
    /// Hands out all rows of a list as a file; that it left the house, and which list it was, is an act.
    ///
    /// # Errors
    /// Refused when the list is empty or too long; failed when it cannot be read.
    pub async fn hand_out<F>(
        &self,
        listing: Listing,
        (name, headings): (&str, Vec<String>),
        format: Format,
        each: F,
    ) -> Answer
    where
        F: Fn(&Row) -> Result<Vec<String>, Problem> + Send + 'static,
    {
        let asked = listing.address_of_all();
        let rows = self.read(move |sql| listing.read_all(sql, MOST, each)).await?;
        let Some(rows) = rows else {
            return Err(Refusal::new("list-too-long").with("most", MOST).into());
        };
        if rows.is_empty() {
            return Err(Refusal::new("list-nothing-to-export").into());
        }
        let file = format!("{name}.{}", format.ending());
        let bytes = Sheet { headings, rows }.file(format)?;
        let body = Disclosure::FileHandedOut { matter: asked, file: file.clone() };
        self.act_plain(move |_, writing| {
            let disclosure = MatterKey::new(disclosures::KIND, writing.new_id()?);
            writing.append(Draft::new(&disclosure, &body))?;
            Ok(())
        })
        .await?;
        self.download(&file, format.media_type(), bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_the_file_is_computed() {
        for cell in ["=1+1", "+86138", "-2", "@SUM(A1)", "\t=1", " =HYPERLINK(\"x\")"] {
            assert!(harmless(cell).starts_with('\''), "{cell}");
        }
        assert_eq!(harmless("西塘镇1号"), "西塘镇1号");
    }

    #[test]
    fn both_files_say_the_same() {
        let row = vec!["330421100001".to_owned(), "=1+1".to_owned()];
        let sheet = Sheet { headings: vec!["许可证号".into(), "字号".into()], rows: vec![row] };
        let text = String::from_utf8(sheet.file(Format::Csv).unwrap()).unwrap();
        assert_eq!(text, "\u{feff}许可证号,字号\n330421100001,'=1+1\n");
        let bytes = sheet.file(Format::Xlsx).unwrap();
        assert!(bytes.starts_with(b"PK"), "a workbook");
        assert!(Format::named("pdf").is_err());
    }
}
