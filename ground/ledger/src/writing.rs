//! A command at work: it loads matters, reads facts, and appends acts that are recorded all together or not at all.

use std::collections::{BTreeMap, HashMap};
use std::mem;

use jiff::Timestamp;
use store::Sql;
use uuid::{Builder, Uuid};

use crate::act::{SALT, VERSION, commitment, has_fraction};
use crate::head::Head;
use crate::seal::Core;
use crate::tables;
use crate::tiles::HEIGHT;
use crate::tree::{Closed, leaf_hash};
use crate::{Act, Actor, Body, Draft, Error, Header, Matter, MatterKey, Recorded, Result};

/// What a command works with. Everything it does stands in one transaction.
pub struct Writing<'a> {
    sql: &'a mut dyn Sql,
    core: &'a Core,
    actor: Actor,
    on_behalf_of: Option<String>,
    now: Timestamp,
    clock_behind: Option<i64>,
    head: Head,
    sequences: HashMap<MatterKey, i64>,
    /// Counters that were moved since the last act: the next one bears them.
    moved: BTreeMap<String, i64>,
    recorded: Vec<Header>,
    spoiled: bool,
}

impl<'a> Writing<'a> {
    pub(crate) fn new(sql: &'a mut dyn Sql, core: &'a Core, actor: Actor) -> Result<Writing<'a>> {
        let head = core.head()?;
        let (now, clock_behind) = never_backwards(core.clock.now(), head.recorded);
        Ok(Writing {
            sql,
            core,
            actor,
            on_behalf_of: None,
            now,
            clock_behind,
            head,
            sequences: HashMap::new(),
            moved: BTreeMap::new(),
            recorded: Vec::new(),
            spoiled: false,
        })
    }

    /// The time at which every act of this command is recorded. Never earlier than the last act of the ledger.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Says for whom the actor does the acts that follow.
    pub fn on_behalf_of(&mut self, whom: Option<String>) {
        self.on_behalf_of = whom;
    }

    /// The database: for reading facts from books, and for rows of ordinary tables that belong to the same command.
    pub fn sql(&mut self) -> &mut dyn Sql {
        self.sql
    }

    /// An act as it stands in this transaction.
    ///
    /// # Errors
    /// `Unknown`, or that it cannot be read.
    pub fn act(&mut self, number: i64) -> Result<Act> {
        tables::act(self.sql, number)
    }

    /// A new id for a matter, ordered by time (UUIDv7).
    ///
    /// # Errors
    /// When there are no random bytes.
    pub fn new_id(&self) -> Result<Uuid> {
        let mut bytes = [0; 10];
        self.core.random.fill(&mut bytes).map_err(Error::Random)?;
        Ok(id_at(self.now, bytes))
    }

    /// The matter as it stands, this command's own acts included; `Default` if it has no act yet.
    ///
    /// # Errors
    /// When an act cannot be read or folded.
    pub fn load<M: Matter>(&mut self, key: &MatterKey) -> Result<M> {
        let acts = tables::acts_of(self.sql, key)?;
        self.sequences.insert(key.clone(), acts.last().map_or(0, |act| act.header.sequence));
        fold(key, &acts)
    }

    /// The next number of a series, from 1 and without a hole: a command that fails gives its number back. The header of the
    /// act that this command appends next bears it.
    ///
    /// # Errors
    /// When the counter cannot be read or written.
    pub fn next_number(&mut self, series: &str) -> Result<i64> {
        let raise = "insert into counters (series, value) values ($1, 1)
                     on conflict (series) do update set value = counters.value + 1 returning value";
        let row = self.sql.query_one(raise, &[series.into()])?;
        let value = row.ok_or_else(|| Error::Record("a counter gave no value".into()))?.get(0)?;
        self.moved.insert(series.to_owned(), value);
        Ok(value)
    }

    /// Sees to it that the next number of a series is greater than `floor`: for numbers taken over from a register. If that
    /// moves the counter, the act that this command appends next bears it.
    ///
    /// # Errors
    /// When the counter cannot be written.
    pub fn raise_number(&mut self, series: &str, floor: i64) -> Result<()> {
        let raise = "insert into counters (series, value) values ($1, $2) on conflict (series) do update
                     set value = $2 where counters.value < $2";
        if self.sql.execute(raise, &[series.into(), floor.into()])? > 0 {
            self.moved.insert(series.to_owned(), floor);
        }
        Ok(())
    }

    /// Records an act and folds it into every book.
    ///
    /// # Errors
    /// `ReasonMissing` and `Fraction` before anything is done. After any other error the command cannot succeed.
    pub fn append<B: Body>(&mut self, draft: Draft<'_, B>) -> Result<Recorded> {
        if self.spoiled {
            return Err(Error::Spoiled);
        }
        let effective = self.effective(draft.effective, draft.reason.as_deref())?;
        let body = encode(draft.body)?;
        self.spoiled = true;
        let (header, salt) = self.header(draft, effective, &body)?;
        self.store(&header, &salt, &body)?;
        let act = Act { header, body: Some(body) };
        self.fold(&act)?;
        self.spoiled = false;
        let recorded = Recorded { number: act.header.number, id: act.header.id, recorded: self.now };
        self.recorded.push(act.header);
        Ok(recorded)
    }

    /// Ends the command and lays down what it did.
    pub(crate) fn finish(mut self) -> Result<()> {
        if self.spoiled {
            return Err(Error::Spoiled);
        }
        if let Some((series, _)) = self.moved.pop_first() {
            return Err(Error::Unborne(series));
        }
        if !self.recorded.is_empty() {
            self.core.propose(self.head, self.recorded);
        }
        Ok(())
    }

    pub(crate) fn core(&self) -> &'a Core {
        self.core
    }

    /// Whatever fails from here on must not be recorded in part.
    pub(crate) fn all_or_nothing(&mut self, work: impl FnOnce(&mut dyn Sql) -> Result<()>) -> Result<()> {
        let before = mem::replace(&mut self.spoiled, true);
        work(self.sql)?;
        self.spoiled = before;
        Ok(())
    }

    fn effective(&self, wanted: Option<Timestamp>, reason: Option<&str>) -> Result<Timestamp> {
        let effective = wanted.map_or(self.now, whole_microseconds);
        if effective < self.now && reason.is_none_or(|reason| reason.trim().is_empty()) {
            return Err(Error::ReasonMissing);
        }
        Ok(effective)
    }

    fn header<B: Body>(
        &mut self,
        draft: Draft<'_, B>,
        effective: Timestamp,
        body: &[u8],
    ) -> Result<(Header, [u8; SALT])> {
        let mut random = [0; SALT + 10];
        self.core.random.fill(&mut random).map_err(Error::Random)?;
        let (salt, rest) = random.split_first_chunk::<SALT>().ok_or(Error::Spoiled)?;
        let unique = <[u8; 10]>::try_from(rest).map_err(|_| Error::Spoiled)?;
        let header = Header {
            version: VERSION,
            ledger: self.core.name.clone(),
            number: self.head.size() + 1,
            id: id_at(self.now, unique),
            kind: draft.body.kind().to_owned(),
            matter: draft.matter.clone(),
            sequence: self.next_sequence(draft.matter)?,
            actor: self.actor.clone(),
            on_behalf_of: self.on_behalf_of.clone(),
            recorded: self.now,
            clock_behind: self.clock_behind,
            effective,
            reason: draft.reason,
            basis: draft.basis,
            commitment: commitment(salt, body),
            numbers: mem::take(&mut self.moved),
        };
        Ok((header, *salt))
    }

    fn next_sequence(&mut self, matter: &MatterKey) -> Result<i64> {
        let last = match self.sequences.get(matter) {
            Some(last) => *last,
            None => tables::last_sequence(self.sql, matter)?,
        };
        self.sequences.insert(matter.clone(), last + 1);
        Ok(last + 1)
    }

    fn store(&mut self, header: &Header, salt: &[u8], body: &[u8]) -> Result<()> {
        let leaf = header.encode()?;
        let hash = leaf_hash(&leaf);
        tables::insert_act(self.sql, header, &leaf, hash)?;
        tables::insert_body(self.sql, header.number, salt, body)?;
        self.grow(hash)?;
        self.head.recorded = self.now;
        Ok(())
    }

    /// Joins a leaf to the tree and stores the tops of the tiles that it fills.
    fn grow(&mut self, leaf: [u8; 32]) -> Result<()> {
        let mut tops: Vec<Closed> = Vec::new();
        self.head.frontier.append(leaf, |closed| {
            if closed.level % HEIGHT == 0 {
                tops.push(closed);
            }
        });
        tops.iter().try_for_each(|top| tables::insert_node(self.sql, top))
    }

    fn fold(&mut self, act: &Act) -> Result<()> {
        for book in &self.core.books {
            let number = act.header.number;
            book.fold(self.sql, act).map_err(|source| Error::Book { book: book.name(), number, source })?;
        }
        Ok(())
    }
}

