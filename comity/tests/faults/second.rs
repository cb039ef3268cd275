//! A second process on the data of a running node.

use store::testing::for_each_settings;

use crate::common::said;
use crate::load::{clerks, settle, under_load};
use crate::node::Node;

#[test]
fn a_second_process_is_refused_clearly_and_does_not_disturb_the_first() {
    for_each_settings(|settings| {
        let node = Node::on(&settings);
        let clerks = clerks(&node);
        let attempts = under_load(&clerks, "照常", || {
            for command in [&["serve"][..], &["rebuild"]] {
                let refused = node.command(command);
                assert_eq!(refused.status.code(), Some(2), "{command:?}: {}", said(&refused));
                let why = said(&refused);
                assert!(why.contains("another process already uses"), "{command:?}: {why}");
                assert!(why.contains("stop it first"), "{command:?}: {why}");
            }
            node.verify();
        });
        let acknowledged = settle(node.store(), &attempts);
        assert_eq!(acknowledged, attempts.len(), "{}", node.log());
    });
}
