//! A whole site in memory for story tests: both engines, a clock that is set by hand, an officer for each role.

mod client;
mod table;

pub use client::{Client, Reply};
pub use table::route_table;

use std::path::Path;
use std::sync::{Arc, OnceLock};

use axum::Router;
use jiff::Timestamp;
use law::Law;
use ledger::{Actor, Clock, Draft, Ledger, ManualClock, Options, SigningKey, SystemRandom};
use store::Store;
use tokio::runtime::Runtime;

use crate::officers::{Appointment, Certificate, OfficerAct, Role, books, officer};
use crate::sessions::{self, Token};
use crate::{
    App, Authority, Drawer, Foundation, House, Module, Problem, Settings, Texts, Uploads, passwords, router,
    second_factor, tables,
};

/// Every officer's password, when a story signs in through the page.
pub const PASSWORD: &str = "three birds on wires";

/// The instant at which every story begins: a Wednesday morning.
pub const BEGIN: &str = "2026-11-25T01:00:00Z";

/// Login, name, role and territory of the officers of a story.
const OFFICERS: &[(&str, &str, Role, &str)] = &[
    ("administrator", "管平", Role::Administrator, "330421"),
    ("clerk", "陈芳", Role::Clerk, "330421"),
    ("inspector", "周强", Role::Inspector, "330421"),
    ("inspector2", "吴敏", Role::Inspector, "330421"),
    ("reviewer", "沈国华", Role::Reviewer, "330421"),
    ("head", "陆建明", Role::Head, "330421"),
    ("auditor", "钱静", Role::Auditor, "330421"),
];

/// A site of one bureau, with its officers in office.
pub struct Town {
    pub house: App,
    pub clock: Arc<ManualClock>,
    runtime: Arc<Runtime>,
    router: Router,
    _uploads: Arc<tempfile::TempDir>,
}

/// Tells a story on SQLite and on PostgreSQL.
///
/// # Panics
/// When the story does, or a site cannot be built.
pub fn for_each_engine(modules: fn() -> Vec<Module>, story: impl Fn(&Town)) {
    for_each_engine_with(modules, |drawer| drawer, story);
}

/// Tells a story on both engines, with things in the drawer.
///
/// # Panics
/// When the story does, or a site cannot be built.
pub fn for_each_engine_with(
    modules: fn() -> Vec<Module>,
    fill: impl Fn(Drawer) -> Drawer,
    story: impl Fn(&Town),
) {
    store::testing::for_each_engine(|store| story(&Town::build(store, modules(), fill(Drawer::new()))));
}

/// Both profiles of keys go through all stories: Ed25519 alone on SQLite, SM2 beside it on PostgreSQL.
///
/// # Panics
/// When no key can be made.
pub fn key_on(engine: store::Engine) -> SigningKey {
    let profile = match engine {
        store::Engine::Sqlite => ledger::Profile::International,
        store::Engine::Postgres => ledger::Profile::Commercial,
    };
    SigningKey::of_profile(profile, [7; 32]).expect("a key")
}

impl Town {
    /// Builds a site on a store.
    ///
    /// # Panics
    /// When it cannot be built.
    pub fn build(store: Store, modules: Vec<Module>, drawer: Drawer) -> Town {
        Town::build_with(store, modules, drawer, Settings { flow: (100_000, 100_000), ..settings() })
    }

    /// Builds a site with other settings.
    ///
    /// # Panics
    /// When it cannot be built.
    pub fn build_with(store: Store, modules: Vec<Module>, drawer: Drawer, settings: Settings) -> Town {
        let clock = Arc::new(ManualClock::new(BEGIN.parse().expect("the beginning")));
        let options = Options {
            name: "jiashan.comity.example".to_owned(),
            key: key_on(store.engine()),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            books: crate::books(&modules),
        };
        let ledger = Ledger::open(store.clone(), options).expect("the ledger opens");
        let uploads = tempfile::tempdir().expect("a folder for uploads");
        let house = House::open(Foundation {
            store,
            ledger,
            law: law(),
            texts: Texts::embedded().expect("the texts"),
            authority: Authority::embedded().expect("the policies"),
            uploads: Uploads::open(uploads.path().to_owned(), Arc::new(SystemRandom)).expect("uploads"),
            modules,
            wall: Arc::clone(&clock) as Arc<dyn Clock>,
            random: Arc::new(SystemRandom),
            drawer,
            settings,
        })
        .expect("the house opens");
        appoint_all(&house);
        let runtime = Arc::new(Runtime::new().expect("a runtime"));
        let router = router(&house).expect("the router");
        Town { house, clock, runtime, router, _uploads: Arc::new(uploads) }
    }

    /// A browser in which nobody has signed in.
    pub fn anonymous(&self) -> Client {
        Client::new(Arc::clone(&self.runtime), self.router.clone())
    }

