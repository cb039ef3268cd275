//! How the tests of the whole program call it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Runs the program to its end.
pub fn comity(arguments: &[&str]) -> Output {
    program(&[]).args(arguments).output().unwrap()
}

/// The program, ready to be started under other programs (`strace …`); nothing of the environment but its fonts.
pub fn program(under: &[&str]) -> Command {
    let all: Vec<&str> = under.iter().copied().chain([env!("CARGO_BIN_EXE_comity")]).collect();
    let mut command = Command::new(all[0]);
    command.args(&all[1..]).env("COMITY_FONTS", fonts()).env_remove("COMITY_POSTGRES");
    command
}

/// Both streams: an answer on one, an error on the other.
pub fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

#[expect(clippy::disallowed_methods, reason = "tests take the font folder from the environment")]
pub fn fonts() -> PathBuf {
    std::env::var("COMITY_FONTS").map_or_else(|_| root().join("target/fonts"), PathBuf::from)
}
