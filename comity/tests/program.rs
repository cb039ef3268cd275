//! The program as an administrator meets it: a made-up bureau, its record verified, tampered with, proven and rebuilt.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;
mod folders;

use std::path::Path;
use std::process::{Output, Stdio};

use common::{comity, program, root, said, text};
use folders::copy_folder;
use store::{Settings, Store};

#[test]
fn the_made_up_bureau_has_a_record_that_can_be_checked_proven_and_rebuilt() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("demo");
    let made = comity(&["demo", "--prepare", "--data", text(&data)]);
    assert!(made.status.success(), "{}", said(&made));
    assert!(said(&made).contains("head"), "the logins are printed: {}", said(&made));

    let verified = comity(&["verify", "--books", "--data", text(&data)]);
    assert!(verified.status.success(), "{}", said(&verified));
    assert!(said(&verified).contains("all books hold"), "{}", said(&verified));
    assert!(said(&verified).contains("no neighbour witnesses"), "the limit is told: {}", said(&verified));

    let proof = comity(&["proof", "7", "--data", text(&data)]);
    assert!(said(&proof).starts_with("c2sp.org/tlog-proof"), "{}", said(&proof));
    let none = comity(&["proof", "99999999", "--data", text(&data)]);
    assert!(!none.status.success());

    let rebuilt = comity(&["rebuild", "--data", text(&data)]);
    assert!(said(&rebuilt).contains("0 tables changed"), "{}", said(&rebuilt));

    a_reader_who_has_read_enough_disturbs_nothing(&data);
    tampering_is_found(home.path(), &data);
    a_record_signed_anew_is_found(home.path(), &data);
    a_wrong_book_is_found_and_mended(&data);
    a_second_process_is_refused(&data);
}

/// As `comity verify | head -1` ends it: the pipe is closed, and the exit code still says what was found.
fn a_reader_who_has_read_enough_disturbs_nothing(data: &Path) {
    let proof: &[&str] = &["proof", "7"];
    for order in [&["verify", "--books"], proof, &["checkpoint"], &["rebuild"], &["demo", "--prepare"]] {
        let ended = into_closed_pipe(&[order, &["--data", text(data)]].concat());
        assert_eq!((ended.status.code(), said(&ended)), (Some(0), String::new()), "{order:?}");
    }
}

fn into_closed_pipe(arguments: &[&str]) -> Output {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    program(&[]).args(arguments).stdout(writer).stderr(Stdio::piped()).output().unwrap()
}

fn tampering_is_found(home: &Path, data: &Path) {
    let copy = home.join("copy");
    copy_folder(data, &copy);
    change(&copy, "update bodies set body = $1 where number = 41", b"{\"act\":\"forged\"}");
    let found = comity(&["verify", "--data", text(&copy)]);
    assert_eq!(found.status.code(), Some(1), "{}", said(&found));
    assert!(said(&found).contains("41"), "the act is named: {}", said(&found));
    assert_eq!(into_closed_pipe(&["verify", "--data", text(&copy)]).status.code(), Some(1));
    a_flipped_byte_of_the_file_is_found(home, data);
}

/// One bit in the bytes of a stored header, as a failing disk would have it.
fn a_flipped_byte_of_the_file_is_found(home: &Path, data: &Path) {
    let copy = home.join("flipped");
    copy_folder(data, &copy);
    let file = copy.join("comity.sqlite");
    let mut bytes = std::fs::read(&file).unwrap();
    let header = b"\"number\":321,";
    let place = bytes.windows(header.len()).position(|window| window == header).unwrap();
    bytes[place + header.len() - 2] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let found = comity(&["verify", "--data", text(&copy)]);
    assert_eq!(found.status.code(), Some(1), "{}", said(&found));
    assert!(said(&found).contains("WRONG: act 321: the bytes of its header"), "{}", said(&found));
}

/// Whoever replaces the whole folder by another one with a key of its own is found by what was kept elsewhere.
fn a_record_signed_anew_is_found(home: &Path, data: &Path) {
    let kept = home.join("kept.checkpoint");
    std::fs::write(&kept, comity(&["checkpoint", "--data", text(data)]).stdout).unwrap();
    let key = home.join("kept.pub");
    std::fs::copy(data.join("ledger.pub"), &key).unwrap();
    let good = ["verify", "--key", text(&key), "--checkpoint", text(&kept), "--data"];
    assert!(comity(&[&good[..], &[text(data)]].concat()).status.success());

    let forged = home.join("forged");
    let made = comity(&["demo", "--prepare", "--data", text(&forged)]);
    assert!(made.status.success(), "{}", said(&made));
    assert!(comity(&["verify", "--data", text(&forged)]).status.success(), "it agrees with itself");
    let found = comity(&[&good[..], &[text(&forged)]].concat());
    assert_eq!(found.status.code(), Some(1), "{}", said(&found));
}

