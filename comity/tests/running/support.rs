//! A node as an administrator runs it, the real program on a free port, and the browser of an officer.

use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ureq::Agent;

use crate::common::{comity, program, said, text};

/// So long a node may take to start or to stop before the test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// What an officer chooses instead of a one-time password.
pub const PASSWORD: &str = "three birds on wires";

/// A node's folder with its configuration; what is in it is removed at the end.
pub struct Place {
    pub folder: tempfile::TempDir,
    pub address: SocketAddr,
}

impl Place {
    /// A node of Jiashan that was never started, with more lines in its configuration.
    pub fn new(lines: &str) -> Place {
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let text = format!(
            "name = 'a.example'\nbureau = 'jiashan'\ndata = {:?}\naddress = '{address}'\n{lines}",
            folder.path().join("data")
        );
        std::fs::write(folder.path().join("comity.toml"), text).unwrap();
        Place { folder, address }
    }

    pub fn configuration(&self) -> PathBuf {
        self.folder.path().join("comity.toml")
    }

    /// Appoints the first administrator and gives his one-time password.
    pub fn administrator(&self, login: &str, name: &str) -> String {
        let configuration = self.configuration();
        let made = comity(&["administrator", login, "--name", name, "--config", text(&configuration)]);
        assert!(made.status.success(), "{}", said(&made));
        let said = said(&made);
        let password = said.lines().find_map(|line| line.strip_prefix("password "));
        password.unwrap().split(' ').next().unwrap().to_owned()
    }

    /// Starts the node and waits until it answers.
    pub fn serve(&self) -> Node {
        let mut command = program(&[]);
        command.args(["serve", "--config", text(&self.configuration())]);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        Node::watch(child.unwrap(), format!("http://{}", self.address))
    }
}

/// A running node; it is killed if a test ends without stopping it.
pub struct Node {
    child: Child,
    pub base: String,
    said: Arc<Mutex<Vec<String>>>,
}

impl Node {
    /// Listens to a node that was started, until it answers.
    pub fn watch(mut child: Child, base: String) -> Node {
        let said = Arc::new(Mutex::new(Vec::new()));
        listen(child.stdout.take().unwrap(), Arc::clone(&said));
        listen(child.stderr.take().unwrap(), Arc::clone(&said));
        let mut node = Node { child, base, said };
        let begun = Instant::now();
        while ureq::get(format!("{}/health", node.base)).call().is_err() {
            let ended = node.child.try_wait().unwrap();
            assert!(ended.is_none() && begun.elapsed() < PATIENCE, "no node: {}", node.said().join("\n"));
            std::thread::sleep(Duration::from_millis(50));
        }
        node
    }

    /// Every line the node has written so far, on both streams.
    pub fn said(&self) -> Vec<String> {
        self.said.lock().unwrap().clone()
    }

    /// Asks the node to stop, as a service manager does, and waits for its end.
    pub fn stop(mut self) -> (ExitStatus, Vec<String>) {
        self.ask_to_stop();
        let status = self.ended();
        // The readers of both streams end with them.
        std::thread::sleep(Duration::from_millis(100));
        (status, self.said())
    }

    /// Waits until the node has written a line that holds these words.
    pub fn waits_for(&self, words: &str) {
        let begun = Instant::now();
        while !self.said().iter().any(|line| line.contains(words)) {
            assert!(begun.elapsed() < PATIENCE, "{words:?} is not said: {}", self.said().join("\n"));
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Sends SIGTERM.
    pub fn ask_to_stop(&self) {
        let sent = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits until the process has ended.
    pub fn ended(&mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(begun.elapsed() < PATIENCE, "the node does not stop: {}", self.said().join("\n"));
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn listen(stream: impl std::io::Read + Send + 'static, said: Arc<Mutex<Vec<String>>>) {
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            said.lock().unwrap().push(line);
        }
    });
}

/// The browser of one officer.
pub struct Browser {
    agent: Agent,
    base: String,
}

/// What came back.
pub struct Reply {
    pub status: u16,
    pub location: String,
    pub request_id: String,
    pub body: String,
}

impl Browser {
    pub fn new(node: &Node) -> Browser {
        let agent = Agent::config_builder().max_redirects(0).http_status_as_error(false);
        let agent = agent.timeout_global(Some(PATIENCE)).build().into();
        Browser { agent, base: node.base.clone() }
    }

    /// Signs in with a one-time password and chooses [`PASSWORD`].
    pub fn first_sign_in(node: &Node, login: &str, password: &str) -> Browser {
        let browser = Browser::new(node);
        let entered = browser.post("/login", "/login", &[("login", login), ("password", password)]);
        assert_eq!(entered.status, 303, "{}", entered.body);
        let own = [("current", password), ("password", PASSWORD), ("again", PASSWORD)];
        let chosen = browser.post("/account/password", "/account/password", &own);
        assert_eq!(chosen.status, 303, "{}", chosen.body);
        browser
    }

    pub fn get(&self, path: &str) -> Reply {
        reply(self.agent.get(format!("{}{path}", self.base)).call().unwrap())
    }

    /// Sends a form with the token of the page on which it stands.
    pub fn post(&self, page: &str, path: &str, fields: &[(&str, &str)]) -> Reply {
        let token = self.token(page);
        let fields = std::iter::once(("csrf", token.as_str())).chain(fields.iter().copied());
        let request = self.agent.post(format!("{}{path}", self.base)).header("origin", &self.base);
        reply(request.send_form(fields).unwrap())
    }

    /// The same with files, each as (field, name, content).
    pub fn upload(
        &self,
        page: &str,
        path: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &str, &str)],
    ) -> Reply {
        const BOUNDARY: &str = "story-boundary-7d83";
        let token = self.token(page);
        let mut body = String::new();
        for (name, value) in std::iter::once(&("csrf", token.as_str())).chain(fields) {
            body += &format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            );
        }
        for (field, name, content) in files {
            let head = format!("Content-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"");
            body += &format!(
                "--{BOUNDARY}\r\n{head}\r\nContent-Type: application/octet-stream\r\n\r\n{content}\r\n"
            );
        }
        body += &format!("--{BOUNDARY}--\r\n");
        let request = self.agent.post(format!("{}{path}", self.base)).header("origin", &self.base);
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        reply(request.header("content-type", kind).send(body).unwrap())
    }

    fn token(&self, page: &str) -> String {
        let page = self.get(page);
        let start = page.body.find("name=\"csrf\"").expect("a form with a token");
        page.body[start..].split('"').nth(3).unwrap().to_owned()
    }
}

fn reply(mut response: ureq::http::Response<ureq::Body>) -> Reply {
    let header = |name| response.headers().get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
    let (location, request_id) = (header("location"), header("x-request-id"));
    let status = response.status().as_u16();
    Reply { status, location, request_id, body: response.body_mut().read_to_string().unwrap() }
}
