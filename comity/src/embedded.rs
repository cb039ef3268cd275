//! The data folders of the project as the program carries them: law, texts, authority and regions.

use std::path::Path;

use anyhow::{Context, Result};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../law"]
#[include = "*.toml"]
struct LawFiles;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../region"]
#[exclude = "*.md"]
struct RegionFiles;

/// The law files, as path below `law/` and text; from `folder` instead if one is given.
///
/// # Errors
/// When a file cannot be read or is no UTF-8.
pub fn law(folder: Option<&Path>) -> Result<Vec<(String, String)>> {
    match folder {
        Some(folder) => law_of(folder),
        None => {
            LawFiles::iter().map(|path| Ok((path.to_string(), text(LawFiles::get(&path), &path)?))).collect()
        }
    }
}

/// The text of one file of a region, or none.
pub fn region(region: &str, file: &str) -> Option<String> {
    let path = format!("{region}/{file}");
    text(RegionFiles::get(&path), &path).ok()
}

fn text(file: Option<rust_embed::EmbeddedFile>, path: &str) -> Result<String> {
    let file = file.with_context(|| format!("{path} is not there"))?;
    String::from_utf8(file.data.into_owned()).with_context(|| format!("{path} is not UTF-8"))
}

fn law_of(folder: &Path) -> Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    let layers = std::fs::read_dir(folder)
        .with_context(|| format!("the law folder {} cannot be read", folder.display()))?;
    for layer in layers {
        let layer = layer?.path();
        if layer.is_dir() {
            collect(&layer, folder, &mut files)?;
        }
    }
    Ok(files)
}

fn collect(layer: &Path, folder: &Path, files: &mut Vec<(String, String)>) -> Result<()> {
    for entry in std::fs::read_dir(layer)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let below = path.strip_prefix(folder)?.to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&path)
                .with_context(|| format!("{} cannot be read", path.display()))?;
            files.push((below, text));
        }
    }
    Ok(())
}
