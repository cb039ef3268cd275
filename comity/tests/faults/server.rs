//! A PostgreSQL server that is restarted under load, in order and by a crash.

use std::thread::sleep;
use std::time::Duration;

use crate::cluster::Cluster;
use crate::load::{clerks, settle, under_load};
use crate::node::Node;
use crate::times;

#[test]
fn a_server_that_restarts_under_load_loses_and_doubles_nothing() {
    let cluster = Cluster::new();
    let node = Node::on(&cluster.settings());
    let clerks = clerks(&node);
    let mut attempts = Vec::new();
    for round in 0..times(2, 20) {
        for how in ["fast", "immediate"] {
            attempts.extend(under_load(&clerks, &format!("{how} {round}"), || {
                sleep(Duration::from_millis(200));
                cluster.stop(how);
                cluster.start("");
            }));
            let after =
                under_load(&clerks, &format!("{how} {round} 之后"), || sleep(Duration::from_millis(200)));
            let told: Vec<_> = after.iter().filter_map(|attempt| attempt.failed()).collect();
            assert!(told.is_empty(), "the node goes on by itself: {}", node.log());
            attempts.extend(after);
        }
    }
    node.verify();
    let acknowledged = settle(node.store(), &attempts);
    let refused = attempts.iter().filter(|attempt| attempt.failed().is_some()).count();
    eprintln!("{acknowledged} acknowledged, {refused} told that it failed");
    assert_eq!(acknowledged + refused, attempts.len(), "everyone was told how it ended");
    assert!(acknowledged > 100 && refused > 0, "there was a load to be cut");
}
