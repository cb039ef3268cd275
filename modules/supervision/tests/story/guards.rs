//! What nobody gets round: who may take part in a step, and which day a paper bears.

use ledger::{Actor, Draft, MatterKey};
use site::officers::{OfficerAct, Role};
use site::testing::{Client, Reply, Town, instant};

use crate::counter::*;

/// An act on an officer, as the administrator records it.
pub fn record(town: &Town, officer: &str, act: OfficerAct) {
    let key = MatterKey::new("officer", officer.parse().unwrap());
    let done: Result<(), ledger::Error> =
        town.house.ledger.write(Actor::Command("story".into()), move |writing| {
            writing.append(Draft::new(&key, &act)).map(|_| ())
        });
    done.unwrap();
}

fn checked_with(town: &Town, client: &Client, page: &str, second: &str, others: &[(&str, &str)]) -> Reply {
    let first = town.officer("inspector");
    let fields = [
        ("first", first.as_str()),
        ("second", second),
        ("findings", "门店独立"),
        ("separate", "yes"),
        ("meets", "yes"),
    ];
    client.post(&format!("{page}/check"), &with(&fields, others))
}

#[test]
fn only_officers_who_could_take_the_step_themselves_take_part_in_it() {
    told(|town| {
        town.appoint("foreign", "外地人", &[Role::Inspector], "330499");
        town.appoint("gone", "已离职", &[Role::Inspector], "330421");
        let gone = town.officer("gone");
        record(town, &gone, OfficerAct::Dismissed {});
        let page = submit(&town.sign_in("clerk"), &[]);
        done(&town.sign_in("clerk").post(&format!("{page}/acceptance"), &[]));
        let inspector = town.sign_in("inspector");
        let form = inspector.get(&format!("{page}/check"));
        for login in ["foreign", "gone", "auditor", "head", "clerk"] {
            let id = town.officer(login);
            assert!(!form.has(&format!("value=\"{id}\"")), "{login} is not offered");
            let reply = checked_with(town, &inspector, &page, &id, &[]);
            refused(&reply, "不能共同办理");
            assert!(reply.has("#field-second") && !reply.has("#field-first"), "{login}");
        }
        let second = town.officer("inspector2");
        assert!(form.has(&format!("value=\"{second}\"")));
        done(&checked_with(town, &inspector, &page, &second, &[]));
        let opinion = [("supports", "yes"), ("opinion", "拟同意")];
        done(&town.sign_in("reviewer").post(&format!("{page}/review"), &opinion));
        done(&town.sign_in("head").post(&format!("{page}/decision"), &[("opinion", "同意")]));
        let clerk = town.officer("clerk");
        for login in ["foreign", "gone", "auditor", "head"] {
            let id = town.officer(login);
            let fields = [("way", "direct"), ("first", clerk.as_str()), ("second", id.as_str())];
            let reply = town.sign_in("clerk").post(&format!("{page}/service"), &fields);
            refused(&reply, "不能共同办理");
        }
    });
}

/// A check entered a day late: the certificate that was ended since had been valid when the premises were seen.
#[test]
fn a_certificate_counts_as_it_stood_on_the_day_of_the_check() {
    told(|town| {
        let page = submit(&town.sign_in("clerk"), &[]);
        done(&town.sign_in("clerk").post(&format!("{page}/acceptance"), &[]));
        town.clock.set(instant("2026-11-26T02:00:00Z"));
        let second = town.officer("inspector2");
        let held = town.house.store.read(|sql| site::officers::books::certificates(sql, &second)).unwrap();
        record(town, &second, OfficerAct::CertificateEnded { number: held[0].0.number.clone() });
        let inspector = town.sign_in("inspector");
        refused(&checked_with(town, &inspector, &page, &second, &[]), "在核查当日没有有效的执法证");
        let late = [("day", "2026-11-25"), ("reason", "次日补录")];
        done(&checked_with(town, &inspector, &page, &second, &late));
    });
}

/// The book of numbers of a closed year stays closed, and the paper shows both days.
#[test]
fn a_paper_entered_late_bears_the_day_and_the_year_in_which_it_was_made() {
    told(|town| {
        town.clock.set(instant("2026-12-30T02:00:00Z"));
        let page = submit(&town.sign_in("clerk"), &[]);
        town.clock.set(instant("2027-01-04T02:00:00Z"));
        let clerk = town.sign_in("clerk");
        let late = [("day", "2026-12-31"), ("reason", "年末停机，补录")];
        done(&clerk.post(&format!("{page}/acceptance"), &late));
        let shown = clerk.get(&page);
        assert!(shown.has("嘉善烟许受〔2027〕第00001号"), "{}", reasons(&shown));
        let text = text_of(&clerk.get(&links(&shown, "/papers/")[0]).bytes);
        assert!(text.contains("2026年12月31日") && text.contains("2027年1月4日"), "{text}");
        let grounds = ("grounds", "需要复核间距");
        let extension = format!("{page}/extension");
        town.clock.set(instant("2027-03-01T02:00:00Z"));
        let head = town.sign_in("head");
        assert!(!head.get(&page).has(&extension), "no button once the time has run out");
        let antedated = [grounds, ("day", "2027-01-05"), ("reason", "补录")];
        refused(&head.post(&extension, &antedated), "决定期限已过");
    });
}

