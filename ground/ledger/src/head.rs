//! The end of the record: its size, the frontier of its tree, and the time of its last act.

use jiff::Timestamp;
use store::Sql;

use crate::tree::Frontier;
use crate::{Error, Result};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    pub ledger: String,
    pub frontier: Frontier,
    pub recorded: Timestamp,
}

impl Head {
    /// Makes the row of an empty ledger, unless there is one.
    pub(crate) fn ensure(sql: &mut dyn Sql, ledger: &str) -> Result<()> {
        let insert = "insert into head (one, ledger, size, frontier, recorded) values (1, $1, 0, $2, 0)
                      on conflict (one) do nothing";
        sql.execute(insert, &[ledger.into(), Vec::new().into()])?;
        Ok(())
    }

    pub(crate) fn read(sql: &mut dyn Sql) -> Result<Head> {
        let query = "select ledger, size, frontier, recorded from head where one = 1";
        let row = sql.query_one(query, &[])?.ok_or_else(|| broken("it has no head"))?;
        let (size, bytes): (i64, Vec<u8>) = (row.get(1)?, row.get(2)?);
        let (peaks, rest) = bytes.as_chunks::<32>();
        let frontier =
            Frontier::restore(size.cast_unsigned(), peaks.to_vec()).filter(|_| size >= 0 && rest.is_empty());
        Ok(Head {
            ledger: row.get(0)?,
            frontier: frontier.ok_or_else(|| broken("its frontier does not fit its size"))?,
            recorded: Timestamp::from_microsecond(row.get(3)?)
                .map_err(|_| broken("its head has an impossible time"))?,
        })
    }

    pub(crate) fn write(&self, sql: &mut dyn Sql) -> Result<(), store::Error> {
        let update = "update head set size = $1, frontier = $2, recorded = $3 where one = 1";
        let frontier = self.frontier.peaks().concat();
        sql.execute(update, &[self.size().into(), frontier.into(), self.recorded.as_microsecond().into()])?;
        Ok(())
    }

    /// The number of the last act.
    pub(crate) fn size(&self) -> i64 {
        self.frontier.size().cast_signed()
    }
}

fn broken(what: &str) -> Error {
    Error::Record(what.to_owned())
}
