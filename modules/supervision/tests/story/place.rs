//! The place of the stories: Jiashan's data from `region/`, the law from `law/`, a press with the set-up fonts.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use law::Law;
use paper::Press;
use supervision::bureau::Bureau;

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub fn bureau() -> Bureau {
    Bureau::load(|file| std::fs::read_to_string(root().join("region/jiashan").join(file)).ok()).unwrap()
}

pub fn law() -> Law {
    law_without("no such file")
}

/// The law as it was before a file came to it.
pub fn law_without(file: &str) -> Law {
    let folder = root().join("law");
    let files = walk(&folder).into_iter().filter(|path| !path.ends_with(file)).map(|path| {
        let name = path.strip_prefix(&folder).unwrap().to_string_lossy().into_owned();
        (name, std::fs::read_to_string(&path).unwrap())
    });
    Law::load(files).unwrap()
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

/// Opened once: reading the fonts takes longer than all else.
pub fn press() -> Press {
    static PRESS: OnceLock<Press> = OnceLock::new();
    PRESS.get_or_init(|| Press::open(&font_folder()).unwrap_or_else(|fault| panic!("{fault:#}"))).clone()
}

/// The folder that `scripts/fonts` prints, or the one named by COMITY_FONTS.
fn font_folder() -> PathBuf {
    #[expect(
        clippy::disallowed_methods,
        reason = "only tests come here; the node reads its configuration elsewhere"
    )]
    std::env::var("COMITY_FONTS").map_or_else(|_| root().join("target/fonts"), PathBuf::from)
}
