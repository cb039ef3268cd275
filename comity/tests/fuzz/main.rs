//! Bytes from strangers: files to import, signed notes, proofs, and acts as they are stored. Whatever they are made of, the
//! node answers with a reason; it neither panics nor takes a changed text for a signed one. The corpus lies in
//! `tests/corpus`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "how far to look is said by the environment")]

mod mutation;

use ledger::{Act, Checkpoint, Header, Proof, VerifierKey};
use mutation::{corpus, fuzz, fuzz_with, seeds};
use site::ErasureAct;
use site::disclosures::Disclosure;
use site::officers::OfficerAct;
use supervision::licence::acts::{ApplicationAct, LicenceAct};
use supervision::licence::import::source::{Flow, Source};

/// Rows that a seed of the corpus may grow to by repeated pieces; far more than any mutation makes.
const MOST_ROWS: usize = 100_000;

fn keys() -> Vec<VerifierKey> {
    let file = corpus("").join("key.pub");
    vec![std::fs::read_to_string(file).unwrap().trim().parse().unwrap()]
}

#[test]
fn files_to_import() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    fuzz("imports", 12_000, |bytes| {
        std::fs::write(&path, bytes).unwrap();
        let Ok(source) = Source::open(&path) else { return };
        let mut rows = 0;
        // A row or a whole file may be refused; it is read to its end or to its fault.
        let _ = source.each_row(&mut |_| {
            rows += 1;
            Ok(Flow::On)
        });
        assert!(rows < MOST_ROWS, "{rows} rows");
    });
}

#[test]
fn signed_notes() {
    let keys = keys();
    let seed = std::fs::read_to_string(corpus("notes").join("checkpoint")).unwrap();
    let honest = Checkpoint::open(&seed, &keys).unwrap();
    fuzz("notes", 60_000, |bytes| {
        let Ok(text) = std::str::from_utf8(bytes) else { return };
        if let Ok(opened) = Checkpoint::open(text, &keys) {
            assert_eq!((opened.head(), opened.origin()), (honest.head(), honest.origin()), "a forged head");
        }
        if let Ok(signed) = ledger::note::open(text, &keys) {
            assert!(seed.starts_with(signed), "a forged text: {signed}");
        }
        // A line of a key is foreign text as well.
        let _ = text.trim().parse::<VerifierKey>();
    });
}

#[test]
fn proofs() {
    let keys = keys();
    let honest: Vec<Header> = ["first", "later"]
        .map(|name| std::fs::read_to_string(corpus("proofs").join(name)).unwrap().parse::<Proof>().unwrap())
        .iter()
        .map(|proof| proof.verify(&keys).unwrap())
        .collect();
    fuzz("proofs", 60_000, |bytes| {
        let Ok(text) = std::str::from_utf8(bytes) else { return };
        let Ok(proof) = text.parse::<Proof>() else { return };
        if let Ok(header) = proof.verify(&keys) {
            assert!(honest.contains(&header), "a forged act: {header:?}");
        }
    });
}

#[test]
fn acts_as_they_are_stored() {
    // Every act ever shipped is a seed.
    let golden = corpus("").join("../../../modules/supervision/tests/golden");
    let seeds = [seeds(&corpus("acts")), seeds(&golden)].concat();
    fuzz_with("acts", seeds, 60_000, |bytes| {
        if let Ok(header) = Header::decode(bytes) {
            let again = Header::decode(&header.encode().unwrap()).unwrap();
            assert_eq!(again, header, "what is written is read back");
            let act = Act { header, body: Some(bytes.to_vec()) };
            let _ = act.read::<OfficerAct>();
        }
        let _ = serde_json::from_slice::<OfficerAct>(bytes);
        let _ = serde_json::from_slice::<Disclosure>(bytes);
        let _ = serde_json::from_slice::<ErasureAct>(bytes);
        let _ = serde_json::from_slice::<ApplicationAct>(bytes);
        let _ = serde_json::from_slice::<LicenceAct>(bytes);
    });
}
