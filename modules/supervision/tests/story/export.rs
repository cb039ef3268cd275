//! A list leaves the house as a file: all of it as filtered, nothing masked in it, and on record.

use std::io::Cursor;

use calamine::{Reader, Xlsx};

use crate::counter::*;

#[test]
fn the_filtered_list_is_handed_out_as_a_file_and_on_record() {
    told(|town| {
        let clerk = town.sign_in("clerk");
        submit(&clerk, &[("trade_name", "=1+1小店")]);
        submit(&clerk, &[("trade_name", "阿福小店"), ("name", "王阿福")]);
        let head = town.sign_in("head");
        assert!(head.get("/applications").has("/applications/export/xlsx"));
        assert!(!clerk.get("/applications").has("/applications/export"), "a clerk takes no lists along");
        assert_eq!(clerk.post("/applications/export/csv?sort=number", &[]).status, 403);
        let all = head.post("/applications/export/csv?sort=number", &[]);
        assert_eq!(all.status, 200);
        let text = String::from_utf8(all.bytes.clone()).unwrap();
        assert!(text.contains("'=1+1小店") && text.contains("王阿福"), "{text}");
        assert!(
            !text.contains("330421196802150025") && !text.contains("13857312345"),
            "nothing masked is in it"
        );
        assert_eq!(text.lines().count(), 3);
        let asked = "/applications/export/xlsx?q=%E9%98%BF%E7%A6%8F&sort=number";
        let found = head.post(asked, &[]);
        let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(found.bytes.clone())).unwrap();
        let range = book.worksheet_range_at(0).unwrap().unwrap();
        assert_eq!(range.height(), 2, "the heading and the one that was asked for");
        assert_eq!(head.post("/applications/export/pdf", &[]).status, 404);
        let shown = town.sign_in("auditor").get("/disclosures");
        assert!(shown.has("/applications?q="), "{}", reasons(&shown));
    });
}
