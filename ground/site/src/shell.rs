//! What the layout asks of the desk: texts, menu, preferences, dates, addresses of static files.

use jiff::Timestamp;
use ledger::Actor;
use store::Sql;

use crate::desk::Desk;
use crate::listing::Listing;
use crate::officers::books;
use crate::second_factor::Standing;
use crate::text::Argument;

/// Who is signed in, for the corner of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Badge {
    pub name: String,
    /// His roles in words.
    pub role: String,
}

/// A line of the menu as the officer sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MenuItem {
    pub href: String,
    pub label: String,
    pub icon: &'static str,
    pub current: bool,
    pub count: i64,
    /// Heading, only on the first of a group.
    pub group: String,
}

/// A message shown once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flash {
    pub tone: String,
    pub text: String,
}

impl Desk {
    /// A text in the language of the page.
    pub fn text(&self, key: &str) -> String {
        self.text_args(key, &[])
    }

    /// A text with one value.
    pub fn text_with(&self, key: &str, name: &str, value: impl Into<Argument>) -> String {
        self.text_args(key, &[(name, value.into())])
    }

    /// A text with several values.
    pub fn text_args(&self, key: &str, arguments: &[(&str, Argument)]) -> String {
        self.house().texts.say(self.chosen_language(), key, arguments)
    }

    /// The tag of the page's language.
    pub fn language(&self) -> &'static str {
        self.chosen_language().tag()
    }

    /// `auto`, `light` or `dark`.
    pub fn theme(&self) -> &'static str {
        self.inner().theme
    }

    /// `roomy` or `dense`.
    pub fn density(&self) -> &'static str {
        self.inner().density
    }

    /// The bureau's name.
    pub fn bureau(&self) -> &str {
        self.house().bureau(self.chosen_language())
    }

    /// Who is signed in; none for a visitor, and none before he did what he is held for.
    pub fn officer(&self) -> Option<Badge> {
        if self.me().is_visitor() || self.held().is_some() {
            return None;
        }
        let roles: Vec<String> = self.me().roles.iter().map(|role| self.text(role.key())).collect();
        Some(Badge { name: self.me().name.clone(), role: roles.join(&self.text("list-comma")) })
    }

    /// The menu, only what the officer may use.
    pub fn menu(&self) -> Vec<MenuItem> {
        let entries = self.house().modules.iter().flat_map(|module| &module.menu);
        let allowed: Vec<_> = entries.filter(|entry| self.may(entry.power)).collect();
        let current = self.current(allowed.iter().map(|entry| entry.address));
        let mut group = "";
        let mut items = Vec::new();
        for entry in allowed {
            let heading = if entry.group == group { String::new() } else { self.heading(entry.group) };
            group = entry.group;
            items.push(MenuItem {
                href: entry.address.to_owned(),
                label: self.text(entry.key),
                icon: entry.icon,
                current: Some(entry.address) == current,
                count: 0,
                group: heading,
            });
        }
        items
    }

    fn heading(&self, key: &str) -> String {
        if key.is_empty() { String::new() } else { self.text(key) }
    }

    /// The longest menu address that the path lies under.
    fn current<'a>(&self, addresses: impl Iterator<Item = &'a str>) -> Option<&'a str> {
        let path = self.path().split('?').next().unwrap_or_default();
        let under =
            |address: &&str| path == *address || *address != "/" && path.starts_with(&format!("{address}/"));
        addresses.filter(under).max_by_key(|address| address.len())
    }

    /// What a form must send back so that we know it for ours.
    pub fn csrf(&self) -> &str {
        &self.inner().csrf
    }

    /// Path and query of this page.
    pub fn path(&self) -> &str {
        &self.inner().path
    }

    /// The demo clock's time in words; none on a real clock.
    pub fn clock(&self) -> Option<String> {
        self.house().settings.demo.then(|| self.instant(&self.now()))
    }

    /// What every officer must know while the node's clock stands behind the record: both times.
    pub fn clock_warning(&self) -> Option<String> {
        self.officer()?;
        let last = self.ledger().clock_behind()?;
        let exact = |instant: &Timestamp| civil(instant).strftime("%Y-%m-%d %H:%M:%S").to_string();
        let times = [("now", exact(&self.now()).into()), ("last", exact(&last).into())];
        Some(self.text_args("shell-clock-behind", &times))
    }

    /// What an officer must know whose second factor was taken away by others.
    pub fn factor_warning(&self) -> Option<String> {
        let Standing::Reset(at) = self.inner().factor else { return None };
        Some(self.text_with("factor-reset-warning", "time", self.instant(&at)))
    }

    /// A message from the page before, said once.
    pub fn flash(&self) -> Option<Flash> {
        let (tone, key) = self.inner().flash.as_ref()?;
        let known = self.house().texts.has(self.chosen_language(), key);
        known.then(|| Flash { tone: tone.clone(), text: self.text(key) })
    }

    /// The address of a static file by its logical name.
    pub fn asset(&self, name: &str) -> String {
        self.house().assets.address(name)
    }

    /// The day of an instant in the law's zone, `2026-11-25`.
    pub fn date(&self, instant: &Timestamp) -> String {
        law::shanghai_day(*instant).to_string()
    }

    /// An instant in the law's zone, `2026-11-25 10:30`.
    pub fn instant(&self, instant: &Timestamp) -> String {
        civil(instant).strftime("%Y-%m-%d %H:%M").to_string()
    }

    /// The name of a kind of act in the language; the kind itself where a module gave it no name.
    pub fn act_title(&self, kind: &str) -> String {
        let key = format!("act-{}", kind.replace('.', "-"));
        let known = self.house().texts.has(self.chosen_language(), &key);
        if known { self.text(&key) } else { kind.to_owned() }
    }

    /// Who did an act, in the language of the page: an officer by his name, the node and the commands by a word.
    ///
    /// # Errors
    /// When the store cannot read.
    pub fn who(&self, sql: &mut dyn Sql, actor: &Actor) -> store::Result<String> {
        match actor {
            Actor::Officer(_) => books::actor_name(sql, actor),
            Actor::Node => Ok(self.text("actor-node")),
            Actor::Command(name) => Ok(self.text_with("actor-command", "name", name)),
            Actor::Public => Ok(self.text("actor-public")),
        }
    }

    /// Where in a list the page stands, `2 / 104`.
    pub fn position(&self, listing: &Listing) -> String {
        self.text_args("list-position", &[("page", listing.page.into()), ("pages", listing.pages.into())])
    }

    /// The id of this request, which the log knows.
    pub fn request_id(&self) -> &str {
        &self.inner().request_id
    }

    /// Whether htmx asked for a fragment only.
    pub fn fragment(&self) -> bool {
        self.inner().fragment
    }
}

/// The law's zone has had one offset since 1991 (UTC+8, no summer time), so no zone file is needed.
fn civil(instant: &Timestamp) -> jiff::civil::DateTime {
    jiff::tz::offset(8).to_datetime(*instant)
}
