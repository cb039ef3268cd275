//! Rows of a text file with separated cells (RFC 4180), which finds its way back after a row with broken quotes.

use std::collections::VecDeque;
use std::io::BufRead;

use super::encoding::{Line, Lines};
use super::limits::LINES_IN_A_CELL;

/// A row taken apart, or why it cannot be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    Cells(Vec<String>),
    Broken(String),
    Undecodable(String),
    TooLong,
}

/// The rows of a file. `width` is the number of headings, once known; it helps to see that a quote was never closed.
pub struct Separated<R> {
    lines: Lines<R>,
    separator: char,
    pub width: Option<usize>,
    /// Lines read ahead in vain.
    waiting: VecDeque<Line>,
}

impl<R: BufRead> Separated<R> {
    pub fn new(lines: Lines<R>, separator: char) -> Self {
        Self { lines, separator, width: None, waiting: VecDeque::new() }
    }

    /// The next row, `None` at the end.
    ///
    /// # Errors
    /// Reading fails.
    pub fn next_row(&mut self) -> std::io::Result<Option<Taken>> {
        let Some(line) = self.next_line()? else { return Ok(None) };
        Ok(Some(match line {
            Line::TooLong => Taken::TooLong,
            Line::Undecodable(guess) => Taken::Undecodable(guess),
            Line::Text(text) => match split(&text, self.separator) {
                Split::Cells(cells) => Taken::Cells(cells),
                Split::Broken => Taken::Broken(text),
                Split::Open => self.join(text)?,
            },
        }))
    }

    /// A quoted cell may run over several lines. It does not if the next line is a whole row by itself:
    /// then the quote was never closed, and only the first line is lost.
    fn join(&mut self, first: String) -> std::io::Result<Taken> {
        let mut joined = first.clone();
        let mut ahead = Vec::new();
        let mut found = None;
        while found.is_none() && ahead.len() < LINES_IN_A_CELL {
            let Some(line) = self.next_line()? else { break };
            ahead.push(line);
            let Some(Line::Text(text)) = ahead.last().filter(|line| !self.is_whole_row(line)) else { break };
            joined = format!("{joined}\n{text}");
            match split(&joined, self.separator) {
                Split::Open => {}
                Split::Cells(cells) if self.width.is_none_or(|width| cells.len() == width) => {
                    found = Some(cells)
                }
                _ => break,
            }
        }
        Ok(found.map(Taken::Cells).unwrap_or_else(|| {
            ahead.into_iter().rev().for_each(|line| self.waiting.push_front(line));
            Taken::Broken(first)
        }))
    }

    fn is_whole_row(&self, line: &Line) -> bool {
        let (Line::Text(text), Some(width)) = (line, self.width) else { return false };
        width > 1 && matches!(split(text, self.separator), Split::Cells(cells) if cells.len() == width)
    }

    fn next_line(&mut self) -> std::io::Result<Option<Line>> {
        match self.waiting.pop_front() {
            Some(line) => Ok(Some(line)),
            None => self.lines.next_line(),
        }
    }
}

/// The sign that separates the cells of a line of headings: comma, semicolon or tabulator.
#[must_use]
pub fn separator_of(headings: &str) -> char {
    let count = |separator: char| match split(headings, separator) {
        Split::Cells(cells) => cells.len(),
        _ => 0,
    };
    [',', ';', '\t'].into_iter().rev().max_by_key(|separator| count(*separator)).unwrap_or(',')
}

#[derive(Debug, PartialEq, Eq)]
enum Split {
    Cells(Vec<String>),
    /// The line ends inside quotes.
    Open,
    Broken,
}

fn split(line: &str, separator: char) -> Split {
    let mut cells = Vec::new();
    let mut rest = line;
    loop {
        let (cell, after) = match rest.strip_prefix('"') {
            Some(quoted) => match quoted_cell(quoted, separator) {
                Ok(cell_and_rest) => cell_and_rest,
                Err(fault) => return fault,
            },
            None => plain_cell(rest, separator),
        };
        // A bare quote inside a cell is a broken one, but for ="…", by which spreadsheets keep leading zeros.
        if !rest.starts_with('"') && cell.contains('"') && !cell.starts_with('=') {
            return Split::Broken;
        }
        cells.push(cell);
        match after {
            Some(more) => rest = more,
            None => return Split::Cells(cells),
        }
    }
}

/// The cell behind an opening quote, and what follows its separator.
fn quoted_cell(text: &str, separator: char) -> Result<(String, Option<&str>), Split> {
    let mut cell = String::new();
    let mut rest = text;
    loop {
        let (before, after) = rest.split_once('"').ok_or(Split::Open)?;
        cell.push_str(before);
        match after.chars().next() {
            Some('"') => {
                cell.push('"');
                rest = &after[1..];
            }
            None => return Ok((cell, None)),
            Some(next) if next == separator => return Ok((cell, Some(&after[separator.len_utf8()..]))),
            Some(_) => return Err(Split::Broken),
        }
    }
}

