//! What the press promises for any template: one order one file, no box for a character, no markup out of data, PDF/A.

mod support;

use paper::{Press, Refusal, Template};
use serde_json::json;
use support::{Printed, compact, order, press, print};

const NAME: &str = "#import \"/official.typ\": *\n#show: official.with(issuer: \"嘉善县烟草专卖局\", name: \"试印\", number: \"试〔2026〕第1号\")\n申请人：#data.name";

#[test]
fn the_same_order_gives_the_same_bytes() {
    let first = print(NAME, json!({"name": "沈阿珍"})).unwrap();
    assert_eq!(first, print(NAME, json!({"name": "沈阿珍"})).unwrap());
    assert_eq!(
        first,
        Press::open(&support::font_folder())
            .unwrap()
            .print(&order(&Template { name: "trial", source: NAME }, json!({"name": "沈阿珍"})))
            .unwrap()
    );
    assert_ne!(first.sha256, print(NAME, json!({"name": "沈阿真"})).unwrap().sha256);
}

#[test]
fn the_digest_is_that_of_the_file() {
    use sha2::Digest;
    let pdf = print(NAME, json!({"name": "沈阿珍"})).unwrap();
    assert_eq!(pdf.sha256, hex::encode(sha2::Sha256::digest(&pdf.bytes)));
}

#[test]
fn the_file_says_that_it_is_pdf_a_and_when_it_was_issued() {
    let printed = Printed::new(&print(NAME, json!({"name": "沈阿珍"})).unwrap());
    let (metadata, information) = (printed.metadata(), printed.information());
    assert!(metadata.contains("<pdfaid:part>2</pdfaid:part>"), "{metadata}");
    assert!(metadata.contains("<pdfaid:conformance>B</pdfaid:conformance>"), "{metadata}");
    assert!(metadata.contains("2026-11-23T09:05:00+08:00"), "{metadata}");
    assert!(information.contains("试印 第1号"), "{information}");
    assert!(
        information.contains("JavaScript:      no") && information.contains("Encrypted:       no"),
        "{information}"
    );
    assert!(information.contains("Tagged:          yes"), "{information}");
}

#[test]
fn a_character_without_a_glyph_is_refused_by_name_and_place() {
    let refusal = print(NAME, json!({"name": "赵𠮷祥"})).unwrap_err();
    let Refusal::MissingGlyph { character, place, page, near } = &refusal else { panic!("{refusal}") };
    assert_eq!((*character, place.as_str(), *page), ('𠮷', "/name", Some(1)));
    assert!(near.contains("赵𠮷祥"), "{near}");
    assert!(refusal.to_string().contains("U+20BB7"), "{refusal}");
}

#[test]
fn a_character_without_a_glyph_is_refused_in_the_template_and_in_nested_fields_too() {
    let refusal = print("标题 ꙮ", json!({})).unwrap_err();
    assert!(
        matches!(&refusal, Refusal::MissingGlyph { character: 'ꙮ', place, .. } if place == "trial"),
        "{refusal}"
    );
    let dropped =
        print("#set text(font: \"Nowhere\")\n#json(\"/order.json\").data.name", json!({"name": "ꙮ"}))
            .unwrap_err();
    assert!(
        matches!(&dropped, Refusal::MissingGlyph { character: 'ꙮ', place, .. } if place == "/name"),
        "{dropped}"
    );
    let nested = print(
        "#import \"/official.typ\": *\n#data.people.last().name",
        json!({"people": [{"name": "甲"}, {"name": "😀"}]}),
    );
    assert!(
        matches!(&nested, Err(Refusal::MissingGlyph { place, .. }) if place == "/people/1/name"),
        "{nested:?}"
    );
    let private = print(NAME, json!({"name": "王\u{E123}"})).unwrap_err();
    assert!(matches!(private, Refusal::MissingGlyph { character: '\u{E123}', .. }));
}

#[test]
fn an_extended_plane_character_that_a_font_has_is_printed() {
    let printed = Printed::new(&print(NAME, json!({"name": "王㙦䶮𪩘𫍯𬭊"})).unwrap());
    assert!(printed.text().contains("王㙦䶮𪩘𫍯𬭊"), "{}", printed.text());
}

#[test]
fn characters_that_print_nothing_are_refused() {
    for hidden in ['\u{202E}', '\u{2066}', '\u{0007}', '\u{FEFF}', '\u{FFFD}'] {
        let refusal = print(NAME, json!({"name": format!("沈{hidden}珍")})).unwrap_err();
        assert_eq!(refusal, Refusal::HiddenCharacter { character: hidden, place: "/name".to_owned() });
    }
}

