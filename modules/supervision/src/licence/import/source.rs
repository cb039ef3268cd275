//! A file that is imported: recognised by its content, opened as often as needed, read row by row.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::Context;
use flate2::bufread::MultiGzDecoder;

use super::encoding::{Encoding, Line, Lines};
use super::headings::known_in;
use super::limits::{COLUMNS, FILE_BYTES, ROWS, ROWS_BEFORE_HEADINGS, UNPACKED_BYTES, Unreadable};
use super::separated::{Separated, Taken, separator_of};
use super::workbook;

/// One row with its number from 1, headings counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub number: u64,
    pub content: Content,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    Cells(Vec<Cell>),
    /// Quotes that do not match; the line as it stands.
    Broken(String),
    /// Bytes that are no text in this encoding.
    Undecodable(String),
    TooLong,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    Plain(String),
    /// A computed cell with its last value or, in a text file, its formula.
    Formula(String),
}

/// Whether more rows are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    On,
    Stop,
}

/// What kind of file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Text { encoding: Encoding, separator: char, packed: bool },
    Workbook,
}

/// A file known to be readable.
#[derive(Clone, Debug)]
pub struct Source {
    path: PathBuf,
    pub form: Form,
    /// Row of the headings, as guessed: the one with most known headings, else the first.
    pub heading_row: u64,
    pub headings: Vec<String>,
}

impl Flow {
    #[must_use]
    pub fn is_stop(self) -> bool {
        self == Self::Stop
    }
}

impl Cell {
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Plain(text) | Self::Formula(text) => text,
        }
    }

    #[must_use]
    pub fn is_blank(&self) -> bool {
        matches!(self, Self::Plain(text) if text.trim().is_empty())
    }

    /// A cell of a text file: there, a formula is what spreadsheets would compute on opening.
    fn of_text(text: String) -> Self {
        if text.starts_with('=') { Self::Formula(text) } else { Self::Plain(text) }
    }
}

impl Row {
    #[must_use]
    pub fn is_blank(&self) -> bool {
        matches!(&self.content, Content::Cells(cells) if cells.iter().all(Cell::is_blank))
    }

    fn headings(&self) -> Vec<String> {
        match &self.content {
            Content::Cells(cells) => cells.iter().map(|cell| cell.text().trim().to_owned()).collect(),
            _ => Vec::new(),
        }
    }
}

impl Source {
    /// Recognises the file and finds its headings.
    ///
    /// # Errors
    /// `Unreadable` inside the `anyhow` error where the file itself is to blame.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let form = Form::recognise(path)?;
        let mut source = Self { path: path.to_owned(), form, heading_row: 1, headings: Vec::new() };
        source.find_headings(None)?;
        Ok(source)
    }

    /// The same file with its headings in another row.
    ///
    /// # Errors
    /// There is no such row among the first rows, or reading fails.
    pub fn with_headings_in(mut self, row: u64) -> anyhow::Result<Self> {
        if self.heading_row != row {
            self.find_headings(Some(row))?;
        }
        Ok(self)
    }

    /// Shows every row below the headings to `visit`, in order; blank rows are left out.
    ///
    /// # Errors
    /// Reading fails, the file breaks a bound, or `visit` fails.
    pub fn each_row(&self, visit: &mut dyn FnMut(Row) -> anyhow::Result<Flow>) -> anyhow::Result<()> {
        let heading_row = self.heading_row;
        self.each(Some(self.headings.len()), &mut |row| {
            if row.number > heading_row { visit(row) } else { Ok(Flow::On) }
        })
    }

    fn find_headings(&mut self, wanted: Option<u64>) -> anyhow::Result<()> {
        let mut best: Option<(usize, u64, Vec<String>)> = None;
        self.each(None, &mut |row| {
            let headings = row.headings();
            let score = if wanted == Some(row.number) { usize::MAX } else { known_in(&headings) };
            if wanted.is_none_or(|wanted| wanted == row.number)
                && best.as_ref().is_none_or(|best| score > best.0)
            {
                best = Some((score, row.number, headings));
            }
            Ok(if row.number >= ROWS_BEFORE_HEADINGS { Flow::Stop } else { Flow::On })
        })?;
        let (_, row, mut headings) = best.ok_or(Unreadable::NoHeadings)?;
        while headings.last().is_some_and(String::is_empty) {
            headings.pop();
        }
        if headings.is_empty() {
            return Err(Unreadable::NoHeadings.into());
        }
        (self.heading_row, self.headings) = (row, headings);
        Ok(())
    }

    fn each(
        &self,
        width: Option<usize>,
        visit: &mut dyn FnMut(Row) -> anyhow::Result<Flow>,
    ) -> anyhow::Result<()> {
        match self.form {
            Form::Workbook => workbook::each_row(&self.path, visit),
            Form::Text { encoding, separator, packed } => {
                let lines = Lines::new(reader(&self.path, packed)?, encoding);
                let mut rows = Separated::new(lines, separator);
                rows.width = width;
                each_text_row(rows, visit)
            }
        }
    }
}

