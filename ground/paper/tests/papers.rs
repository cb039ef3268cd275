//! Every paper of every module prints with each of its samples: `modules/*/paper/NAME.typ` with `samples/NAME[.CASE].json`.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::path::{Path, PathBuf};

use paper::{Language, Order, Pdf, Template};
use serde_json::Value;
use support::{Page, Printed, compact, press, root};

struct Sample {
    name: String,
    template: Template,
    data: Value,
}

#[test]
fn every_paper_has_a_sample() {
    let (papers, samples) = (papers(), samples());
    assert!(papers.len() >= 5, "{papers:?}");
    for paper in papers {
        let name = stem(&paper);
        assert!(
            samples.iter().any(|sample| sample.template.name == name),
            "{} has no sample",
            paper.display()
        );
    }
}

#[test]
fn every_value_of_the_data_stands_on_the_paper() {
    for sample in samples() {
        for language in [Language::Chinese, Language::English] {
            let text = Printed::new(&print(&sample, language)).text();
            for (path, value) in leaves(&sample.data, "") {
                let forms = forms(&value);
                assert!(
                    forms.iter().any(|form| text.contains(form)),
                    "{}: {path}, one of {forms:?}, is not in {text}",
                    sample.name
                );
            }
        }
    }
}

#[test]
fn every_font_is_embedded_and_cut_to_what_is_used() {
    for sample in samples() {
        let fonts = Printed::new(&print(&sample, Language::English)).fonts();
        let rows: Vec<&str> = fonts.lines().skip(2).collect();
        assert!(!rows.is_empty(), "{}", sample.name);
        for row in rows {
            // The columns from the right: object and generation, unicode map, subset, embedded.
            let columns: Vec<&str> = row.split_whitespace().rev().collect();
            assert_eq!(columns[2..5], ["yes", "yes", "yes"], "{}: {row}", sample.name);
        }
    }
}

#[test]
fn every_paper_is_pdf_a_tells_its_pages_and_is_the_same_each_time() {
    for sample in samples() {
        let pdf = print(&sample, Language::Chinese);
        assert_eq!(pdf, print(&sample, Language::Chinese), "{}", sample.name);
        let printed = Printed::new(&pdf);
        assert!(printed.metadata().contains("<pdfaid:part>2</pdfaid:part>"), "{}", sample.name);
        assert_eq!(printed.pages().len(), pdf.pages, "{}", sample.name);
        assert!(printed.information().contains(&sample.name), "{}", sample.name);
    }
}

#[test]
fn long_names_and_addresses_stay_on_the_sheet_and_cover_nothing() {
    for sample in samples().iter().filter(|sample| sample.data["sample"] != true) {
        for page in Printed::new(&print(sample, Language::English)).pages() {
            stays_inside(&page, &sample.name);
            covers_nothing(&page, &sample.name);
        }
    }
}

#[test]
fn certificates_and_forms_take_one_sheet_and_letters_few() {
    for sample in samples() {
        let pages = print(&sample, Language::English).pages;
        match sample.template.name {
            "licence" => assert_eq!(pages, 1, "{}", sample.name),
            "receipt" => assert!(pages <= 2, "{}: {pages}", sample.name),
            _ => assert!(pages <= 5, "{}: {pages}", sample.name),
        }
    }
}

#[test]
fn a_sample_is_marked_and_a_real_paper_is_not() {
    for sample in samples() {
        let text = Printed::new(&print(&sample, Language::Chinese)).text();
        assert_eq!(text.contains("样本"), sample.data["sample"] == true, "{}", sample.name);
    }
}

/// 10 mm of the edge stay free, as printers need.
fn stays_inside(page: &Page, name: &str) {
    let edge = 28.0;
    for word in &page.words {
        let inside = word.left >= edge
            && word.top >= edge
            && word.right <= page.width - edge
            && word.bottom <= page.height - edge;
        assert!(inside, "{name}: {word:?} leaves the sheet");
    }
}

fn covers_nothing(page: &Page, name: &str) {
    for (index, word) in page.words.iter().enumerate() {
        for other in &page.words[index + 1..] {
            assert!(word.overlap(other) < 0.3, "{name}: {word:?} and {other:?} cover each other");
        }
    }
}

fn print(sample: &Sample, language: Language) -> Pdf {
    let order = Order {
        template: &sample.template,
        data: sample.data.clone(),
        title: sample.name.clone(),
        language,
        date: jiff::civil::date(2026, 11, 23).at(9, 5, 0, 0),
    };
    press().print(&order).unwrap_or_else(|refusal| panic!("{}: {refusal}", sample.name))
}

/// The path and value of every filled field.
fn leaves(data: &Value, path: &str) -> Vec<(String, Value)> {
    match data {
        Value::Object(fields) => {
            fields.iter().flat_map(|(key, value)| leaves(value, &format!("{path}/{key}"))).collect()
        }
        Value::Array(items) => items
            .iter()
            .enumerate()
            .flat_map(|(index, item)| leaves(item, &format!("{path}/{index}")))
            .collect(),
        Value::String(_) | Value::Number(_) => vec![(path.to_owned(), data.clone())],
        Value::Bool(_) | Value::Null => Vec::new(),
    }
}

/// How a value may stand on paper: as it is, a date in Chinese form, a number in Chinese figures.
fn forms(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![date(text).or_else(|| time(text)).unwrap_or_else(|| compact(text))],
        Value::Number(number) => vec![number.to_string(), figures(number.as_i64().unwrap())],
        _ => unreachable!("leaves are strings and numbers"),
    }
}

fn date(text: &str) -> Option<String> {
    let date: jiff::civil::Date = (text.len() == 10).then(|| text.parse().ok())??;
    Some(format!("{}年{}月{}日", date.year(), date.month(), date.day()))
}

fn time(text: &str) -> Option<String> {
    let time: jiff::civil::DateTime = (text.len() == 16).then(|| text.parse().ok())??;
    Some(format!("{}{:02}时{:02}分", date(&time.date().to_string())?, time.hour(), time.minute()))
}

/// 1 to 99.
fn figures(number: i64) -> String {
    let digit = |n: i64| {
        ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"][usize::try_from(n).unwrap_or(0) % 10]
    };
    match number / 10 {
        0 => digit(number).to_owned(),
        1 => format!("十{}", digit(number % 10)),
        tens => format!("{}十{}", digit(tens), digit(number % 10)),
    }
}

fn papers() -> Vec<PathBuf> {
    let mut papers: Vec<PathBuf> = paper_folders().iter().flat_map(|folder| files(folder, "typ")).collect();
    papers.sort();
    papers
}

fn samples() -> Vec<Sample> {
    let files = paper_folders().into_iter().flat_map(|folder| files(&folder.join("samples"), "json"));
    files.map(|file| sample(&file)).collect()
}

fn sample(file: &Path) -> Sample {
    let name = stem(file);
    let template_name = name.split('.').next().unwrap().to_owned();
    let source =
        std::fs::read_to_string(file.parent().unwrap().with_file_name(format!("{template_name}.typ")))
            .unwrap();
    let data = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    Sample { name, template: Template { name: template_name.leak(), source: source.leak() }, data }
}

fn paper_folders() -> Vec<PathBuf> {
    let modules = std::fs::read_dir(root().join("modules")).unwrap();
    modules.map(|module| module.unwrap().path().join("paper")).filter(|folder| folder.is_dir()).collect()
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|fault| panic!("{}: {fault}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|found| found == extension));
    files.sort();
    files
}

fn stem(file: &Path) -> String {
    file.file_stem().unwrap().to_str().unwrap().to_owned()
}
