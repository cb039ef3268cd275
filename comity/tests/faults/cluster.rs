//! A PostgreSQL server of a test's own, to be restarted, traced and filled.

use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use store::Settings;

use crate::common::root;
use crate::node::free_port;

static NEXT: AtomicUsize = AtomicUsize::new(0);

pub struct Cluster {
    name: String,
    /// Its own, so that no other takes it while the server is down.
    port: u16,
    url: String,
}

impl Cluster {
    pub fn new() -> Cluster {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("postgres-fault-{}-{number}", std::process::id());
        let mut cluster = Cluster { name, port: free_port(), url: String::new() };
        cluster.url = cluster.script(&["start"], "");
        cluster
    }

    /// The settings of a node that lies here.
    pub fn settings(&self) -> Settings {
        Settings::Postgres { url: self.url.clone(), schema: "a_example".to_owned() }
    }

    /// Stops the server, `fast` or `immediate` as a crash would.
    pub fn stop(&self, how: &str) {
        self.script(&["stop", how], "");
    }

    /// Starts it again where it was, under another program if one is named.
    pub fn start(&self, under: &str) {
        assert_eq!(self.script(&["start"], under), self.url, "its port was taken meanwhile");
    }

    /// What the script prints. Its errors go where the test's go: a server must not hold a pipe open.
    fn script(&self, arguments: &[&str], under: &str) -> String {
        let output = Command::new(root().join("scripts/test-postgres"))
            .args(arguments)
            .env("COMITY_TEST_POSTGRES_NAME", &self.name)
            .env("COMITY_TEST_POSTGRES_PORT", self.port.to_string())
            .env("COMITY_TEST_POSTGRES_UNDER", under)
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .unwrap();
        assert!(output.status.success(), "scripts/test-postgres {arguments:?} failed");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.script(&["drop"], "");
    }
}
