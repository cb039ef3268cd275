//! Many writers at once: nobody gets a place twice, no number is missing, and what failed leaves no trace.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::collections::BTreeSet;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use common::{
    Answer, GridAct, all_is_well, for_each_engine, grant, grant_to, grid, noon, officer, open, open_grid,
};
use jiff::SignedDuration;
use ledger::{Draft, Error, Ledger};
use proptest::prelude::*;
use store::testing::limit_pages;
use store::{Settings, Store};

const WRITERS: usize = 64;

/// What 64 officers get who all ask at the same moment.
fn all_at_once(ledger: &Ledger, grid: &ledger::MatterKey) -> Vec<Result<i64, Answer>> {
    let ask = |officer: usize| move || grant_to(ledger, grid, &format!("shop {officer}"));
    thread::scope(|scope| {
        let asking: Vec<_> = (0..WRITERS).map(|officer| scope.spawn(ask(officer))).collect();
        asking.into_iter().map(|officer| officer.join().unwrap()).collect()
    })
}

#[test]
fn of_64_grants_for_the_last_place_one_succeeds() {
    for_each_engine(|store| {
        let (ledger, _) = open(&store);
        open_grid(&ledger, &grid(1), 1);
        let answers = all_at_once(&ledger, &grid(1));
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
        assert!(answers.iter().all(|answer| matches!(answer, Ok(1) | Err(Answer::Full))), "{answers:?}");
        assert_eq!(all_is_well(&store), 2);
        assert_eq!(ledger.load::<common::Grid>(&grid(1)).unwrap().granted, 1);
    });
}

#[test]
fn sixty_four_grants_for_free_places_get_64_numbers_without_a_hole() {
    for_each_engine(|store| {
        let (ledger, _) = open(&store);
        open_grid(&ledger, &grid(1), 100);
        let answers = all_at_once(&ledger, &grid(1));
        let serials: BTreeSet<i64> = answers.into_iter().map(Result::unwrap).collect();
        assert_eq!(serials, (1..=WRITERS as i64).collect());
        assert_eq!(all_is_well(&store), 1 + WRITERS as i64);
        let sequences: Vec<i64> =
            ledger.timeline(&grid(1)).unwrap().iter().map(|act| act.header.sequence).collect();
        assert_eq!(sequences, (1..=1 + WRITERS as i64).collect::<Vec<_>>());
    });
}

/// Holds the writer in a command that records nothing until 64 officers wait behind it, so that all share one commit.
fn in_one_group(store: &Store, ledger: &Ledger, grid: &ledger::MatterKey) {
    let (open, gate) = channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || store.write(move |_| gate.recv().map_err(|_| store::Error::Closed)).unwrap());
        wait_until_waiting(store, 1);
        let asking = scope.spawn(|| all_at_once(ledger, grid));
        wait_until_waiting(store, 1 + WRITERS as u64);
        // A caller is counted just before he queues; give the last one that moment.
        thread::sleep(Duration::from_millis(50));
        open.send(()).unwrap();
        assert!(asking.join().unwrap().iter().all(Result::is_ok));
    });
}

fn wait_until_waiting(store: &Store, callers: u64) {
    while store.figures().waiting < callers {
        thread::yield_now();
    }
}

#[test]
fn commands_of_one_commit_group_share_one_checkpoint_over_all_of_them() {
    for_each_engine(|store| {
        let (ledger, _) = open(&store);
        open_grid(&ledger, &grid(1), 100);
        let checkpoints = || ledger::verify(&store, &common::verifiers()).unwrap().checkpoints;
        let before = checkpoints();
        in_one_group(&store, &ledger, &grid(1));
        assert_eq!(checkpoints() - before, 1, "one checkpoint for 64 commands");
        assert_eq!(ledger.checkpoint().unwrap().head().size, 1 + WRITERS as u64);
        assert_eq!(all_is_well(&store), 1 + WRITERS as i64);
    });
}

#[test]
fn listeners_hear_of_acts_once_they_are_durable_and_of_no_others() {
    for_each_engine(|store| {
        let (ledger, _) = open(&store);
        let mut news = ledger.subscribe();
        open_grid(&ledger, &grid(1), 1);
        grant_to(&ledger, &grid(1), "first").unwrap();
        grant_to(&ledger, &grid(1), "second").unwrap_err();
        let mut heard = Vec::new();
        while let Ok(group) = news.try_recv() {
            heard.extend(group.iter().map(|header| (header.number, header.kind.clone())));
        }
        assert_eq!(heard, [(1, "grid.opened".to_owned()), (2, "grid.granted".to_owned())]);
        assert_eq!(ledger.act(2).unwrap().header.actor, officer());
    });
}

