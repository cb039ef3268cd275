//! Mutates the files of a corpus as fuzzers do, on the stable toolchain and from a seed; keeps what a target failed on.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

/// Pieces at which readers of text, numbers, archives and times have stumbled before.
const PIECES: [&[u8]; 24] = [
    b"\0",
    b"\n\n",
    b"\r",
    b"\"",
    b"'",
    b",",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"\x81\x30\x81\x30",
    b"-1",
    b"0",
    b"00",
    b"9223372036854775807",
    b"9223372036854775808",
    b"18446744073709551616",
    b"1e999",
    b"null",
    b"{",
    b"]",
    b"\\u0000",
    b"\xe2\x80\x94 ",
    b"PK\x05\x06",
    b"<!DOCTYPE a [<!ENTITY b \"c\">]>",
];

/// An input never grows beyond this.
const LONGEST: usize = 16 * 1024;

/// The folder of a target's corpus.
pub fn corpus(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(target)
}

/// Tries every file of the corpus, then so many mutants of them. What fails is written into the corpus.
pub fn fuzz(target: &str, tries: usize, run: impl Fn(&[u8])) {
    fuzz_with(target, seeds(&corpus(target)), tries, run);
}

/// The same with more seeds than those of the corpus.
pub fn fuzz_with(target: &str, seeds: Vec<Vec<u8>>, tries: usize, run: impl Fn(&[u8])) {
    seeds.iter().for_each(|seed| attempt(target, seed, &run));
    let long = std::env::var("COMITY_LONG").is_ok();
    let mut random = ChaCha8Rng::seed_from_u64(seed(long));
    for _ in 0..tries * if long { 40 } else { 1 } {
        let mut input = seeds[random.random_range(0..seeds.len())].clone();
        for _ in 0..random.random_range(1..=6) {
            mutate(&mut input, &seeds, &mut random);
            input.truncate(LONGEST);
        }
        attempt(target, &input, &run);
    }
}

/// The files of a folder.
pub fn seeds(folder: &Path) -> Vec<Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{} is empty", folder.display());
    files.iter().map(|file| std::fs::read(file).unwrap()).collect()
}

/// The same inputs each time, so that a failure is nobody's bad luck; the long form looks further each time.
fn seed(long: bool) -> u64 {
    let given = std::env::var("COMITY_SEED").ok().and_then(|text| text.parse().ok());
    let seed = given.unwrap_or_else(|| if long { drawn() } else { 7 });
    eprintln!("COMITY_SEED={seed}");
    seed
}

fn drawn() -> u64 {
    let mut bytes = [0; 8];
    ledger::Random::fill(&ledger::SystemRandom, &mut bytes).unwrap();
    u64::from_le_bytes(bytes)
}

fn attempt(target: &str, input: &[u8], run: &impl Fn(&[u8])) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| run(input))) {
        let file = corpus(target).join(format!("found-{}", &hex::encode(Sha256::digest(input))[..16]));
        std::fs::write(&file, input).unwrap();
        eprintln!("kept as {}", file.display());
        resume_unwind(panic);
    }
}

fn mutate(input: &mut Vec<u8>, seeds: &[Vec<u8>], random: &mut impl Rng) {
    let at = random.random_range(0..=input.len());
    let until = (at + random.random_range(0..32)).min(input.len());
    match random.random_range(0..8) {
        0 | 1 if at < input.len() => input[at] ^= 1 << random.random_range(0..8),
        2 if at < input.len() => input[at] = random.random_range(0..=255),
        3 => drop(input.drain(at..until)),
        4 => {
            let copied = input[at..until].to_vec();
            let to = random.random_range(0..=input.len());
            input.splice(to..to, copied.repeat(random.random_range(1..=8)));
        }
        5 => {
            let other = &seeds[random.random_range(0..seeds.len())];
            let from = random.random_range(0..=other.len());
            input.truncate(at);
            input.extend(&other[from..]);
        }
        6 => input.truncate(at),
        _ => {
            let piece = PIECES[random.random_range(0..PIECES.len())];
            input.splice(at..at, piece.iter().copied());
        }
    }
}
