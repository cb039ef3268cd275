//! Who may walk where: every route of the house against every role, as a table that a reader can check line by line.

use site::testing::route_table;

use crate::counter::told;

#[test]
fn every_route_opens_only_to_the_roles_that_need_it() {
    told(|town| insta::assert_snapshot!("routes", route_table(town)));
}
