//! A ground on which a decision may rest, as the law files state it.

use serde::Serialize;

use crate::statute::{Basis, Certainty, Validity};
use crate::text::Text;

/// One line of a checklist of grounds, such as those for refusing a licence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ground {
    pub id: String,
    /// The decision it founds, such as `licence.refusal`.
    pub founds: String,
    pub title: Text,
    pub valid: Validity,
    pub basis: Vec<Basis>,
    pub citation: Text,
    pub certainty: Certainty,
    /// Where it was seen, if not in the law itself.
    pub source: Option<String>,
    /// Shown as "example, not in force"; founds no real decision.
    pub example: bool,
    pub note: Option<Text>,
}
