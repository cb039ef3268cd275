//! Power loss: the system calls of the node (SQLite) and of the server (PostgreSQL) are written down under load, and what
//! a disk would still hold is compared with what had been acknowledged by then.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ledger::{Ledger, Options, SystemClock, SystemRandom};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use store::{Settings, Sql, Store};

use crate::cluster::Cluster;
use crate::common::text;
use crate::disk::Disk;
use crate::load::{clerks, recorded, settle, under_load};
use crate::node::{Node, wait_for};
use crate::times;
use crate::trace::{self, Moment};

/// Follows every thread, stops only for the calls that are asked for, and leaves the traced program its process id.
const TRACER: [&str; 6] = ["strace", "-D", "-f", "--seccomp-bpf", "-y", "-xx"];

/// Whatever could change a file or make it durable, and what an answer leaves by. A call on the database's files that the
/// model does not know fails the test.
const CALLS: &str = "trace=write,writev,pwrite64,pwritev,pwritev2,ftruncate,fallocate,copy_file_range,\
                     fsync,fdatasync,sync_file_range,msync,sendto,sendmsg";

/// The log is written back into the database when it holds 4,000 pages; so many it holds already when the trace begins.
const PAGES: usize = 3_400;

/// Bytes of a trace (four signs a byte) in which the rest is filled, written back, and begun anew.
const ENOUGH: usize = 24_000_000;

/// For every commit of a traced node the disk is rebuilt as a power loss just before it would leave it, with nothing that
/// was not synced and with any part of it: each time the node goes on with everything it had acknowledged.
#[test]
fn a_power_loss_at_any_moment_takes_nothing_that_was_acknowledged() {
    let told = TracedNode::at_work().lose_power_at_every_sync();
    eprintln!("{told:?}");
    assert!(told.syncs > 15 && told.acknowledged > 15 && told.checkpoints > 0, "{told:?}");
}

struct TracedNode {
    node: Node,
    /// The database and its log before the trace.
    before: [Vec<u8>; 2],
    moments: Vec<Moment>,
}

#[derive(Debug, Default)]
struct Told {
    acknowledged: usize,
    syncs: usize,
    checkpoints: usize,
    opened: usize,
}

impl TracedNode {
    /// Kills a node, so that it begins with a log, and traces it under load.
    fn at_work() -> TracedNode {
        let mut node = Node::embedded();
        let clerks = clerks(&node);
        node.kill();
        let before = with_long_log(&node);
        let trace = node.data().join("trace");
        node.start_under(&[&TRACER[..], &["-s", "100000", "-e", CALLS, "-o", text(&trace)]].concat());
        let enough = times(ENOUGH, 3 * ENOUGH) as u64;
        let attempts = under_load(&clerks, "断电", || {
            wait_for("enough is written", || std::fs::metadata(&trace).is_ok_and(|file| file.len() > enough));
        });
        node.kill();
        settle(node.store(), &attempts);
        wait_for("the tracer ends", || ends_in(&trace, "+++ killed by SIGKILL +++"));
        TracedNode { moments: trace::read(&trace), node, before }
    }

    fn lose_power_at_every_sync(&self) -> Told {
        let mut dice = ChaCha8Rng::seed_from_u64(20_261_125);
        let (database, log) = (&self.before[0], &self.before[1]);
        let mut disks = [Disk::new(database.clone()), Disk::new(log.clone())];
        let names = files(&self.node.data()).map(|file| text(&file).to_owned());
        let (mut told, mut acknowledged, mut writer) = (Told::default(), Vec::new(), None);
        for moment in &self.moments {
            acknowledged.extend(acknowledgement(moment));
            let Some(place) = names.iter().position(|name| *name == moment.file()) else { continue };
            // What one thread writes while another syncs would be counted as synced.
            assert_eq!(*writer.get_or_insert(moment.thread), moment.thread, "one thread writes the files");
            if !disks[place].note(moment) {
                continue;
            }
            told.syncs += 1;
            told.checkpoints += usize::from(place == 0);
            self.holds(disks.each_ref().map(|disk| disk.after_power_loss(&mut || false)), &acknowledged);
            if place == 0 || told.syncs % times(8, 1) == 0 {
                let torn = disks.each_ref().map(|disk| disk.after_power_loss(&mut || dice.random_bool(0.5)));
                self.goes_on(torn, &acknowledged);
                told.opened += 1;
            }
            disks[place].sync();
        }
        self.holds(disks.each_ref().map(|disk| disk.after_power_loss(&mut || false)), &acknowledged);
        told.acknowledged = acknowledged.len();
        told
    }

