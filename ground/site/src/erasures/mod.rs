//! Erasure of personal data by law: one officer asks and names the legal basis, another decides; then bodies and files go.

mod acts;
pub(crate) mod books;
mod disk;
pub(crate) mod pages;
mod request;

pub use acts::ErasureAct;
pub use disk::{Erasing, empty_lists, erased_files};

pub(crate) use disk::chore;
pub(crate) use request::KIND;
