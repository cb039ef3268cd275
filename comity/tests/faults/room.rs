//! A disk that is full and has room again. The kernel's answer "no space left on device" is put in place of a number of
//! writes by `strace`, because a disk that is truly full needs rights that a test does not have.

use std::thread::sleep;
use std::time::Duration;

use benchmarks::Client;
use store::Store;

use crate::cluster::Cluster;
use crate::load::{Attempt, clerks, settle, under_load};
use crate::node::Node;

/// By which system calls a file grows.
const GROWTH: &str = "pwrite64,pwritev,fallocate";

/// Every thread counts its own calls; those from the first to the last of `range` fail.
fn no_room(range: &str, more: &[&str]) -> Vec<String> {
    let strace = ["strace", "-D", "-f", "--seccomp-bpf", "--quiet=all", "-o", "/dev/null"].map(str::to_owned);
    let calls = [format!("--trace={GROWTH}"), format!("--inject={GROWTH}:error=ENOSPC:when={range}")];
    strace.into_iter().chain(calls).chain(more.iter().map(|word| (*word).to_owned())).collect()
}

/// The writer's thread writes into the database and its log only.
#[test]
fn a_full_disk_under_the_embedded_database_refuses_acts_clearly_and_loses_none() {
    let mut node = Node::embedded();
    let clerks = clerks(&node);
    node.stop();
    let tracer = no_room("400..520", &[]);
    node.start_under(&tracer.iter().map(String::as_str).collect::<Vec<_>>());
    fills_up_and_goes_on(&node, &clerks);
}

/// The files of the node's tables and indexes may not grow; the server's own log is on another disk.
#[test]
fn a_full_tablespace_on_the_server_refuses_acts_clearly_and_loses_none() {
    let cluster = Cluster::new();
    let mut node = Node::on(&cluster.settings());
    let clerks = clerks(&node);
    node.stop();
    let files = files_on_the_server(&node);
    let only: Vec<&str> = files.iter().flat_map(|file| ["-P", file]).collect();
    cluster.stop("fast");
    cluster.start(&no_room("1..40", &only).join(" "));
    node.start();
    fills_up_and_goes_on(&node, &clerks);
    node.stop();
}

fn fills_up_and_goes_on(node: &Node, clerks: &[Client]) {
    let mut attempts: Vec<Attempt> = Vec::new();
    let mut was_full = false;
    for round in 0..100 {
        let now = under_load(clerks, &format!("第{round}轮"), || sleep(Duration::from_millis(200)));
        let refused: Vec<&str> = now.iter().filter_map(Attempt::failed).collect();
        for page in &refused {
            assert!(page.contains("存储空间已满"), "the page says why: {page}");
        }
        clerks[0].get("/applications").expect("reading needs no room");
        let has_room_again = was_full && refused.is_empty();
        was_full |= !refused.is_empty();
        attempts.extend(now);
        if has_room_again {
            break;
        }
    }
    node.verify();
    let acknowledged = settle(node.store(), &attempts);
    let refused: Vec<&Attempt> = attempts.iter().filter(|attempt| attempt.failed().is_some()).collect();
    eprintln!("{acknowledged} acknowledged, {} refused for want of room", refused.len());
    assert!(was_full && acknowledged > 0, "the disk was full for a while");
    assert_eq!(acknowledged + refused.len(), attempts.len(), "everyone was told how it ended");
}

/// Of the node's tables and indexes, in full.
fn files_on_the_server(node: &Node) -> Vec<String> {
    let store = Store::open_to_read(node.store()).unwrap();
    let query = "SELECT current_setting('data_directory') || '/' || pg_relation_filepath(relation.oid)
                 FROM pg_class relation JOIN pg_namespace space ON space.oid = relation.relnamespace
                 WHERE space.nspname = current_schema() AND relation.relkind IN ('r', 'i')";
    let rows = store.read(|sql| sql.query(query, &[])).unwrap();
    store.close();
    rows.iter().map(|row| row.get(0).unwrap()).collect()
}