fn plain_cell(text: &str, separator: char) -> (String, Option<&str>) {
    match text.split_once(separator) {
        Some((cell, rest)) => (cell.to_owned(), Some(rest)),
        None => (text.to_owned(), None),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::encoding::Encoding;
    use super::*;

    fn rows(text: &str, width: usize) -> Vec<Taken> {
        let mut rows = Separated::new(Lines::new(text.as_bytes(), Encoding::Utf8), ',');
        rows.width = Some(width);
        std::iter::from_fn(|| rows.next_row().unwrap()).collect()
    }

    fn cells(cells: &[&str]) -> Taken {
        Taken::Cells(cells.iter().map(|cell| (*cell).to_owned()).collect())
    }

    fn broken(line: &str) -> Taken {
        Taken::Broken(line.to_owned())
    }

    #[test]
    fn quotes_commas_and_line_ends_inside_a_cell() {
        assert_eq!(
            rows("1,\"a,\"\"b\"\"\",c\n2,\"x\ny\",z\n", 3),
            [cells(&["1", "a,\"b\"", "c"]), cells(&["2", "x\ny", "z"])]
        );
    }

    #[test]
    fn a_quote_never_closed_costs_one_row() {
        assert_eq!(
            rows("1,\"a,b\n2,c,d\n3,\"e\",f\n", 3),
            [broken("1,\"a,b"), cells(&["2", "c", "d"]), cells(&["3", "e", "f"])]
        );
    }

    #[test]
    fn a_quote_never_closed_in_the_last_row_ends_the_file() {
        assert_eq!(rows("1,a,b\n2,\"c,d", 3), [cells(&["1", "a", "b"]), broken("2,\"c,d")]);
    }

    #[test]
    fn text_behind_a_closing_quote_and_a_bare_quote_are_broken() {
        assert_eq!(
            rows("1,\"a\"b,c\n2,x\"y,z\n3,d,e\n", 3),
            [broken("1,\"a\"b,c"), broken("2,x\"y,z"), cells(&["3", "d", "e"])]
        );
    }

    #[test]
    fn two_neighbours_with_open_quotes_are_two_faults() {
        assert_eq!(
            rows("1,\"a,b\n2,\"c,d\n3,e,f\n", 3),
            [broken("1,\"a,b"), broken("2,\"c,d"), cells(&["3", "e", "f"])]
        );
    }

    #[test]
    fn a_formula_that_keeps_zeros_is_one_cell() {
        assert_eq!(rows("=\"0012\",a,b\n", 3), [cells(&["=\"0012\"", "a", "b"])]);
    }

    #[test]
    fn the_separator_is_found() {
        assert_eq!(separator_of("许可证号;名称;地址"), ';');
        assert_eq!(separator_of("许可证号\t名称,字号\t地址"), '\t');
        assert_eq!(separator_of("许可证号,名称"), ',');
        assert_eq!(separator_of("许可证号"), ',');
    }

    proptest! {
        #[test]
        fn whatever_is_quoted_comes_back(table in proptest::collection::vec(proptest::collection::vec("[a-c\",;\n烟 ]{0,8}", 4), 1..8)) {
            let quote = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
            let text: String = table.iter().map(|row| row.iter().map(quote).collect::<Vec<_>>().join(",") + "\n").collect();
            let mut rows = Separated::new(Lines::new(text.as_bytes(), Encoding::Utf8), ',');
            let read: Vec<_> = std::iter::from_fn(|| rows.next_row().unwrap()).collect();
            let expected: Vec<_> = table.into_iter().map(Taken::Cells).collect();
            prop_assert_eq!(read, expected);
        }

        #[test]
        fn every_line_is_accounted_for(lines in proptest::collection::vec("[ab\",]{1,10}", 1..30)) {
            let text = lines.join("\n");
            let mut rows = Separated::new(Lines::new(text.as_bytes(), Encoding::Utf8), ',');
            rows.width = Some(3);
            let read: Vec<_> = std::iter::from_fn(|| rows.next_row().unwrap()).collect();
            prop_assert!(read.len() <= lines.len());
            let whole = lines.iter().filter(|line| matches!(split(line, ','), Split::Cells(cells) if cells.len() == 3)).count();
            let found = read.iter().filter(|taken| matches!(taken, Taken::Cells(_))).count();
            prop_assert!(found >= whole, "{found} of {whole}");
        }
    }
}
