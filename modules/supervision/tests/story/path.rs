//! The path of an application.

use ledger::Clock;
use site::testing::{Town, instant};
use supervision::licence::acts::Due;
use supervision::licence::application::Application;
use supervision::licence::office::{Office, Setting};
use supervision::licence::steps::{Officer, When};

use crate::counter::*;
use crate::office::details;
use crate::place;

#[test]
fn an_application_from_the_counter_to_the_licence() {
    told(|town| {
        let clerk = town.sign_in("clerk");
        let page = submit(&clerk, &[]);
        let shown = clerk.get(&page);
        assert!(shown.has("阿珍副食品店") && shown.has("嘉善烟许申〔2026〕第00001号"));
        assert!(
            shown.has("330421********0025") && !shown.has("330421196802150025"),
            "personal numbers are masked"
        );
        assert!(shown.has("2026-12-02"), "five working days after 25 November");
        review(town, &page);
        let head = town.sign_in("head");
        done(&head.post(&format!("{page}/decision"), &[("opinion", "同意，准予许可")]));
        let shown = clerk.get(&page);
        assert!(shown.has("330421100001") && shown.has("2026-12-09"), "ten working days to hand it over");
        done(&serve(town, &page));
        let licence = clerk.get(link(&clerk.get(&page), "/licences/0"));
        assert!(licence.has("330421100001") && licence.has("2031-11-24") && licence.has("有效"));
        check_papers(town, &page);
    });
}

fn serve(town: &Town, page: &str) -> site::testing::Reply {
    let (first, second) = (town.officer("clerk"), town.officer("inspector"));
    let fields = [
        ("way", "direct"),
        ("receiver", "沈阿珍"),
        ("relation", "本人"),
        ("place", "本局办证窗口"),
        ("time", "08:30"),
        ("first", first.as_str()),
        ("second", second.as_str()),
    ];
    town.sign_in("clerk").post(&format!("{page}/service"), &fields)
}

/// Each step issued its paper; read back by a foreign reader they say what the record says, and they never change.
fn check_papers(town: &Town, page: &str) {
    let clerk = town.sign_in("clerk");
    let papers = links(&clerk.get(page), "/papers/");
    let texts: Vec<String> = papers
        .iter()
        .map(|paper| {
            let first = clerk.get(paper);
            assert_eq!((first.status, first.header("content-type")), (200, "application/pdf"));
            assert_eq!(first.bytes, clerk.get(paper).bytes, "the same file for ever");
            text_of(&first.bytes)
        })
        .collect();
    let expected = [
        ("受理通知书", "嘉善烟许受〔2026〕第00001号"),
        ("准予行政许可决定书", "嘉善烟许准〔2026〕第00001号"),
        ("烟草专卖零售许可证", "330421100001"),
        ("送达回证", "嘉善烟送〔2026〕第00001号"),
    ];
    assert_eq!(texts.len(), expected.len(), "{papers:?}");
    for (text, (name, number)) in texts.iter().zip(expected) {
        assert!(text.contains(name) && text.contains(number), "{name} {number}: {text}");
    }
    assert!(
        texts[1].contains("六十日") || texts[1].contains("60日"),
        "the decision names its remedies: {}",
        texts[1]
    );
    assert!(clerk.get(page).has("制作文书"), "the digest of a printed paper is an act");
    assert_eq!(town.anonymous().get(&papers[0]).status, 303, "papers are not public");
    let administrator = town.sign_in("administrator");
    assert_eq!(administrator.get(&papers[0]).status, 403, "nor for every officer");
}

