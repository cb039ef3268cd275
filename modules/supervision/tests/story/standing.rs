//! What becomes of a licence: requests of its holder, renewal by silence, reminders, measures of the bureau.

use site::testing::{Client, Town, instant};

use crate::counter::*;

/// A licence in force, and the address of its page.
fn licence(town: &Town) -> String {
    let page = submit(&town.sign_in("clerk"), &[]);
    review(town, &page);
    done(&town.sign_in("head").post(&format!("{page}/decision"), &[("opinion", "同意")]));
    link(&town.sign_in("clerk").get(&page), "/licences/0").to_owned()
}

/// Asks for something and brings it before the head.
fn ask(town: &Town, licence: &str, kind: &str, fields: &[(&str, &str)]) -> String {
    let page = done(&town.sign_in("clerk").post(&format!("{licence}/requests/{kind}"), fields));
    done(&town.sign_in("clerk").post(&format!("{page}/acceptance"), &[]));
    page
}

fn opine(town: &Town, page: &str) {
    let opinion = [("supports", "yes"), ("opinion", "符合条件，拟同意")];
    done(&town.sign_in("reviewer").post(&format!("{page}/review"), &opinion));
}

fn permit(town: &Town, page: &str) {
    opine(town, page);
    done(&town.sign_in("head").post(&format!("{page}/decision"), &[("opinion", "同意")]));
}

fn last_paper(client: &Client, page: &str) -> String {
    let papers = links(&client.get(page), "/papers/");
    text_of(&client.get(papers.last().unwrap()).bytes)
}

#[test]
fn a_shop_closes_for_a_while_opens_again_and_ends() {
    told(|town| {
        let licence = licence(town);
        let clerk = town.sign_in("clerk");
        let asked = format!("{licence}/requests/suspension");
        let long = [("from", "2026-12-01"), ("until", "2028-01-31"), ("wish_reason", "装修")];
        refused(&clerk.post(&asked, &long), "停业最长一年");
        refused(&clerk.post(&asked, &[("from", "2026-12-01")]), "请填写最后一日");
        let fields = [("from", "2026-12-01"), ("until", "2027-03-31"), ("wish_reason", "装修")];
        let page = ask(town, &licence, "suspension", &fields);
        refused(&clerk.post(&asked, &fields), "同类申请正在办理");
        permit(town, &page);
        let shown = clerk.get(&licence);
        assert!(shown.has("有效") && shown.has("2027-03-31"), "it begins on the first: {}", reasons(&shown));
        assert!(last_paper(&clerk, &page).contains("准予停业"), "{}", last_paper(&clerk, &page));
        town.clock.set(instant("2026-12-01T02:00:00Z"));
        let clerk = town.sign_in("clerk");
        assert!(clerk.get("/licences?standing=suspended").has("阿珍副食品店"));
        assert!(!clerk.get("/licences?standing=valid").has("阿珍副食品店"));
        assert_eq!(clerk.get(&asked).status, 422, "a suspended licence is not suspended again");
        permit(town, &ask(town, &licence, "resumption", &[("from", "2026-12-20")]));
        assert!(clerk.get("/licences?standing=suspended").has("阿珍副食品店"), "until the twentieth");
        town.clock.set(instant("2026-12-20T02:00:00Z"));
        let clerk = town.sign_in("clerk");
        assert!(clerk.get("/licences?standing=valid").has("阿珍副食品店"));
        permit(town, &ask(town, &licence, "closing", &[("from", "2026-12-31"), ("wish_reason", "不再经营")]));
        town.clock.set(instant("2026-12-31T02:00:00Z"));
        let clerk = town.sign_in("clerk");
        assert!(clerk.get("/licences?standing=closed").has("阿珍副食品店"));
        assert_eq!(
            clerk.get(&format!("{licence}/requests/renewal")).status,
            422,
            "what is closed cannot be renewed"
        );
    });
}

