//! Files that mean harm, handed in at the counter: refused beside their field, or kept so that they can do nothing.

use crate::counter::*;

#[test]
fn a_file_that_is_not_what_its_name_says_is_refused_and_nothing_typed_is_lost() {
    told(|town| {
        let clerk = town.sign_in("clerk");
        let hostile: [(&str, &[u8]); 7] = [
            ("申请表.pdf", b"<html><script>alert(1)</script>"),
            ("申请表.html", b"<html><script>alert(1)</script>"),
            ("申请表.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
            ("申请表.exe", b"MZ\x90\x00"),
            ("申请表.zip", b"PK\x03\x04nested"),
            ("申请表.pdf.gz", b"\x1f\x8b\x08"),
            ("申请表.png", b"%PDF-1.7"),
        ];
        for (name, bytes) in hostile {
            let reply = clerk.upload("/applications", &application(), "file-form", name, bytes);
            refused(&reply, "不能接收");
            assert!(reply.has("阿珍副食品店"), "{name}");
        }
        assert!(clerk.get("/applications").has("没有符合条件的申请"));
    });
}

/// A PDF that is a page of script as well: it is taken as a PDF, and no browser runs it.
#[test]
fn a_file_of_two_kinds_is_handed_out_so_that_it_can_do_nothing() {
    told(|town| {
        let clerk = town.sign_in("clerk");
        let bytes = b"%PDF-1.7\n<html><script>fetch('/officers')</script>";
        let name = "..\\..\\申\u{202e}fdp.表.pdf";
        let page = done(&clerk.upload("/applications", &application(), "file-form", name, bytes));
        let shown = clerk.get(&page);
        assert!(!shown.has("\u{202e}") && !shown.has("..\\"), "no turned writing, no path");
        let reply = clerk.get(link(&shown, &format!("{page}/attachments/")));
        assert_eq!((reply.status, reply.bytes.as_slice()), (200, &bytes[..]));
        assert_eq!(reply.header("content-type"), "application/pdf");
        assert!(reply.header("content-disposition").starts_with("attachment; filename=\""));
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        assert!(reply.header("content-security-policy").starts_with("default-src 'none'"));
    });
}

#[test]
fn a_name_that_is_a_path_leads_nowhere() {
    told(|town| {
        let clerk = town.sign_in("clerk");
        for name in ["../../../evil.pdf", "/etc/evil.pdf", "C:\\evil.pdf"] {
            done(&clerk.upload("/applications", &application(), "file-form", name, b"%PDF-1.7"));
        }
        let digest = "../../../evil.pdf";
        assert_eq!(clerk.get(&format!("/applications/0/attachments/{digest}")).status, 404);
        assert!(town.house.uploads.path(digest).is_err());
    });
}
