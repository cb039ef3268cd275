//! What `strace -f -y -xx` wrote down: every system call where it began and where it ended, in the order in which the
//! kernel stopped for it.

use std::collections::HashMap;
use std::path::Path;

/// A system call at its beginning (no result yet) or at its end.
#[derive(Debug, Clone)]
pub struct Moment {
    pub thread: u32,
    pub name: String,
    pub arguments: String,
    pub result: Option<i64>,
}

impl Moment {
    pub fn has_ended(&self) -> bool {
        self.result.is_some()
    }

    /// The file or socket behind the first argument.
    pub fn file(&self) -> String {
        let behind = self.arguments.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
        behind.map(|(file, _)| String::from_utf8_lossy(&unescaped(file)).into_owned()).unwrap_or_default()
    }

    /// The bytes that were handed over, all buffers together.
    pub fn bytes(&self) -> Vec<u8> {
        self.arguments.split('"').skip(1).step_by(2).flat_map(unescaped).collect()
    }

    /// The number at this place, counted from the last argument.
    pub fn number_from_end(&self, place: usize) -> u64 {
        let number = self.arguments.rsplit(", ").nth(place).and_then(|number| number.parse().ok());
        number.unwrap_or_else(|| panic!("{}({})", self.name, self.arguments))
    }
}

/// All moments of a trace.
pub fn read(file: &Path) -> Vec<Moment> {
    let text = std::fs::read_to_string(file).unwrap();
    let mut open: HashMap<u32, (String, String)> = HashMap::new();
    text.lines().flat_map(|line| moments(line, &mut open)).collect()
}

/// One line is a whole call, or its beginning or its end when another thread came between.
fn moments(line: &str, open: &mut HashMap<u32, (String, String)>) -> Vec<Moment> {
    let Some((thread, call)) = line.split_once(' ') else { return Vec::new() };
    let (thread, call): (u32, _) = (thread.parse().unwrap(), call.trim_start());
    let moment = |name: &str, arguments: &str, result| Moment {
        thread,
        name: name.to_owned(),
        arguments: arguments.to_owned(),
        result,
    };
    if let Some(rest) = call.strip_prefix("<... ") {
        let (name, rest) = rest.split_once(" resumed>").unwrap();
        let (arguments, result) = ended(rest);
        let Some((begun, before)) = open.remove(&thread) else { return Vec::new() };
        assert_eq!(begun, name);
        return vec![moment(name, &(before + arguments), Some(result))];
    }
    // Anything else is a signal or the end of a thread.
    let Some((name, rest)) = call.split_once('(') else { return Vec::new() };
    if let Some(arguments) = rest.strip_suffix(" <unfinished ...>") {
        open.insert(thread, (name.to_owned(), arguments.to_owned()));
        return vec![moment(name, arguments, None)];
    }
    let (arguments, result) = ended(rest);
    vec![moment(name, arguments, None), moment(name, arguments, Some(result))]
}

/// Arguments and result; a call that its thread did not survive has none and counts as failed.
fn ended(rest: &str) -> (&str, i64) {
    let (arguments, result) = rest.rsplit_once(" = ").unwrap_or((rest, "?"));
    let number = result.split_whitespace().next().and_then(|number| number.parse().ok());
    (arguments.trim_end().trim_end_matches(')'), number.unwrap_or(-1))
}

/// The bytes of `\x68\x74…`; what is written otherwise holds none.
fn unescaped(text: &str) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).unwrap_or_default() as u8;
    text.as_bytes().chunks_exact(4).map(|sign| digit(sign[2]) << 4 | digit(sign[3])).collect()
}