#[test]
fn a_change_keeps_number_and_masked_data_and_gives_a_new_sheet() {
    told(|town| {
        let licence = licence(town);
        let clerk = town.sign_in("clerk");
        let form = clerk.get(&format!("{licence}/requests/change"));
        assert!(
            form.has("阿珍副食品店") && !form.has("330421196802150025"),
            "masked numbers are not in the form"
        );
        let fields: Vec<_> = application()
            .into_iter()
            .filter(|(name, _)| !["identity_number", "phone"].contains(name))
            .collect();
        refused(&clerk.post(&format!("{licence}/requests/change"), &fields), "没有填写任何变更内容");
        let company = with(&fields, &[("subject", "organisation"), ("credit_code", "91330421MA2B9F7C4L")]);
        refused(&clerk.post(&format!("{licence}/requests/change"), &company), "应当新办");
        let renamed = with(&fields, &[("trade_name", "阿珍便利店")]);
        permit(town, &ask(town, &licence, "change", &renamed));
        let shown = clerk.get(&licence);
        assert!(shown.has("阿珍便利店") && shown.has("330421100001"));
        assert!(shown.has("330421********0025"), "what was not typed stays");
        let sheets: Vec<String> = links(&shown, "/papers/")
            .iter()
            .map(|paper| text_of(&clerk.get(paper).bytes))
            .filter(|text| text.contains("换发"))
            .collect();
        assert!(sheets.len() == 1 && sheets[0].contains("阿珍便利店"), "{sheets:?}");
    });
}

#[test]
fn a_renewal_left_undecided_counts_as_granted_the_day_after_expiry() {
    told(|town| {
        let licence = licence(town);
        town.clock.set(instant("2031-09-01T02:00:00Z"));
        let clerk = town.sign_in("clerk");
        let page = done(&clerk.post(&format!("{licence}/requests/renewal"), &[]));
        town.clock.set(instant("2031-11-24T15:00:00Z"));
        run_chores(town);
        let clerk = town.sign_in("clerk");
        assert!(!clerk.get(&page).has("视为准予延续"), "the last day is not over in China");
        town.clock.set(instant("2031-11-24T16:30:00Z"));
        run_chores(town);
        let clerk = town.sign_in("clerk");
        let shown = clerk.get(&page);
        assert!(shown.has("视为准予延续"), "{}", reasons(&shown));
        let shown = clerk.get(&licence);
        assert!(shown.has("有效") && shown.has("2036-11-24"), "{}", reasons(&shown));
        let text = last_paper(&clerk, &page);
        assert!(text.contains("视为准予延续") && text.contains("第五十条第二款"), "{text}");
    });
}

#[test]
fn a_renewal_asked_for_too_late_is_not_renewed_by_silence() {
    told(|town| {
        let licence = licence(town);
        town.clock.set(instant("2031-11-10T02:00:00Z"));
        let clerk = town.sign_in("clerk");
        let form = clerk.get(&format!("{licence}/requests/renewal"));
        assert!(form.has("已逾期"), "the form says that the thirty days are over");
        let page = done(&clerk.post(&format!("{licence}/requests/renewal"), &[]));
        town.clock.set(instant("2031-11-25T02:00:00Z"));
        run_chores(town);
        let clerk = town.sign_in("clerk");
        assert!(!clerk.get(&page).has("视为准予延续"));
        assert!(clerk.get(&licence).has("期满失效"));
    });
}

#[test]
fn holders_are_reminded_once_in_time_for_the_thirty_working_days() {
    told(|town| {
        let licence = licence(town);
        let clerk = town.sign_in("clerk");
        assert!(!clerk.get("/renewals").has("阿珍副食品店"), "five years are left");
        town.clock.set(instant("2031-09-01T02:00:00Z"));
        let clerk = town.sign_in("clerk");
        let shown = clerk.get("/renewals");
        assert!(shown.has("阿珍副食品店") && shown.has("未提醒"), "{}", reasons(&shown));
        let id = licence.trim_start_matches("/licences/");
        done(&clerk.post("/renewals", &[("licence", id)]));
        assert!(clerk.get("/renewals").has("已提醒（2031-09-01）"));
        let text = last_paper(&clerk, &licence);
        assert!(text.contains("延续提醒") && text.contains("2031年11月24日"), "{text}");
        let before = links(&clerk.get(&licence), "/papers/").len();
        done(&clerk.post("/renewals", &[("licence", id)]));
        assert_eq!(links(&clerk.get(&licence), "/papers/").len(), before, "nobody is reminded twice");
        assert_eq!(town.sign_in("inspector").get("/renewals").status, 403);
    });
}

