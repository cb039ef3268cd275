//! Data folders of every format that was ever landed, opened by today's program: it starts, shows what it showed, folds
//! the same books, and the record holds. See comity/tests/samples/README.md.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;
mod folders;

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use benchmarks::Client;
use common::{comity, program, said, text};
use folders::copy_folder;
use serde::Deserialize;
use store::testing::Database;

/// The origin of all samples.
const NAME: &str = "sample.comity.example";

/// How long a node may take to start in an unoptimised build on a busy machine.
const START: Duration = Duration::from_secs(60);

#[test]
fn every_sample_opens_with_todays_program() {
    let samples = samples();
    assert!(!samples.is_empty());
    for sample in samples {
        eprintln!("{}", sample.display());
        let home = tempfile::tempdir().unwrap();
        opens(&Node::of(&sample.join("sqlite"), home.path(), None));
        let (home, database) = (tempfile::tempdir().unwrap(), Database::new());
        database.run(&std::fs::read_to_string(sample.join("postgresql/dump.sql")).unwrap());
        opens(&Node::of(&sample.join("postgresql"), home.path(), Some(database.url())));
    }
}

/// The story of one folder.
fn opens(node: &Node) {
    let before = node.run(&["verify"]);
    assert!(before.status.success(), "untouched by today's program: {}", said(&before));
    let (running, officer) = node.start();
    officer.get("/health").unwrap();
    let known = node.known();
    let page = officer.get(&known.page).unwrap();
    assert!(page.contains(&known.shows), "{} shows no {}", known.page, known.shows);
    running.stop();
    let rebuilt = node.run(&["rebuild"]);
    assert!(said(&rebuilt).contains("0 tables changed"), "{}", said(&rebuilt));
    let verified = node.run(&["verify", "--books"]);
    assert!(verified.status.success() && said(&verified).contains("all books hold"), "{}", said(&verified));
    let proof = node.run(&["proof", "1"]);
    assert!(proof.status.success(), "{}", said(&proof));
}

/// A node's folder with its configuration.
struct Node {
    data: PathBuf,
    configuration: PathBuf,
    address: String,
}

/// What a sample says of itself.
#[derive(Deserialize)]
struct Known {
    login: String,
    password: String,
    page: String,
    shows: String,
}

impl Node {
    /// A copy of a sample's folder.
    fn of(sample: &Path, home: &Path, postgres: Option<String>) -> Node {
        let data = home.join("data");
        copy_folder(sample, &data);
        // Git keeps no such rights.
        for secret in ["ledger.key", "comity.sqlite"].map(|file| data.join(file)) {
            if secret.exists() {
                std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o600)).unwrap();
            }
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let address = format!("127.0.0.1:{port}");
        let configuration = home.join("comity.toml");
        let postgres = postgres.map_or_else(String::new, |url| format!("postgres = {url:?}\n"));
        let text = format!(
            "name = {NAME:?}\nbureau = 'jiashan'\ndata = {data:?}\naddress = {address:?}\n{postgres}"
        );
        std::fs::write(&configuration, text).unwrap();
        Node { data, configuration, address }
    }

    fn known(&self) -> Known {
        serde_json::from_str(&std::fs::read_to_string(self.data.join("known.json")).unwrap()).unwrap()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        comity(&[arguments, &["--config", text(&self.configuration)]].concat())
    }

    /// Starts the node and waits until the officer of the sample signs in, as ever.
    fn start(&self) -> (Running, Client) {
        let log = self.configuration.with_extension("log");
        let output = std::fs::File::create(&log).unwrap();
        let mut serve = program(&[]);
        serve.args(["serve", "--config", text(&self.configuration)]);
        let process = serve.stdout(Stdio::null()).stderr(output).spawn().unwrap();
        let base = format!("http://{}", self.address);
        let running = Running { process, base };
        let known = self.known();
        let began = std::time::Instant::now();
        loop {
            match Client::sign_in(&running.base, &known.login, &known.password) {
                Ok(officer) => return (running, officer),
                Err(error) => {
                    let told = || std::fs::read_to_string(&log).unwrap_or_default();
                    assert!(began.elapsed() < START, "the officer cannot sign in: {error:#}\n{}", told());
                }
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// A running node, ended with the test.
struct Running {
    process: Child,
    base: String,
}

impl Running {
    /// Asks the node to stop, as a service manager does, and waits for its end.
    fn stop(mut self) {
        let asked = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status().unwrap();
        assert!(asked.success());
        let began = std::time::Instant::now();
        loop {
            match self.process.try_wait().unwrap() {
                Some(code) => return assert!(code.success(), "the node ended with {code}"),
                None => assert!(began.elapsed() < START, "the node does not stop"),
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Already ended, unless the test failed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The folders of samples, oldest first.
fn samples() -> Vec<PathBuf> {
    let all = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples")).unwrap();
    let mut numbered: Vec<(u32, PathBuf)> = all
        .map(|entry| entry.unwrap().path())
        .filter_map(|path| Some((path.file_name()?.to_str()?.parse().ok()?, path)))
        .collect();
    numbered.sort();
    numbered.into_iter().map(|(_, path)| path).collect()
}
