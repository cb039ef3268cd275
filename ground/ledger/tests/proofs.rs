//! Proofs of the record as strangers see them: one text, checked offline, refused when anything in it is changed.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "each test file uses a part of the town")]
mod common;

use common::{GridAct, for_each_engine, grid, officer, open, open_grid, verifiers};
use ledger::tree::consistent;
use ledger::{Checkpoint, Draft, Error, Ledger, Proof};

/// Appends so many acts, in commands of up to 300.
fn fill(ledger: &Ledger, acts: i64) {
    let mut left = acts;
    while left > 0 {
        let count = left.min(300);
        let filled = ledger.write(officer(), move |writing| {
            for serial in 0..count {
                writing.append(Draft::new(&grid(1), &GridAct::Granted { serial, holder: "某店".into() }))?;
            }
            Ok::<_, Error>(())
        });
        filled.unwrap();
        left -= count;
    }
}

#[test]
fn every_act_is_proven_at_every_size_across_tiles() {
    for_each_engine(|store| {
        let (ledger, _) = open(&store);
        open_grid(&ledger, &grid(1), 10_000);
        let mut heads = vec![ledger.checkpoint().unwrap().head()];
        for more in [1, 253, 1, 1, 255, 1, 300, 90] {
            fill(&ledger, more);
            let head = ledger.checkpoint().unwrap().head();
            for number in (1..=head.size.cast_signed()).step_by(37).chain([head.size.cast_signed()]) {
                let proof = ledger.proof(number).unwrap();
                assert_eq!(proof.verify(&verifiers()).unwrap(), ledger.act(number).unwrap().header);
            }
            for old in &heads {
                let path = ledger.consistency(old.size.cast_signed(), head.size.cast_signed()).unwrap();
                assert!(consistent(old, &head, &path), "{} to {}", old.size, head.size);
            }
            heads.push(head);
        }
        assert!(matches!(ledger.proof(0), Err(Error::Unknown(0))));
        assert!(matches!(ledger.proof(10_000), Err(Error::Unknown(10_000))));
        assert!(ledger.consistency(5, 10_000).is_err());
        common::all_is_well(&store);
    });
}

#[test]
fn a_proof_keeps_its_text_and_a_tampered_one_is_refused() {
    for_each_engine(|store| {
        let (ledger, _) = open(&store);
        open_grid(&ledger, &grid(1), 10_000);
        fill(&ledger, 20);
        let text = ledger.proof(7).unwrap().to_string();
        assert!(text.starts_with("c2sp.org/tlog-proof@v1\nextra ") && text.contains("\nindex 6\n"));
        let proof: Proof = text.parse().unwrap();
        assert_eq!((proof.to_string(), proof.verify(&verifiers()).unwrap().number), (text.clone(), 7));
        let mut refused = 0;
        for place in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[place] ^= 1;
            let Ok(changed) = String::from_utf8(bytes) else { continue };
            let opened = changed.parse::<Proof>().and_then(|proof| proof.verify(&verifiers()));
            assert!(opened.is_err(), "byte {place} of the proof may be changed");
            refused += 1;
        }
        assert!(refused > 500, "{refused}");
    });
}

#[test]
fn a_proof_of_one_act_is_none_of_another() {
    for_each_engine(|store| {
        let (ledger, _) = open(&store);
        open_grid(&ledger, &grid(1), 10_000);
        fill(&ledger, 20);
        let (seven, eight) = (ledger.proof(7).unwrap(), ledger.proof(8).unwrap());
        let mixed = [
            Proof { leaf: eight.leaf.clone(), ..seven.clone() },
            Proof { index: eight.index, ..seven.clone() },
            Proof { path: eight.path.clone(), ..seven.clone() },
            Proof { path: Vec::new(), ..seven.clone() },
        ];
        mixed.iter().for_each(|proof| assert!(proof.verify(&verifiers()).is_err()));
        let stranger = ledger::SigningKey::from_seed([1; 32]).verifier(common::NAME);
        assert!(seven.verify(&[stranger]).is_err());
    });
}

#[test]
fn before_the_first_act_there_is_nothing_to_prove() {
    for_each_engine(|store| {
        let (ledger, _) = open(&store);
        assert!(matches!(ledger.checkpoint(), Err(Error::Empty)));
        assert!(matches!(ledger.proof(1), Err(Error::Unknown(1))));
        assert_eq!(common::all_is_well(&store), 0);
        open_grid(&ledger, &grid(1), 1);
        let checkpoint = ledger.checkpoint().unwrap();
        assert_eq!(Checkpoint::open(checkpoint.note(), &verifiers()).unwrap(), checkpoint);
        assert!(ledger.proof(1).unwrap().path.is_empty());
    });
}
