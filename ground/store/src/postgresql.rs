//! PostgreSQL: how a node's schema is reached.

mod connection;
mod values;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ::postgres::error::SqlState;
use ::postgres::{Client, Config, NoTls};

use self::connection::PostgresConnection;
use crate::connection::Access;
use crate::digest::quoted;
use crate::store::Opened;
use crate::{Engine, Error, Result};

pub(crate) fn open(url: &str, schema: &str) -> Result<Opened> {
    let link = Arc::new(Link::new(url, schema)?);
    let mut client = link.connect("")?;
    if !schema_exists(&mut client, &link)? {
        let sql = format!("CREATE SCHEMA IF NOT EXISTS {}", quoted(schema));
        client.batch_execute(&sql).map_err(|error| link.cannot_open(&error))?;
    }
    refuse_forgetful(&mut client, &link)?;
    drop(client);
    let writer = PostgresConnection::connect(Arc::clone(&link), Access::Write)?;
    Ok(opened(Some(writer), link))
}

pub(crate) fn open_to_read(url: &str, schema: &str) -> Result<Opened> {
    let link = Arc::new(Link::new(url, schema)?);
    let mut client = link.connect("")?;
    if !schema_exists(&mut client, &link)? {
        return Err(link.cannot_open(&"there is no such schema"));
    }
    Ok(opened(None, link))
}

fn opened(writer: Option<PostgresConnection>, link: Arc<Link>) -> Opened {
    Opened {
        engine: Engine::Postgres,
        writer: writer.map(|writer| Box::new(writer) as _),
        reader: Box::new(move || Ok(Box::new(PostgresConnection::connect(Arc::clone(&link), Access::Read)?))),
        kept: Vec::new(),
    }
}

fn schema_exists(client: &mut Client, link: &Link) -> Result<bool> {
    let sql = "SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1";
    let rows = client.query(sql, &[&link.schema]).map_err(|error| link.cannot_open(&error))?;
    Ok(!rows.is_empty())
}

/// A server that does not wait for its disk would lose acts that were acknowledged, and perhaps all others with them.
fn refuse_forgetful(client: &mut Client, link: &Link) -> Result<()> {
    let sql = "SELECT current_setting('fsync')";
    let row = client.query_one(sql, &[]).map_err(|error| link.cannot_open(&error))?;
    match row.get(0) {
        "on" => Ok(()),
        _ => Err(link
            .cannot_open(&"its server runs with fsync = off and would not survive a power loss: set it on")),
    }
}

/// How to reach the schema, shared by all connections of a store.
struct Link {
    config: Config,
    schema: String,
    /// Counts changes of table definitions: a statement prepared before one may no longer fit.
    definitions: AtomicU64,
}

impl Link {
    fn new(url: &str, schema: &str) -> Result<Link> {
        let mut config: Config = url.parse().map_err(|error: ::postgres::Error| Error::Open {
            what: "the PostgreSQL address".to_owned(),
            why: values::why(&error),
        })?;
        if config.get_application_name().is_none() {
            config.application_name(format!("comity {schema}").as_str());
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(Duration::from_secs(10));
        }
        config.tcp_user_timeout(Duration::from_secs(30));
        let link = Link { config, schema: schema.to_owned(), definitions: AtomicU64::new(0) };
        let fits = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
        if schema.is_empty() || schema.len() > 63 || !schema.chars().all(fits) {
            return Err(link.cannot_open(&"a schema name has 1 to 63 of a-z, 0-9 and _"));
        }
        Ok(link)
    }

    fn connect(&self, settings: &str) -> Result<Client> {
        let mut client =
            self.config.connect(NoTls).map_err(|error| self.cannot_open(&values::why(&error)))?;
        client.batch_execute(settings).map_err(|error| self.cannot_open(&values::why(&error)))?;
        Ok(client)
    }

    /// A session on the schema; that of the writer holds the schema's lock as long as it lives.
    fn session(&self, access: Access) -> Result<Client> {
        let mut client = self.connect(&self.settings())?;
        if access == Access::Write {
            self.lock(&mut client)?;
        }
        Ok(client)
    }

    /// Two processes on one schema would each believe they write alone. The server drops the lock with the session; that
    /// of a process that has just died is waited for.
    fn lock(&self, client: &mut Client) -> Result<()> {
        let sql = format!(
            "SET lock_timeout TO '2s'; SELECT pg_advisory_lock(hashtextextended('comity {}', 0)); SET lock_timeout TO '30s'",
            self.schema
        );
        client.batch_execute(&sql).map_err(|error| match error.code() {
            Some(&SqlState::LOCK_NOT_AVAILABLE) => Error::InUse {
                what: format!("the PostgreSQL schema {}", self.schema),
                lock: "an advisory lock of its session on the server".to_owned(),
            },
            _ => self.cannot_open(&values::why(&error)),
        })
    }

    /// synchronous_commit is set because a server may have it off: a legal record survives power loss. A server
    /// notices within a minute that the machine of the node is gone, and drops its lock.
    fn settings(&self) -> String {
        format!(
            "SET search_path TO {}; SET synchronous_commit TO on; SET lock_timeout TO '30s'; SET TIME ZONE 'UTC';
             SET tcp_keepalives_idle TO 30; SET tcp_keepalives_interval TO 10; SET tcp_keepalives_count TO 3;
             SET client_min_messages TO warning; SET standard_conforming_strings TO on",
            quoted(&self.schema)
        )
    }

    fn definitions(&self) -> u64 {
        self.definitions.load(Ordering::Acquire)
    }

    fn redefined(&self) {
        self.definitions.fetch_add(1, Ordering::AcqRel);
    }

    /// Without the address, which may hold a password.
    fn cannot_open(&self, error: &dyn std::fmt::Display) -> Error {
        Error::Open { what: format!("the PostgreSQL schema {}", self.schema), why: error.to_string() }
    }
}
