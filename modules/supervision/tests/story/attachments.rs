//! The files of an application: each is linked where it was handed in, and what is personal is opened on the record.

use crate::counter::*;

/// The link around a file's name.
fn file(page: &str, shown: &site::testing::Reply, name: &str) -> Option<String> {
    let start = format!("<a href=\"{page}/attachments/");
    let links = shown.body.split(&start).skip(1);
    let mut named =
        links.filter_map(|part| part.split_once("\">")).filter(|(_, rest)| rest.starts_with(name));
    named.next().map(|(digest, _)| format!("{page}/attachments/{digest}"))
}

#[test]
fn an_identity_scan_is_opened_by_those_on_the_matter_and_each_opening_is_recorded() {
    told(|town| {
        let clerk = town.sign_in("clerk");
        let page = submit(&clerk, &[]);
        let shown = clerk.get(&page);
        let scan = file(&page, &shown, "身份证.png").expect("a link for the clerk");
        let auditor = town.sign_in("auditor");
        let seen = auditor.get(&page);
        assert!(
            seen.has("身份证.png") && file(&page, &seen, "身份证.png").is_none(),
            "a name without a link"
        );
        assert_eq!(auditor.get(&scan).status, 403);
        assert!(!auditor.get("/disclosures").has("查阅申请材料"));
        assert_eq!(clerk.get(&scan).bytes, b"\x89PNG\r\n\x1a\nid");
        let listed = auditor.get("/disclosures");
        assert!(listed.has("查阅申请材料") && listed.has("陈芳"), "{}", reasons(&listed));
        assert_eq!(town.sign_in("administrator").get(&scan).status, 403);
        assert_eq!(town.anonymous().get(&scan).status, 303);
    });
}

#[test]
fn the_photos_of_every_check_are_linked_and_are_no_disclosure() {
    told(|town| {
        let clerk = town.sign_in("clerk");
        let page = submit(&clerk, &[]);
        done(&clerk.post(&format!("{page}/acceptance"), &[]));
        let (first, second) = (town.officer("inspector"), town.officer("inspector2"));
        let fields = [
            ("first", first.as_str()),
            ("second", second.as_str()),
            ("findings", "尚未分隔"),
            ("separate", "no"),
            ("meets", "no"),
        ];
        let photo: &[u8] = b"\x89PNG\r\n\x1a\nbefore";
        let address = format!("{page}/check");
        done(&town.sign_in("inspector").upload(&address, &fields, "file-photo", "整改前.png", photo));
        done(&check(town, &page));
        let auditor = town.sign_in("auditor");
        let shown = auditor.get(&page);
        let before = file(&page, &shown, "整改前.png").expect("the photo of the first check");
        assert!(file(&page, &shown, "门面.png").is_some(), "and of the second");
        assert_eq!(auditor.get(&before).bytes, photo);
        assert!(!auditor.get("/disclosures").has("查阅申请材料"));
    });
}
