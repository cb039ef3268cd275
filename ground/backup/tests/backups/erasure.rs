//! What was erased by law is nowhere any more: not in the database's files, not in the backup, not in what is restored.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use backup::Until;
use ledger::Actor;
use ledger::copy::Erasure;
use store::testing::for_each_settings;
use store::{Engine, Store};

use crate::fault::copy;
use crate::node::{Node, restore};

/// Distinctive, so that a search of bytes finds it wherever it lies.
const NAME: &str = "欧阳绛雪之身份330421199001019876";
const BASIS: &str = "个人信息保护法第四十七条";

fn erase(node: &Node, numbers: &'static [i64], photo: Option<String>) {
    let erased = node.ledger.write(Actor::Officer("o-9".into()), move |writing| {
        if let Some(digest) = photo {
            writing.sql().execute("insert into erased_files (digest) values ($1)", &[digest.into()])?;
        }
        writing.erase(numbers, "当事人撤回同意", BASIS)
    });
    erased.unwrap();
    node.ledger.purge().unwrap();
}

/// The files below a folder that hold these bytes.
fn holding(folder: &Path, needle: &[u8]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(holding(&path, needle));
        } else if holds(&fs::read(&path).unwrap(), needle) {
            found.push(path);
        }
    }
    found
}

fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

/// The files of a PostgreSQL schema that hold these bytes, read by the server itself after it has written all it holds.
fn relations_holding(store: &Store, needle: &[u8]) -> Vec<String> {
    store.write(|sql| sql.execute("checkpoint", &[])).unwrap();
    let files = "select pg_relation_filepath(c.oid) from pg_class c
                 where c.relkind in ('r', 'i', 't') and (c.relnamespace = current_schema()::regnamespace or c.oid in
                   (select reltoastrelid from pg_class where relnamespace = current_schema()::regnamespace))";
    let files = store.read(|sql| sql.query(files, &[])).unwrap();
    assert!(files.len() > 10, "the files of the schema are found");
    let mut found = Vec::new();
    for row in files {
        let file: String = row.get(0).unwrap();
        let bytes =
            store.read(|sql| sql.query_one("select pg_read_binary_file($1)", &[(&file).into()])).unwrap();
        if holds(&bytes.unwrap().get::<Vec<u8>>(0).unwrap(), needle) {
            found.push(file);
        }
    }
    found
}

/// Where these bytes lie in the node's database.
fn places(node: &Node, needle: &str, database: &Path) -> usize {
    match node.store.engine() {
        Engine::Sqlite => holding(database, needle.as_bytes()).len(),
        Engine::Postgres => relations_holding(&node.store, needle.as_bytes()).len(),
    }
}

/// The parts and files of a backup that hold these bytes when they are decrypted.
fn parts_holding(node: &Node, folder: &Path, needle: &[u8]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in holding(folder, b"age-encryption.org") {
        let file = fs::File::open(&path).unwrap();
        let reader =
            age::Decryptor::new(file).unwrap().decrypt(std::iter::once(&node.identity as _)).unwrap();
        let mut bytes = Vec::new();
        flate2::read::GzDecoder::new(reader).read_to_end(&mut bytes).unwrap();
        if holds(&bytes, needle) {
            found.push(path);
        }
    }
    found
}

#[test]
fn erased_bytes_are_found_nowhere_in_database_files_and_later_backups_and_every_proof_still_holds() {
    for_each_settings(|settings| {
        let database = match &settings {
            store::Settings::Sqlite { file } => file.parent().unwrap().to_owned(),
            store::Settings::Postgres { .. } => PathBuf::new(),
        };
        let node = Node::new(&settings);
        let photo = node.file(NAME.as_bytes());
        node.visit("前");
        node.visit_with(NAME, Some(photo.clone()));
        node.visits_at_once(300);
        node.back_up();
        node.visit("后");
        node.back_up();
        let proof = node.ledger.proof(2).unwrap();
        assert!(places(&node, NAME, &database) > 0, "the search can find it");
        assert_eq!(parts_holding(&node, &node.backups(), NAME.as_bytes()).len(), 2, "a part and the file");

        erase(&node, &[2], Some(photo.clone()));
        fs::remove_file(node.files().join(&photo[..2]).join(&photo)).unwrap();
        assert_eq!(places(&node, NAME, &database), 0, "no trace in the files of the database");
        assert_eq!(holding(&node.files(), NAME.as_bytes()), [""; 0].map(PathBuf::from));
        node.all_is_well();
        assert_eq!(proof.verify(&[node.ledger.verifier()]).unwrap().number, 2);
        assert_eq!(node.ledger.proof(2).unwrap().leaf, proof.leaf);

        let taken = node.back_up();
        assert_eq!(
            (taken.rewritten, taken.erased_files),
            (1, 1),
            "only the part that held it is written again"
        );
        assert_eq!(parts_holding(&node, &node.backups(), NAME.as_bytes()), [""; 0].map(PathBuf::from));
        assert_eq!(node.back_up().rewritten, 0);
        let there = restore(&node, &node.backup().unwrap(), Until::End).unwrap();
        assert_eq!(there.all_is_well(), node.all_is_well());
        assert_eq!(there.visits(), node.visits());
        assert_eq!(there.root(), node.root());
    });
}

#[test]
fn a_restore_to_a_point_before_the_erasure_and_an_older_copy_keep_to_it_all_the_same() {
    for_each_settings(|settings| {
        let node = Node::new(&settings);
        let photo = node.file(NAME.as_bytes());
        node.visit_with(NAME, Some(photo.clone()));
        node.visit("2");
        node.back_up();
        let older = node.home.path().join("older");
        copy(&node.backups(), &older);
        node.visit("3");
        erase(&node, &[1], Some(photo.clone()));
        node.back_up();

        let backup = node.backup().unwrap();
        let mut from_older = node.backup_in(&older).unwrap();
        assert!(from_older.erasures_ahead(2).is_empty(), "an older copy alone does not know it");
        from_older.learn_erasures(&backup).unwrap();
        for backup in [backup, from_older] {
            let ahead = backup.erasures_ahead(2);
            let wanted = Erasure {
                act: 4,
                numbers: vec![1],
                reason: Some("当事人撤回同意".into()),
                basis: Some(BASIS.into()),
            };
            assert_eq!(ahead, [wanted]);
            let there = restore(&node, &backup, Until::Act(2)).unwrap();
            assert_eq!(there.visits()[0], (None, None), "it is never stored");
            assert!(!there.files().join(&photo[..2]).join(&photo).exists());
            let fault = ledger::verify(&there.store, &[there.ledger.verifier()]).unwrap().fault.unwrap();
            assert!(fault.to_string().contains("no act of erasure"), "until it is replayed: {fault}");
            for Erasure { numbers, reason, basis, .. } in ahead {
                let replay = there.ledger.write(Actor::Command("restore".into()), move |writing| {
                    writing.erase(&numbers, &reason.unwrap_or_default(), &basis.unwrap_or_default())
                });
                replay.unwrap();
            }
            assert_eq!(there.all_is_well(), 3);
        }
    });
}
