//! Commands share a commit and nothing else.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;

use store::testing::{for_each_engine, for_each_settings};
use store::{Error, Group, Result, Sql, Store};

#[test]
fn a_command_that_fails_leaves_its_neighbours_intact() {
    with_table(|store| {
        let before = store.figures();
        let results = in_one_group(
            &store,
            vec![
                Box::new(|sql| insert(sql, 1)),
                Box::new(|sql| insert(sql, 2).and(Err(refusal()))),
                Box::new(|sql| insert(sql, 3).and_then(|()| insert(sql, 1))),
                Box::new(|sql| insert(sql, 4).map(|()| panic!("a slip of the pen"))),
                Box::new(|sql| insert(sql, 5)),
            ],
        );
        assert_eq!(results[0], Ok(()));
        assert_eq!(results[1], Err(refusal()));
        assert!(matches!(results[2], Err(Error::Constraint { .. })), "{:?}", results[2]);
        assert_eq!(results[3], Err(Error::Panicked("a slip of the pen".to_owned())));
        assert_eq!(results[4], Ok(()));
        assert_eq!(numbers(&store), [0, 1, 5]);
        assert_eq!(store.figures().commits - before.commits, 1, "one commit for all");
    });
}

#[test]
fn a_command_that_hides_a_failed_statement_is_undone() {
    with_table(|store| {
        let result = store.write(|sql| {
            insert(sql, 1)?;
            let hidden = insert(sql, 1);
            assert!(hidden.is_err());
            assert_eq!(insert(sql, 2), hidden, "nothing more is done");
            Ok(())
        });
        assert!(matches!(result, Err(Error::Constraint { .. })), "{result:?}");
        assert_eq!(numbers(&store), [] as [i64; 0]);
    });
}

#[test]
fn sixty_four_writers_share_commits_and_lose_nothing() {
    for_each_settings(|settings| {
        let store = Store::open(&settings).unwrap();
        define(&store);
        let before = store.figures();
        thread::scope(|scope| {
            for writer in 0..64 {
                let store = &store;
                scope.spawn(move || {
                    for turn in 0..10 {
                        store.write(move |sql| insert(sql, writer * 10 + turn)).unwrap();
                    }
                });
            }
        });
        let after = store.figures();
        assert_eq!(after.commands - before.commands, 640);
        assert!(after.commits - before.commits < 320, "{after:?}");
        drop(store);
        let again = Store::open(&settings).unwrap();
        assert_eq!(numbers(&again), (0..640).collect::<Vec<_>>());
    });
}

#[test]
fn of_sixty_four_for_the_last_place_one_succeeds() {
    with_table(|store| {
        let won = thread::scope(|scope| {
            let writers = (0..64).map(|writer| {
                let store = &store;
                scope.spawn(move || store.write(move |sql| take_the_last_place(sql, writer)))
            });
            let writers: Vec<_> = writers.collect();
            writers.into_iter().map(|writer| writer.join().unwrap()).filter(Result::is_ok).count()
        });
        assert_eq!(won, 1);
        assert_eq!(numbers(&store).len(), 1);
    });
}

#[test]
fn hooks_stand_around_each_group() {
    with_table(|store| {
        let told = Arc::new(Mutex::new(Vec::new()));
        store.attach(Box::new(Diary::new("a", &told))).unwrap();
        store.attach(Box::new(Diary::new("b", &told))).unwrap();
        store.write(|sql| insert(sql, 1)).unwrap();
        assert_eq!(
            take(&told),
            [
                "a begins",
                "b begins",
                "a keeps",
                "b keeps",
                "a seals",
                "b seals",
                "a done true",
                "b done true"
            ]
        );
        assert_eq!(store.write(|_| Err::<(), _>(refusal())), Err(refusal()));
        assert_eq!(
            take(&told),
            ["a begins", "b begins", "a undoes", "b undoes", "a done false", "b done false"],
            "nothing to seal"
        );
        assert_eq!(numbers(&store), [1]);
    });
}

#[test]
fn a_group_that_cannot_be_sealed_is_told_to_all_its_commands() {
    with_table(|store| {
        let told = Arc::new(Mutex::new(Vec::new()));
        store.attach(Box::new(Diary { fails: true, ..Diary::new("a", &told) })).unwrap();
        let results = in_one_group(
            &store,
            vec![
                Box::new(|sql| insert(sql, 1)),
                Box::new(|_| Err(refusal())),
                Box::new(|sql| insert(sql, 2)),
            ],
        );
        for result in results {
            assert!(matches!(result, Err(Error::Group(_))), "{result:?}");
        }
        assert_eq!(take(&told).last().map(String::as_str), Some("a done false"));
        assert_eq!(numbers(&store), [] as [i64; 0]);
    });
}

