//! Clerks who hand in applications as fast as the node answers, and what the record must say of them afterwards.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use benchmarks::{Answer, Client, application};
use store::{Settings, Store};

use crate::node::Node;

/// Clerks at work at the same time.
const WRITERS: usize = 8;

/// An application that was sent, under a name of its own.
pub struct Attempt {
    pub trade_name: String,
    /// None when the connection broke before an answer came.
    pub answer: Option<Answer>,
}

impl Attempt {
    /// The address of the application that the node said it had recorded.
    pub fn acknowledged(&self) -> Option<&str> {
        let answer = self.answer.as_ref()?;
        (answer.status == 303).then_some(answer.location.as_str())
    }

    /// What the page says on which the node told that it could not.
    pub fn failed(&self) -> Option<&str> {
        let answer = self.answer.as_ref()?;
        (answer.status >= 500).then_some(answer.body.as_str())
    }
}

/// Browsers of as many clerks as write at the same time.
pub fn clerks(node: &Node) -> Vec<Client> {
    (0..WRITERS).map(|_| node.clerk()).collect()
}

/// Lets every clerk hand in applications until `meanwhile` has come to its end.
pub fn under_load(clerks: &[Client], name: &str, meanwhile: impl FnOnce()) -> Vec<Attempt> {
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let work = |clerk, place| keep_applying(clerk, format!("{name} {place}"), &over);
        let working: Vec<_> =
            clerks.iter().enumerate().map(|(place, clerk)| scope.spawn(move || work(clerk, place))).collect();
        meanwhile();
        over.store(true, Ordering::Relaxed);
        working.into_iter().flat_map(|clerk| clerk.join().unwrap()).collect()
    })
}

fn keep_applying(clerk: &Client, name: String, over: &AtomicBool) -> Vec<Attempt> {
    let mut attempts = Vec::new();
    while !over.load(Ordering::Relaxed) {
        let trade_name = format!("{name} {}", attempts.len());
        let answer = clerk.send_multipart("/applications", &application(&trade_name)).ok();
        if answer.is_none() {
            thread::sleep(Duration::from_millis(20));
        }
        attempts.push(Attempt { trade_name, answer });
    }
    attempts
}

/// The record holds every acknowledged application once, under the address that was told, every other one once or not
/// at all, and none that nobody sent. Says how many were acknowledged.
pub fn settle(settings: &Settings, attempts: &[Attempt]) -> usize {
    let mut recorded = recorded(settings);
    let mut acknowledged = 0;
    for attempt in attempts {
        let found = recorded.remove(&attempt.trade_name).unwrap_or_default();
        match attempt.acknowledged() {
            Some(address) => {
                assert_eq!(found, [address], "{} was acknowledged", attempt.trade_name);
                acknowledged += 1;
            }
            None => assert!(found.len() <= 1, "{} is recorded {found:?}", attempt.trade_name),
        }
    }
    assert!(recorded.is_empty(), "nobody sent {recorded:?}");
    acknowledged
}

/// The addresses of all applications in the record, by the names of their shops.
pub fn recorded(settings: &Settings) -> BTreeMap<String, Vec<String>> {
    let store = Store::open_to_read(settings).unwrap();
    let query = "select acts.matter, bodies.body from acts join bodies on bodies.number = acts.number
                 where acts.kind = 'application.submitted'";
    let rows = store.read(|sql| sql.query(query, &[])).unwrap();
    store.close();
    let mut recorded: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in rows {
        let (matter, body): (String, Vec<u8>) = (row.get(0).unwrap(), row.get(1).unwrap());
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let name = find(&body, "trade_name").expect("the name of the shop").to_owned();
        recorded
            .entry(name)
            .or_default()
            .push(format!("/{}", matter.replacen("application/", "applications/", 1)));
    }
    recorded
}

/// The text under this name, wherever it stands in the act.
fn find<'a>(value: &'a serde_json::Value, name: &str) -> Option<&'a str> {
    let fields = value.as_object()?;
    fields
        .get(name)
        .and_then(|text| text.as_str())
        .or_else(|| fields.values().find_map(|each| find(each, name)))
}
