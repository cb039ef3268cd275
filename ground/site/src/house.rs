//! The house: what all requests and chores share.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use law::Law;
use ledger::{Clock, Ledger, MatterKey, Random};
use store::{Sql, Store};
use tokio::sync::{Semaphore, watch};

use crate::assets::Assets;
use crate::authority::{Authority, Subject};
use crate::chores::Fared;
use crate::drawer::Drawer;
use crate::metrics::Metrics;
use crate::module::{MatterKind, Module};
use crate::officers::{Officer, Role};
use crate::once::Answers;
use crate::text::{Language, Texts};
use crate::throttle::{self, Failures, Flow};
use crate::uploads::Uploads;

/// The house as handlers hold it.
pub type App = Arc<House>;

/// What the binary hands in to open a house.
pub struct Foundation {
    pub store: Store,
    pub ledger: Arc<Ledger>,
    pub law: Law,
    pub texts: Texts,
    pub authority: Authority,
    pub uploads: Uploads,
    pub modules: Vec<Module>,
    /// The clock of sessions and brakes: always the machine's, also when the ledger runs on a demo clock.
    pub wall: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    /// What modules need beside all this.
    pub drawer: Drawer,
    pub settings: Settings,
}

/// What a bureau sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The bureau's name in Chinese and English.
    pub bureau: [String; 2],
    /// Whether the ledger runs on a demo clock, which every page then shows.
    pub demo: bool,
    /// Whether pages are served over TLS.
    pub secure: bool,
    /// Origin of map tiles allowed beside our own; empty for none.
    pub tiles: String,
    /// Requests at once, and more for each second, from one address.
    pub flow: (u32, u32),
    /// Posts that must have a second factor.
    pub second_factor: BTreeSet<Role>,
}

impl Settings {
    /// Whether one of his posts must have a second factor.
    pub(crate) fn requires_factor(&self, officer: &Officer) -> bool {
        !self.second_factor.is_disjoint(&officer.roles)
    }
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            bureau: ["烟草专卖局".to_owned(), "Tobacco monopoly bureau".to_owned()],
            demo: false,
            secure: false,
            tiles: String::new(),
            flow: (400, 100),
            second_factor: BTreeSet::new(),
        }
    }
}

/// What all requests and chores share.
pub struct House {
    pub store: Store,
    pub ledger: Arc<Ledger>,
    pub law: Law,
    pub texts: Texts,
    pub authority: Authority,
    pub uploads: Uploads,
    pub modules: Vec<Module>,
    pub wall: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub settings: Settings,
    drawer: Drawer,
    pub(crate) assets: Assets,
    pub(crate) metrics: Metrics,
    pub(crate) fared: Fared,
    pub(crate) hashing: Semaphore,
    pub(crate) account_failures: Failures,
    pub(crate) address_failures: Failures,
    pub(crate) flow: Flow,
    pub(crate) answers: Answers,
    /// Turns true when the node stops, so that open streams end.
    pub(crate) closing: watch::Sender<bool>,
}

impl House {
    /// Opens a house: brings its tables up to date.
    ///
    /// # Errors
    /// When the store refuses, or `ui/dist` has a manifest that cannot be read.
    pub fn open(foundation: Foundation) -> anyhow::Result<App> {
        crate::tables::migrate(&foundation.store)?;
        let Foundation {
            store,
            ledger,
            law,
            texts,
            authority,
            uploads,
            modules,
            wall,
            random,
            drawer,
            settings,
        } = foundation;
        let (account_failures, address_failures) = (Failures::new(5), Failures::new(30));
        recall(&store, throttle::ACCOUNT, &account_failures, wall.now())?;
        recall(&store, throttle::ADDRESS, &address_failures, wall.now())?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Arc::new(House {
            assets: Assets::load()?,
            metrics: Metrics::default(),
            fared: Fared::default(),
            hashing: Semaphore::new(cores),
            account_failures,
            address_failures,
            answers: Answers::default(),
            flow: Flow::new(settings.flow.0, settings.flow.1),
            closing: watch::Sender::new(false),
            modules: all(modules),
            store,
            ledger,
            law,
            texts,
            authority,
            uploads,
            wall,
            random,
            drawer,
            settings,
        }))
    }

    /// The instant of the record's clock: the demo clock in a demonstration.
    pub fn now(&self) -> Timestamp {
        self.ledger.clock().now()
    }

    /// The bureau's name.
    pub fn bureau(&self, language: Language) -> &str {
        &self.settings.bureau[language as usize]
    }

    /// A thing that the binary put in for the modules.
    ///
    /// # Errors
    /// When there is none of this type.
    pub fn get<T: Send + Sync + 'static>(&self) -> anyhow::Result<Arc<T>> {
        self.drawer.get()
    }

    /// What is known of this kind of matter.
    pub fn matter_kind(&self, kind: &str) -> Option<&MatterKind> {
        self.modules.iter().flat_map(|module| &module.matters).find(|known| known.kind == kind)
    }

    /// Where a matter lies, with the power to read it; none when no module knows it.
    ///
    /// # Errors
    /// When the module cannot read.
    pub fn subject(
        &self,
        sql: &mut dyn Sql,
        key: &MatterKey,
    ) -> anyhow::Result<Option<(&MatterKind, Subject)>> {
        let Some(kind) = self.matter_kind(key.kind()) else { return Ok(None) };
        Ok((kind.subject)(sql, key.id())?.map(|subject| (kind, subject)))
    }
}

fn recall(store: &Store, kind: &'static str, failures: &Failures, now: Timestamp) -> anyhow::Result<()> {
    let noted = store.read(|sql| throttle::noted(sql, kind, now))?;
    noted.iter().for_each(|(key, at)| failures.recall(key, *at));
    Ok(())
}

/// The house's own module in front of the others.
pub(crate) fn all(modules: Vec<Module>) -> Vec<Module> {
    let mut all = vec![crate::own::module()];
    all.extend(modules);
    all
}