#[test]
fn a_hook_that_panics_sinks_its_group_only() {
    struct Once(bool);
    impl Group for Once {
        fn begin(&mut self, _: &mut dyn Sql) -> Result<()> {
            Ok(())
        }
        fn seal(&mut self, _: &mut dyn Sql) -> Result<()> {
            assert!(std::mem::replace(&mut self.0, true), "the first time");
            Ok(())
        }
        fn done(&mut self, _: bool) {}
    }
    with_table(|store| {
        store.attach(Box::new(Once(false))).unwrap();
        assert!(matches!(store.write(|sql| insert(sql, 1)), Err(Error::Group(_))));
        assert_eq!(store.write(|sql| insert(sql, 2)), Ok(()));
        assert_eq!(numbers(&store), [2]);
    });
}

#[test]
fn a_command_does_not_wait_for_itself() {
    with_table(|store| {
        let inner = store.clone();
        let result = store.write(move |_| inner.write(|sql| insert(sql, 1)));
        assert_eq!(result, Err(Error::Nested));
    });
}

#[test]
fn the_last_clone_may_end_inside_a_command() {
    for_each_settings(|settings| {
        let store = Store::open(&settings).unwrap();
        define(&store);
        let (open, gate) = channel();
        let inside = store.clone();
        let caller = thread::spawn(move || {
            let own = inside.clone();
            inside.write(move |sql| {
                insert(sql, 1)?;
                gate.recv().map_err(|_| refusal())?;
                drop(own);
                Ok::<_, Error>(())
            })
        });
        drop(store);
        open.send(()).unwrap();
        assert_eq!(caller.join().unwrap(), Ok(()));
        assert_eq!(numbers(&Store::open(&settings).unwrap()), [1]);
    });
}

type Work = Box<dyn FnOnce(&mut dyn Sql) -> Result<()> + Send>;

/// Holds the writer in a first command until the others are queued, in their order, so that all share one commit.
fn in_one_group(store: &Store, commands: Vec<Work>) -> Vec<Result<()>> {
    let (open, gate) = channel();
    thread::scope(|scope| {
        scope.spawn(move || {
            store.write(move |sql| gate.recv().map_err(|_| refusal()).and_then(|()| insert(sql, 0)))
        });
        wait_until_waiting(store, 1);
        let queued = (2..).zip(commands).map(|(place, command)| {
            let thread = scope.spawn(move || store.write(command));
            wait_until_waiting(store, place);
            thread
        });
        let queued: Vec<_> = queued.collect();
        // A caller is counted just before he queues; give the last one that moment.
        thread::sleep(std::time::Duration::from_millis(50));
        open.send(()).unwrap();
        queued.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

fn wait_until_waiting(store: &Store, callers: u64) {
    while store.figures().waiting < callers {
        thread::yield_now();
    }
}

/// Writes down when it is called.
struct Diary {
    name: &'static str,
    told: Arc<Mutex<Vec<String>>>,
    fails: bool,
}

impl Diary {
    fn new(name: &'static str, told: &Arc<Mutex<Vec<String>>>) -> Diary {
        Diary { name, told: Arc::clone(told), fails: false }
    }

    fn tell(&self, what: &str) {
        self.told.lock().unwrap().push(format!("{} {what}", self.name));
    }
}

impl Group for Diary {
    fn begin(&mut self, sql: &mut dyn Sql) -> Result<()> {
        self.tell("begins");
        sql.query("SELECT number FROM paper", &[]).map(|_| ())
    }

    fn command(&mut self, kept: bool) {
        self.tell(if kept { "keeps" } else { "undoes" });
    }

    fn seal(&mut self, _: &mut dyn Sql) -> Result<()> {
        self.tell("seals");
        if self.fails { Err(refusal()) } else { Ok(()) }
    }

    fn done(&mut self, committed: bool) {
        self.tell(&format!("done {committed}"));
    }
}

fn take(told: &Mutex<Vec<String>>) -> Vec<String> {
    std::mem::take(&mut told.lock().unwrap())
}

fn with_table(story: impl Fn(Store)) {
    for_each_engine(|store| {
        define(&store);
        story(store);
    });
}

fn define(store: &Store) {
    store.write(|sql| sql.define("CREATE TABLE paper (number INT64 PRIMARY KEY)")).unwrap();
}

fn insert(sql: &mut dyn Sql, number: i64) -> Result<()> {
    sql.execute("INSERT INTO paper (number) VALUES ($1)", &[number.into()]).map(|_| ())
}

fn take_the_last_place(sql: &mut dyn Sql, number: i64) -> Result<()> {
    match sql.query_one("SELECT number FROM paper", &[])? {
        Some(_) => Err(refusal()),
        None => insert(sql, number),
    }
}

fn numbers(store: &Store) -> Vec<i64> {
    let rows = store.read(|sql| sql.query("SELECT number FROM paper ORDER BY number", &[])).unwrap();
    rows.iter().map(|row| row.get(0).unwrap()).collect()
}

/// Any error that the store itself would not give here.
fn refusal() -> Error {
    Error::Closed
}
