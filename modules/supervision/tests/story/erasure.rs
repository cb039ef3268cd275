//! Personal data of an application that are erased by law are nowhere on the disk any more, and its record still holds.

use std::collections::BTreeSet;
use std::path::Path;

use ledger::Actor;
use site::officers::Role;
use site::testing::Town;
use site::{Drawer, Erasing, Problem};
use store::{Settings, Store};
use supervision::licence::import::run::{Order, run};

use crate::counter::*;
use crate::place;

/// What the files of the database are searched for: identity card, telephone, and the holder's name.
const TRACES: [&str; 3] = ["330421196802150025", "13857312345", "沈阿珍"];

/// A town on a SQLite file.
fn town(home: &Path) -> (Town, Store) {
    let store = Store::open(&Settings::Sqlite { file: home.join("node.db") }).unwrap();
    let drawer = Drawer::new().with(place::bureau()).with(place::press());
    (Town::build(store.clone(), vec![supervision::module()], drawer), store)
}

#[test]
fn an_erased_application_leaves_no_trace_on_the_disk() {
    let home = tempfile::tempdir().unwrap();
    let (town, store) = town(home.path());
    let page = submit(&town.sign_in("clerk"), &[]);
    done(&town.sign_in("clerk").post(&format!("{page}/acceptance"), &[]));
    run_chores(&town);
    let files = files_of(&town);
    assert_eq!(there(&town, &files), 3, "the form, the scan and the printed notice lie there");
    assert!(TRACES.iter().all(|trace| found(home.path(), trace)), "the search finds what is there");

    let numbers = acts_of(&town, &page);
    assert!(numbers.len() >= 3, "submitted, accepted, printed: {numbers:?}");
    erase(&town, numbers.clone());
    run_chores(&town);
    assert_eq!(there(&town, &files), 0);
    let left = |when: &str| {
        let still: Vec<_> = TRACES.iter().filter(|trace| found(home.path(), trace)).collect();
        assert!(still.is_empty(), "{still:?} are still there {when}");
    };
    left("while the node runs");
    town.sign_in("clerk").get(&page);
    let report = ledger::verify(&store, &town.house.ledger.verifiers()).unwrap();
    assert!(report.fault.is_none(), "{:?}", report.fault);
    assert_eq!(report.erased, i64::try_from(numbers.len()).unwrap());
    let books = site::books(&[supervision::module()]);
    assert_eq!(ledger::verify_books(&store, books).unwrap().differing, []);
    drop(town);
    store.close();
    left("after it has ended");
}

/// A register's licence, and what a later file said of it: other words, a number that stands twice, a line with a cell too
/// many, and her identity number where another's telephone should stand.
#[test]
fn an_erased_licence_leaves_the_lists_of_the_importer_too() {
    const HEADINGS: &str = "许可证号,经营者,身份证号码,联系电话,经营地址,有效期起,有效期止,许可证状态";
    let line = |name: &str, phone: &str| {
        format!(
            "330421100077,{name},330421196802150025,{phone},嘉善县西塘镇南苑路12号,2024-01-01,2028-12-31,有效"
        )
    };
    let hers = line("沈阿珍", "13857312345");
    let another = |number: i64, phone: &str, state: &str| {
        format!("{number},王小明,,{phone},嘉善县西塘镇古镇路2号,2024-01-01,2028-12-31,{state}")
    };
    let story = |town: &Town| {
        read_in(town, "市局系统", &[HEADINGS, &hers], false);
        let (changed, broken) = (line("沈阿真", "13857312346"), format!("{hers},余"));
        let misplaced = another(330421100079, "330421196802150025", "有效");
        let other = another(330421100078, "", "无此状态");
        read_in(town, "县局台账", &[HEADINGS, &changed, &changed, &broken, &misplaced, &other], true);
        let lists = || format!("{:?} {:?}", rows(town, "import_faults"), rows(town, "import_differences"));
        assert!(TRACES.iter().all(|trace| lists().contains(trace)), "{}", lists());
        assert!(lists().contains("330421100077") && lists().contains("无此状态"), "{}", lists());
        let imported = rows(town, "acts where kind = 'licence.imported'");
        erase(town, imported.iter().map(|row| row.get(0).unwrap()).collect());
        for trace in TRACES.iter().chain(&["330421100077", "沈阿真"]) {
            assert!(!lists().contains(trace), "{trace} still stands there: {}", lists());
        }
        assert!(lists().contains("无此状态"), "what is told of others stays");
        run_chores(town);
    };
    told(story);
    let home = tempfile::tempdir().unwrap();
    let (town, _store) = town(home.path());
    story(&town);
    let still: Vec<_> = TRACES.iter().filter(|trace| found(home.path(), trace)).collect();
    assert!(still.is_empty(), "{still:?} are still on the disk");
}

fn read_in(town: &Town, source: &str, lines: &[&str], dry_run: bool) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("register.csv");
    std::fs::write(&file, lines.join("\n") + "\n").unwrap();
    let order = Order { file, source: source.to_owned(), dry_run, accept_changes: false };
    let outcome = run(&town.house, &order, &mut |_| ()).unwrap();
    assert_eq!((outcome.run.refusal, outcome.mapping_faults.len()), (None, 0));
}

fn rows(town: &Town, table: &str) -> Vec<store::Row> {
    town.house.store.read(|sql| sql.query(&format!("select * from {table}"), &[])).unwrap()
}

