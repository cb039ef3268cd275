//! The project's own law files, read for tests.

use std::path::Path;

use law::Law;

/// The files of `law/`, as (path below it, text).
pub fn files() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../law");
    let mut found = Vec::new();
    collect(&root, &root, &mut found);
    assert!(!found.is_empty(), "no law files below {}", root.display());
    found
}

fn collect(root: &Path, folder: &Path, found: &mut Vec<(String, String)>) {
    let entries = std::fs::read_dir(folder).expect("the folder law/ can be read");
    for path in entries.map(|entry| entry.expect("an entry").path()) {
        match path.is_dir() {
            true => collect(root, &path, found),
            false => found.push((below(root, &path), std::fs::read_to_string(&path).expect("a text file"))),
        }
    }
}

fn below(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).expect("below the root").to_string_lossy().replace('\\', "/")
}

/// The law as shipped.
pub fn law() -> Law {
    match Law::load(files()) {
        Ok(law) => law,
        Err(faults) => panic!("{}", faults.iter().map(|fault| format!("{fault}\n")).collect::<String>()),
    }
}