    /// Everything that was acknowledged can be read from these files.
    fn holds(&self, files: [Vec<u8>; 2], acknowledged: &[String]) {
        let folder = self.laid_out(files);
        let settings = database_in(folder.path());
        let mut known: HashMap<String, usize> = HashMap::new();
        for address in recorded(&settings).into_values().flatten() {
            *known.entry(address).or_default() += 1;
        }
        for address in acknowledged {
            assert_eq!(known.get(address), Some(&1), "{address} was acknowledged");
        }
    }

    /// A node opens these files by itself, all of them is whole, and everything that was acknowledged is there.
    fn goes_on(&self, files: [Vec<u8>; 2], acknowledged: &[String]) {
        let folder = self.laid_out(files);
        let settings = database_in(folder.path());
        let name = "a.example".to_owned();
        let key =
            ledger::keys::open(folder.path(), &name, ledger::Profile::International, &SystemRandom).unwrap();
        let verifier = key.verifier(&name);
        let books = || site::books(&[supervision::module()]);
        let store = Store::open(&settings).unwrap();
        let options = Options { name, key, clock: Arc::new(SystemClock), books: books() };
        Ledger::open(store.clone(), options).unwrap();
        let report = ledger::verify(&store, &[verifier]).unwrap();
        assert_eq!(report.fault.map(|fault| fault.to_string()), None);
        assert_eq!(report.counters, []);
        assert_eq!(ledger::verify_books(&store, books()).unwrap().differing, []);
        store.close();
        let files = self::files(folder.path()).map(|file| std::fs::read(file).unwrap_or_default());
        self.holds(files, acknowledged);
    }

    fn laid_out(&self, contents: [Vec<u8>; 2]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (file, bytes) in files(folder.path()).iter().zip(contents) {
            std::fs::write(file, bytes).unwrap();
        }
        for name in [ledger::keys::SECRET_FILE, ledger::keys::PUBLIC_FILE] {
            std::fs::copy(self.node.data().join(name), folder.path().join(name)).unwrap();
        }
        folder
    }
}

/// Lengthens the node's log by pages that are of no meaning to it, a few of them written again and again, and leaves the
/// files as a killed process would: these they are.
fn with_long_log(node: &Node) -> [Vec<u8>; 2] {
    const AT_ONCE: usize = 40;
    let store = Store::open(node.store()).unwrap();
    let define = "CREATE TABLE padding (number INT64 PRIMARY KEY, bytes BYTES NOT NULL)";
    store.write(|sql| sql.define(define)).unwrap();
    for round in 0..PAGES / AT_ONCE {
        let page = vec![round as u8; 4000];
        let write = "INSERT INTO padding (number, bytes) VALUES ($1, $2)
                     ON CONFLICT (number) DO UPDATE SET bytes = excluded.bytes";
        let fill = move |sql: &mut dyn Sql| -> store::Result<()> {
            (0..AT_ONCE as i64)
                .try_for_each(|number| sql.execute(write, &[number.into(), page.clone().into()]).map(|_| ()))
        };
        store.write(fill).unwrap();
    }
    let files = files(&node.data());
    let contents = files.each_ref().map(|file| std::fs::read(file).unwrap());
    store.close();
    for (file, bytes) in files.iter().zip(&contents) {
        std::fs::write(file, bytes).unwrap();
    }
    contents
}

