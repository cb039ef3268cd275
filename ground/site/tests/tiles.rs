//! The record as a stranger's program reads it: over a socket, with libraries that know nothing of ours (ports of Go's
//! `tlog` and `note`), from the public key alone.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ledger::tree::Head;
use ledger::{Draft, MatterKey, Profile, SigningKey};
use signed_note::{Note, StandardVerifier, VerifierList};
use site::Listen;
use site::disclosures::{self, Disclosure};
use site::testing::{Town, for_each_engine};
use tlog_tiles::{
    Checkpoint, Hash, Tile, TileHashReader, TileReader, check_record, check_tree, prove_record, prove_tree,
    record_hash, tree_hash,
};
use tokio::sync::oneshot;
use ureq::Agent;
use uuid::Uuid;

/// Runs a story against the town's site on a socket of its own.
fn served(town: &Town, story: impl FnOnce(&Town, SocketAddr)) {
    let address = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).unwrap();
    let listen = Listen { address, certificate: None };
    let (stop, stopped) = oneshot::channel::<()>();
    let app = Arc::clone(&town.house);
    let serving = async move { site::serve(&app, &listen, async { drop(stopped.await) }).await };
    std::thread::scope(|scope| {
        let server = scope.spawn(|| town.block_on(serving));
        let reached = (0..200).any(|_| {
            std::thread::sleep(Duration::from_millis(25));
            TcpStream::connect(address).is_ok()
        });
        assert!(reached, "nobody listens on {address}");
        story(town, address);
        stop.send(()).unwrap();
        server.join().unwrap().unwrap();
    });
}

/// A program that reads a record from its address.
struct Reader {
    agent: Agent,
    address: SocketAddr,
    session: Option<String>,
}

struct Reply {
    status: u16,
    headers: ureq::http::HeaderMap,
    bytes: Vec<u8>,
}

impl Reply {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Reader {
    fn new(address: SocketAddr) -> Reader {
        let config = Agent::config_builder().http_status_as_error(false).max_redirects(0).build();
        Reader { agent: config.into(), address, session: None }
    }

    /// One who has signed in.
    fn signed_in(address: SocketAddr, town: &Town, login: &str) -> Reader {
        let session = town.sign_in(login).cookie("session");
        Reader { session, ..Reader::new(address) }
    }

    fn get(&self, path: &str) -> Reply {
        let mut request = self.agent.get(format!("http://{}{path}", self.address));
        if let Some(session) = &self.session {
            request = request.header("cookie", format!("session={session}"));
        }
        let mut response = request.call().unwrap();
        Reply {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            bytes: response.body_mut().read_to_vec().unwrap(),
        }
    }

    fn checkpoint(&self, key: &str) -> Checkpoint {
        opened(&self.get("/checkpoint").bytes, key)
    }
}

impl TileReader for Reader {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        Ok(tiles.iter().map(|tile| self.get(&address(tile)).bytes).collect())
    }

    fn save_tiles(&self, _tiles: &[Tile], _data: &[Vec<u8>]) {}
}

/// The library names tiles as Go's checksum database does; C2SP leaves the height out and says `entries`.
fn address(tile: &Tile) -> String {
    tile.path().replace("tile/8/data/", "/tile/entries/").replace("tile/8/", "/tile/")
}

/// What a note says, if the key signed it.
fn opened(note: &[u8], key: &str) -> Checkpoint {
    let note = Note::from_bytes(note).unwrap();
    let known = VerifierList::new(vec![Box::new(StandardVerifier::new(key).unwrap())]);
    let (signed, _) = note.verify(&known).unwrap();
    assert_eq!(signed.len(), 1);
    Checkpoint::from_bytes(note.text()).unwrap()
}

/// Records so many acts.
fn fill(town: &Town, acts: i64) {
    let filled = town.house.ledger.write(ledger::Actor::Node, move |writing| {
        for number in 1..=acts {
            let key = MatterKey::new(disclosures::KIND, Uuid::from_u128(number.cast_unsigned().into()));
            writing.append(Draft::new(&key, &Disclosure::ProofHandedOut { number }))?;
        }
        Ok::<_, ledger::Error>(())
    });
    filled.unwrap();
}

/// The entries of a bundle, each behind its length.
fn entries(mut bundle: &[u8]) -> Vec<Vec<u8>> {
    let mut entries = Vec::new();
    while let Some((length, rest)) = bundle.split_first_chunk::<2>() {
        let (entry, rest) = rest.split_at(u16::from_be_bytes(*length).into());
        entries.push(entry.to_vec());
        bundle = rest;
    }
    assert!(bundle.is_empty(), "a bundle ends with an entry");
    entries
}

