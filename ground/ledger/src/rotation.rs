//! How the keys of a ledger follow one another. A new key is introduced by an act, and the checkpoint over that act bears
//! the lines of the old key and of the new one; from then on the new key signs. Where the old key is lost, the act says
//! openly that another takes its place.
//!
//! Which key must have signed a checkpoint hangs on the numbers of these acts and on no clock, so that what an old key
//! signed holds for ever.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use store::{Sql, Store};
use uuid::Uuid;

use crate::note::VerifierKey;
use crate::seal::Core;
use crate::{
    Actor, Body, Book, Checkpoint, Clock, Draft, Error, Header, Ledger, MatterKey, Options, Profile,
    Recorded, Result, SigningKey, SystemRandom, keys, tables, tree,
};

/// The kind of the act by which a key hands over to the next.
pub const INTRODUCED: &str = "key.introduced";

/// The kind of the act by which a key takes the place of a lost one.
pub const REPLACED: &str = "key.replaced";

/// The body of an act on the keys: the public halves of all suites of the new one. It is never erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case")]
pub enum KeyAct {
    Introduced { keys: Vec<String> },
    Replaced { keys: Vec<String> },
}

impl Body for KeyAct {
    fn kind(&self) -> &'static str {
        match self {
            KeyAct::Introduced { .. } => INTRODUCED,
            KeyAct::Replaced { .. } => REPLACED,
        }
    }
}

/// The one matter of all acts on the keys.
pub fn signing_keys() -> MatterKey {
    MatterKey::new("signing-key", Uuid::nil())
}

/// One change of keys, as the record tells it.
pub(crate) struct Change {
    pub number: i64,
    /// Whether the key before handed over; else it was lost.
    pub introduced: bool,
    /// The new keys, which sign from this act on.
    pub keys: Vec<VerifierKey>,
}

impl Change {
    /// All changes in the record, oldest first. An act that cannot be read changes nothing here; a walk over the record
    /// finds it.
    pub(crate) fn all(sql: &mut dyn Sql) -> Result<Vec<Change>> {
        let query = "select a.number, b.body from acts a join bodies b on b.number = a.number
                     where a.matter = $1 order by a.number";
        let rows = sql.query(query, &[signing_keys().as_str().into()])?;
        let mut changes = Vec::new();
        for row in rows {
            let (number, body): (i64, Vec<u8>) = (row.get(0)?, row.get(1)?);
            changes.extend(Change::read(number, &body));
        }
        Ok(changes)
    }

    fn read(number: i64, body: &[u8]) -> Option<Change> {
        let (introduced, keys) = match serde_json::from_slice(body).ok()? {
            KeyAct::Introduced { keys } => (true, keys),
            KeyAct::Replaced { keys } => (false, keys),
        };
        let keys = keys.iter().map(|key| Some(key.parse::<VerifierKey>().ok()?.starting(number)));
        Some(Change { number, introduced, keys: keys.collect::<Option<_>>()? })
    }
}

/// The key that signs, the one that is about to, and the public halves of both as far as this process must know them.
pub(crate) struct Signing {
    name: String,
    key: SigningKey,
    next: Option<SigningKey>,
    public: Vec<VerifierKey>,
}

impl Signing {
    pub(crate) fn new(name: &str, key: SigningKey) -> Signing {
        Signing { name: name.to_owned(), public: key.verifiers(name), key, next: None }
    }

    /// Goes by the record at the start: a rotation that a crash cut off is completed if its act was recorded, and is
    /// forgotten if it was not.
    pub(crate) fn start(&mut self, sql: &mut dyn Sql) -> Result<()> {
        let changes = Change::all(sql)?;
        let waiting = self.key.home().map(keys::waiting).transpose()?.flatten();
        if let (Some(home), Some(next)) = (self.key.home(), waiting) {
            match changes.last().filter(|change| keys::same(&change.keys, &next.verifiers(&self.name))) {
                Some(change) => {
                    keys::take_over(home, &change.keys)?;
                    self.key = next;
                }
                None => keys::forget_waiting(home)?,
            }
        }
        if !changes.is_empty() {
            self.public = changes.into_iter().flat_map(|change| change.keys).collect();
        }
        Ok(())
    }

