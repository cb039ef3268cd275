//! The licence path: applications for new licences and the register of licences.

pub mod acts;
pub mod application;
pub mod books;
pub mod chores;
pub mod clock;
pub mod data;
pub mod decision;
pub mod details;
pub mod ends;
pub mod grounds;
pub mod hearing;
pub mod import;
#[expect(clippy::module_inception, reason = "the matter is called as its folder is")]
pub mod licence;
pub mod measures;
pub mod office;
pub mod pages;
pub mod papers;
pub mod printing;
pub mod register;
pub mod requests;
pub mod steps;
pub mod verdict;

pub use application::{Application, State};
pub use licence::{Licence, differences, standing_on};

#[cfg(test)]
mod tests;
