//! Prints papers: a template and data become a PDF/A file with embedded fonts, and nothing else in the house knows how.

mod fonts;
mod glyphs;
mod order;
mod press;
mod refusal;
mod sheets;

pub use order::{Language, Order, Pdf, Template};
pub use press::Press;
pub use refusal::Refusal;
