//! The shape of the house (ARCHITECTURE.md, "Arrows"): who may use whom, and what every file owes its reader.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cargo_metadata::{Metadata, MetadataCommand, Package};

/// The longest a source file may be; one that grows past it has two subjects.
const LONGEST_FILE: usize = 500;

/// The measurements stand outside the house: they set our record beside a bare database.
const OUTSIDE: [&str; 2] = ["comity", "benchmarks"];

/// Which of our crates each crate may use. `comity` may use everything and is not listed.
fn arrows() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    BTreeMap::from([
        ("store", BTreeSet::new()),
        ("law", BTreeSet::new()),
        ("paper", BTreeSet::new()),
        ("ledger", BTreeSet::from(["store"])),
        ("backup", BTreeSet::from(["ledger", "store"])),
        ("site", BTreeSet::from(["ledger", "law", "store"])),
        ("supervision", BTreeSet::from(["site", "paper", "ledger", "law", "store"])),
    ])
}

#[test]
fn crates_use_only_what_the_arrows_allow() {
    let metadata = metadata();
    let ours: BTreeSet<String> =
        metadata.workspace_packages().iter().map(|package| package.name.to_string()).collect();
    for package in metadata.workspace_packages() {
        if OUTSIDE.contains(&package.name.as_str()) {
            continue;
        }
        let allowed = arrows().remove(package.name.as_str()).unwrap_or_else(|| {
            panic!("crate `{}` has no line in the arrows of this test and of ARCHITECTURE.md", package.name)
        });
        for dependency in package
            .dependencies
            .iter()
            .filter(|each| ours.contains(&each.name) && each.name != package.name.as_str())
        {
            assert!(
                allowed.contains(dependency.name.as_str()),
                "`{}` uses `{}`: no arrow allows it",
                package.name,
                dependency.name
            );
        }
    }
}

#[test]
fn heavy_libraries_sit_behind_one_crate_each() {
    let owners = BTreeMap::from([
        ("rusqlite", "store"),
        ("postgres", "store"),
        ("typst", "paper"),
        ("typst-pdf", "paper"),
        ("cedar-policy", "site"),
        ("age", "backup"),
    ]);
    for package in metadata().workspace_packages() {
        if OUTSIDE.contains(&package.name.as_str()) {
            continue;
        }
        let shipped =
            package.dependencies.iter().filter(|each| each.kind == cargo_metadata::DependencyKind::Normal);
        for dependency in shipped {
            if let Some(owner) = owners.get(dependency.name.as_str()) {
                assert_eq!(
                    package.name.as_str(),
                    *owner,
                    "`{}` belongs behind `{owner}`, but `{}` names it",
                    dependency.name,
                    package.name
                );
            }
        }
    }
}

#[test]
fn every_crate_tells_what_it_is() {
    for package in metadata().workspace_packages() {
        let folder = folder(package);
        assert!(folder.join("README.md").exists(), "{} has no README.md", folder.display());
        assert_eq!(package.license.as_deref(), Some("Apache-2.0"), "{}", package.name);
    }
}

#[test]
fn every_source_file_opens_with_its_purpose_and_stays_readable() {
    for file in rust_files() {
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("//! "), "{} does not open with a //! sentence", file.display());
        let lines = text.lines().count();
        assert!(lines <= LONGEST_FILE, "{} has {lines} lines, more than {LONGEST_FILE}", file.display());
    }
}

#[test]
fn dependencies_carry_a_licence_that_lets_a_bureau_use_them() {
    let allowed = [
        "MIT",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "ISC",
        "Zlib",
        "0BSD",
        "CC0-1.0",
        "Unlicense",
        "Unicode-3.0",
        "MPL-2.0",
        "BSL-1.0",
        "MIT-0",
        "CDLA-Permissive-2.0",
    ];
    let mut refused = Vec::new();
    for package in &metadata().packages {
        if !licensed(package, &allowed) {
            refused.push(format!("{} {}: {:?}", package.name, package.version, package.license));
        }
    }
    assert!(refused.is_empty(), "licences to look at:\n{}", refused.join("\n"));
}

/// Whether some way through the package's licence expression asks only for licences in `allowed`.
fn licensed(package: &Package, allowed: &[&str]) -> bool {
    let Some(text) = &package.license else { return false };
    let mode = spdx::ParseMode::LAX;
    let Ok(expression) = spdx::Expression::parse_mode(text, mode) else { return false };
    expression.evaluate(|required| required.license.id().is_some_and(|id| allowed.contains(&id.name)))
}

fn metadata() -> Metadata {
    MetadataCommand::new().manifest_path(root().join("Cargo.toml")).exec().unwrap()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

fn folder(package: &Package) -> PathBuf {
    package.manifest_path.parent().unwrap().as_std_path().to_path_buf()
}

fn rust_files() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for top in ["ground", "modules", "comity"] {
        collect(&root().join(top), &mut found);
    }
    found
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}
