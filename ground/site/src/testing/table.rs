//! The table of routes and roles that a lawyer can read.

use crate::declared;
use crate::testing::Town;

const WHO: [&str; 7] = ["visitor", "administrator", "clerk", "inspector", "reviewer", "head", "auditor"];

/// Walks every route of the town as every role and says what came of it: for a snapshot that a lawyer reads.
///
/// `fresh` = used only within minutes of a proof that it is he. `yes` = the request reached its handler, whatever that said of a thing that is not there.
pub fn route_table(town: &Town) -> String {
    let mut table = format!("{:<46}{:<20}{:<7}", "route", "power", "fresh");
    WHO.iter().for_each(|who| table += &format!("{who:<15}"));
    for route in declared(&town.house) {
        let fresh = if town.house.authority.presence().powers.contains(route.power) { "fresh" } else { "" };
        let line = format!("{} {}", route.method, route.path);
        table += &format!("\n{line:<46}{:<20}{fresh:<7}", route.power);
        for who in WHO {
            table += &format!("{:<15}", ask(town, who, route.method.as_str(), route.path));
        }
    }
    table.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

fn ask(town: &Town, who: &str, method: &str, path: &str) -> &'static str {
    let client = if who == "visitor" { town.anonymous() } else { town.sign_in(who) };
    let path = filled(path);
    let reply = match (path.as_str(), method) {
        // A stream does not end by itself; whether it opens is told by its headers.
        ("/live", _) => client.open("/live"),
        (path, "GET") => client.get(path),
        (path, _) => client.post(path, &[]),
    };
    outcome(reply.status, reply.location())
}

/// A path with a value for each of its parameters that names nothing.
fn filled(path: &str) -> String {
    let parts = path.split('/').map(|part| if part.starts_with('{') { "0" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

fn outcome(status: u16, location: &str) -> &'static str {
    match status {
        403 => "no",
        303 if location.starts_with("/login?next=") => "sign in",
        _ => "yes",
    }
}