    /// A browser in which this officer has signed in.
    ///
    /// # Panics
    /// When there is no such officer.
    pub fn sign_in(&self, login: &str) -> Client {
        let token = Token::fresh(&SystemRandom).expect("a token");
        let (opened, id, now) = (token.clone(), self.officer(login), self.clock.now());
        let open = move |sql: &mut dyn store::Sql| {
            sessions::open(sql, &opened, &id, ("203.0.113.7", "story"), now)?;
            sessions::confirm(sql, &opened.digest(), now)
        };
        self.house.store.write(open).expect("a session");
        let client = self.anonymous();
        client.set_cookie("session", token.cookie());
        client
    }

    /// The id of an officer.
    ///
    /// # Panics
    /// When there is no such officer.
    pub fn officer(&self, login: &str) -> String {
        let found = self.house.store.read(|sql| books::find_login(sql, login)).expect("the book of officers");
        found.unwrap_or_else(|| panic!("no officer {login}")).id
    }

    /// The same site after the node was started again: what lay in memory is gone.
    ///
    /// # Panics
    /// When it cannot be opened.
    pub fn restarted(&self) -> Town {
        let old = &self.house;
        let house = House::open(Foundation {
            store: old.store.clone(),
            ledger: Arc::clone(&old.ledger),
            law: law(),
            texts: Texts::embedded().expect("the texts"),
            authority: Authority::embedded().expect("the policies"),
            uploads: old.uploads.clone(),
            // The first is the house's own, which the house adds itself.
            modules: old.modules[1..].to_vec(),
            wall: Arc::clone(&old.wall),
            random: Arc::clone(&old.random),
            drawer: Drawer::new(),
            settings: old.settings.clone(),
        })
        .expect("the house opens");
        let router = router(&house).expect("the router");
        let (clock, runtime) = (Arc::clone(&self.clock), Arc::clone(&self.runtime));
        Town { house, clock, runtime, router, _uploads: Arc::clone(&self._uploads) }
    }

    /// The code that this officer's authenticator shows now.
    ///
    /// # Panics
    /// When he has none.
    pub fn code(&self, login: &str) -> String {
        let id = self.officer(login);
        let secret = self.house.store.read(|sql| second_factor::secret(sql, &id)).expect("second factors");
        secret.unwrap_or_else(|| panic!("{login} has no second factor")).code(self.clock.now())
    }

    /// Appoints one more officer, who has [`PASSWORD`].
    ///
    /// # Panics
    /// When he cannot be appointed.
    pub fn appoint(&self, login: &str, name: &str, roles: &[Role], territory: &str) {
        appoint(&self.house, login, name, roles, territory);
    }

    /// Runs a future to its end on the site's own threads.
    pub fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }
}

fn settings() -> Settings {
    Settings {
        bureau: ["嘉善县烟草专卖局".to_owned(), "Jiashan Tobacco Monopoly Bureau".to_owned()],
        ..Settings::default()
    }
}

/// The law that comes with the program.
///
/// # Panics
/// When a file is at fault.
pub fn law() -> Law {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../law");
    let mut files = Vec::new();
    collect(&root, &root, &mut files);
    match Law::load(files) {
        Ok(law) => law,
        Err(faults) => panic!("{}", faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")),
    }
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).expect("law/") {
        let path = entry.expect("law/").path();
        if path.is_dir() {
            collect(root, &path, files);
        } else if path.extension().is_some_and(|ending| ending == "toml") {
            let name = path.strip_prefix(root).expect("below law/").to_string_lossy().into_owned();
            files.push((name, std::fs::read_to_string(&path).expect("a law file")));
        }
    }
}

fn appoint_all(house: &App) {
    tables::migrate(&house.store).expect("the tables");
    for (login, name, role, territory) in OFFICERS {
        appoint(house, login, name, &[*role], territory);
    }
}

fn appoint(house: &App, login: &str, name: &str, roles: &[Role], territory: &str) {
    let appointment = Appointment {
        login: login.to_owned(),
        name: name.to_owned(),
        roles: roles.iter().copied().collect(),
        territory: territory.split_whitespace().map(str::to_owned).collect(),
        team: "一中队".to_owned(),
    };
    let hash = hash();
    let certified = roles.contains(&Role::Inspector);
    let recorded = house.ledger.write(Actor::Command("story".to_owned()), move |writing| {
        let (id, _) = crate::officers::pages::record_appointment(writing, &appointment, hash)?;
        let now = writing.now();
        passwords::set(writing.sql(), &id.to_string(), hash, false, now)?;
        if certified {
            let body = OfficerAct::CertificateRegistered(certificate(&appointment.login));
            writing.append(Draft::new(&officer::key(id), &body))?;
        }
        Ok::<_, Problem>(())
    });
    recorded.expect("an appointment");
}

fn certificate(login: &str) -> Certificate {
    Certificate {
        number: format!("浙F0401-{login}"),
        issuer: "浙江省司法厅".to_owned(),
        valid_from: jiff::civil::date(2024, 1, 1),
        valid_until: jiff::civil::date(2028, 12, 31),
    }
}

/// The hash of [`PASSWORD`], made once: argon2 is slow on purpose.
fn hash() -> &'static str {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| passwords::hash(PASSWORD, &SystemRandom).expect("a hash"))
}

/// The instant of a text, for `town.clock.set`.
///
/// # Panics
/// When the text is no instant.
pub fn instant(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}