    /// Goes by the record at the beginning of a commit group: a commit that was in doubt may have changed the key.
    pub(crate) fn begin(&mut self, sql: &mut dyn Sql) -> Result<()> {
        let Some(next) = &self.next else { return Ok(()) };
        let last = Change::all(sql)?.pop();
        match last.filter(|change| keys::same(&change.keys, &next.verifiers(&self.name))) {
            Some(change) => {
                self.adopt(change.number);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Signs a checkpoint over a commit group: with both keys if one of its acts introduces the next.
    pub(crate) fn sign(&self, head: tree::Head, acts: &[Header]) -> Result<Checkpoint> {
        let next = self.next.as_ref().filter(|_| introduction(acts).is_some());
        let keys: Vec<&SigningKey> = std::iter::once(&self.key).chain(next).collect();
        Checkpoint::sign_with(&self.name, head, &keys)
    }

    /// Takes the next key if one of these acts, which are durable now, introduced it.
    pub(crate) fn done(&mut self, acts: &[Header]) {
        if let Some(number) = introduction(acts) {
            self.adopt(number);
        }
    }

    pub(crate) fn key(&self) -> &SigningKey {
        &self.key
    }

    pub(crate) fn public(&self) -> &[VerifierKey] {
        &self.public
    }

    fn adopt(&mut self, number: i64) {
        if let Some(next) = self.next.take() {
            self.public.extend(next.verifiers(&self.name).into_iter().map(|key| key.starting(number)));
            self.key = next;
        }
    }
}

fn introduction(acts: &[Header]) -> Option<i64> {
    let introduces = |act: &&Header| act.kind == INTRODUCED && act.matter == signing_keys();
    acts.iter().find(introduces).map(|act| act.number)
}

impl Ledger {
    /// Introduces a new key of this profile, which signs from the next checkpoint on; nobody need stop working. A key that
    /// lies in no folder is changed in memory only.
    ///
    /// # Errors
    /// When the new key cannot be written beside the old one or its act cannot be recorded: the old key then signs on.
    /// Also when the new key signs already but could not be put in the old one's place: the next start does so.
    pub fn rotate(&self, actor: Actor, profile: Profile, reason: &str) -> Result<Recorded> {
        let core = self.core();
        let _alone = core.rotating();
        let home = core.signing().key.home().map(ToOwned::to_owned);
        let next = SigningKey::generate(profile, &*core.random)?.at_home(home.clone());
        if let Some(home) = &home {
            keys::lay_waiting(home, &next)?;
        }
        let body = KeyAct::Introduced { keys: texts(&next.verifiers(&core.name)) };
        core.signing().next = Some(next);
        let recorded = self.record_keys(actor, body, reason);
        match &recorded {
            Ok(recorded) => settle(home, &core, recorded)?,
            // Whether it was stored shows at the next commit group, or at the next start.
            Err(Error::Store(store::Error::Doubtful(_))) => {}
            Err(_) => {
                core.signing().next = None;
                home.as_deref().map(keys::forget_waiting).transpose()?;
            }
        }
        recorded
    }

    /// Gives a record whose signing key is lost a new one, and records that openly: no old key vouches for it, and `verify`
    /// says so ever after. The end of the record must still be one that the public keys in the folder signed.
    ///
    /// # Errors
    /// When the folder has a key, when its public keys did not sign the end of the record, or when files cannot be written.
    pub fn replace_key(store: Store, folder: &Path, options: Replacement) -> Result<Recorded> {
        let Replacement { profile, clock, books, reason } = options;
        let known = keys::public(folder)?;
        let name = known.first().map(|key| key.name().to_owned()).unwrap_or_default();
        if keys::is_here(folder) {
            return Err(Error::Key(format!("{} has its signing key: rotate it instead", folder.display())));
        }
        if let Some(change) = cut_off(&store, folder, &name)? {
            keys::take_over(folder, &change.keys)?;
            let header = store.read(|sql| tables::act(sql, change.number))?.header;
            return Ok(Recorded { number: header.number, id: header.id, recorded: header.recorded });
        }
        let key = SigningKey::generate(profile, &SystemRandom)?.at_home(Some(folder.to_owned()));
        keys::lay_waiting(folder, &key)?;
        let body = KeyAct::Replaced { keys: texts(&key.verifiers(&name)) };
        let ledger = Ledger::take_up(store, Options { name, key, clock, books }, &known)?;
        let recorded = ledger.record_keys(Actor::Command("key-replace".into()), body, &reason)?;
        let core = ledger.core();
        settle(Some(folder.to_owned()), &core, &recorded)?;
        Ok(recorded)
    }

    fn record_keys(&self, actor: Actor, body: KeyAct, reason: &str) -> Result<Recorded> {
        let reason = reason.to_owned();
        self.write(actor, move |writing| writing.append(Draft::new(&signing_keys(), &body).reason(&reason)))
    }
}

/// The change to the key that waits in the folder, if its act is recorded and a crash kept only the files from following.
fn cut_off(store: &Store, folder: &Path, name: &str) -> Result<Option<Change>> {
    let Some(waiting) = keys::waiting(folder)? else { return Ok(None) };
    let last = store.read(Change::all)?.pop();
    Ok(last.filter(|change| keys::same(&change.keys, &waiting.verifiers(name))))
}

/// With what a lost key is replaced.
pub struct Replacement {
    pub profile: Profile,
    pub clock: Arc<dyn Clock>,
    pub books: Vec<Box<dyn Book>>,
    /// What became of the old key; stands in the record.
    pub reason: String,
}

/// Puts the new key into the place of the old one, where files hold them.
fn settle(home: Option<PathBuf>, core: &Core, recorded: &Recorded) -> Result<()> {
    let Some(home) = home else { return Ok(()) };
    let new = core.signing().key.verifiers(&core.name).into_iter().map(|key| key.starting(recorded.number));
    keys::take_over(&home, &new.collect::<Vec<_>>())
}

fn texts(keys: &[VerifierKey]) -> Vec<String> {
    keys.iter().map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every record with a rotation depends on this form.
    #[test]
    fn every_act_ever_shipped_reads_and_writes_as_it_did() {
        for line in
            [r#"{"act":"introduced","keys":["a+b+c"]}"#, r#"{"act":"replaced","keys":["a+b+c","d+e+f"]}"#]
        {
            let act: KeyAct = serde_json::from_str(line).unwrap();
            assert_eq!(serde_json::to_string(&act).unwrap(), line);
        }
        assert_eq!(signing_keys().as_str(), "signing-key/00000000-0000-0000-0000-000000000000");
    }
}
