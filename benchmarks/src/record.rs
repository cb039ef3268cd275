//! How the record behaves as it grows: proofs, verification, the folding of books, bytes and memory.

mod notes;

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use clap::{Parser, Subcommand};
use ledger::{Act, Book, Ledger, MatterKey, VerifierKey};
use store::Sql;

use notes::{ACTS_OF_A_MATTER, Note, append, open};

/// The allocator of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Makes a record of each size and measures it; the lines are fit for a plot.
    Grow {
        /// Numbers of acts, rising.
        #[arg(long, value_delimiter = ',', default_value = "10000,31623,100000,316228,1000000")]
        sizes: Vec<i64>,
    },
    /// Adds acts of a kind that no book knows to the record of a node at rest, up to a number of acts.
    Fill {
        #[arg(long)]
        data: std::path::PathBuf,
        #[arg(long)]
        acts: i64,
    },
}

/// A row for each act and a row for each matter, as the books of the licence path have them.
struct Notes;

impl Book for Notes {
    fn name(&self) -> &'static str {
        "notes"
    }

    fn version(&self) -> i64 {
        1
    }

    fn tables(&self) -> &'static [&'static str] {
        &["note_matters", "notes"]
    }

    fn definition(&self) -> &'static str {
        "create table note_matters (matter TEXT primary key, acts INT64 not null, last TEXT not null);
         create table notes (number INT64 primary key, matter TEXT not null, length INT64 not null)"
    }

    fn fold(&self, sql: &mut dyn Sql, act: &Act) -> anyhow::Result<()> {
        let Some(note) = act.read::<Note>()? else { return Ok(()) };
        let matter = act.header.matter.as_str();
        let length = i64::try_from(note.text.len())?;
        let insert = "insert into notes (number, matter, length) values ($1, $2, $3)";
        sql.execute(insert, &[act.header.number.into(), matter.into(), length.into()])?;
        let count = "insert into note_matters (matter, acts, last) values ($1, 1, $2)
                     on conflict (matter) do update set acts = note_matters.acts + 1, last = $2";
        sql.execute(count, &[matter.into(), note.text.into()])?;
        Ok(())
    }
}

fn main() -> Result<()> {
    match Arguments::parse().what {
        What::Grow { sizes } => grow(&sizes),
        What::Fill { data, acts } => fill(&data, acts),
    }
}

/// One record grows from size to size, as a node's does.
fn grow(sizes: &[i64]) -> Result<()> {
    println!(
        "acts\tproof p50 us\tproof p99 us\tverify acts/s\tverify books acts/s\trebuild acts/s\tbytes/act"
    );
    let folder = tempfile::tempdir()?;
    let (ledger, key) = open(folder.path(), "benchmark.example", vec![Box::new(Notes)])?;
    for &size in sizes {
        extend(&ledger, size)?;
        let (half, most) = proofs(&ledger, &key, size)?;
        let verified = rate(size, || {
            let report = ledger::verify(ledger.store(), std::slice::from_ref(&key))?;
            ensure!(report.fault.is_none() && report.acts == size, "the record does not hold: {report:?}");
            Ok(())
        })?;
        let compared = rate(size, || {
            let report = ledger::verify_books(ledger.store(), vec![Box::new(Notes)])?;
            ensure!(report.differing.is_empty(), "the books differ: {report:?}");
            Ok(())
        })?;
        let rebuilt = rate(size, || {
            ensure!(ledger::rebuild(&ledger)?.changed.is_empty(), "the rebuilt books differ");
            Ok(())
        })?;
        let bytes = std::fs::metadata(folder.path().join("comity.sqlite"))?.len() / size.cast_unsigned();
        println!("{size}\t{half:.0}\t{most:.0}\t{verified:.0}\t{compared:.0}\t{rebuilt:.0}\t{bytes}");
    }
    Ok(())
}

fn fill(data: &Path, acts: i64) -> Result<()> {
    let keys = ledger::keys::public(data)?;
    let name = keys.first().context("the folder names no public key")?.name();
    let (ledger, _) = open(data, name, Vec::new())?;
    extend(&ledger, acts)
}

/// Appends until the record has `size` acts, as many in one command as the node takes into one commit.
fn extend(ledger: &Ledger, size: i64) -> Result<()> {
    loop {
        let missing = size - size_of(ledger)?;
        if missing <= 0 {
            return Ok(());
        }
        let acts = usize::try_from(missing)?.min(256);
        ledger.write(ledger::Actor::Node, move |writing| -> Result<(), ledger::Error> {
            for matter in 0..acts.div_ceil(ACTS_OF_A_MATTER) {
                let key = MatterKey::new("note", writing.new_id()?);
                for _ in matter * ACTS_OF_A_MATTER..acts.min((matter + 1) * ACTS_OF_A_MATTER) {
                    append(writing, &key, 560)?;
                }
            }
            Ok(())
        })?;
    }
}

fn size_of(ledger: &Ledger) -> Result<i64> {
    match ledger.checkpoint() {
        Ok(checkpoint) => Ok(checkpoint.head().size.cast_signed()),
        Err(ledger::Error::Empty) => Ok(0),
        Err(error) => Err(error.into()),
    }
}

/// Microseconds to make a proof, median and 99th percentile; each is checked outside of the time.
fn proofs(ledger: &Ledger, key: &VerifierKey, size: i64) -> Result<(f64, f64)> {
    const PROOFS: i64 = 1000;
    let mut delays = Vec::new();
    for index in 0..PROOFS {
        // A step that shares no factor with the sizes spreads the acts over the record.
        let number = 1 + index * 7_368_787 % size;
        let before = Instant::now();
        let proof = ledger.proof(number)?;
        delays.push(before.elapsed().as_secs_f64() * 1e6);
        proof.verify(std::slice::from_ref(key)).context("a proof does not hold")?;
    }
    delays.sort_by(f64::total_cmp);
    Ok((delays[delays.len() / 2], delays[delays.len() * 99 / 100]))
}

fn rate(acts: i64, work: impl FnOnce() -> Result<()>) -> Result<f64> {
    let started = Instant::now();
    work()?;
    Ok(acts as f64 / started.elapsed().as_secs_f64())
}
