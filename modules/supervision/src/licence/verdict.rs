//! How a verb says no: every reason at once, each beside its field.

use site::Refusal;

/// What a verb answers: the act, or all reasons why it may not be.
pub type Verdict<T> = Result<T, Vec<Refusal>>;

/// Reasons collected so far.
#[derive(Debug, Default)]
pub struct Objections(Vec<Refusal>);

impl Objections {
    pub fn new() -> Objections {
        Objections::default()
    }

    /// Objects on `field` unless `holds`.
    pub fn demand(&mut self, holds: bool, field: &'static str, key: &'static str) {
        if !holds {
            self.0.push(Refusal::on(field, key));
        }
    }

    /// Demands that a text is there.
    pub fn demand_text(&mut self, text: &str, field: &'static str, key: &'static str) {
        self.demand(!text.trim().is_empty(), field, key);
    }

    pub fn object(&mut self, refusal: Refusal) {
        self.0.push(refusal);
    }

    pub fn extend(&mut self, others: Vec<Refusal>) {
        self.0.extend(others);
    }

    /// `Ok` when nothing was objected to.
    ///
    /// # Errors
    /// All objections, in the order in which they were raised.
    pub fn verdict(self) -> Verdict<()> {
        if self.0.is_empty() { Ok(()) } else { Err(self.0) }
    }
}