#[test]
fn a_file_that_another_application_names_too_stays() {
    let home = tempfile::tempdir().unwrap();
    let (town, _store) = town(home.path());
    let first = submit(&town.sign_in("clerk"), &[]);
    let second =
        submit(&town.sign_in("clerk"), &[("trade_name", "阿珍二店"), ("address", "嘉善县西塘镇南苑路99号")]);
    let files = files_of(&town);
    erase(&town, acts_of(&town, &first));
    run_chores(&town);
    assert_eq!(there(&town, &files), files.len());
    erase(&town, acts_of(&town, &second));
    run_chores(&town);
    assert_eq!(there(&town, &files), 0);
}

/// The fields of a good request.
pub fn request<'a>(matter: &'a str, others: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let good = [("matter", matter), ("basis", "个人信息保护法第四十七条"), ("reason", "当事人撤回同意")];
    with(&good, others)
}

pub fn matter_of(page: &str) -> String {
    format!("application/{}", page.rsplit('/').next().unwrap())
}

#[test]
fn personal_data_go_when_a_second_officer_agrees_and_never_by_one_alone() {
    told(|town| {
        let page = submit(&town.sign_in("clerk"), &[]);
        let (matter, reviewer) = (matter_of(&page), town.sign_in("reviewer"));
        let submitted = acts_of(town, &page)[0];
        let act = reviewer.get(&format!("/record/{submitted}"));
        let form = reviewer.get(link(&act, "/erasures/new"));
        assert!(form.has("登记申请") || form.has("所涉行为"), "{}", reasons(&form));
        refused(&reviewer.post("/erasures", &request(&matter, &[("basis", "")])), "请写明法律依据");
        refused(&reviewer.post("/erasures", &request(&matter, &[("reason", "删")])), "至少四个字");
        assert_eq!(town.sign_in("clerk").post("/erasures", &request(&matter, &[])).status, 403);
        let asked = done(&reviewer.post("/erasures", &request(&matter, &[])));
        assert!(reviewer.get(&asked).has("等待另一名有权人员决定"));
        assert_eq!(reviewer.post(&format!("{asked}/approval"), &[]).status, 403);

        town.appoint("both", "双任", &[Role::Reviewer, Role::Head], "330421");
        let both = town.sign_in("both");
        let own = done(&both.post("/erasures", &request(&matter, &[])));
        assert_eq!(both.post(&format!("{own}/approval"), &[]).status, 403, "not even a head his own");

        let head = town.sign_in("head");
        assert!(town.sign_in("clerk").get(&page).has("阿珍副食品店"));
        assert!(head.get(&asked).has("当事人撤回同意"));
        done(&head.post(&format!("{asked}/approval"), &[]));
        assert!(!town.sign_in("administrator").get("/search?q=阿珍副食品店").has("西塘镇南苑路"));
        assert!(!bodies(town).contains("沈阿珍"), "no body names him any more");
        assert!(town.sign_in("auditor").get("/erasures").has("已删除"));
        refused(&head.post(&format!("{asked}/approval"), &[]), "已经决定");
    });
}

#[test]
fn a_refused_request_erases_nothing_and_says_why() {
    told(|town| {
        let page = submit(&town.sign_in("clerk"), &[]);
        let matter = matter_of(&page);
        let asked = done(&town.sign_in("reviewer").post("/erasures", &request(&matter, &[])));
        let head = town.sign_in("head");
        refused(&head.post(&format!("{asked}/refusal"), &[("refusal", "")]), "至少四个字");
        done(&head.post(&format!("{asked}/refusal"), &[("refusal", "保存期限未届满")]));
        assert!(head.get(&asked).has("不同意"));
        assert!(bodies(town).contains("沈阿珍"));
        refused(&head.post(&format!("{asked}/approval"), &[]), "已经决定");
    });
}

/// All bodies that are left.
fn bodies(town: &Town) -> String {
    let acts = town.house.store.read(|sql| ledger::copy::entries(sql, 0, 10_000)).unwrap();
    acts.into_iter().filter_map(|entry| entry.body).map(|body| body.json).collect()
}

fn erase(town: &Town, numbers: Vec<i64>) {
    let house = town.house.clone();
    let erasing =
        Erasing {
            numbers, reason: "申请人撤回同意".into(), basis: "个人信息保护法第四十七条".into()
        };
    let erased = town.house.ledger.write(Actor::Command("story".into()), move |writing| {
        erasing.record(writing, &house).map_err(Problem::Failed)
    });
    erased.unwrap();
}

/// The numbers of the acts of the application at this address.
fn acts_of(town: &Town, page: &str) -> Vec<i64> {
    let matter = format!("application/{}", page.rsplit('/').next().unwrap());
    let query = "select number from acts where matter = $1";
    let rows = town.house.store.read(|sql| sql.query(query, &[matter.into()])).unwrap();
    rows.iter().map(|row| row.get(0).unwrap()).collect()
}

/// The files that any act names.
fn files_of(town: &Town) -> BTreeSet<String> {
    let acts = town.house.store.read(|sql| ledger::copy::entries(sql, 0, 10_000)).unwrap();
    let bodies: Vec<String> = acts.into_iter().filter_map(|entry| entry.body).map(|body| body.json).collect();
    let texts = bodies.iter().flat_map(|json| json.split('"')).map(str::to_owned);
    texts.filter(|text| town.house.uploads.path(text).is_ok_and(|path| path.exists())).collect()
}

/// How many of these files are still there.
fn there(town: &Town, files: &BTreeSet<String>) -> usize {
    files.iter().filter(|digest| town.house.uploads.path(digest).unwrap().exists()).count()
}

fn found(folder: &Path, trace: &str) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        bytes.windows(trace.len()).any(|window| window == trace.as_bytes())
    })
}