#[test]
fn data_can_be_checked_before_anything_is_printed() {
    press().covers(&json!({"name": "王㙦䶮𪩘\n第二行", "list": [{"n": 1}]})).unwrap();
    let missing = press().covers(&json!({"people": [{"name": "赵𠮷祥"}]})).unwrap_err();
    let expected = Refusal::MissingGlyph {
        character: '𠮷',
        place: "/people/0/name".to_owned(),
        page: None,
        near: "赵𠮷祥".to_owned(),
    };
    assert_eq!(missing, expected);
    assert!(matches!(press().covers(&json!({"name": "沈\u{202E}珍"})), Err(Refusal::HiddenCharacter { .. })));
}

#[test]
fn data_are_never_read_as_markup() {
    let names = [
        "#set text(size: 99pt)",
        "*bold*",
        "_em_",
        "= 标题",
        "#import \"/official.typ\": *",
        "$x^2$",
        "\\u{4E00}",
        "`raw`",
        "[a](b)",
        "\"); #panic(",
        "//",
        "/* */",
        "@label",
        "<label>",
        "a -- b",
        "--- ... 'q' \"q\"",
        "- 项",
        "~",
        "#data",
        "]#read(\"/x\")[",
        "https://a.example/b",
    ];
    for name in names {
        let pdf = print(NAME, json!({"name": name})).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
        let text = Printed::new(&pdf).text();
        assert!(text.contains(&compact(&format!("申请人：{name}"))), "{name} was printed as {text}");
        assert_eq!(pdf.pages, 1, "{name}");
    }
}

#[test]
fn markup_in_data_changes_no_size() {
    let printed = Printed::new(&print(NAME, json!({"name": "#set text(size: 99pt); 沈阿珍"})).unwrap());
    let tallest = printed.pages()[0].words.iter().map(|word| word.bottom - word.top).fold(0.0, f64::max);
    assert!(tallest < 40.0, "{tallest}");
}

#[test]
fn a_template_reaches_no_file_and_no_package() {
    for source in [
        "#read(\"/etc/passwd\")",
        "#read(\"../Cargo.toml\")",
        "#image(\"/seal.png\")",
        "#include \"/other.typ\"",
        "#import \"@preview/cetz:0.3.0\": *",
        "#read(\"/official.typ\")",
        "#plugin(\"/x.wasm\")",
    ] {
        let refusal = print(source, json!({})).unwrap_err();
        assert!(matches!(&refusal, Refusal::Template { line: 1, .. }), "{source}: {refusal}");
    }
}

#[test]
fn a_missing_field_is_refused_with_its_line() {
    let refusal = print(NAME, json!({})).unwrap_err();
    let Refusal::Template { template, line, what } = &refusal else { panic!("{refusal}") };
    assert_eq!((template.as_str(), *line), ("trial", 3));
    assert!(what.contains("name"), "{what}");
    assert_eq!(refusal.key(), "paper-template");
}

#[test]
fn text_that_would_leave_the_sheet_is_refused_and_a_long_run_breaks() {
    let wide = print(
        "#import \"/official.typ\": *\n#box(width: 900pt, align(right, data.name))",
        json!({"name": "沈阿珍"}),
    );
    assert!(matches!(wide, Err(Refusal::OffTheSheet { page: 1, .. })), "{wide:?}");
    let run = "A1".repeat(200);
    let printed = Printed::new(&print(NAME, json!({"name": run})).unwrap());
    assert!(printed.text().contains(&run));
}

#[test]
fn dates_and_numbers_are_written_as_offices_write_them() {
    let source = "#import \"/official.typ\": *\n#han-day(\"2026-11-23\")；#han-day(\"2030-10-10\")；#day(\"2026-01-08\")；#moment(\"2026-01-08T09:05\")；#for n in (0, 6, 10, 16, 20, 60, 101, 110, 1005, 2010) [#han(n)、]";
    let text = Printed::new(&print(source, json!({})).unwrap()).text();
    let expected = "二〇二六年十一月二十三日；二〇三〇年十月十日；2026年1月8日；2026年1月8日09时05分；零、六、十、十六、二十、六十、一百零一、一百一十、一千零五、二千零一十、";
    assert!(text.contains(expected), "{text}");
}

#[test]
fn many_threads_print_at_once() {
    fn is_shared<T: Send + Sync + Clone>(_: &T) {}
    is_shared(&press());
    let expected: Vec<_> =
        (0..4).map(|n| print(NAME, json!({"name": format!("第{n}户")})).unwrap().sha256).collect();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|n| {
                scope.spawn(move || print(NAME, json!({"name": format!("第{}户", n % 4)})).unwrap().sha256)
            })
            .collect();
        for (n, thread) in threads.into_iter().enumerate() {
            assert_eq!(thread.join().unwrap(), expected[n % 4]);
        }
    });
}

#[test]
fn a_folder_without_chinese_fonts_names_itself_and_the_command() {
    let folder = tempfile::tempdir().unwrap();
    for path in [folder.path().to_owned(), folder.path().join("missing")] {
        let fault = format!("{:#}", Press::open(&path).err().unwrap());
        assert!(fault.contains(path.to_str().unwrap()) && fault.contains("scripts/fonts"), "{fault}");
    }
}