#[test]
fn a_stranger_checks_the_whole_record_with_tools_of_his_own() {
    for_each_engine(Vec::new, |town| {
        served(town, |town, address| {
            let key = town.house.ledger.verifier().to_string();
            let reader = Reader::new(address);
            let mut earlier: Option<Checkpoint> = None;
            for more in [1, 300, 256, 140] {
                fill(town, more);
                let checkpoint = reader.checkpoint(&key);
                assert_eq!(checkpoint.origin(), town.house.ledger.name());
                let (size, root) = (checkpoint.size(), *checkpoint.hash());
                let hashes = TileHashReader::new(size, root, &reader);
                assert_eq!(tree_hash(size, &hashes).unwrap(), root, "the tiles are those of the checkpoint");
                if let Some(old) = earlier {
                    let path = prove_tree(size, old.size(), &hashes).unwrap();
                    check_tree(&path, size, root, old.size(), *old.hash()).unwrap();
                    let other = record_hash(b"another record");
                    assert!(check_tree(&path, size, root, old.size(), other).is_err());
                }
                earlier = Some(checkpoint);
            }
            every_entry_is_proven(town, &reader.checkpoint(&key), address);
        });
    });
}

fn every_entry_is_proven(town: &Town, checkpoint: &Checkpoint, at: SocketAddr) {
    let auditor = Reader::signed_in(at, town, "auditor");
    let (size, root) = (checkpoint.size(), *checkpoint.hash());
    let hashes = TileHashReader::new(size, root, &auditor);
    let tiles = Tile::new_tiles(8, 0, size).into_iter().filter(|tile| tile.level() == 0);
    let mut index = 0;
    for mut tile in tiles {
        tile.set_is_data();
        for entry in entries(&auditor.get(&address(&tile)).bytes) {
            let act = town.house.ledger.act(index + 1).unwrap();
            assert_eq!(entry, act.header.encode().unwrap(), "an entry is the header and nothing else");
            if index % 97 == 0 {
                let path = prove_record(size, index.cast_unsigned(), &hashes).unwrap();
                check_record(&path, size, root, index.cast_unsigned(), record_hash(&entry)).unwrap();
            }
            index += 1;
        }
    }
    assert_eq!(index.cast_unsigned(), size, "no entry is missing");
}

#[test]
fn a_proof_taken_from_an_acts_page_is_one_for_others_too() {
    for_each_engine(Vec::new, |town| {
        fill(town, 300);
        let auditor = town.sign_in("auditor");
        assert!(auditor.get("/record/271").has("action=\"/record/271/proof\""), "the page offers it");
        let taken = auditor.post("/record/271/proof", &[]);
        assert!(taken.header("content-disposition").contains("act-271.tlog-proof"));
        let (index, leaf, path, note) = read_proof(&taken.body);
        let checkpoint = opened(note.as_bytes(), &town.house.ledger.verifier().to_string());
        let (size, root) = (checkpoint.size(), *checkpoint.hash());
        check_record(&path, size, root, index, record_hash(&leaf)).unwrap();
        assert!(check_record(&path, size, root, index, record_hash(b"forged")).is_err());
        assert_eq!(
            (index, leaf),
            (270, town.house.ledger.act(271).unwrap().header.encode().unwrap()),
            "the leaf travels in the extra line"
        );
    });
}

#[test]
fn a_running_node_takes_a_new_key_while_officers_work_and_strangers_read() {
    for_each_engine(Vec::new, |town| {
        served(town, |town, address| {
            let (reader, ledger) = (Reader::new(address), &town.house.ledger);
            let old_key = ledger.verifier().to_string();
            let old = reader.checkpoint(&old_key);
            let enough = AtomicBool::new(false);
            let acts = std::thread::scope(|scope| {
                let work = || {
                    let mut acts = 0;
                    while !enough.load(Ordering::Relaxed) {
                        fill(town, 1);
                        acts += 1;
                    }
                    acts
                };
                let working = [scope.spawn(work), scope.spawn(work), scope.spawn(work)];
                let administrator = town.sign_in("administrator");
                assert_eq!(administrator.post("/record/key", &[("reason", "换")]).status, 422);
                assert_eq!(
                    ledger.verifier().to_string(),
                    old_key,
                    "a change without a reason changes nothing"
                );
                let changed = administrator.post("/record/key", &[("reason", "保管人调离")]);
                assert_eq!((changed.status, changed.location()), (303, "/record"));
                fill(town, 1);
                enough.store(true, Ordering::Relaxed);
                working.map(|work| work.join().unwrap()).iter().sum::<u64>()
            });
            let key = ledger.verifier().to_string();
            assert_ne!(key, old_key);
            let new = reader.checkpoint(&key);
            assert_eq!(new.size(), old.size() + acts + 2, "no act was lost, and the change is one");
            let hashes = TileHashReader::new(new.size(), *new.hash(), &reader);
            let path = prove_tree(new.size(), old.size(), &hashes).unwrap();
            check_tree(&path, new.size(), *new.hash(), old.size(), *old.hash()).unwrap();
            let auditor = town.sign_in("auditor");
            assert!(
                auditor.get("/record").has(&key.replace('+', "&#43;")) || auditor.get("/record").has(&key)
            );
            assert!(auditor.get("/record/1").has("存证有效"));
            assert!(!auditor.get("/record").has("/record/key"), "only administrators change it");
        });
    });
}

