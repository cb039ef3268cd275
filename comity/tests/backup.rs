//! Backups as an administrator meets them: taken beside a running node, by command and by plan, restored, moved and proven.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use common::{comity, program, said, text};
use store::testing::Schema;

/// A bureau's backup key: the file of its secret half, and the public half.
struct Key {
    file: PathBuf,
    recipient: String,
}

fn key(home: &Path) -> Key {
    let file = home.join("backup.key");
    let made = comity(&["backup", "key", text(&file)]);
    assert!(made.status.success(), "{}", said(&made));
    let said = said(&made);
    let recipient = said.split('"').find(|word| word.starts_with("age1")).unwrap().to_owned();
    assert!(!comity(&["backup", "key", text(&file)]).status.success(), "a key is never written over");
    Key { file, recipient }
}

#[test]
fn the_made_up_bureau_comes_back_from_its_backup_whenever_the_backup_was_broken_off() {
    let home = tempfile::tempdir().unwrap();
    let (data, folder) = (home.path().join("demo"), home.path().join("backups"));
    good(&["demo", "--prepare", "--data", text(&data)]);
    let key = key(home.path());
    let backup = ["backup", "--data", text(&data), "--folder", text(&folder), "--recipient", &key.recipient];
    for wait in [30, 90, 180] {
        let mut broken = start(&backup);
        std::thread::sleep(Duration::from_millis(wait));
        broken.kill().unwrap();
        broken.wait().unwrap();
    }
    good(&backup);
    let drill = ["drill", "--data", text(&data), "--folder", text(&folder), "--identity", text(&key.file)];
    let equal = good(&drill);
    assert!(equal.contains("EQUAL") && equal.contains("0 acts recorded since"), "{equal}");

    let new = home.path().join("new");
    let restore = ["restore", "--from", text(&folder), "--identity", text(&key.file), "--data", text(&new)];
    let restored = good(&restore);
    assert!(restored.contains("checkpoints hold"), "it ends with verify: {restored}");
    assert!(good(&["verify", "--books", "--data", text(&new)]).contains("all books hold"));
    let checkpoint = |folder: &Path| good(&["checkpoint", "--data", text(folder)]);
    assert_eq!(checkpoint(&new), checkpoint(&data));
    let refused = comity(&restore);
    assert!(said(&refused).contains("holds something"), "{}", said(&refused));

    let early = home.path().join("early");
    let until = [
        "restore",
        "--from",
        text(&folder),
        "--identity",
        text(&key.file),
        "--data",
        text(&early),
        "--until",
        "40",
    ];
    good(&until);
    assert!(checkpoint(&early).lines().nth(1).unwrap().parse::<i64>().unwrap() <= 40);

    let stranger = home.path().join("stranger.key");
    good(&["backup", "key", text(&stranger)]);
    let refused =
        comity(&["drill", "--data", text(&data), "--folder", text(&folder), "--identity", text(&stranger)]);
    assert!(said(&refused).contains("cannot be read with this backup key"), "{}", said(&refused));
}

#[test]
fn a_node_moves_to_postgresql_and_back() {
    let home = tempfile::tempdir().unwrap();
    let schema = Schema::new();
    let (data, key) = (home.path().join("data"), key(home.path()));
    let configuration = home.path().join("comity.toml");
    std::fs::write(&configuration, plan(schema.name(), &data, &home.path().join("backups"), &key)).unwrap();
    good(&["administrator", "zhang.wei", "--name", "张伟", "--config", text(&configuration)]);
    good(&["backup", "--config", text(&configuration)]);

    let moved = home.path().join("moved");
    let from = text(&home.path().join("backups")).to_owned();
    let restore = ["restore", "--from", &from, "--identity", text(&key.file), "--data"];
    good(&[&restore[..], &[text(&moved), "--postgres", &store::testing::postgres_url()]].concat());
    let there = moved.join("comity.toml");
    assert!(std::fs::read_to_string(&there).unwrap().contains("postgres://"));
    good(&["verify", "--books", "--config", text(&there)]);
    let added = comity(&["administrator", "li.na", "--name", "李娜", "--config", text(&there)]);
    assert!(said(&added).contains("administrator"), "the officers moved too: {}", said(&added));
    assert!(good(&["drill", "--identity", text(&key.file), "--config", text(&there)]).contains("EQUAL"));

    good(&["backup", "--config", text(&there)]);
    let back = home.path().join("back");
    good(&[&restore[..], &[text(&back)]].concat());
    let checkpoints = [&configuration, &there, &back.join("comity.toml")]
        .map(|file| good(&["checkpoint", "--config", text(file)]));
    assert!(checkpoints.windows(2).all(|pair| pair[0] == pair[1]), "{checkpoints:?}");
}

#[test]
fn a_running_node_takes_its_backups_by_plan_and_is_drilled_beside() {
    let home = tempfile::tempdir().unwrap();
    let (data, folder, key) = (home.path().join("data"), home.path().join("backups"), key(home.path()));
    let configuration = home.path().join("comity.toml");
    std::fs::write(&configuration, plan("a.example", &data, &folder, &key)).unwrap();
    good(&["administrator", "zhang.wei", "--name", "张伟", "--config", text(&configuration)]);
    assert_eq!(backup::last(&folder).unwrap(), None);
    let mut node = start(&["serve", "--config", text(&configuration)]);
    let begun = Instant::now();
    while backup::last(&folder).unwrap().is_none() {
        assert!(node.try_wait().unwrap().is_none(), "the node ended by itself");
        assert!(begun.elapsed() < Duration::from_secs(60), "no backup by plan within a minute");
        std::thread::sleep(Duration::from_millis(50));
    }
    let by_hand = comity(&["backup", "--config", text(&configuration)]);
    let drilled = comity(&["drill", "--identity", text(&key.file), "--config", text(&configuration)]);
    node.kill().unwrap();
    node.wait().unwrap();
    assert!(by_hand.status.success(), "{}", said(&by_hand));
    assert!(said(&drilled).contains("EQUAL"), "{}", said(&drilled));
}

fn plan(name: &str, data: &Path, folder: &Path, key: &Key) -> String {
    format!(
        "name = {name:?}\nbureau = 'jiashan'\ndata = {data:?}\naddress = '127.0.0.1:0'\n\
         [backup]\nfolder = {folder:?}\nrecipient = {:?}\nevery = '1h'\n",
        key.recipient
    )
}

/// What a command said that must succeed.
fn good(arguments: &[&str]) -> String {
    let output = comity(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", said(&output));
    String::from_utf8(output.stdout).unwrap()
}

fn start(arguments: &[&str]) -> Child {
    program(&[]).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}
