//! A PostgreSQL server that goes away takes nothing with it silently.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;

use store::testing::{Schema, postgres_url};
use store::{Error, Result, Settings, Sql, Store};

#[test]
fn a_lost_connection_fails_its_group_and_is_made_anew() {
    let (store, schema) = started();
    let (inserted, inside) = channel();
    let (open, gate) = channel();
    let result = thread::scope(|scope| {
        let victim = scope.spawn(|| {
            store.write(move |sql| {
                insert(sql, 1)?;
                inserted.send(()).map_err(|_| Error::Closed)?;
                gate.recv().map_err(|_| Error::Closed)?;
                insert(sql, 2)
            })
        });
        inside.recv().unwrap();
        assert_eq!(terminate(&schema, "INSERT INTO paper%"), 1);
        open.send(()).unwrap();
        victim.join().unwrap()
    });
    assert!(matches!(result, Err(Error::Lost(_) | Error::Group(_))), "{result:?}");
    assert_eq!(store.write(|sql| insert(sql, 3)), Ok(()));
    assert_eq!(numbers(&store), Ok(vec![3]));
}

#[test]
fn a_commit_that_never_arrived_is_told_as_lost() {
    let (first, schema) = started();
    first.close();
    let direct = Store::open_to_read(&schema.settings()).unwrap();
    let wire = Wire::new();
    let store = Store::open(&wire.settings(&schema)).unwrap();
    wire.lose(Lost::Commit);
    let result = store.write(|sql| insert(sql, 1));
    assert!(matches!(result, Err(Error::Lost(_))), "{result:?}");
    assert_eq!(numbers(&direct), Ok(vec![]));
    assert_eq!(store.write(|sql| insert(sql, 1)), Ok(()), "it may be repeated");
}

#[test]
fn a_commit_whose_answer_is_lost_is_looked_up() {
    let (first, schema) = started();
    first.close();
    let direct = Store::open_to_read(&schema.settings()).unwrap();
    let wire = Wire::new();
    let store = Store::open(&wire.settings(&schema)).unwrap();
    wire.lose(Lost::Answer);
    assert_eq!(store.write(|sql| insert(sql, 1)), Ok(()), "the server had done it");
    assert_eq!(*wire.next.lock().unwrap(), None, "the answer was lost");
    assert_eq!(numbers(&direct), Ok(vec![1]));
}

#[test]
fn an_idle_connection_that_was_lost_is_not_noticed_by_anyone() {
    let (store, schema) = started();
    store.write(|sql| insert(sql, 1)).unwrap();
    assert_eq!(numbers(&store), Ok(vec![1]));
    assert!(terminate(&schema, "%") >= 2, "writer and reader");
    assert_eq!(store.write(|sql| insert(sql, 2)), Ok(()));
    assert_eq!(numbers(&store), Ok(vec![1, 2]));
}

#[test]
fn a_server_that_is_not_there_is_an_error_and_not_a_wait() {
    let settings =
        Settings::Postgres { url: "postgres://comity@127.0.0.1:1/comity".to_owned(), schema: "a".to_owned() };
    let Err(error) = Store::open(&settings) else { panic!("nobody listens on port 1") };
    assert!(matches!(error, Error::Open { .. }), "{error}");
}

#[test]
fn the_password_of_the_address_is_not_told() {
    let url = "postgres://comity:geheim@127.0.0.1:1/comity".to_owned();
    let Err(error) = Store::open(&Settings::Postgres { url, schema: "a".to_owned() }) else {
        panic!("no server")
    };
    assert!(!error.to_string().contains("geheim"), "{error}");
}

#[test]
fn the_lock_of_the_schema_is_taken_anew_with_the_connection() {
    let (store, schema) = started();
    assert!(terminate(&schema, "%") >= 1);
    assert_eq!(store.write(|sql| insert(sql, 1)), Ok(()));
    assert!(matches!(Store::open(&schema.settings()), Err(Error::InUse { .. })));
}