#[test]
fn the_applicant_is_told_once_what_is_missing_and_brings_it() {
    told(|town| {
        let clerk = town.sign_in("clerk");
        let page = submit(&clerk, &[]);
        let notice = format!("{page}/correction");
        refused(&clerk.post(&notice, &[]), "请至少写明一项需要补正的内容");
        let lines = [
            ("material-1", "premises-right"),
            ("fault-1", "租赁合同已到期"),
            ("request-1", "提交现行有效的租赁合同"),
            ("material-2", "identity"),
            ("fault-2", "缺背面"),
            ("request-2", "补交背面复印件"),
        ];
        done(&clerk.post(&notice, &lines));
        let shown = clerk.get(&page);
        assert!(
            shown.has("租赁合同已到期") && !shown.has(&format!("{page}/acceptance")),
            "not to be accepted now"
        );
        assert_eq!(clerk.get(&notice).status, 422, "told once only");
        let supplement = format!("{page}/supplement");
        done(&clerk.post(&supplement, &[("settles", "1")]));
        assert!(clerk.get(&page).has("待补正"), "one thing is still open");
        let file: &[u8] = b"%PDF-1.7 back";
        done(&clerk.upload(&supplement, &[("settles", "2")], "file-identity", "背面.pdf", file));
        assert!(clerk.get(&page).has("已补正"));
        assert_eq!(clerk.get(&notice).status, 422, "nothing new may be asked");
        done(&clerk.post(&format!("{page}/acceptance"), &[]));
        let paper = clerk.get(&links(&clerk.get(&page), "/papers/")[0]);
        let text = text_of(&paper.bytes);
        assert!(
            text.contains("补正") && text.contains("租赁合同已到期") && text.contains("补交背面复印件"),
            "{text}"
        );
    });
}

#[test]
fn five_working_days_of_silence_accept_as_of_the_day_of_receipt() {
    told(|town| {
        let clerk = town.sign_in("clerk");
        let page = submit(&clerk, &[]);
        town.clock.set(instant("2026-12-02T15:00:00Z"));
        run_chores(town);
        let clerk = town.sign_in("clerk");
        assert!(clerk.get(&page).has("已收件"), "the last day is not over in China");
        town.clock.set(instant("2026-12-02T16:30:00Z"));
        run_chores(town);
        let clerk = town.sign_in("clerk");
        let shown = clerk.get(&page);
        assert!(shown.has("视为受理") && shown.has("已受理"), "{}", reasons(&shown));
        assert!(shown.has("2026-12-23"), "twenty working days from the day of receipt");
        assert!(shown.has("制作文书"), "the chore printed the notice before anybody asked");
        let text = text_of(&clerk.get(&links(&shown, "/papers/")[0]).bytes);
        assert!(text.contains("受理") && text.contains("嘉善烟许受〔2026〕第00001号"), "{text}");
        assert_eq!(town.clock.now(), instant("2026-12-02T16:30:00Z"));
    });
}

/// A statutory date passes for every matter, whatever has befallen another one.
#[test]
fn a_matter_whose_step_fails_does_not_keep_the_next_from_being_deemed_accepted() {
    told(|town| {
        let clerk = town.sign_in("clerk");
        let (damaged, next) = (submit(&clerk, &[]), submit(&clerk, OTHER_SHOP));
        town.clock.set(instant("2026-12-02T16:30:00Z"));
        let leaf = replace_leaf(town, &damaged, b"no header".to_vec());
        let failed = chore("licence-silence")(&town.house).unwrap_err();
        assert!(format!("{failed:#}").contains(damaged.rsplit_once('/').unwrap().1), "{failed:#}");
        assert!(town.sign_in("clerk").get(&next).has("视为受理"));
        replace_leaf(town, &damaged, leaf);
        chore("licence-silence")(&town.house).unwrap();
        assert!(town.sign_in("clerk").get(&damaged).has("视为受理"), "and it is caught up on");
    });
}

const OTHER_SHOP: &[(&str, &str)] = &[
    ("identity_number", "330421199001010018"),
    ("phone", "13857312346"),
    ("trade_name", "阿新副食品店"),
    ("address", "嘉善县西塘镇南苑路18号"),
];

fn chore(name: &str) -> fn(&site::House) -> anyhow::Result<()> {
    supervision::module().chores.into_iter().find(|chore| chore.name == name).unwrap().run
}