#[test]
fn a_measure_is_proposed_told_and_decided_by_another() {
    told(|town| {
        let licence = licence(town);
        let reviewer = town.sign_in("reviewer");
        let proposal = format!("{licence}/proposal");
        assert!(reviewer.get(&proposal).has("责令暂停、整顿"));
        let mut fields = vec![
            ("measure", "rectification"),
            ("ground", "rectification.conditions"),
            ("fact-rectification.conditions", "经营场所已与住所打通"),
        ];
        refused(&reviewer.post(&proposal, &fields), "请填写整顿日数");
        fields.push(("days", "30"));
        done(&reviewer.post(&proposal, &fields));
        assert!(last_paper(&reviewer, &licence).contains("陈述、申辩"));
        assert_eq!(reviewer.get(&format!("{licence}/ruling")).status, 403, "who proposes does not decide");
        let head = town.sign_in("head");
        let ruling = format!("{licence}/ruling");
        refused(&head.post(&ruling, &[("opinion", "同意")]), "陈述、申辩情况");
        done(&head.post(&ruling, &[("heard", "当事人承认"), ("opinion", "同意")]));
        let shown = head.get(&licence);
        assert!(shown.has("责令整顿") && shown.has("2026-12-25"), "{}", reasons(&shown));
        let (first, second) = (town.officer("inspector"), town.officer("inspector2"));
        let found = [("first", first.as_str()), ("second", second.as_str()), ("findings", "已恢复隔断")];
        done(&town.sign_in("inspector").post(&format!("{licence}/recovery"), &found));
        assert!(head.get(&licence).has("有效"));
        let fields = [
            ("measure", "revocation"),
            ("ground", "revocation.fraud"),
            ("fact-revocation.fraud", "租赁合同系伪造"),
        ];
        done(&reviewer.post(&proposal, &fields));
        done(&head.post(&ruling, &[("heard", "经告知未陈述"), ("opinion", "同意")]));
        assert!(last_paper(&head, &licence).contains("第六十九条第二款"));
        let fields = [
            ("measure", "deregistration"),
            ("ground", "deregistration.expired"),
            ("fact-deregistration.expired", "x"),
        ];
        refused(&reviewer.post(&proposal, &fields), "与许可证目前的状态不符");
        let fields = [
            ("measure", "deregistration"),
            ("ground", "deregistration.ended"),
            ("fact-deregistration.ended", "已撤销"),
        ];
        done(&reviewer.post(&proposal, &fields));
        done(&head.post(&ruling, &[("heard", "经告知未陈述"), ("opinion", "同意")]));
        let shown = head.get(&licence);
        assert!(shown.has("注销") && !shown.has("/proposal\""), "nothing is left to be done");
    });
}

#[test]
fn a_business_turned_company_gets_a_new_number_and_the_old_licence_closes() {
    told(|town| {
        let old = licence(town);
        let company = [
            ("subject", "organisation"),
            ("name", "嘉善阿珍商贸有限公司"),
            ("credit_code", "91330421MA2B9F7C4L"),
            ("predecessor", "330421100001"),
        ];
        let wrong = with(&application(), &with(&company, &[("predecessor", "330421199999")]));
        refused(&town.sign_in("clerk").post("/applications", &wrong), "没有找到这个许可证号");
        let stranger = with(&application(), &with(&company, &[("identity_number", "330421197001010018")]));
        assert_eq!(town.sign_in("clerk").post("/applications", &stranger).status, 422, "another's licence");
        let page = submit(&town.sign_in("clerk"), &company);
        review(town, &page);
        done(&town.sign_in("head").post(&format!("{page}/decision"), &[("opinion", "同意")]));
        let clerk = town.sign_in("clerk");
        assert!(clerk.get(&page).has("330421200001"), "numbers of companies are a series of their own");
        assert!(clerk.get(&old).has("歇业"));
    });
}
