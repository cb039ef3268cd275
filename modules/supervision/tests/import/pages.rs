//! The import as an officer sees it: hand in, set columns, check, look at faults, import, look at differences.

use site::testing::{Client, Town, for_each_engine_with};
use supervision::licence::import::acts::ImportAct;
use supervision::licence::import::run::work;

use super::town::{bureau, count, licences};

const HEADINGS: &str = "许可证号,经营者,经营地址,有效期起,有效期止,许可证状态,联系电话,我方备注\n";

fn story(tell: impl Fn(&Town)) {
    for_each_engine_with(|| vec![supervision::module()], |drawer| drawer.with(bureau("jiashan")), tell);
}

fn register(rows: &[&str]) -> Vec<u8> {
    format!("{HEADINGS}{}\n", rows.join("\n")).into_bytes()
}

const GOOD: &str = "330421100001,张三,嘉善县西塘镇荷池村1组1号,2024-01-01,2028-12-31,有效,16012345678,甲";
const OTHER: &str = "330421100002,李四,嘉善县西塘镇荷池村1组2号,2024-01-01,2028-12-31,有效,16012345679,乙";
const FAULTY: &str = "330421300003,王五,=1+1,2024-01-01,2023-12-31,有效,16012345670,丙";

/// Hands a file in; gives the address of its run.
fn hand_in(reviewer: &Client, rows: &[&str]) -> String {
    let reply = reviewer.upload("/imports", &[("source", "市局系统")], "file", "零售户.csv", &register(rows));
    assert_eq!(reply.status, 303, "{}", reply.body);
    reply.location().trim_end_matches("/mapping").to_owned()
}

fn set_columns(reviewer: &Client, run: &str, more: &[(&str, &str)]) -> u16 {
    let mut fields = vec![
        ("heading_row", "1"),
        ("number", "许可证号"),
        ("name", "经营者"),
        ("address", "经营地址"),
        ("valid-from", "有效期起"),
        ("valid-until", "有效期止"),
        ("standing", "许可证状态"),
        ("phone", "联系电话"),
        ("repeated", "fault"),
    ];
    fields.extend(more);
    reviewer.post(&format!("{run}/mapping"), &fields).status
}

#[test]
fn from_file_to_register() {
    story(|town| {
        let reviewer = town.sign_in("reviewer");
        assert!(reviewer.get("/imports").has("还没有导入过文件"));
        let run = hand_in(&reviewer, &[GOOD, FAULTY, OTHER]);
        let mapping = reviewer.get(&format!("{run}/mapping"));
        assert_eq!(mapping.status, 200, "{}", mapping.body);
        assert!(mapping.has("<option value=\"经营者\" selected>"), "columns are proposed");
        assert_eq!(set_columns(&reviewer, &run, &[("noted", "我方备注")]), 303);
        assert!(reviewer.get(&run).has("正在核对"));
        assert!(reviewer.get(&format!("{run}/progress")).has("\"finished\":false"));
        work(&town.house).unwrap();
        let checked = reviewer.get(&run);
        for words in ["许可证号不符合编号规则", "单元格是公式", "有效期截止日早于起始日", "A 许可证号"]
        {
            assert!(checked.has(words), "{words}: {}", checked.body);
        }
        assert_eq!(licences(&town.house), 0);
        assert_eq!(reviewer.post(&format!("{run}/execution"), &[]).status, 303);
        work(&town.house).unwrap();
        assert!(reviewer.get(&run).has("已完成"));
        assert_eq!(licences(&town.house), 2);
        assert!(reviewer.get("/licences").has("330421100001"));
    });
}

