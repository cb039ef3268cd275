//! Bounds of what is read from a file that somebody hands in: beyond them it is refused, clearly and before it costs memory.

/// The file as it arrives.
pub const FILE_BYTES: u64 = 64 * 1024 * 1024;
/// A workbook or packed file, unpacked: all parts together.
pub const UNPACKED_BYTES: u64 = 512 * 1024 * 1024;
/// The texts of a workbook, which are kept in memory as long as it is read.
pub const SHARED_TEXT_BYTES: u64 = 96 * 1024 * 1024;
/// Parts of a workbook.
pub const PARTS: usize = 2_000;
/// One line of a text file.
pub const LINE_BYTES: usize = 64 * 1024;
/// One cell.
pub const CELL_CHARACTERS: usize = 1_000;
/// Columns with or without a heading.
pub const COLUMNS: usize = 200;
/// Rows with the headings.
pub const ROWS: u64 = 500_000;
/// Lines over which one quoted cell may run.
pub const LINES_IN_A_CELL: usize = 20;
/// The row that holds the headings is looked for in so many rows.
pub const ROWS_BEFORE_HEADINGS: u64 = 20;
/// So many faults and differences are kept for reading; they are all counted.
pub const KEPT: u64 = 50_000;

/// Why a file cannot be read at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("the file is larger than allowed")]
    FileTooLarge,
    #[error("unpacked, the file would be larger than allowed")]
    UnpacksTooLarge,
    #[error("too many columns")]
    TooManyColumns,
    #[error("too many rows")]
    TooManyRows,
    #[error("UTF-16 text")]
    Utf16,
    #[error("an old or encrypted workbook")]
    OldWorkbook,
    #[error("a workbook that cannot be opened")]
    BrokenWorkbook,
    #[error("a workbook without a sheet")]
    NoSheet,
    #[error("no headings")]
    NoHeadings,
    #[error("neither text nor workbook")]
    NotATable,
}

impl Unreadable {
    /// Key of its sentence in `text/*/import.ftl`.
    #[must_use]
    pub fn text_key(self) -> &'static str {
        match self {
            Self::FileTooLarge => "import-refusal-file-too-large",
            Self::UnpacksTooLarge => "import-refusal-unpacks-too-large",
            Self::TooManyColumns => "import-refusal-too-many-columns",
            Self::TooManyRows => "import-refusal-too-many-rows",
            Self::Utf16 => "import-refusal-utf16",
            Self::OldWorkbook => "import-refusal-old-workbook",
            Self::BrokenWorkbook => "import-refusal-broken-workbook",
            Self::NoSheet => "import-refusal-no-sheet",
            Self::NoHeadings => "import-refusal-no-headings",
            Self::NotATable => "import-refusal-not-a-table",
        }
    }
}