fn each_text_row(
    mut rows: Separated<BufReader<Box<dyn Read>>>,
    visit: &mut dyn FnMut(Row) -> anyhow::Result<Flow>,
) -> anyhow::Result<()> {
    let mut number = 0;
    while let Some(taken) = rows.next_row().map_err(unpacking)? {
        number += 1;
        if number > ROWS {
            return Err(Unreadable::TooManyRows.into());
        }
        let row = Row { number, content: Content::from(taken) };
        if matches!(&row.content, Content::Cells(cells) if cells.len() > COLUMNS) {
            return Err(Unreadable::TooManyColumns.into());
        }
        if !row.is_blank() && visit(row)?.is_stop() {
            return Ok(());
        }
    }
    Ok(())
}

impl From<Taken> for Content {
    fn from(taken: Taken) -> Self {
        match taken {
            Taken::Cells(cells) => Self::Cells(cells.into_iter().map(Cell::of_text).collect()),
            Taken::Broken(line) => Self::Broken(line),
            Taken::Undecodable(guess) => Self::Undecodable(guess),
            Taken::TooLong => Self::TooLong,
        }
    }
}

impl Form {
    fn recognise(path: &Path) -> anyhow::Result<Self> {
        let mut file = File::open(path).context("file to import")?;
        if file.metadata().context("file to import")?.len() > FILE_BYTES {
            return Err(Unreadable::FileTooLarge.into());
        }
        let mut start = [0_u8; 8];
        let read = file.read(&mut start).context("file to import")?;
        match &start[..read] {
            [0x50, 0x4b, 0x03, 0x04, ..] => Ok(Self::Workbook),
            // The container of .xls and of encrypted workbooks.
            [0xd0, 0xcf, 0x11, 0xe0, ..] => Err(Unreadable::OldWorkbook.into()),
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Err(Unreadable::Utf16.into()),
            [0x1f, 0x8b, ..] => Self::text(path, true),
            [] => Err(Unreadable::NoHeadings.into()),
            bytes if bytes.contains(&0) => Err(Unreadable::NotATable.into()),
            _ => Self::text(path, false),
        }
    }

    fn text(path: &Path, packed: bool) -> anyhow::Result<Self> {
        let encoding =
            Encoding::detect(|| reader(path, packed)).map_err(|error: anyhow::Error| {
                match error.downcast() {
                    Ok(error) => unpacking(error),
                    Err(error) => error,
                }
            })?;
        let mut lines = Lines::new(reader(path, packed)?, encoding);
        let mut separator = ',';
        for _ in 0..ROWS_BEFORE_HEADINGS {
            match lines.next_line()? {
                Some(Line::Text(text)) if separator_count(&text) > 0 => {
                    separator = separator_of(&text);
                    break;
                }
                Some(_) => {}
                None => break,
            }
        }
        Ok(Self::Text { encoding, separator, packed })
    }
}

fn separator_count(line: &str) -> usize {
    line.matches([',', ';', '\t']).count()
}

fn reader(path: &Path, packed: bool) -> anyhow::Result<BufReader<Box<dyn Read>>> {
    let file = BufReader::new(File::open(path).context("file to import")?);
    let unpacked: Box<dyn Read> = if packed {
        Box::new(Bounded { inner: MultiGzDecoder::new(file), left: UNPACKED_BYTES })
    } else {
        Box::new(file)
    };
    Ok(BufReader::new(unpacked))
}

/// A reader that fails, rather than ends, when too much comes out of it.
struct Bounded<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.left = self
            .left
            .checked_sub(read as u64)
            .ok_or_else(|| std::io::Error::other(Unreadable::UnpacksTooLarge))?;
        Ok(read)
    }
}

fn unpacking(error: std::io::Error) -> anyhow::Error {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Unreadable>()) {
        Some(unreadable) => (*unreadable).into(),
        None => anyhow::Error::new(error).context("reading the file to import"),
    }
}
