//! Supervision: licences and their outlets, from the application at the counter on, and the layout of outlets.

pub mod bureau;
pub mod layout;
pub mod licence;

use site::{MenuEntry, Module};

/// The module as the house takes it in.
pub fn module() -> Module {
    Module {
        menu: vec![
            entry("menu-applications", "/applications", "application.read", "application"),
            entry("menu-licences", "/licences", "licence.read", "licence"),
            entry("menu-renewals", "/renewals", "licence.remind", "licence"),
            entry("menu-layout", "/layout", "layout.read", "map"),
            entry("menu-imports", "/imports", "licence.import", "import"),
        ],
        books: licence::books::all,
        routes: || licence::pages::routes().and(layout::pages::routes()),
        chores: licence::chores::all(),
        matters: licence::pages::matters(),
        search: Some(licence::pages::search),
        inbox: Some(licence::pages::inbox),
        lists: Some(licence::import::forgetting::lists()),
        ..Module::new("licence")
    }
}

fn entry(key: &'static str, address: &'static str, power: &'static str, icon: &'static str) -> MenuEntry {
    MenuEntry { key, address, power, icon, group: "menu-group-supervision" }
}