/// Puts other bytes in the place of an application's first act, as a bad disk would, and gives the bytes that were there.
fn replace_leaf(town: &Town, page: &str, leaf: Vec<u8>) -> Vec<u8> {
    let key = page.replacen("/applications/", "application/", 1);
    let replaced: Result<Vec<u8>, store::Error> = town.house.store.write(move |sql| {
        let find = "select leaf from acts where matter = $1 and sequence = 1";
        let found = sql.query_one(find, &[key.as_str().into()])?.unwrap().get(0)?;
        let change = "update acts set leaf = $2 where matter = $1 and sequence = 1";
        sql.execute(change, &[key.as_str().into(), leaf.into()])?;
        Ok(found)
    });
    replaced.unwrap()
}

/// The calendar of a year is published late in the year before: until then limits are provisional, then they move.
#[test]
fn a_newly_published_calendar_moves_open_limits_by_an_act() {
    told(|town| {
        let before =
            town.house.law.with_calendar(place::law_without("calendar-2026.toml").calendar().clone());
        let page = submit_under(town, before);
        let clerk = town.sign_in("clerk");
        assert!(!clerk.get(&page).has("办理期限变动"));
        run_chores(town);
        let shown = clerk.get(&page);
        assert!(shown.has("办理期限变动") && shown.has("暂计"), "{}", reasons(&shown));
        run_chores(town);
        assert_eq!(clerk.get(&page).body.matches("办理期限变动").count(), 1, "it moved once");
        let key = page.replace("/applications/", "application/").parse().unwrap();
        let application: Application = town.house.ledger.load(&key).unwrap();
        let counted = application.deadline(&town.house.law).unwrap().map(|deadline| Due::of(&deadline));
        assert_eq!(application.due, counted, "the act names the rule and the calendar that decided");
    });
}

/// Receives an application while the node still had that law.
fn submit_under(town: &Town, law: law::Law) -> String {
    let clerk = Officer { id: town.officer("clerk"), name: "陈芳".into(), verbs: vec![] };
    let (bureau, press) = (place::bureau(), place::press());
    let written: Result<_, site::Problem> =
        town.house.ledger.write(ledger::Actor::Officer(clerk.id.clone()), move |writing| {
            let setting = Setting { bureau: &bureau, law: &law, press: &press };
            let when = When::on(jiff::civil::date(2026, 11, 25));
            Office { writing, setting, who: &clerk }.submit(&when, details(1))
        });
    format!("/applications/{}", written.unwrap().id())
}

#[test]
fn two_officers_with_valid_certificates_check_on_the_spot() {
    told(|town| {
        let clerk = town.sign_in("clerk");
        let page = submit(&clerk, &[]);
        done(&clerk.post(&format!("{page}/acceptance"), &[]));
        let inspector = town.sign_in("inspector");
        let (one, two) = (town.officer("inspector"), town.officer("inspector2"));
        let address = format!("{page}/check");
        let fields = |second: &'static str| {
            vec![("findings", "门店独立"), ("separate", "yes"), ("meets", "yes"), ("second", second)]
        };
        let alone = with(&fields(""), &[("first", &one), ("second", &one)]);
        refused(&inspector.post(&address, &alone), "两名人员不能是同一人");
        let silent = [("first", one.as_str()), ("second", two.as_str()), ("findings", "门店独立")];
        let reply = inspector.post(&address, &silent);
        refused(&reply, "请选择结论");
        assert!(
            reply.has("#field-separate") && reply.has("#field-meets"),
            "what was not answered is not taken for no"
        );
        town.appoint("late", "钱过期", &[site::officers::Role::Inspector], "330421");
        let late = town.officer("late");
        end_certificate(town, &late);
        let expired = with(&fields(""), &[("first", &one), ("second", &late)]);
        let reply = inspector.post(&address, &expired);
        refused(&reply, "钱过期 在核查当日没有有效的执法证");
        assert!(reply.has("门店独立"), "nothing typed is lost");
        let absent = with(&fields(""), &[("first", &two), ("second", &two)]);
        refused(&inspector.post(&address, &absent), "现场核查由参加核查的人员登记");
        assert!(clerk.get(&page).has("已受理"), "no refused check was recorded");
        done(&check(town, &page));
        let shown = clerk.get(&page);
        assert!(shown.has("120.5 米") && shown.has("28.5 平方米") && shown.has("门面.png"));
    });
}