#[test]
fn who_lets_a_file_in_answers_for_its_acts() {
    story(|town| {
        let uploader = town.sign_in("reviewer");
        town.appoint("second", "沈敏", &[site::officers::Role::Reviewer], "330421");
        let second = town.sign_in("second");
        let run = hand_in(&uploader, &[GOOD]);
        set_columns(&uploader, &run, &[]);
        work(&town.house).unwrap();
        assert_eq!(second.post(&format!("{run}/execution"), &[]).status, 303);
        work(&town.house).unwrap();
        let (opened, imported) = (only(town, "import.opened"), only(town, "licence.imported"));
        let ImportAct::Opened(body) = opened.read().unwrap().unwrap();
        assert_eq!(opened.header.actor, imported.header.actor);
        let handed_in_by = body.handed_in_by.unwrap();
        assert!(handed_in_by.starts_with("officer:") && handed_in_by != opened.header.actor.to_string());
    });
}

/// The one act of this kind.
fn only(town: &Town, kind: &str) -> ledger::Act {
    let query = format!("select number from acts where kind = '{kind}'");
    let row = town.house.store.read(|sql| sql.query_one(&query, &[])).unwrap().unwrap();
    town.house.ledger.act(row.get(0).unwrap()).unwrap()
}

#[test]
fn faults_are_told_in_the_readers_language_and_as_a_harmless_file() {
    story(|town| {
        let reviewer = town.sign_in("reviewer");
        let run = hand_in(&reviewer, &[GOOD, FAULTY]);
        set_columns(&reviewer, &run, &[]);
        work(&town.house).unwrap();
        let file = reviewer.post(&format!("{run}/faults.csv"), &[]);
        assert_eq!(file.status, 200, "{}", file.body);
        assert!(file.has("'=1+1"), "{}", file.body);
        assert!(file.bytes.starts_with("\u{feff}".as_bytes()));
        reviewer.set_cookie("language", "en");
        assert!(reviewer.get(&format!("{run}/faults")).has("Not a licence number of this bureau"));
        assert!(reviewer.get(&run).has("The validity ends before it begins"));
    });
}

#[test]
fn personal_numbers_in_faults_stay_masked_and_taking_the_list_out_is_recorded() {
    story(|town| {
        let reviewer = town.sign_in("reviewer");
        let phone = GOOD.replace("16012345678", "1601234567890");
        let identity = OTHER.replace("乙", "330421199001011235");
        let run = hand_in(&reviewer, &[&phone, &identity]);
        set_columns(&reviewer, &run, &[("identity-number", "我方备注")]);
        work(&town.house).unwrap();
        let list = format!("{run}/faults.csv");
        assert_eq!(reviewer.get(&list).status, 405, "an act is no GET");
        let disclosed =
            || count(&town.house, "select count(*) from disclosures where kind = 'file.handed-out'");
        assert_eq!(disclosed(), 0);
        let (first, all) = (reviewer.get(&run), reviewer.get(&format!("{run}/faults")));
        for told in [first, all, reviewer.post(&list, &[])] {
            assert_eq!(told.status, 200);
            assert!(told.has("160******7890") && told.has("330421********1235"), "{}", told.body);
            assert!(!told.has("1601234567890") && !told.has("330421199001011235"), "{}", told.body);
        }
        assert_eq!(disclosed(), 1);
        let about = format!(
            "select count(*) from disclosures where about = '{}'",
            &run[1..].replacen("imports", "import", 1)
        );
        assert_eq!(count(&town.house, &about), 1, "{about}");
    });
}

#[test]
fn a_changed_row_is_shown_before_it_is_written() {
    story(|town| {
        let reviewer = town.sign_in("reviewer");
        let changed = GOOD.replace("1组1号", "1组9号").replace("16012345678", "16087654321");
        for (rows, expected) in [(&[GOOD][..], 1), (&[changed.as_str()][..], 2)] {
            let run = hand_in(&reviewer, rows);
            set_columns(&reviewer, &run, &[]);
            work(&town.house).unwrap();
            if expected == 2 {
                let page = reviewer.get(&format!("{run}/differences"));
                assert!(page.has("1组1号</del>") && page.has("1组9号</ins>"), "{}", page.body);
                assert!(!page.has("16087654321") && page.has("160****4321"), "telephone numbers stay masked");
            }
            assert_eq!(reviewer.post(&format!("{run}/execution"), &[("accept_changes", "yes")]).status, 303);
            work(&town.house).unwrap();
        }
        let address =
            town.house.store.read(|sql| sql.query_one("select address from licences", &[])).unwrap().unwrap();
        assert_eq!(address.get::<String>(0).unwrap(), "嘉善县西塘镇荷池村1组9号");
    });
}