#[test]
fn five_years_run_from_the_issue_and_no_date_loses_the_opinion() {
    told(|town| {
        let page = submit(&town.sign_in("clerk"), &[]);
        review(town, &page);
        let (head, decision) = (town.sign_in("head"), format!("{page}/decision"));
        let opinion = ("opinion", "同意，准予许可，材料齐全");
        let wrong = [
            (("valid_from", "2020-01-01"), "有效期不能早于决定之日开始"),
            (("valid_from", "9999-12-31"), "有效期最迟从"),
            (("valid_from", "2026-12-10"), "有效期最迟从"),
            (("valid_until", "2031-11-25"), "有效期最长五年"),
            (("valid_until", "9999-12-31"), "有效期最长五年"),
        ];
        for (field, reason) in wrong {
            let reply = head.post(&decision, &[opinion, field]);
            refused(&reply, reason);
            assert!(reply.has("同意，准予许可，材料齐全"), "the opinion is kept");
        }
        let old = [opinion, ("day", "2018-01-01"), ("reason", "补录")];
        refused(&head.post(&decision, &old), "该日尚无有效的期限规则");
        done(&head.post(&decision, &[opinion, ("valid_from", "2026-12-01")]));
        let licence = head.get(link(&head.get(&page), "/licences/0"));
        assert!(licence.has("2026-12-01") && licence.has("2031-11-24"), "from the issue, not from the start");
    });
}

#[test]
fn a_receipt_leaves_the_signature_to_the_hand_and_no_time_lies_ahead() {
    told(|town| {
        let page = submit(&town.sign_in("clerk"), &[]);
        let blank = format!("{page}/receipt");
        let clerk = town.sign_in("clerk");
        assert_eq!(clerk.get(&blank).status, 422, "nothing to hand over yet");
        review(town, &page);
        done(&town.sign_in("head").post(&format!("{page}/decision"), &[("opinion", "同意")]));
        let clerk = town.sign_in("clerk");
        assert!(clerk.get(&page).has(&blank));
        let text = text_of(&clerk.get(&blank).bytes);
        assert!(
            text.contains("签收人") && text.contains("330421100001") && text.contains("阿珍副食品店"),
            "{text}"
        );
        assert_eq!(town.sign_in("head").get(&blank).status, 403);
        let second = town.officer("inspector");
        let held = town.house.store.read(|sql| site::officers::books::certificates(sql, &second)).unwrap();
        let number = held[0].0.number.clone();
        town.clock.set(instant("2026-11-26T01:00:00Z"));
        record(town, &second, OfficerAct::CertificateEnded { number: number.clone() });
        let first = town.officer("clerk");
        let fields = [
            ("way", "direct"),
            ("receiver", "沈阿珍"),
            ("relation", "本人"),
            ("place", "本局办证窗口"),
            ("time", "09:30"),
            ("first", first.as_str()),
            ("second", second.as_str()),
        ];
        let clerk = town.sign_in("clerk");
        let service = format!("{page}/service");
        refused(&clerk.post(&service, &fields), "送达时间不能晚于现在");
        let published = with(&fields, &[("way", "public-notice"), ("time", "08:30")]);
        refused(&clerk.post(&service, &published), "公告送达");
        done(&clerk.post(&service, &with(&fields, &[("day", "2026-11-25"), ("reason", "次日登记")])));
        let paper = links(&clerk.get(&page), "/papers/").pop().unwrap();
        let text = text_of(&clerk.get(&paper).bytes);
        assert!(text.contains(&number), "the certificate as it stood on the day of service: {text}");
        assert!(!clerk.get(&page).has(&blank), "it has been handed over");
    });
}

#[test]
fn a_clerk_of_one_town_keeps_his_form_when_the_place_is_missing_or_another_town() {
    told(|town| {
        town.appoint("window", "镇窗口", &[Role::Clerk], "330421103");
        let clerk = town.sign_in("window");
        let form = clerk.get("/applications/new");
        assert!(form.has("value=\"330421103\"") && !form.has("value=\"330421102\""), "only his own places");
        for (place, reason) in [("", "请选择本局辖区内的村"), ("330421102", "该地不在您的管辖范围内")]
        {
            let reply = clerk.post("/applications", &with(&application(), &[("division", place)]));
            refused(&reply, reason);
            assert!(
                reply.has("#field-division") && reply.has("嘉善县西塘镇南苑路12号"),
                "nothing typed is lost"
            );
        }
        submit(&clerk, &[]);
    });
}

/// A file waits for whom the next step belongs to: after an opinion against it that is the inspectors again.
#[test]
fn an_unfavourable_opinion_sends_the_file_back_to_the_inspectors_or_to_the_head_who_may_only_refuse() {
    told(|town| {
        let clerk = town.sign_in("clerk");
        let page = submit(&clerk, &[]);
        let waits = |who: &str| town.sign_in(who).get("/").has(&page);
        assert!(waits("clerk") && !waits("inspector"));
        done(&clerk.post(&format!("{page}/acceptance"), &[]));
        assert!(waits("inspector") && !waits("clerk"));
        done(&check(town, &page));
        assert!(waits("reviewer") && !waits("inspector"));
        let against = [("supports", "no"), ("opinion", "门店尚未与住所分开")];
        done(&town.sign_in("reviewer").post(&format!("{page}/review"), &against));
        assert!(waits("inspector") && waits("head"));
        let offered = town.sign_in("head").get(&page);
        assert!(offered.has(&format!("{page}/refusal")) && !offered.has(&format!("{page}/decision")));
        done(&check(town, &page));
        let favourable = [("supports", "yes"), ("opinion", "已与住所分开，拟同意")];
        done(&town.sign_in("reviewer").post(&format!("{page}/review"), &favourable));
        assert!(waits("head") && !waits("inspector"));
    });
}
