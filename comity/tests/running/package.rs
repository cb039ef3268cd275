//! The Debian package, built from the program under test, unpacked, and run as it would be installed.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use crate::common::{fonts, root, said, text};
use crate::support::{Browser, Node};

/// The unit may not be more exposed than this, on the scale of `systemd-analyze security` from 0 to 100.
const MOST_EXPOSED: &str = "20";

#[test]
fn the_package_holds_what_a_bureau_needs_and_the_installed_node_runs() {
    let home = tempfile::tempdir().unwrap();
    let package = build(home.path());
    let listed = said(&run("dpkg-deb", &["--contents", text(&package)]));
    for file in [
        "./usr/bin/comity",
        "./etc/comity/comity.toml",
        "./lib/systemd/system/comity.service",
        "./usr/lib/sysusers.d/comity.conf",
        "./usr/share/comity/fonts/NotoSerifSC_400Regular.ttf",
        "./usr/share/doc/comity/copyright",
        "./usr/share/doc/comity/operating.md",
        "./usr/share/doc/comity/operating.zh-CN.md",
    ] {
        assert!(listed.lines().any(|line| line.ends_with(file)), "{file} is missing:\n{listed}");
    }
    let told = said(&run("dpkg-deb", &["--info", text(&package)]));
    assert!(told.contains("Package: comity") && told.contains("libc6"), "{told}");
    assert!(told.contains(concat!("Version: ", env!("CARGO_PKG_VERSION"))), "{told}");
    let installed = home.path().join("installed");
    run("dpkg-deb", &["--extract", text(&package), text(&installed)]);
    the_unit_is_sound_and_closed(&installed);
    the_installed_node_answers_and_ends_in_order(home.path(), &installed);
}

#[test]
fn the_scripts_of_the_package_are_sound() {
    for script in ["postinst", "prerm"] {
        run("sh", &["-n", text(&root().join("package").join(script))]);
    }
}

fn build(home: &Path) -> PathBuf {
    let folder = home.join("package");
    let program = Path::new(env!("CARGO_BIN_EXE_comity"));
    // Not compressed: nobody carries this one anywhere.
    let script = root().join("package/debian");
    let built = run(text(&script), &[text(program), text(&fonts()), text(&folder), "none"]);
    PathBuf::from(String::from_utf8(built.stdout).unwrap().trim())
}

fn the_unit_is_sound_and_closed(installed: &Path) {
    let unit = installed.join("lib/systemd/system/comity.service");
    let written = std::fs::read_to_string(&unit).unwrap();
    // Only this path: the program lies below another root here.
    let moved = written.replace("/usr/bin/comity", text(&installed.join("usr/bin/comity")));
    assert_ne!(moved, written);
    std::fs::write(&unit, moved).unwrap();
    let verified = run("systemd-analyze", &["verify", "--man=no", "--recursive-errors=no", text(&unit)]);
    assert_eq!(said(&verified), "");
    let threshold = format!("--threshold={MOST_EXPOSED}");
    run("systemd-analyze", &["security", "--no-pager", "--offline=true", &threshold, text(&unit)]);
}

/// With the configuration as it is installed, but for the places: nothing outside the temporary folder is touched.
fn the_installed_node_answers_and_ends_in_order(home: &Path, installed: &Path) {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let configuration = installed.join("etc/comity/comity.toml");
    let moved = std::fs::read_to_string(&configuration)
        .unwrap()
        .replace("/var/lib/comity", text(&home.join("data")))
        .replace("/usr/share/comity", text(&installed.join("usr/share/comity")))
        .replace("127.0.0.1:8080", &address.to_string());
    std::fs::write(&configuration, moved).unwrap();
    let manager = UnixDatagram::bind(home.join("notify")).unwrap();
    manager.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let child = Command::new(installed.join("usr/bin/comity"))
        .args(["serve", "--config", text(&configuration)])
        .env_clear()
        .env("NOTIFY_SOCKET", home.join("notify"))
        .current_dir(home)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut node = Node::watch(child, format!("http://{address}"));
    let mut told = [0; 64];
    let length = manager.recv(&mut told).unwrap();
    assert_eq!(std::str::from_utf8(&told[..length]).unwrap().trim(), "READY=1");
    assert_eq!(Browser::new(&node).get("/health").body, r#"{"healthy":true}"#);
    an_open_request_is_finished(&mut node, address);
}

/// A form that is half sent when the node is asked to stop: it is answered all the same, and only then the node ends.
fn an_open_request_is_finished(node: &mut Node, address: SocketAddr) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let body = "login=nobody&password=nothing";
    let (first, rest) = body.split_at(10);
    let kind = "Content-Type: application/x-www-form-urlencoded";
    let head =
        format!("POST /login HTTP/1.1\r\nHost: node\r\n{kind}\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all(format!("{head}{first}").as_bytes()).unwrap();
    // The node must have begun to read before it is asked to stop.
    std::thread::sleep(Duration::from_millis(300));
    node.ask_to_stop();
    node.waits_for("the node stops");
    stream.write_all(rest.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 403"), "a form without its token is refused, whole: {answer}");
    assert!(answer.contains("x-request-id: ") && answer.contains("</html>"), "{answer}");
    assert!(node.ended().success());
}

fn run(program: &str, arguments: &[&str]) -> Output {
    let output = Command::new(program).args(arguments).output();
    let output = output
        .unwrap_or_else(|error| panic!("{program} cannot be run ({error}): make setup-test installs it"));
    assert!(output.status.success(), "{program} {arguments:?}\n{}", said(&output));
    output
}
