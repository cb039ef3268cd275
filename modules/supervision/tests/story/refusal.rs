//! Ends other than a licence, and the hearing before a decision.

use site::testing::{Town, instant};

use crate::counter::*;

fn paper_text(town: &Town, page: &str, last: usize) -> String {
    let clerk = town.sign_in("clerk");
    let papers = links(&clerk.get(page), "/papers/");
    text_of(&clerk.get(&papers[papers.len() - 1 - last]).bytes)
}

#[test]
fn a_refusal_names_ground_article_fact_and_remedies() {
    told(|town| {
        let page = submit(&town.sign_in("clerk"), &[]);
        done(&town.sign_in("clerk").post(&format!("{page}/acceptance"), &[]));
        let (first, second) = (town.officer("inspector"), town.officer("inspector2"));
        let found = [
            ("first", first.as_str()),
            ("second", second.as_str()),
            ("findings", "门店与卧室之间只以布帘相隔"),
            ("separate", "no"),
            ("meets", "no"),
        ];
        done(&town.sign_in("inspector").post(&format!("{page}/check"), &found));
        let opinion = [("supports", "no"), ("opinion", "经营场所与住所不相独立，拟不予许可")];
        done(&town.sign_in("reviewer").post(&format!("{page}/review"), &opinion));
        let head = town.sign_in("head");
        assert!(head.get(&page).has("不予许可"));
        let refusal = format!("{page}/refusal");
        let form = head.get(&refusal);
        assert!(form.has("《中华人民共和国烟草专卖法实施条例》第九条") && form.has("示例，非现行有效规定"));
        refused(&head.post(&refusal, &[("opinion", "不予许可")]), "请至少勾选一项情形");
        let example = [("ground", "refusal.safety"), ("fact-refusal.safety", "x"), ("opinion", "不予许可")];
        refused(&head.post(&refusal, &example), "仅为示例，不能作为依据");
        let layout =
            [("ground", "refusal.layout"), ("fact-refusal.layout", "间距四十米"), ("opinion", "不予许可")];
        refused(&head.post(&refusal, &layout), "请选择所依据的布局规定");
        let rule = [("rule-refusal.layout", "example.spacing")];
        refused(&head.post(&refusal, &with(&layout, &rule)), "不能作为不予许可的依据");
        let bare = [("ground", "refusal.dwelling"), ("opinion", "不予许可")];
        refused(&head.post(&refusal, &bare), "的具体事实");
        let whole = [
            ("ground", "refusal.dwelling"),
            ("fact-refusal.dwelling", "门店与卧室之间只以布帘相隔。"),
            ("opinion", "不予许可"),
        ];
        done(&head.post(&refusal, &whole));
        let text = paper_text(town, &page, 0);
        for words in
            ["不予行政许可决定书", "第九条", "只以布帘相隔", "六十日", "嘉兴市烟草专卖局", "第三十八条第二款"]
        {
            assert!(text.contains(words), "{words}: {text}");
        }
        assert_eq!(head.get(&format!("{page}/decision")).status, 422, "what is refused cannot be granted");
        let clerk = town.sign_in("clerk");
        let server = town.officer("clerk");
        let served = [
            ("way", "direct"),
            ("receiver", "沈阿珍"),
            ("relation", "本人"),
            ("place", "本局办证窗口"),
            ("time", "08:30"),
            ("first", server.as_str()),
            ("second", first.as_str()),
        ];
        done(&clerk.post(&format!("{page}/service"), &served));
        assert!(clerk.get(&page).has("已办结"));
        assert!(
            paper_text(town, &page, 0).contains("不予行政许可决定书"),
            "the receipt names what was served"
        );
    });
}

#[test]
fn not_accepted_and_withdrawn_end_an_application_on_paper() {
    told(|town| {
        let clerk = town.sign_in("clerk");
        let page = submit(&clerk, &[]);
        let ground = [
            ("ground", "non-acceptance.no-power"),
            ("fact-non-acceptance.no-power", "经营地址在平湖市，应向平湖市局申请"),
        ];
        done(&clerk.post(&format!("{page}/non-acceptance"), &ground));
        let text = paper_text(town, &page, 0);
        assert!(text.contains("不予受理决定书") && text.contains("平湖市局"), "{text}");
        let page = submit(&clerk, &[("name", "王阿福")]);
        let none = clerk.post(&format!("{page}/termination"), &[]);
        refused(&none, "请至少勾选一项情形");
        let ground =
            [("ground", "termination.withdrawn"), ("fact-termination.withdrawn", "2026年11月25日书面撤回")];
        done(&clerk.post(&format!("{page}/termination"), &ground));
        assert!(clerk.get(&page).has("终止办理"));
        assert_eq!(clerk.get(&format!("{page}/acceptance")).status, 422, "nothing more can be done");
    });
}

#[test]
fn where_others_have_major_interests_nothing_is_decided_before_the_hearing() {
    told(|town| {
        let page = submit(&town.sign_in("clerk"), &[]);
        done(&town.sign_in("clerk").post(&format!("{page}/acceptance"), &[]));
        done(&check(town, &page));
        let reviewer = town.sign_in("reviewer");
        let opinion = [("supports", "yes"), ("opinion", "拟同意"), ("major_interests", "yes")];
        done(&reviewer.post(&format!("{page}/review"), &opinion));
        let head = town.sign_in("head");
        assert_eq!(head.get(&format!("{page}/decision")).status, 422, "the right was not told");
        let told = [("persons", "阿福烟酒店"), ("interests", "两户之间的距离")];
        done(&reviewer.post(&format!("{page}/hearing-right"), &told));
        assert_eq!(head.get(&format!("{page}/decision")).status, 422, "the five days run");
        let clerk = town.sign_in("clerk");
        done(&clerk.post(&format!("{page}/hearing-request"), &[("by", "阿福烟酒店")]));
        assert!(clerk.get(&page).has("2026-12-23"), "held within twenty working days");
        let chair = town.officer("head");
        let mut notice =
            vec![("on", "2026-11-30"), ("time", "09:30"), ("place", "三楼会议室"), ("chair", chair.as_str())];
        refused(&reviewer.post(&format!("{page}/hearing-notice"), &notice), "七个工作日前");
        notice[0] = ("on", "2026-12-04");
        let involved = town.officer("reviewer");
        let by_reviewer = with(&notice, &[("chair", involved.as_str())]);
        refused(&reviewer.post(&format!("{page}/hearing-notice"), &by_reviewer), "不能主持听证");
        done(&reviewer.post(&format!("{page}/hearing-notice"), &notice));
        let text = paper_text(town, &page, 0);
        assert!(text.contains("听证通知书") && text.contains("2026年12月4日09时30分"), "{text}");
        town.clock.set(instant("2026-12-04T03:00:00Z"));
        let head = town.sign_in("head");
        let record: &[u8] = b"%PDF-1.7 record";
        let held = [("record", "双方对距离没有异议")];
        done(&head.upload(&format!("{page}/hearing"), &held, "file-hearing-record", "笔录.pdf", record));
        let shown = head.get(&page);
        let scan = head.get(link(&shown, &format!("{page}/attachments/")));
        assert_eq!(scan.status, 200, "the signed record can be opened");
        let moved = shown.has("2027-01-01") && shown.has("日期为暂计");
        assert!(moved, "seven working days of the hearing do not count: {}", reasons(&shown));
        done(&head.post(&format!("{page}/decision"), &[("opinion", "同意")]));
    });
}
