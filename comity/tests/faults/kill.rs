//! SIGKILL under load, again and again, at any moment.

use std::thread::sleep;
use std::time::Duration;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use store::testing::for_each_settings;

use crate::load::{Attempt, clerks, settle, under_load};
use crate::node::Node;
use crate::times;

#[test]
fn a_node_that_is_killed_keeps_what_it_acknowledged_and_starts_by_itself() {
    for_each_settings(|settings| {
        let mut node = Node::on(&settings);
        let clerks = clerks(&node);
        let mut moment = ChaCha8Rng::seed_from_u64(20_261_125);
        let mut attempts: Vec<Attempt> = Vec::new();
        let rounds = times(10, 100);
        for round in 0..rounds {
            attempts.extend(under_load(&clerks, &format!("第{round}轮"), || {
                sleep(Duration::from_millis(moment.random_range(1..300)));
                node.kill();
            }));
            node.verify();
            settle(node.store(), &attempts);
            node.start();
        }
        // The last start was a good one too: work goes on, and the sessions still stand.
        attempts.extend(under_load(&clerks, "最后", || sleep(Duration::from_millis(100))));
        node.verify();
        let acknowledged = settle(node.store(), &attempts);
        let cut = attempts.iter().filter(|attempt| attempt.answer.is_none()).count();
        eprintln!("{rounds} kills: {acknowledged} acknowledged, {cut} without an answer");
        assert!(acknowledged > rounds && cut > rounds, "there was a load to be cut");
        assert_eq!(attempts.len(), acknowledged + cut, "nothing was turned down for another reason");
    });
}
