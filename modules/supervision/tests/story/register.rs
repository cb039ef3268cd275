//! Lists, forms and search: what an officer sees, and that a number on a screen is the list behind it.

use site::officers::Role;

use crate::counter::*;

#[test]
fn a_form_at_fault_comes_back_whole_with_every_reason() {
    told(|town| {
        let clerk = town.sign_in("clerk");
        let fields = application();
        let wrong = with(
            &fields,
            &[("identity_number", "330421196802150020"), ("phone", "123"), ("point", "121.5, 31.2")],
        );
        let form: &[u8] = b"%PDF-1.7 form";
        let reply = clerk.upload("/applications", &wrong, "file-form", "申请表.pdf", form);
        refused(&reply, "居民身份证号有误");
        assert!(reply.has("请填写联系电话") && reply.has("不在本局辖区内"));
        assert!(reply.has("阿珍副食品店") && reply.has("嘉善县西塘镇南苑路12号"), "nothing typed is lost");
        assert!(reply.has("申请表.pdf"), "nor the file that was sent");
        let start = reply.body.find("name=\"kept\"").expect("the kept file");
        let kept =
            reply.body[start..].split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let again = with(&fields, &[("kept", &kept)]);
        let page = done(&clerk.post("/applications", &again));
        let shown = clerk.get(&page);
        let file = clerk.get(link(&shown, &format!("{page}/attachments/")));
        assert_eq!(file.bytes, form);
    });
}

#[test]
fn what_is_due_first_stands_first_and_the_count_is_the_list() {
    told(|town| {
        let clerk = town.sign_in("clerk");
        let later = submit(&clerk, &[("trade_name", "后到便利店")]);
        let backdated = [("trade_name", "先到食杂店"), ("day", "2026-11-23"), ("reason", "补录")];
        let earlier = submit(&clerk, &backdated);
        let list = clerk.get("/applications");
        let place = |address: &str| list.body.find(&format!("{address}\"")).expect("in the list");
        assert!(place(&earlier) < place(&later) && list.has("共 2 件"));
        let found = clerk.get("/applications?q=%E5%85%88%E5%88%B0");
        assert!(found.has("共 1 件") && found.has("先到食杂店") && !found.has("后到便利店"));
        assert!(clerk.get("/applications?state=accepted").has("没有符合条件的申请"));
        assert!(clerk.get("/search?q=%E5%90%8E%E5%88%B0").has("后到便利店"));
        assert!(clerk.get("/").has("先到食杂店"), "it waits on the first page");
    });
}

#[test]
fn the_register_lists_by_standing_of_the_day() {
    told(|town| {
        let clerk = town.sign_in("clerk");
        let page = submit(&clerk, &[]);
        review(town, &page);
        done(
            &town
                .sign_in("head")
                .post(&format!("{page}/decision"), &[("opinion", "同意"), ("valid_until", "2026-12-01")]),
        );
        assert!(clerk.get("/licences?standing=valid").has("330421100001"));
        assert!(clerk.get("/licences?standing=expired").has("没有符合条件的许可证"));
        town.clock.set(site::testing::instant("2026-12-02T02:00:00Z"));
        let clerk = town.sign_in("clerk");
        assert!(clerk.get("/licences?standing=expired").has("330421100001"));
        assert!(clerk.get("/licences?standing=valid").has("没有符合条件的许可证"));
        assert!(clerk.get("/licences").has("期满失效"));
    });
}

#[test]
fn an_officer_of_another_town_sees_and_does_nothing_here() {
    told(|town| {
        town.appoint("other", "赵邻镇", &[Role::Clerk], "330421100");
        let page = submit(&town.sign_in("clerk"), &[]);
        let other = town.sign_in("other");
        assert!(other.get("/applications").has("没有符合条件的申请"));
        assert_eq!(other.get(&page).status, 403);
        assert_eq!(other.post(&format!("{page}/acceptance"), &[]).status, 403);
        assert!(!other.get("/search?q=%E9%98%BF%E7%8F%8D").has("阿珍副食品店"));
        let fields = application();
        assert_eq!(
            other.post("/applications", &fields).status,
            422,
            "nor takes in for a place that is not his"
        );
    });
}

#[test]
fn a_masked_number_is_shown_only_with_a_reason_on_record() {
    told(|town| {
        let clerk = town.sign_in("clerk");
        let page = submit(&clerk, &[]);
        let reveal = page.replace("/applications/", "/reveal/application/");
        let shown = clerk.post(&reveal, &[("field", "identity_number"), ("reason", "核对申请人身份")]);
        assert!(shown.has("330421196802150025"), "{}", reasons(&shown));
        assert!(town.sign_in("auditor").get("/disclosures").has("核对申请人身份"));
    });
}

#[test]
fn every_page_speaks_english_too() {
    told(|town| {
        let clerk = town.sign_in("clerk");
        let page = submit(&clerk, &[]);
        review(town, &page);
        clerk.set_cookie("language", "en");
        for address in ["/applications", "/applications/new", "/licences", page.as_str()] {
            let shown = clerk.get(address);
            assert_eq!(shown.status, 200, "{address}");
            assert!(shown.has("<html lang=\"en\""), "{address}");
        }
        assert!(clerk.get(&page).has("Next steps") || clerk.get(&page).has("Reviewed"));
    });
}
