//! Reads the font folder, once.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use typst::foundations::Bytes;
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;

/// One of the commonest characters of any paper, used to tell a Chinese font.
const COMMON: char = '的';

/// The fonts of the folder and what they cover.
pub(crate) struct Fonts {
    pub book: LazyHash<FontBook>,
    list: Vec<Font>,
}

impl Fonts {
    /// Loads every `.ttf` and `.otf` of the folder, in the order of the file names.
    pub fn read(folder: &Path) -> Result<Self> {
        let mut list = Vec::new();
        for file in font_files(folder)? {
            let bytes =
                std::fs::read(&file).with_context(|| format!("font {} could not be read", file.display()))?;
            list.extend(Font::iter(Bytes::new(bytes)));
        }
        if !list.iter().any(covers_chinese) {
            bail!("the font folder {} holds no Chinese font; {FETCH}", folder.display());
        }
        Ok(Self { book: LazyHash::new(FontBook::from_fonts(&list)), list })
    }

    /// Whether any font has the character.
    pub fn cover(&self, character: char) -> bool {
        self.list.iter().any(|font| font.info().coverage.contains(u32::from(character)))
    }

    pub fn get(&self, index: usize) -> Option<Font> {
        self.list.get(index).cloned()
    }
}

const FETCH: &str = "run scripts/fonts, which fetches them and prints their folder";

fn font_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder)
        .with_context(|| format!("the font folder {} could not be read; {FETCH}", folder.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.with_context(|| format!("the font folder {}", folder.display()))?.path();
        if is_font(&path) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn is_font(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    extension.eq_ignore_ascii_case("ttf") || extension.eq_ignore_ascii_case("otf")
}

fn covers_chinese(font: &Font) -> bool {
    font.info().coverage.contains(u32::from(COMMON))
}