#[test]
fn the_columns_of_a_source_are_remembered() {
    story(|town| {
        let reviewer = town.sign_in("reviewer");
        let run = hand_in(&reviewer, &[GOOD]);
        set_columns(&reviewer, &run, &[("noted", "我方备注")]);
        work(&town.house).unwrap();
        let next = hand_in(&reviewer, &[OTHER]);
        let page = reviewer.get(&format!("{next}/mapping"));
        let ticked =
            page.body.split("<input").any(|input| input.contains("我方备注") && input.contains("checked"));
        assert!(ticked, "{}", page.body);
    });
}

#[test]
fn an_expected_column_that_is_left_out_is_asked_for() {
    story(|town| {
        let reviewer = town.sign_in("reviewer");
        let run = hand_in(&reviewer, &[GOOD]);
        assert_eq!(set_columns(&reviewer, &run, &[("longitude", "我方备注")]), 422);
        let missing =
            reviewer.post(&format!("{run}/mapping"), &[("heading_row", "1"), ("number", "许可证号")]);
        assert_eq!(missing.status, 422);
        assert!(missing.has("没有对应的列"));
    });
}

#[test]
fn headings_in_a_row_that_is_not_there_are_refused_beside_the_field() {
    story(|town| {
        let reviewer = town.sign_in("reviewer");
        let run = hand_in(&reviewer, &[GOOD, OTHER]);
        let reply =
            reviewer.post(&format!("{run}/mapping"), &[("heading_row", "15"), ("number", "许可证号")]);
        assert_eq!(reply.status, 422, "{}", reply.body);
        assert!(reply.has("没有找到列名行"), "{}", reply.body);
    });
}

#[test]
fn a_check_that_fails_says_why_where_it_begins_again() {
    story(|town| {
        let reviewer = town.sign_in("reviewer");
        let run = hand_in(&reviewer, &[GOOD]);
        set_columns(&reviewer, &run, &[]);
        let id = run.trim_start_matches("/imports/").to_owned();
        // A mapping that does not fit the file any more.
        let spoilt =
            "update import_runs set mapping = replace(mapping, '许可证号', '不在其中') where id = $1";
        town.house.store.write(move |sql| sql.execute(spoilt, &[id.as_str().into()])).unwrap();
        work(&town.house).unwrap_err();
        assert_eq!(reviewer.get(&run).location(), format!("{run}/mapping"));
        let page = reviewer.get(&format!("{run}/mapping"));
        assert!(page.has("核对中断"), "{}", page.body);
    });
}

#[test]
fn only_who_answers_for_the_whole_area_may_import() {
    story(|town| {
        for login in ["inspector", "auditor", "administrator"] {
            assert_eq!(town.sign_in(login).get("/imports").status, 403, "{login}");
        }
        town.appoint("village", "姚晓", &[site::officers::Role::Reviewer], "330421103");
        assert_eq!(town.sign_in("village").get("/imports").status, 403);
        let reviewer = town.sign_in("reviewer");
        assert_eq!(reviewer.get("/imports/0b5f2c5e-3a51-4d6a-9d2e-0f6b8f0c9a11").status, 404);
        let empty = reviewer.upload("/imports", &[("source", "")], "file", "x.csv", b"");
        assert_eq!(empty.status, 422);
        let old = reviewer.upload(
            "/imports",
            &[("source", "x")],
            "file",
            "x.xls",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        );
        assert!(reviewer.get(old.location()).has("旧版 XLS"));
    });
}