#[test]
fn who_knows_one_suite_passes_the_line_of_another_over() {
    let key = SigningKey::of_profile(Profile::Commercial, [7; 32]).unwrap();
    let head = Head { size: 70, root: [1; 32] };
    let checkpoint = ledger::Checkpoint::sign("jiashan.comity.example", head, &key).unwrap();
    assert_eq!(checkpoint.note().matches("— jiashan.comity.example").count(), 2);
    let read = opened(checkpoint.note().as_bytes(), &key.verifier("jiashan.comity.example").to_string());
    assert_eq!((read.size(), read.hash().0), (70, [1; 32]));
}

/// Reads a tlog-proof by the words of its specification (c2sp.org/tlog-proof).
fn read_proof(text: &str) -> (u64, Vec<u8>, Vec<Hash>, &str) {
    let (top, note) = text.split_once("\n\n").unwrap();
    let mut lines = top.lines();
    assert_eq!(lines.next(), Some("c2sp.org/tlog-proof@v1"));
    let extra = STANDARD.decode(lines.next().unwrap().strip_prefix("extra ").unwrap()).unwrap();
    let index = lines.next().unwrap().strip_prefix("index ").unwrap().parse().unwrap();
    (index, extra, lines.map(|line| Hash::parse_hash(line).unwrap()).collect(), note)
}

#[test]
fn checkpoint_and_tiles_are_open_to_all_and_entries_to_auditors() {
    for_each_engine(Vec::new, |town| {
        fill(town, 300);
        served(town, |town, address| {
            let visitor = Reader::new(address);
            let checkpoint = visitor.get("/checkpoint");
            assert_eq!(checkpoint.header("content-type"), "text/plain; charset=utf-8");
            assert_eq!(checkpoint.header("cache-control"), "no-store", "there is a newer one at any moment");
            for path in ["/tile/0/000", "/tile/0/001.p/40", "/tile/0/000.p/255", "/tile/1/000.p/1"] {
                let tile = Reader::new(address).get(path);
                assert_eq!((tile.status, tile.header("content-type")), (200, "application/octet-stream"));
                assert_eq!(tile.header("cache-control"), "public, max-age=31536000, immutable");
                assert_eq!(tile.header("set-cookie"), "", "what caches hand on bears nobody's cookie");
            }
            assert_eq!(visitor.get("/tile/0/000").bytes.len(), 8192);
            assert_eq!(visitor.get("/tile/0/001.p/40").bytes.len(), 40 * 32);

            for path in ["/tile/entries/000", "/tile/entries/001.p/40"] {
                assert_eq!(visitor.get(path).status, 303, "a visitor is asked to sign in");
                for login in ["clerk", "inspector", "reviewer", "head", "administrator"] {
                    assert_eq!(Reader::signed_in(address, town, login).get(path).status, 403, "{login}");
                }
                let bundle = Reader::signed_in(address, town, "auditor").get(path);
                assert_eq!((bundle.status, bundle.header("content-type")), (200, "application/octet-stream"));
                assert_eq!(bundle.header("cache-control"), "no-store");
            }
        });
    });
}

#[test]
fn what_the_tree_does_not_hold_is_not_there() {
    for_each_engine(Vec::new, |town| {
        fill(town, 600);
        let size = town.house.ledger.checkpoint().unwrap().head().size;
        let (visitor, auditor) = (town.anonymous(), town.sign_in("auditor"));
        let last = size % 256;
        assert_eq!(visitor.get(&format!("/tile/0/002.p/{last}")).status, 200);
        assert_eq!(auditor.get(&format!("/tile/entries/002.p/{last}")).status, 200);
        let beyond = [
            format!("002.p/{}", last + 1),
            "002".into(),
            "003.p/1".into(),
            "000.p/256".into(),
            "000.p/0".into(),
            "x000/000".into(),
            "0".into(),
            "x999/x999/x999/x999/x999/999".into(),
        ];
        for path in beyond {
            assert_eq!(visitor.get(&format!("/tile/0/{path}")).status, 404, "{path}");
            assert_eq!(auditor.get(&format!("/tile/entries/{path}")).status, 404, "{path}");
        }
        for path in [
            "/tile/1/000",
            "/tile/1/000.p/3",
            "/tile/2/000.p/1",
            "/tile/63/000.p/1",
            "/tile/64/000",
            "/tile/00/000",
        ] {
            assert_eq!(visitor.get(path).status, 404, "{path}");
        }
    });
}
