//! The counter as stories use it: forms filled in as an officer does, through HTTP.

use site::testing::{Client, Reply, Town, for_each_engine_with};

use crate::place;

/// Tells a story in a town that has its region and a press. Whatever the story did, in the end record and books hold.
pub fn told(story: impl Fn(&Town)) {
    let fill = |drawer: site::Drawer| drawer.with(place::bureau()).with(place::press());
    for_each_engine_with(
        || vec![supervision::module()],
        fill,
        |town| {
            story(town);
            let report = ledger::verify(&town.house.store, &town.house.ledger.verifiers()).unwrap();
            assert!(report.fault.is_none(), "{:?}", report.fault);
            let books = site::books(&[supervision::module()]);
            assert!(ledger::verify_books(&town.house.store, books).unwrap().differing.is_empty());
        },
    );
}

/// The fields of a good application.
pub fn application() -> Vec<(&'static str, &'static str)> {
    vec![
        ("subject", "individual"),
        ("name", "沈阿珍"),
        ("identity_number", "330421196802150025"),
        ("phone", "13857312345"),
        ("trade_name", "阿珍副食品店"),
        ("address", "嘉善县西塘镇南苑路12号"),
        ("division", "330421103"),
        ("point", "120.89, 30.94"),
        ("premises_kind", "grocery"),
        ("area", "town"),
        ("scope", "cigarettes"),
    ]
}

/// The same with other values in some fields.
pub fn with<'a>(fields: &[(&'a str, &'a str)], others: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = fields.iter().filter(|(name, _)| others.iter().all(|(other, _)| other != name));
    kept.chain(others).copied().collect()
}

/// Registers an application and gives the address of its page.
pub fn submit(clerk: &Client, others: &[(&str, &str)]) -> String {
    let files: [(&str, &str, &[u8]); 2] = [
        ("file-form", "申请表.pdf", b"%PDF-1.7 form"),
        ("file-identity", "身份证.png", b"\x89PNG\r\n\x1a\nid"),
    ];
    let fields = application();
    let reply = clerk.upload_all("/applications", &with(&fields, others), &files);
    done(&reply)
}

/// Where a command that was done leads; fails with the page's reasons when it was refused.
pub fn done(reply: &Reply) -> String {
    assert_eq!(reply.status, 303, "{}", reasons(reply));
    reply.location().to_owned()
}

/// The error summary of a refused page, for messages.
pub fn reasons(reply: &Reply) -> String {
    let start = reply.body.find("error-summary").or_else(|| reply.body.find("<main")).unwrap_or(0);
    reply.body.chars().skip(reply.body[..start].chars().count()).take(900).collect()
}

/// A refusal: the page comes back with the reason, and nothing was done.
pub fn refused(reply: &Reply, reason: &str) {
    assert_eq!(reply.status, 422, "{}", reasons(reply));
    assert!(reply.has(reason), "{}", reasons(reply));
}

/// The check by two officers, favourable.
pub fn check(town: &Town, page: &str) -> Reply {
    let (first, second) = (town.officer("inspector"), town.officer("inspector2"));
    let fields = [
        ("first", first.as_str()),
        ("second", second.as_str()),
        ("findings", "门店独立，门口向南，已公示营业执照"),
        ("separate", "yes"),
        ("floor_area", "28.5"),
        ("outlet_distance", "120.5"),
        ("meets", "yes"),
    ];
    let photo: &[u8] = b"\x89PNG\r\n\x1a\nphoto";
    town.sign_in("inspector").upload(&format!("{page}/check"), &fields, "file-photo", "门面.png", photo)
}

/// Brings an application before the head.
pub fn review(town: &Town, page: &str) {
    done(&town.sign_in("clerk").post(&format!("{page}/acceptance"), &[]));
    done(&check(town, page));
    let opinion = [("supports", "yes"), ("opinion", "材料齐全，符合条件，拟同意")];
    done(&town.sign_in("reviewer").post(&format!("{page}/review"), &opinion));
}

/// What the node does by itself.
pub fn run_chores(town: &Town) {
    for chore in town.house.modules.iter().flat_map(|module| &module.chores) {
        (chore.run)(&town.house).unwrap_or_else(|error| panic!("{}: {error:#}", chore.name));
    }
}

/// The address of the page's first link that begins so.
pub fn link<'a>(reply: &'a Reply, start: &str) -> &'a str {
    let mark = format!("href=\"{start}");
    let begin = reply.body.find(&mark).unwrap_or_else(|| panic!("no link to {start}")) + "href=\"".len();
    reply.body[begin..].split('"').next().unwrap()
}

/// All links that begin so, in order, each once.
pub fn links(reply: &Reply, start: &str) -> Vec<String> {
    let mark = format!("href=\"{start}");
    let mut found: Vec<String> = Vec::new();
    for part in reply.body.split(&mark).skip(1) {
        let address = format!("{start}{}", part.split('"').next().unwrap());
        if !found.contains(&address) {
            found.push(address);
        }
    }
    found
}

/// The text of a PDF, read back by poppler, without blanks.
pub fn text_of(pdf: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("paper.pdf");
    std::fs::write(&file, pdf).unwrap();
    let output = std::process::Command::new("pdftotext").args(["-raw"]).arg(&file).arg("-").output();
    let output = output.expect("pdftotext (Debian package poppler-utils)");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).chars().filter(|sign| !sign.is_whitespace()).collect()
}