#[test]
fn recorded_never_runs_backwards_and_says_so() {
    for_each_engine(|store| {
        let (ledger, clock) = open(&store);
        open_grid(&ledger, &grid(1), 9);
        clock.set(noon() - SignedDuration::from_secs(60));
        assert_eq!(ledger.clock_behind(), Some(noon()));
        grant_to(&ledger, &grid(1), "during").unwrap();
        clock.set(noon() + SignedDuration::from_secs(1));
        assert_eq!(ledger.clock_behind(), None);
        grant_to(&ledger, &grid(1), "after").unwrap();
        let acts = ledger.timeline(&grid(1)).unwrap();
        let times: Vec<_> = acts.iter().map(|act| (act.header.recorded, act.header.clock_behind)).collect();
        let later = noon() + SignedDuration::from_secs(1);
        assert_eq!(open(&store).0.clock_behind(), Some(later), "told from the start");
        assert_eq!(times, [(noon(), None), (noon(), Some(60_000_000)), (later, None)]);
        all_is_well(&store);
    });
}

#[test]
fn what_takes_effect_earlier_than_recorded_needs_a_reason() {
    for_each_engine(|store| {
        let (ledger, _) = open(&store);
        let yesterday = noon() - SignedDuration::from_hours(24);
        let backdate = |reason: Option<&'static str>| {
            ledger.write(officer(), move |writing| {
                let body = GridAct::Opened { places: 3 };
                let grid = grid(if reason.is_some() { 2 } else { 1 });
                let mut draft = Draft::new(&grid, &body).effective(yesterday);
                draft.reason = reason.map(str::to_owned);
                writing.append(draft)
            })
        };
        assert!(matches!(backdate(None), Err(Error::ReasonMissing)));
        assert!(matches!(backdate(Some("  ")), Err(Error::ReasonMissing)));
        let recorded = backdate(Some("窗口停电补录")).unwrap();
        let header = ledger.act(recorded.number).unwrap().header;
        assert_eq!((header.number, header.effective, header.recorded), (1, yesterday, noon()));
    });
}

#[test]
fn numbers_of_a_series_go_on_from_a_register() {
    for_each_engine(|store| {
        let (ledger, _) = open(&store);
        let numbers = ledger.write(officer(), |writing| {
            let first = writing.next_number("licence")?;
            writing.raise_number("licence", 2600)?;
            writing.raise_number("licence", 7)?;
            let numbers = (first, writing.next_number("licence")?, writing.next_number("notice")?);
            writing.append(Draft::new(&grid(1), &GridAct::Opened { places: 2 }))?;
            Ok::<_, Error>(numbers)
        });
        assert_eq!(numbers.unwrap(), (1, 2601, 1));
        let borne = [("licence".to_owned(), 2601), ("notice".to_owned(), 1)];
        assert_eq!(ledger.act(1).unwrap().header.numbers, borne.into());
    });
}

#[test]
fn a_number_that_no_act_would_bear_is_not_given_out() {
    for_each_engine(|store| {
        let (ledger, _) = open(&store);
        open_grid(&ledger, &grid(1), 2);
        let drawn = ledger.write(officer(), |writing| writing.next_number("licence"));
        assert!(matches!(drawn, Err(Error::Unborne(series)) if series == "licence"));
        let raised = ledger.write(officer(), |writing| writing.raise_number("licence", 7));
        assert!(matches!(raised, Err(Error::Unborne(_))));
        assert_eq!(grant_to(&ledger, &grid(1), "a shop").unwrap(), 1);
        let idle = ledger.write(officer(), |writing| writing.raise_number("licence", 1));
        assert!(idle.is_ok(), "it moves nothing, so there is nothing to bear");
        all_is_well(&store);
    });
}

#[test]
fn a_ledger_is_opened_again_where_it_ended_and_by_nobody_else() {
    for_each_engine(|store| {
        let (ledger, _) = open(&store);
        open_grid(&ledger, &grid(1), 9);
        let (again, _) = open(&store);
        assert_eq!(grant_to(&again, &grid(1), "later").unwrap(), 1);
        assert_eq!(all_is_well(&store), 2);
        let stranger = |name: &str, seed| ledger::Options {
            name: name.into(),
            key: ledger::SigningKey::from_seed([seed; 32]),
            clock: std::sync::Arc::new(ledger::SystemClock),
            books: common::books(),
        };
        assert!(Ledger::open(store.clone(), stranger("qingpu.comity.example", 42)).is_err());
        assert!(Ledger::open(store.clone(), stranger(common::NAME, 41)).is_err());
        assert!(Ledger::open(store.clone(), stranger("two words", 42)).is_err());
    });
}

#[test]
fn a_full_file_refuses_acts_clearly_and_takes_them_again_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&Settings::Sqlite { file: folder.path().join("node.db") }).unwrap();
    let (ledger, _) = open(&store);
    open_grid(&ledger, &grid(1), 1_000_000);

    // It cannot be made smaller than it is: from now on it may not grow.
    limit_pages(&store, 1);
    let granted: Vec<i64> = (0..10_000).map_while(|_| grant_long(&ledger).ok()).collect();
    assert!(granted.len() < 10_000, "the file is full");
    assert!(is_full(&grant_long(&ledger).unwrap_err()));
    assert_eq!(all_is_well(&store), 1 + granted.len() as i64, "what was granted stands, and nothing else");

    let answers = many_long_at_once(&ledger);
    assert!(answers.iter().all(|answer| answer.as_ref().err().is_some_and(is_full)), "{answers:?}");
    assert_eq!(all_is_well(&store), 1 + granted.len() as i64);

    limit_pages(&store, u32::MAX - 1);
    let mut serials: Vec<i64> = many_long_at_once(&ledger).into_iter().map(Result::unwrap).collect();
    serials.sort_unstable();
    let next = granted.len() as i64 + 1;
    assert_eq!(serials, (next..next + serials.len() as i64).collect::<Vec<_>>(), "no number was used up");
    assert_eq!(all_is_well(&store), 1 + (granted.len() + serials.len()) as i64);
}