/// Folds acts into their matter.
pub(crate) fn fold<M: Matter>(key: &MatterKey, acts: &[Act]) -> Result<M> {
    let mut matter = M::default();
    for act in acts {
        let failed = |source| Error::Fold { matter: key.to_string(), number: act.header.number, source };
        matter.fold(act).map_err(failed)?;
    }
    Ok(matter)
}

fn encode<B: Body>(body: &B) -> Result<Vec<u8>> {
    let kind = body.kind();
    let json = serde_json::to_vec(body).map_err(|source| Error::Body { kind, source })?;
    if has_fraction(&json) { Err(Error::Fraction { kind }) } else { Ok(json) }
}

/// The time to record, and by how many microseconds the clock stood behind the last act.
fn never_backwards(clock: Timestamp, last: Timestamp) -> (Timestamp, Option<i64>) {
    let now = whole_microseconds(clock);
    if now >= last {
        return (now, None);
    }
    let behind = last.as_microsecond() - now.as_microsecond();
    tracing::warn!(behind, "the clock stands behind the last act by so many microseconds");
    (last, Some(behind))
}

/// Storage keeps microseconds; what is compared and what is stored must be the same instant.
fn whole_microseconds(time: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(time.as_microsecond()).unwrap_or(time)
}

fn id_at(time: Timestamp, random: [u8; 10]) -> Uuid {
    Builder::from_unix_timestamp_millis(time.as_millisecond().max(0).cast_unsigned(), &random).into_uuid()
}
