//! Rows of an XLSX workbook, read as a stream; computed cells are told from typed ones, and bombs are not unpacked.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek};
use std::path::Path;

use anyhow::Context;
use calamine::{DataRef, ExcelDateTime, Reader, Xlsx, XlsxCellReader};

use super::limits::{COLUMNS, PARTS, ROWS, SHARED_TEXT_BYTES, UNPACKED_BYTES, Unreadable};
use super::source::{Cell, Content, Flow, Row};

/// Shows every row of the first sheet to `visit`, in order, empty ones left out.
///
/// # Errors
/// `Unreadable` if the workbook breaks a bound or cannot be opened; whatever `visit` fails with.
pub fn each_row(path: &Path, visit: &mut dyn FnMut(Row) -> anyhow::Result<Flow>) -> anyhow::Result<()> {
    measure(path)?;
    let mut workbook: Xlsx<_> = Xlsx::new(BufReader::new(File::open(path).context("workbook")?))
        .map_err(|_| Unreadable::BrokenWorkbook)?;
    let sheet = workbook.sheet_names().first().cloned().ok_or(Unreadable::NoSheet)?;
    let mut cells = workbook.worksheet_cells_reader(&sheet).map_err(|_| Unreadable::BrokenWorkbook)?;
    Rows { current: None }.run(&mut cells, visit)
}

/// Unpacks every part once without keeping it: the sizes that the directory states may be lies.
fn measure(path: &Path) -> anyhow::Result<()> {
    let mut archive = zip::ZipArchive::new(BufReader::new(File::open(path).context("workbook")?))
        .map_err(|_| Unreadable::BrokenWorkbook)?;
    if archive.len() > PARTS {
        return Err(Unreadable::UnpacksTooLarge.into());
    }
    let mut left = UNPACKED_BYTES;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|_| Unreadable::BrokenWorkbook)?;
        // Parts are looked up without regard to case, so their names are compared so.
        let is_text = part.name().is_ok_and(|name| name.to_ascii_lowercase().ends_with("sharedstrings.xml"));
        left -= if is_text {
            measure_text(part, left.min(SHARED_TEXT_BYTES))?
        } else {
            unpacked(&mut part.take(left + 1), left)?
        };
    }
    Ok(())
}

/// The size of a part, if it is within the bound; `part` ends one byte behind it.
fn unpacked(part: &mut dyn Read, bound: u64) -> anyhow::Result<u64> {
    let size = std::io::copy(part, &mut std::io::sink()).map_err(|_| Unreadable::BrokenWorkbook)?;
    within(size, bound)
}

fn within(size: u64, bound: u64) -> anyhow::Result<u64> {
    if size > bound { Err(Unreadable::UnpacksTooLarge.into()) } else { Ok(size) }
}

/// Bytes of the shortest shared text, `<si/>`.
const SHORTEST_TEXT: u64 = 5;

/// The size of the shared texts. Memory for as many as they say to be is taken before one is read,
/// so a count that their size cannot hold is a bomb.
fn measure_text(part: impl Read, bound: u64) -> anyhow::Result<u64> {
    let mut part = BufReader::new(part.take(bound + 1));
    let (mut size, mut stated) = (0, 0);
    let mut piece = Vec::new();
    loop {
        piece.clear();
        let read = part.read_until(b'>', &mut piece).map_err(|_| Unreadable::BrokenWorkbook)?;
        if read == 0 {
            break;
        }
        size = within(size + read as u64, bound)?;
        stated = stated.max(stated_count(&piece));
    }
    within(stated.saturating_mul(SHORTEST_TEXT), size)?;
    Ok(size)
}

/// The largest number that this piece of XML states as `uniqueCount`; 0 where it states none.
fn stated_count(piece: &[u8]) -> u64 {
    let name = b"uniqueCount";
    let places = piece.windows(name.len()).enumerate().filter(|(_, bytes)| bytes == name);
    let values = places.map(|(place, _)| &piece[place + name.len()..]);
    values.map(count_at).max().unwrap_or_default()
}

fn count_at(value: &[u8]) -> u64 {
    let is_frame = |byte: &u8| byte.is_ascii_whitespace() || b"=\"'+".contains(byte);
    let digits = value.iter().skip_while(|byte| is_frame(byte)).take_while(|byte| byte.is_ascii_digit());
    digits.fold(0, |count: u64, digit| count.saturating_mul(10).saturating_add(u64::from(digit - b'0')))
}

/// Gathers the cells of one row after the other.
struct Rows {
    current: Option<Row>,
}

impl Rows {
    fn run<R: Read + Seek>(
        mut self,
        cells: &mut XlsxCellReader<'_, R>,
        visit: &mut dyn FnMut(Row) -> anyhow::Result<Flow>,
    ) -> anyhow::Result<()> {
        while let Some(record) =
            cells.next_cell_with_formula_metadata().map_err(|_| Unreadable::BrokenWorkbook)?
        {
            let (row, column) = (u64::from(record.pos.0) + 1, record.pos.1 as usize);
            if self.current.as_ref().is_some_and(|current| current.number != row)
                && self.hand_over(visit)?.is_stop()
            {
                return Ok(());
            }
            let value = written(&record.value);
            let cell = if record.formula.is_some() { Cell::Formula(value) } else { Cell::Plain(value) };
            self.put(row, column, cell)?;
        }
        self.hand_over(visit).map(drop)
    }

    fn put(&mut self, number: u64, column: usize, cell: Cell) -> anyhow::Result<()> {
        if column >= COLUMNS && cell.is_blank() {
            return Ok(());
        }
        if column >= COLUMNS {
            return Err(Unreadable::TooManyColumns.into());
        }
        if number > ROWS {
            return Err(Unreadable::TooManyRows.into());
        }
        let row = self.current.get_or_insert_with(|| Row { number, content: Content::Cells(Vec::new()) });
        if let Content::Cells(cells) = &mut row.content {
            if cells.len() <= column {
                cells.resize(column + 1, Cell::Plain(String::new()));
            }
            cells[column] = cell;
        }
        Ok(())
    }

    fn hand_over(&mut self, visit: &mut dyn FnMut(Row) -> anyhow::Result<Flow>) -> anyhow::Result<Flow> {
        match self.current.take() {
            Some(row) if !row.is_blank() => visit(row),
            _ => Ok(Flow::On),
        }
    }
}

/// The value as one would type it: whole numbers without exponent, dates as yyyy-MM-dd.
fn written(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Empty => String::new(),
        DataRef::Int(number) => number.to_string(),
        // Licence numbers kept as numbers must not become 3.30421100001e11; `{}` writes no exponent.
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(truth) => truth.to_string(),
        DataRef::DateTime(moment) => written_date(moment),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            text.split('T').next().unwrap_or_default().to_owned()
        }
        DataRef::Error(error) => error.to_string(),
    }
}

fn written_date(moment: &ExcelDateTime) -> String {
    let (year, month, day, ..) = moment.to_ymd_hms_milli();
    format!("{year:04}-{month:02}-{day:02}")
}