/// A body as long as a page, so that none fits in what is left.
fn grant_long(ledger: &Ledger) -> Result<i64, Answer> {
    grant_to(ledger, &grid(1), &"商".repeat(4096))
}

fn many_long_at_once(ledger: &Ledger) -> Vec<Result<i64, Answer>> {
    thread::scope(|scope| {
        let asking: Vec<_> = (0..16).map(|_| scope.spawn(|| grant_long(ledger))).collect();
        asking.into_iter().map(|officer| officer.join().unwrap()).collect()
    })
}

/// Whoever found the file full, the ledger or a book, says so.
fn is_full(error: &Answer) -> bool {
    error.to_string().contains("there is no room left for the database")
}

/// One thing a command may do, well or badly.
#[derive(Debug, Clone)]
enum Deed {
    Open,
    Grant,
    GrantThree,
    GrantThenWithdraw,
    NumberThenWithdraw,
    FoldFails,
    FoldFailsAndIsIgnored,
    StatementFailsAndIsIgnored,
    NoReason,
    Panic,
}

fn deeds() -> impl Strategy<Value = Vec<(Deed, u128)>> {
    use Deed::*;
    let deed = prop::sample::select(vec![
        Open,
        Grant,
        Grant,
        GrantThree,
        GrantThenWithdraw,
        NumberThenWithdraw,
        FoldFails,
        FoldFailsAndIsIgnored,
        StatementFailsAndIsIgnored,
        NoReason,
        Panic,
    ]);
    prop::collection::vec((deed, 1..4u128), 1..40)
}

/// Does it, and tells how many acts the record must have gained.
fn perform(ledger: &Ledger, deed: &Deed, place: u128) -> i64 {
    let (deed, grid) = (deed.clone(), grid(place));
    let done = ledger.write(officer(), move |writing| {
        match deed {
            Deed::Open => {
                writing.append(Draft::new(&grid, &GridAct::Opened { places: 3 }))?;
            }
            Deed::Grant => {
                grant(writing, &grid, "a shop")?;
            }
            Deed::GrantThree => {
                for shop in ["one", "two", "three"] {
                    grant(writing, &grid, shop)?;
                }
                return Ok(3);
            }
            Deed::GrantThenWithdraw => {
                grant(writing, &grid, "nobody")?;
                return Err(Answer::Withdrawn);
            }
            Deed::NumberThenWithdraw => {
                writing.next_number("licence")?;
                return Err(Answer::Withdrawn);
            }
            Deed::FoldFails => {
                grant(writing, &grid, "stone")?;
            }
            Deed::FoldFailsAndIsIgnored => {
                if let Err(Answer::Full) = grant(writing, &grid, "stone") {
                    return Err(Answer::Full);
                }
            }
            Deed::StatementFailsAndIsIgnored => {
                grant(writing, &grid, "a shop")?;
                let ignored = writing.sql().execute("insert into no_such_table (x) values (1)", &[]);
                assert!(ignored.is_err());
            }
            Deed::NoReason => {
                let early = writing.now() - SignedDuration::from_secs(1);
                writing.append(Draft::new(&grid, &GridAct::Opened { places: 3 }).effective(early))?;
            }
            Deed::Panic => {
                grant(writing, &grid, "nobody")?;
                panic!("a programming fault, on purpose");
            }
        }
        Ok::<_, Answer>(1)
    });
    done.unwrap_or(0)
}

/// Serials that were given out, in the order of the record.
fn serials(ledger: &Ledger) -> Vec<i64> {
    let acts = ledger.acts_after(0, 10_000).unwrap();
    let serial = |act: &ledger::Act| match act.read::<GridAct>().unwrap() {
        Some(GridAct::Granted { serial, .. }) => Some(serial),
        _ => None,
    };
    acts.iter().filter_map(serial).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_fails_head_tree_and_books_stay_of_one_mind(deeds in deeds()) {
        for_each_engine(|store| {
            let (ledger, clock) = open(&store);
            let mut expected = 0;
            for (deed, place) in &deeds {
                clock.advance(SignedDuration::from_millis(7));
                // A failing command that ends in Ok must not count: the store or the ledger turns it down.
                expected += perform(&ledger, deed, *place);
                let size = ledger.checkpoint().map_or(0, |checkpoint| checkpoint.head().size.cast_signed());
                assert_eq!(size, expected, "after {deed:?}");
            }
            assert_eq!(all_is_well(&store), expected);
            let given = serials(&ledger);
            assert_eq!(given, (1..=given.len() as i64).collect::<Vec<_>>());
        });
    }
}
