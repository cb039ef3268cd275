//! Every route with the ids of a real file, walked by officers of another county: by page, list, search, live update or guessed
//! id nobody there reads a word of the file or leaves an act in the record. A new route is walked without being named
//! here; one with a new kind of parameter fails until it is said what to put there.

use std::time::Duration;

use site::declared;
use site::officers::Role;
use site::testing::{Client, Reply, Town};

use crate::counter::*;

/// What only the file says: the holder, the outlet, the address, the numbers.
const WORDS: [&str; 5] =
    ["沈阿珍", "阿珍副食品店", "西塘镇南苑路12号", "330421196802150025", "330421********0025"];

/// Those whose powers end at a border. Administrators and auditors have none: what they may read the table of routes says.
const FOREIGN: [(&str, Role); 4] = [
    ("clerk-there", Role::Clerk),
    ("inspector-there", Role::Inspector),
    ("reviewer-there", Role::Reviewer),
    ("head-there", Role::Head),
];

/// What leaves an act wherever its officer works: a proof of the record, which holds no word of any file.
const ACTS: [(&str, &str); 1] = [("head-there", "POST /record/{number}/proof")];

/// A file from the counter to the licence, and what else bears an id.
struct File {
    application: String,
    licence: String,
    paper: String,
    attachment: String,
    import: String,
    erasure: String,
    officer: String,
}

fn file(town: &Town) -> File {
    let clerk = town.sign_in("clerk");
    let page = submit(&clerk, &[]);
    review(town, &page);
    done(&town.sign_in("head").post(&format!("{page}/decision"), &[("opinion", "同意，准予许可")]));
    let prints = supervision::module().chores.into_iter().find(|chore| chore.name == "licence-printing");
    (prints.expect("the chore that prints").run)(&town.house).unwrap();
    let shown = clerk.get(&page);
    let last = |address: &str| address.rsplit('/').next().unwrap().to_owned();
    let reviewer = town.sign_in("reviewer");
    let table = "许可证号,企业名称\n330421100077,阿珍副食品店\n";
    let import = done(&reviewer.upload("/imports", &[("source", "市局")], "file", "a.csv", table.as_bytes()));
    let matter = page.trim_start_matches("/applications/");
    let request = [
        ("matter", format!("application/{matter}")),
        ("basis", "个人信息保护法第四十七条".to_owned()),
        ("reason", "沈阿珍撤回同意".to_owned()),
    ];
    let request: Vec<(&str, &str)> = request.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let erasure = done(&reviewer.post("/erasures", &request));
    File {
        application: last(&page),
        licence: last(link(&shown, "/licences/0")),
        paper: last(link(&shown, "/papers/")),
        attachment: last(link(&shown, &format!("{page}/attachments/"))),
        import: last(&import),
        erasure: last(&erasure),
        officer: town.officer("clerk"),
    }
}

impl File {
    /// A path with the real ids in it.
    fn filled(&self, path: &str) -> String {
        let first = path.split('/').nth(1).unwrap();
        let parts = path.split('/').map(|part| match (first, part) {
            ("applications", "{id}") => &self.application,
            ("licences", "{id}") => &self.licence,
            ("licences", "{kind}") => "renewal",
            (_, "{format}") => "csv",
            ("imports", "{id}") => &self.import,
            ("erasures", "{id}") => &self.erasure,
            ("officers", "{id}") => &self.officer,
            ("reveal", "{kind}") => "application",
            ("reveal", "{id}") => &self.application,
            (_, "{act}") => &self.paper,
            (_, "{digest}") => &self.attachment,
            (_, "{number}") => "9",
            ("tile", "{level}") => "0",
            ("tile", "{*path}") => "000.p/1",
            ("kept", "{id}") => "0",
            (_, part) if part.starts_with('{') => panic!("say what to put into {path} for {part}"),
            (_, part) => part,
        });
        parts.collect::<Vec<_>>().join("/")
    }
}

fn ask(client: &Client, method: &str, path: &str) -> Reply {
    match (method, path) {
        (_, "/live") => client.open(path),
        ("GET", _) => client.get(path),
        // What a form of any step may hold: enough that not every refusal is one of an empty field.
        _ => client.post(
            path,
            &[("opinion", "同意"), ("reason", "查看看看"), ("field", "identity_number"), ("findings", "x")],
        ),
    }
}

fn acts(town: &Town) -> u64 {
    town.house.ledger.checkpoint().unwrap().head().size
}

fn word_in(reply: &Reply) -> Option<&'static str> {
    WORDS.into_iter().find(|word| reply.has(word))
}

#[test]
fn nobody_from_another_county_reads_or_writes_here_by_any_route() {
    told(|town| {
        for (login, role) in FOREIGN {
            town.appoint(login, "外县人员", &[role], "330482");
        }
        let file = file(town);
        let mut read = 0;
        for route in declared(&town.house) {
            let (name, path) = (format!("{} {}", route.method, route.path), file.filled(route.path));
            if route.method == "GET" {
                let at_home =
                    ["clerk", "reviewer", "head"].map(|login| ask(&town.sign_in(login), "GET", &path));
                read += usize::from(at_home.iter().any(|reply| word_in(reply).is_some()));
            }
            let visitor = ask(&town.anonymous(), route.method.as_str(), &path);
            assert_eq!(word_in(&visitor), None, "a visitor by {name}");
            for (login, _) in FOREIGN {
                let before = acts(town);
                let reply = ask(&town.sign_in(login), route.method.as_str(), &path);
                assert_eq!(word_in(&reply), None, "{login} by {name}");
                let bytes = reply.bytes.windows(4).any(|bytes| bytes == b"%PDF");
                assert!(!bytes, "{login} is handed a file by {name}");
                let expected = u64::from(ACTS.contains(&(login, name.as_str())));
                assert_eq!(acts(town) - before, expected, "{login} by {name}: {}", reply.status);
            }
        }
        assert!(read >= 6, "only {read} routes show the file at home: the walk would prove little");
    });
}

#[test]
fn lists_search_and_live_updates_keep_to_ones_own_county() {
    told(|town| {
        for (login, role) in FOREIGN {
            town.appoint(login, "外县人员", &[role], "330482");
        }
        file(town);
        let queries = ["阿珍", "西塘", "330421196802150025", "330421100001", "沈"];
        for (login, _) in FOREIGN {
            let there = town.sign_in(login);
            for query in queries {
                let query: String = query.bytes().map(|byte| format!("%{byte:02X}")).collect();
                for path in ["/search", "/licences", "/applications", "/erasures"] {
                    let reply = there.get(&format!("{path}?q={query}"));
                    // A page repeats the words that were searched for, and nothing else of the file.
                    let others =
                        ["阿珍副食品店", "西塘镇南苑路12号"].into_iter().find(|word| reply.has(word));
                    assert_eq!(others, None, "{login} {path}?q={query}");
                    assert!(
                        !reply.has("href=\"/licences/0") && !reply.has("href=\"/applications/0"),
                        "{login} {path}"
                    );
                }
            }
        }
        let told_of = |login: &str| {
            let here = town.sign_in("clerk");
            let order = move || drop(submit(&here, &[("trade_name", "另一家店")]));
            town.sign_in(login).listen("/live", order, Duration::from_millis(1500))
        };
        assert!(told_of("clerk").contains("application/"), "at home it is told");
        for (login, _) in FOREIGN {
            assert!(!told_of(login).contains("application/"), "{login}");
        }
    });
}
