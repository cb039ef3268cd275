//! Files that are not read: each is refused for its own reason, before it costs memory.

use std::io::Write;
use std::path::PathBuf;

use flate2::Compression;
use flate2::write::GzEncoder;
use supervision::licence::import::limits::Unreadable;
use supervision::licence::import::source::{Content, Flow, Source};
use tempfile::TempDir;

fn file(folder: &TempDir, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join("file");
    std::fs::write(&path, bytes).unwrap();
    path
}

fn refusal(bytes: &[u8]) -> Unreadable {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, bytes);
    let error = Source::open(&path).and_then(|source| source.each_row(&mut |_| Ok(Flow::On))).unwrap_err();
    *error.downcast_ref::<Unreadable>().unwrap_or_else(|| panic!("{error:#}"))
}

fn workbook(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        archive.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn each_kind_of_file_has_its_reason() {
    assert_eq!(refusal(b""), Unreadable::NoHeadings);
    assert_eq!(refusal(b"\n\n\n"), Unreadable::NoHeadings);
    assert_eq!(refusal(b"\xff\xfea\0b\0"), Unreadable::Utf16);
    assert_eq!(refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest"), Unreadable::OldWorkbook);
    assert_eq!(refusal(b"\0\0\0\0binary"), Unreadable::NotATable);
    assert_eq!(refusal(b"PK\x03\x04no archive at all"), Unreadable::BrokenWorkbook);
    assert_eq!(refusal(&workbook(&[("hello.txt", b"not a workbook")])), Unreadable::BrokenWorkbook);
    assert_eq!(refusal("a,".repeat(300).as_bytes()), Unreadable::TooManyColumns);
}

#[test]
fn a_bomb_in_a_workbook_is_not_unpacked_into_memory() {
    // 128 MB of zeros pack into a hundred kilobytes; shared texts may take less than that.
    let zeros = vec![0_u8; 128 * 1024 * 1024];
    assert_eq!(refusal(&workbook(&[("xl/sharedStrings.xml", &zeros)])), Unreadable::UnpacksTooLarge);
}

#[test]
fn shared_texts_are_bounded_however_their_part_is_spelt() {
    let zeros = vec![0_u8; 128 * 1024 * 1024];
    assert_eq!(refusal(&workbook(&[("XL/SHAREDSTRINGS.xml", &zeros)])), Unreadable::UnpacksTooLarge);
}

#[test]
fn a_count_of_shared_texts_that_their_size_cannot_hold_is_refused() {
    let texts = |head: &str| format!("<?xml version=\"1.0\"?><sst {head}><si><t>许可证号</t></si></sst>");
    let honest = texts("uniqueCount=\"1\"");
    // Behind the honest texts the workbook is merely incomplete.
    assert_eq!(
        refusal(&workbook(&[("xl/sharedStrings.xml", honest.as_bytes())])),
        Unreadable::BrokenWorkbook
    );
    for head in [
        "uniqueCount=\"1000000000000\"",
        "note='>' uniqueCount = '+1000000000000'",
        "uniqueCount=\"99999999999999999999\"",
    ] {
        for name in ["xl/sharedStrings.xml", "xl/SharedStrings.XML"] {
            let file = workbook(&[(name, texts(head).as_bytes())]);
            assert_eq!(refusal(&file), Unreadable::UnpacksTooLarge, "{name} {head}");
        }
    }
}

#[test]
fn a_packed_file_that_swells_is_cut_off() {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    let line = "a,b,c,d\n".repeat(128 * 1024);
    for _ in 0..520 {
        packed.write_all(line.as_bytes()).unwrap();
    }
    assert_eq!(refusal(&packed.finish().unwrap()), Unreadable::UnpacksTooLarge);
}

#[test]
fn an_endless_line_costs_one_row() {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("许可证号,名称\n{}\n330421100001,甲\n", "x".repeat(10_000_000));
    let source = Source::open(&file(&folder, text.as_bytes())).unwrap();
    let mut rows = Vec::new();
    source
        .each_row(&mut |row| {
            rows.push(matches!(row.content, Content::TooLong));
            Ok(Flow::On)
        })
        .unwrap();
    assert_eq!(rows, [true, false]);
}

#[test]
fn titles_above_the_headings_are_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let text = "嘉善县零售户台账,,\n制表日期：2026年11月,,\n许可证号,企业名称,经营地址\n330421100001,甲,乙\n";
    let source = Source::open(&file(&folder, text.as_bytes())).unwrap();
    assert_eq!((source.heading_row, source.headings[0].as_str()), (3, "许可证号"));
    let again = source.with_headings_in(1).unwrap();
    assert_eq!(again.headings, ["嘉善县零售户台账"]);
}
