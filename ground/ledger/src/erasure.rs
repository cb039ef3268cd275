//! Erasure of personal data by law: body and salt go, the header and every proof stay, and an act says so.

use serde::{Deserialize, Serialize};
use store::Sql;
use uuid::Uuid;

use crate::{Body, Draft, Error, MatterKey, Recorded, Result, Writing, books, signing_keys, tables};

/// The kind of the act by which bodies are erased.
pub const ERASED: &str = "ledger.erased";

/// The body of an act of erasure: the numbers of the acts whose bodies went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erased {
    pub numbers: Vec<i64>,
}

impl Body for Erased {
    fn kind(&self) -> &'static str {
        ERASED
    }
}

/// The one matter of all erasures, so that they can be read without a walk over the record.
pub fn erasures() -> MatterKey {
    MatterKey::new("erasure", Uuid::nil())
}

impl Writing<'_> {
    /// Erases the bodies of these acts, records that, and folds every book anew without them, in this transaction.
    ///
    /// The writer is busy until all books are folded: seconds for a hundred thousand acts.
    ///
    /// # Errors
    /// When there is no such act, when one is itself an erasure or names keys, or when a book cannot be folded from headers alone.
    pub fn erase(&mut self, numbers: &[i64], reason: &str, basis: &str) -> Result<Recorded> {
        for &number in numbers {
            let matter = tables::act(self.sql(), number)?.header.matter;
            if matter == erasures() || matter == signing_keys() {
                return Err(Error::Record(format!(
                    "act {number} is one on erasures or keys and keeps its body"
                )));
            }
        }
        let body = Erased { numbers: numbers.to_vec() };
        let recorded = self.append(Draft::new(&erasures(), &body).reason(reason).basis(basis))?;
        let core = self.core();
        self.all_or_nothing(|sql| {
            delete(sql, numbers)?;
            books::fold_anew(sql, &core.books).map(|_| ())
        })?;
        Ok(recorded)
    }
}

fn delete(sql: &mut dyn Sql, numbers: &[i64]) -> Result<()> {
    for &number in numbers {
        sql.execute("delete from bodies where number = $1", &[number.into()])?;
    }
    Ok(())
}