/// The address of the application in an answer 303 that leaves the node.
fn acknowledgement(moment: &Moment) -> Option<String> {
    if moment.has_ended() || !moment.file().starts_with("socket:") {
        return None;
    }
    let answer = String::from_utf8_lossy(&moment.bytes()).into_owned();
    let head = answer.strip_prefix("HTTP/1.1 303")?;
    let address = head.split("location: ").nth(1)?.split('\r').next()?;
    address.starts_with("/applications/").then(|| address.to_owned())
}

fn files(folder: &Path) -> [PathBuf; 2] {
    ["comity.sqlite", "comity.sqlite-wal"].map(|name| folder.join(name))
}

fn database_in(folder: &Path) -> Settings {
    Settings::Sqlite { file: folder.join("comity.sqlite") }
}

fn ends_in(file: &Path, words: &str) -> bool {
    std::fs::read_to_string(file).is_ok_and(|text| text.trim_end().ends_with(words))
}

/// PostgreSQL answers COMMIT only after its log was synced: seen from outside, in the system calls of the whole server.
#[test]
fn a_server_answers_no_commit_before_its_log_is_synced() {
    let cluster = Cluster::new();
    let mut node = Node::on(&cluster.settings());
    let clerks = clerks(&node);
    node.stop();
    cluster.stop("fast");
    let folder = tempfile::tempdir().unwrap();
    open_to_all(folder.path());
    let trace = folder.path().join("trace");
    let tracer = TRACER.join(" ");
    cluster.start(&format!("{tracer} -s 4096 -e trace=recvfrom,sendto,fsync,fdatasync -o {}", text(&trace)));
    node.start();
    let attempts = under_load(&clerks, "断电", || {
        wait_for("enough is recorded", || recorded(node.store()).len() >= times(80, 800));
    });
    node.stop();
    let acknowledged = settle(node.store(), &attempts);
    cluster.stop("fast");
    wait_for("the tracer ends", || ends_in(&trace, "+++ exited with 0 +++"));
    let commits = commits_after_syncs(&trace::read(&trace));
    eprintln!("{acknowledged} acknowledged in {commits} commits");
    assert!(commits >= 5, "of eight writers' acts not all share one commit");
}

/// Fails at a commit of acts that was answered although no log file was synced since it had been asked; says how many
/// there were. A commit that changes nothing needs no sync: those with a signed checkpoint are looked at.
fn commits_after_syncs(moments: &[Moment]) -> usize {
    let mut signed: HashSet<u32> = HashSet::new();
    let mut asked: HashMap<u32, usize> = HashMap::new();
    let mut syncing: HashMap<u32, usize> = HashMap::new();
    let (mut last_begun, mut commits) = (None, 0);
    for (now, moment) in moments.iter().enumerate() {
        match (moment.name.as_str(), moment.result) {
            ("recvfrom", Some(1..)) if holds(moment, "\n\n— a_example ".as_bytes()) => {
                signed.insert(moment.thread);
            }
            ("recvfrom", Some(1..)) if holds(moment, b"COMMIT\0") && signed.remove(&moment.thread) => {
                asked.insert(moment.thread, now);
            }
            ("fsync" | "fdatasync", None) if moment.file().contains("/pg_wal/") => {
                syncing.insert(moment.thread, now);
            }
            ("fsync" | "fdatasync", Some(0)) => {
                let begun = syncing.remove(&moment.thread);
                last_begun = last_begun.max(begun);
            }
            ("sendto", None) if holds(moment, b"C\0\0\0\x0bCOMMIT\0") => {
                if let Some(asked) = asked.remove(&moment.thread) {
                    assert!(last_begun > Some(asked), "a commit was answered before its log was synced");
                    commits += 1;
                }
            }
            _ => {}
        }
    }
    commits
}

fn holds(moment: &Moment, words: &[u8]) -> bool {
    moment.bytes().windows(words.len()).any(|window| window == words)
}

/// The server may run as another user than the test.
fn open_to_all(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o777)).unwrap();
}
