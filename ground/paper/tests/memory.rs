//! A node that prints for years keeps its size: memoised layout is thrown away.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use serde_json::json;

const LETTER: &str = "#import \"/official.typ\": *\n#show: official.with(issuer: \"嘉善县烟草专卖局\", name: \"试印\", number: data.name)\n#for n in range(40) [第#n;段，#data.name;。\\ ]";

/// Growth in KiB that 150 papers of two pages may leave behind; without throwing away they leave some 80,000.
const MOST: u64 = 12_000;

#[test]
fn memory_does_not_grow_with_the_papers() {
    print(0..30);
    let before = resident();
    print(30..180);
    let growth = resident().saturating_sub(before);
    assert!(growth < MOST, "{growth} KiB more after 150 papers");
}

fn print(numbers: std::ops::Range<u32>) {
    for number in numbers {
        support::print(LETTER, json!({"name": format!("第{number}户")})).unwrap();
    }
}

/// The process's memory in KiB, from Linux.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
