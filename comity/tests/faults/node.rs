//! A bureau's node as the real program, which can be started, killed and verified.

use std::fs::File;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Output};
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use benchmarks::Client;
use store::Settings;
use tempfile::TempDir;

use crate::common::{comity, program, said, text};

const PASSWORD: &str = "three birds on wires";

/// So long anything is waited for before the test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// Below the ports that the system hands out, so that no passing connection takes the node's while it is down.
static PORT: AtomicU16 = AtomicU16::new(0);

pub struct Node {
    home: TempDir,
    store: Settings,
    base: String,
    running: Option<Child>,
}

impl Node {
    /// A node on the embedded database, as `on` makes it.
    pub fn embedded() -> Node {
        Node::on(&Settings::Sqlite { file: PathBuf::new() })
    }

    /// A node with an empty record on the engine of these settings, and a clerk in office; it is running. The file of the
    /// embedded database lies in the node's own folder, whatever the settings say.
    pub fn on(settings: &Settings) -> Node {
        let home = tempfile::tempdir().unwrap();
        let (name, line, store) = match settings {
            Settings::Sqlite { .. } => {
                let file = home.path().join("data/comity.sqlite");
                ("a.example".to_owned(), String::new(), Settings::Sqlite { file })
            }
            Settings::Postgres { url, schema } => {
                (schema.clone(), format!("postgres = '{url}'\n"), settings.clone())
            }
        };
        let address = format!("127.0.0.1:{}", free_port());
        let configuration = format!(
            "name = '{name}'\nbureau = 'jiashan'\ndata = '{}'\naddress = '{address}'\nflow = [1000000, 1000000]\n{line}",
            text(&home.path().join("data"))
        );
        std::fs::write(home.path().join("comity.toml"), configuration).unwrap();
        let mut node = Node { home, store, base: format!("http://{address}"), running: None };
        node.take_office();
        node
    }

    pub fn store(&self) -> &Settings {
        &self.store
    }

    pub fn data(&self) -> PathBuf {
        self.home.path().join("data")
    }

    /// Starts the node as an administrator does, and waits until it serves.
    pub fn start(&mut self) {
        self.start_under(&[]);
    }

    /// Starts the node under another program, which must end in it (`strace -D …`).
    pub fn start_under(&mut self, under: &[&str]) {
        assert!(self.running.is_none(), "the node is running already");
        let log = File::options().create(true).append(true).open(self.home.path().join("log")).unwrap();
        let started = program(under)
            .args(["serve", "--config", &self.configuration()])
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn();
        let mut child = started.unwrap_or_else(|error| panic!("{under:?} comity serve: {error}"));
        let address = self.base.trim_start_matches("http://").to_owned();
        wait_for("the node serves", || {
            let ended = child.try_wait().unwrap();
            assert!(ended.is_none(), "the node ended by itself ({ended:?}): {}", self.log());
            TcpStream::connect(&address).is_ok()
        });
        self.running = Some(child);
    }

    /// SIGKILL: the process is gone between two instructions.
    pub fn kill(&mut self) {
        let mut child = self.running.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Asks the node to stop, and waits for it.
    pub fn stop(&mut self) {
        let mut child = self.running.take().unwrap();
        let told = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
        assert!(told.success());
        wait_for("the node stops", || child.try_wait().unwrap().is_some());
    }

    /// `comity` with this node's configuration.
    pub fn command(&self, arguments: &[&str]) -> Output {
        comity(&[arguments, &["--config", &self.configuration()]].concat())
    }

    /// Record and books hold, as the program itself says.
    pub fn verify(&self) {
        let verified = self.command(&["verify", "--books"]);
        assert!(verified.status.success(), "{}\n{}", said(&verified), self.log());
    }

    /// A clerk's browser, signed in.
    pub fn clerk(&self) -> Client {
        Client::sign_in(&self.base, "clerk", PASSWORD).unwrap()
    }

    /// What the node wrote last.
    pub fn log(&self) -> String {
        let log = std::fs::read(self.home.path().join("log")).unwrap_or_default();
        String::from_utf8_lossy(&log[log.len().saturating_sub(4000)..]).into_owned()
    }

    /// The first administrator comes by command and appoints a clerk.
    fn take_office(&mut self) {
        let first = self.command(&["administrator", "administrator", "--name", "管平"]);
        assert!(first.status.success(), "{}", said(&first));
        let one_time = word_after(&said(&first), "password ").to_owned();
        self.start();
        let administrator = Client::sign_in_first(&self.base, "administrator", &one_time, PASSWORD).unwrap();
        let fields = [
            ("name", "陈芳"),
            ("login", "clerk"),
            ("roles", "clerk"),
            ("territory", "330421"),
            ("team", "一中队"),
        ];
        let page = administrator.send_multipart("/officers", &fields).unwrap();
        assert_eq!(page.status, 200, "{}", page.body);
        let mono: Vec<&str> = page.body.split("<span class=\"mono\">").collect();
        let one_time = mono[1].split('<').next().unwrap();
        Client::sign_in_first(&self.base, "clerk", one_time, PASSWORD).unwrap();
    }

    fn configuration(&self) -> String {
        text(&self.home.path().join("comity.toml")).to_owned()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if self.running.is_some() {
            self.kill();
        }
    }
}

/// Waits until it is so, and fails when that takes beyond all patience.
pub fn wait_for(what: &str, mut so: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !so() {
        assert!(Instant::now() < end, "waited in vain: {what}");
        sleep(Duration::from_millis(20));
    }
}

fn word_after<'a>(text: &'a str, before: &str) -> &'a str {
    text.split(before).nth(1).unwrap().split_whitespace().next().unwrap()
}

/// A port that is handed out once. Each test program begins somewhere else, so that two at a time seldom try the same.
pub fn free_port() -> u16 {
    loop {
        let step = PORT.fetch_add(1, Ordering::Relaxed);
        let begin = u16::try_from(std::process::id() % 10_000).unwrap();
        let port = 20_000 + (begin + step) % 10_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