fn end_certificate(town: &Town, officer: &str) {
    use site::officers::OfficerAct;
    let key = ledger::MatterKey::new("officer", officer.parse().unwrap());
    let number = town.house.store.read(|sql| site::officers::books::certificates(sql, officer)).unwrap();
    let act = OfficerAct::CertificateEnded { number: number[0].0.number.clone() };
    let done: Result<(), ledger::Error> =
        town.house.ledger.write(ledger::Actor::Command("story".into()), move |writing| {
            writing.append(ledger::Draft::new(&key, &act)).map(|_| ())
        });
    done.unwrap();
}

#[test]
fn who_had_a_hand_in_it_does_not_decide() {
    told(|town| {
        town.appoint(
            "both",
            "孙两手",
            &[site::officers::Role::Reviewer, site::officers::Role::Head],
            "330421",
        );
        let page = submit(&town.sign_in("clerk"), &[]);
        done(&town.sign_in("clerk").post(&format!("{page}/acceptance"), &[]));
        done(&check(town, &page));
        let both = town.sign_in("both");
        done(&both.post(&format!("{page}/review"), &[("supports", "yes"), ("opinion", "拟同意")]));
        let decision = format!("{page}/decision");
        assert!(!both.get(&page).has(&decision), "no button");
        assert_eq!(both.post(&decision, &[("opinion", "同意")]).status, 403, "and no way round it");
        assert_eq!(town.sign_in("clerk").post(&decision, &[("opinion", "同意")]).status, 403);
        let head = town.sign_in("head");
        assert!(head.get(&page).has(&decision));
        refused(&head.post(&decision, &[]), "请写明意见");
        let long = [("opinion", "同意"), ("valid_until", "2031-11-25")];
        refused(&head.post(&decision, &long), "有效期最长五年");
        done(&head.post(&decision, &[("opinion", "同意")]));
        assert!(head.get(&page).has("嘉善烟许准〔2026〕第00001号"), "refused decisions took no number");
    });
}

#[test]
fn the_head_gives_ten_more_working_days_once_and_the_applicant_is_told_why() {
    told(|town| {
        let clerk = town.sign_in("clerk");
        let page = submit(&clerk, &[]);
        done(&clerk.post(&format!("{page}/acceptance"), &[]));
        let (head, address) = (town.sign_in("head"), format!("{page}/extension"));
        refused(&head.post(&address, &[]), "请写明延长理由");
        done(&head.post(&address, &[("grounds", "与相邻零售点的间距需要重新测量")]));
        assert_eq!(head.get(&address).status, 422, "once only");
        let shown = clerk.get(&page);
        let paper = links(&shown, "/papers/").last().unwrap().clone();
        let text = text_of(&clerk.get(&paper).bytes);
        assert!(text.contains("与相邻零售点的间距需要重新测量") && text.contains("延长"), "{text}");
    });
}

#[test]
fn a_day_that_was_entered_late_needs_its_reason_and_moves_the_clock() {
    told(|town| {
        let clerk = town.sign_in("clerk");
        let fields = application();
        let late = with(&fields, &[("day", "2026-11-24")]);
        refused(&clerk.post("/applications", &late), "请写明补录理由");
        let told_why = with(&late, &[("reason", "窗口停电，次日补录")]);
        let page = done(&clerk.post("/applications", &told_why));
        let shown = clerk.get(&page);
        assert!(shown.has("2026-12-01") && shown.has("窗口停电，次日补录"), "{}", reasons(&shown));
    });
}

#[test]
fn a_character_that_no_font_has_is_refused_at_the_counter() {
    told(|town| {
        let clerk = town.sign_in("clerk");
        let fields = application();
        let reply = clerk.post("/applications", &with(&fields, &[("trade_name", "阿珍\u{10FFFD}店")]));
        refused(&reply, "U+10FFFD");
        assert!(
            clerk.get("/applications").has("共 0 件") || clerk.get("/applications").has("没有符合条件的申请")
        );
        assert!(clerk.get(&submit(&clerk, &[])).has("第00001号"), "the refused one took no number");
    });
}
