//! Static files from `ui/dist`: names that hold a hash of the content, kept by browsers for ever.

use std::collections::HashMap;

use anyhow::Context;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

use crate::headers::FOR_EVER;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../ui/dist"]
#[allow_missing = true]
struct Dist;

/// The logical names of static files and the hashed ones under which they lie.
pub(crate) struct Assets {
    names: HashMap<String, String>,
}

impl Assets {
    pub(crate) fn load() -> anyhow::Result<Assets> {
        let Some(manifest) = Dist::get("manifest.json") else {
            tracing::warn!("ui/dist is not built: pages come without styles and scripts");
            return Ok(Assets { names: HashMap::new() });
        };
        let names = serde_json::from_slice(&manifest.data).context("ui/dist/manifest.json")?;
        Ok(Assets { names })
    }

    pub(crate) fn address(&self, name: &str) -> String {
        format!("/assets/{}", self.names.get(name).map_or(name, String::as_str))
    }
}

/// Hands over a static file. The manifest is no file for browsers.
pub(crate) async fn asset(Path(name): Path<String>) -> Response {
    let Some(file) = Some(name.as_str()).filter(|name| *name != "manifest.json").and_then(Dist::get) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let kind = mime_guess::from_path(&name).first_or_octet_stream();
    let headers =
        [(header::CONTENT_TYPE, with_charset(kind.as_ref())), (header::CACHE_CONTROL, FOR_EVER.to_owned())];
    (headers, file.data).into_response()
}

fn with_charset(kind: &str) -> String {
    if kind.starts_with("text/") { format!("{kind}; charset=utf-8") } else { kind.to_owned() }
}
