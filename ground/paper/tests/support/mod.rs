//! A press with the set-up fonts, and poppler's view of what it printed. Nothing here skips: what is missing fails the test.
#![expect(dead_code, reason = "each test file uses its own part")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use paper::{Language, Order, Pdf, Press, Refusal, Template};
use serde_json::Value;

pub fn press() -> Press {
    static PRESS: OnceLock<Press> = OnceLock::new();
    PRESS.get_or_init(|| Press::open(&font_folder()).unwrap_or_else(|fault| panic!("{fault:#}"))).clone()
}

/// The folder that `scripts/fonts` prints, or the one named by COMITY_FONTS.
pub fn font_folder() -> PathBuf {
    std::env::var_os("COMITY_FONTS").map_or_else(|| root().join("target/fonts"), PathBuf::from)
}

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub fn order(template: &Template, data: Value) -> Order<'_> {
    Order {
        template,
        data,
        title: "试印 第1号".to_owned(),
        language: Language::Chinese,
        date: jiff::civil::date(2026, 11, 23).at(9, 5, 0, 0),
    }
}

pub fn print(source: &'static str, data: Value) -> Result<Pdf, Refusal> {
    press().print(&order(&Template { name: "trial", source }, data))
}

/// A printed file in a folder of its own, for poppler.
pub struct Printed {
    folder: tempfile::TempDir,
}

impl Printed {
    pub fn new(pdf: &Pdf) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("paper.pdf"), &pdf.bytes).unwrap();
        Self { folder }
    }

    /// The text in the order it was drawn, without blanks and invisible break marks.
    pub fn text(&self) -> String {
        compact(&self.poppler("pdftotext", &["-raw"], &["-"]))
    }

    pub fn information(&self) -> String {
        self.poppler("pdfinfo", &[], &[])
    }

    pub fn metadata(&self) -> String {
        self.poppler("pdfinfo", &["-meta"], &[])
    }

    pub fn fonts(&self) -> String {
        self.poppler("pdffonts", &[], &[])
    }

    /// All words with their boxes, page by page.
    pub fn pages(&self) -> Vec<Page> {
        let text = self.poppler("pdftotext", &["-bbox"], &["-"]);
        text.split("<page ").skip(1).map(Page::read).collect()
    }

    fn poppler(&self, program: &str, before: &[&str], after: &[&str]) -> String {
        let file = self.folder.path().join("paper.pdf");
        let output = Command::new(program).args(before).arg(&file).args(after).output();
        told(
            program,
            output.unwrap_or_else(|fault| {
                panic!("{program} (Debian package poppler-utils) is needed: {fault}")
            }),
        )
    }
}

fn told(program: &str, output: Output) -> String {
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

pub fn compact(text: &str) -> String {
    text.chars().filter(|character| !character.is_whitespace() && *character != '\u{200B}').collect()
}

pub struct Page {
    pub width: f64,
    pub height: f64,
    pub words: Vec<Word>,
}

#[derive(Debug)]
pub struct Word {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
    pub text: String,
}

impl Page {
    fn read(text: &str) -> Self {
        let words = text.lines().filter(|line| line.contains("<word ")).map(Word::read).collect();
        Self { width: attribute(text, "width"), height: attribute(text, "height"), words }
    }
}

impl Word {
    fn read(line: &str) -> Self {
        let inner = line.split_once('>').unwrap().1;
        Self {
            left: attribute(line, "xMin"),
            top: attribute(line, "yMin"),
            right: attribute(line, "xMax"),
            bottom: attribute(line, "yMax"),
            text: inner.trim_end_matches("</word>").to_owned(),
        }
    }

    /// The part of the smaller box that the other covers, 0 to 1.
    pub fn overlap(&self, other: &Self) -> f64 {
        let width = self.right.min(other.right) - self.left.max(other.left);
        let height = self.bottom.min(other.bottom) - self.top.max(other.top);
        if width <= 0.0 || height <= 0.0 { 0.0 } else { width * height / self.area().min(other.area()) }
    }

    fn area(&self) -> f64 {
        (self.right - self.left) * (self.bottom - self.top)
    }
}

fn attribute(text: &str, name: &str) -> f64 {
    let start = text.find(&format!("{name}=\"")).unwrap() + name.len() + 2;
    text[start..].split('"').next().unwrap().parse().unwrap()
}
