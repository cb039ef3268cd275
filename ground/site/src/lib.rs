//! The shell of the house: sessions, officers, authority, language, layout, error pages, static files, live updates.

mod assets;
mod authority;
mod blocking;
mod chores;
mod cookies;
mod desk;
pub mod disclosures;
mod drawer;
mod erasures;
mod errors;
mod first;
mod form;
mod front;
mod guard;
mod headers;
mod house;
mod kept;
mod listing;
mod live;
mod metrics;
mod module;
pub mod officers;
mod once;
mod operation;
mod own;
mod pages;
pub mod passwords;
mod problem;
mod routes;
mod scope;
pub mod second_factor;
mod serve;
pub mod sessions;
mod sheet;
mod shell;
mod sweep;
mod tables;
#[cfg(feature = "testing")]
pub mod testing;
mod text;
mod throttle;
mod uploads;

pub use authority::{Authority, Subject};
pub use chores::{for_each, run_chores};
pub use desk::{Desk, Mask};
pub use drawer::Drawer;
pub use erasures::{Erasing, ErasureAct, empty_lists, erased_files};
pub use first::{Account, account, first_administrator};
pub use form::Form;
pub use house::{App, Foundation, House, Settings};
pub use listing::{Filter, Listing, Table};
pub use module::{
    Chore, Found, Inbox, MatterKind, MenuEntry, Module, Reveal, Search, Urgency, Waiting, WorkingLists,
};
pub use operation::LastBackup;
pub use problem::{Answer, Problem, Refusal};
pub use routes::{ACCOUNT, PUBLIC, Route, Routes};
pub use scope::{Scope, compared};
pub use serve::{Listen, books, declared, router, serve};
pub use sheet::{Format, Sheet, harmless};
pub use shell::{Badge, Flash, MenuItem};
pub use tables::{STEPS_TABLE, migrate};
pub use text::{Argument, Language, Texts};
pub use uploads::{Upload, Uploads, media_type};