fn a_wrong_book_is_found_and_mended(data: &Path) {
    let store = Store::open(&settings(data)).unwrap();
    store
        .write(|sql| {
            sql.execute("delete from licences where number = (select min(number) from licences)", &[])?;
            Ok::<_, store::Error>(())
        })
        .unwrap();
    store.close();
    let found = comity(&["verify", "--books", "--data", text(data)]);
    assert_eq!(found.status.code(), Some(1), "{}", said(&found));
    assert!(said(&found).contains("book table licences at id = "), "the row is named: {}", said(&found));
    let mended = comity(&["rebuild", "--data", text(data)]);
    assert!(said(&mended).contains("licences held something else"), "{}", said(&mended));
    assert!(comity(&["verify", "--books", "--data", text(data)]).status.success());
}

fn a_second_process_is_refused(data: &Path) {
    let held = Store::open(&settings(data)).unwrap();
    let refused = comity(&["rebuild", "--data", text(data)]);
    assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
    held.close();
}

#[test]
fn a_demo_never_removes_what_is_no_demo() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("ledger.key"), "the key of a real node").unwrap();
    let refused = comity(&["demo", "--prepare", "--data", text(home.path())]);
    assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
    assert!(home.path().join("ledger.key").exists());
}

#[test]
fn a_fault_in_a_law_file_names_file_rule_and_field_and_the_node_does_not_start() {
    let home = tempfile::tempdir().unwrap();
    let law = home.path().join("law");
    copy_folder(&root().join("law"), &law);
    let file = law.join("national/licence-periods.toml");
    let right = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, right.replacen("unit = \"workday\"", "unit = \"fortnight\"", 1)).unwrap();
    let configuration = home.path().join("comity.toml");
    let lines = format!(
        "name = 'a.example'\nbureau = 'jiashan'\ndata = {:?}\nlaw = {:?}\naddress = '127.0.0.1:0'\n",
        home.path().join("data"),
        law
    );
    std::fs::write(&configuration, lines).unwrap();
    let refused = comity(&["serve", "--config", text(&configuration)]);
    assert_eq!(refused.status.code(), Some(2));
    for named in ["national/licence-periods.toml", "licence.", "unit"] {
        assert!(said(&refused).contains(named), "{named} is named: {}", said(&refused));
    }
}

#[test]
fn the_first_administrator_comes_by_command_and_only_once() {
    let home = tempfile::tempdir().unwrap();
    let configuration = home.path().join("comity.toml");
    let lines = format!("name = 'a.example'\nbureau = 'jiashan'\ndata = {:?}\n", home.path().join("data"));
    std::fs::write(&configuration, lines).unwrap();
    let order = ["administrator", "zhang.wei", "--name", "张伟", "--config", text(&configuration)];
    let first = comity(&order);
    assert!(said(&first).contains("password"), "{}", said(&first));
    let second = comity(&order);
    assert!(!second.status.success(), "{}", said(&second));
}

#[test]
fn the_key_is_changed_by_command_and_a_lost_one_replaced_with_the_record_saying_so() {
    let home = tempfile::tempdir().unwrap();
    let (configuration, data) = (home.path().join("comity.toml"), home.path().join("data"));
    let lines = format!("name = 'a.example'\nbureau = 'jiashan'\ndata = {data:?}\n");
    std::fs::write(&configuration, &lines).unwrap();
    let comity = |words: &[&str]| comity(&[words, &["--config", text(&configuration)]].concat());
    assert!(comity(&["administrator", "zhang.wei", "--name", "张伟"]).status.success());
    let first = home.path().join("first.pub");
    std::fs::copy(data.join("ledger.pub"), &first).unwrap();

    std::fs::write(&configuration, format!("{lines}cryptography = 'commercial'\n")).unwrap();
    let refused = comity(&["rebuild"]);
    assert!(said(&refused).contains("comity key rotate"), "{}", said(&refused));
    let rotated = comity(&["key", "rotate", "--reason", "启用商用密码"]);
    assert!(rotated.status.success(), "{}", said(&rotated));
    assert_eq!(std::fs::read_to_string(data.join("ledger.pub")).unwrap().matches(" from ").count(), 2);
    let verified = comity(&["verify", "--key", text(&first)]);
    assert!(verified.status.success(), "the first key introduced the others: {}", said(&verified));

    std::fs::remove_file(data.join("ledger.key")).unwrap();
    let refused = comity(&["rebuild"]);
    assert!(said(&refused).contains("comity key replace"), "{}", said(&refused));
    let replaced = comity(&["key", "replace", "--reason", "存放密钥的磁盘损坏"]);
    assert!(replaced.status.success(), "{}", said(&replaced));
    let verified = comity(&["verify", "--books"]);
    assert!(verified.status.success(), "{}", said(&verified));
    assert!(said(&verified).contains("did not introduce"), "the break is told: {}", said(&verified));
    let found = comity(&["verify", "--key", text(&first)]);
    assert_eq!(found.status.code(), Some(1), "{}", said(&found));
    assert!(said(&found).contains("because it was lost"), "{}", said(&found));
}

fn change(data: &Path, statement: &'static str, bytes: &'static [u8]) {
    let store = Store::open(&settings(data)).unwrap();
    store
        .write(move |sql| {
            sql.execute(statement, &[bytes.to_vec().into()])?;
            Ok::<_, store::Error>(())
        })
        .unwrap();
    store.close();
}

fn settings(data: &Path) -> Settings {
    Settings::Sqlite { file: data.join("comity.sqlite") }
}