#[test]
fn a_store_that_lost_its_schema_to_another_process_writes_no_more() {
    let (late, schema) = started();
    assert!(terminate(&schema, "%") >= 1);
    let other = Store::open(&schema.settings()).unwrap();
    let refused = late.write(|sql| insert(sql, 1));
    assert!(matches!(&refused, Err(Error::Group(why)) if why.contains("another process")), "{refused:?}");
    assert_eq!(numbers(&other), Ok(vec![]));
}

/// What a wire loses next, together with the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lost {
    Commit,
    Answer,
}

/// A wire to the server that can break around a COMMIT.
struct Wire {
    port: u16,
    next: Arc<Mutex<Option<Lost>>>,
}

impl Wire {
    fn new() -> Wire {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let wire = Wire { port: listener.local_addr().unwrap().port(), next: Arc::default() };
        let next = Arc::clone(&wire.next);
        thread::spawn(move || {
            for client in listener.incoming() {
                let (client, next) = (client.unwrap(), Arc::clone(&next));
                thread::spawn(move || carry(client, &next));
            }
        });
        wire
    }

    fn settings(&self, schema: &Schema) -> Settings {
        let server: postgres::Config = postgres_url().parse().unwrap();
        let (user, database) = (server.get_user().unwrap(), server.get_dbname().unwrap());
        let url = format!("postgres://{user}@127.0.0.1:{}/{database}", self.port);
        Settings::Postgres { url, schema: schema.name().to_owned() }
    }

    fn lose(&self, what: Lost) {
        *self.next.lock().unwrap() = Some(what);
    }
}

/// Carries bytes both ways until one end closes or a COMMIT comes by that is to be lost.
fn carry(mut client: TcpStream, next: &Mutex<Option<Lost>>) {
    let server: postgres::Config = postgres_url().parse().unwrap();
    let mut server = TcpStream::connect(("127.0.0.1", server.get_ports()[0])).unwrap();
    let (answers, back) = (server.try_clone().unwrap(), client.try_clone().unwrap());
    let deaf = Arc::new(AtomicBool::new(false));
    let answering = {
        let deaf = Arc::clone(&deaf);
        thread::spawn(move || carry_back(answers, back, &deaf))
    };
    let mut buffer = [0; 4096];
    while let Ok(length @ 1..) = client.read(&mut buffer) {
        let commit = buffer[..length].windows(7).any(|word| word == b"COMMIT\0");
        match if commit { next.lock().unwrap().take() } else { None } {
            Some(Lost::Commit) => break,
            Some(Lost::Answer) => deaf.store(true, SeqCst),
            None => {}
        }
        if server.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    // The server may have closed first.
    let _ = server.shutdown(Shutdown::Both);
    answering.join().unwrap();
}

fn carry_back(mut answers: TcpStream, mut back: TcpStream, deaf: &AtomicBool) {
    let mut buffer = [0; 4096];
    while let Ok(length @ 1..) = answers.read(&mut buffer) {
        if deaf.load(SeqCst) || back.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    let _ = back.shutdown(Shutdown::Both);
}

fn started() -> (Store, Schema) {
    let schema = Schema::new();
    let store = Store::open(&schema.settings()).unwrap();
    store.write(|sql| sql.define("CREATE TABLE paper (number INT64 PRIMARY KEY)")).unwrap();
    (store, schema)
}

/// Cuts the connections of the schema's store whose last statement is like `last`; each store names them by its schema.
fn terminate(schema: &Schema, last: &str) -> i64 {
    let mut client = postgres::Client::connect(&postgres_url(), postgres::NoTls).unwrap();
    let sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = $1 AND query LIKE $2";
    client.query_one(sql, &[&format!("comity {}", schema.name()), &last]).unwrap().get(0)
}

fn insert(sql: &mut dyn Sql, number: i64) -> Result<()> {
    sql.execute("INSERT INTO paper (number) VALUES ($1)", &[number.into()]).map(|_| ())
}

fn numbers(store: &Store) -> Result<Vec<i64>> {
    let rows = store.read(|sql| sql.query("SELECT number FROM paper ORDER BY number", &[]))?;
    rows.iter().map(|row| row.get(0)).collect()
}
