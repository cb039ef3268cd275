//! The record as other programs read it (C2SP tlog-tiles): the checkpoint, the tiles of hashes, the entry bundles.
//!
//! Checkpoint and tiles are open to all. A hash tells nothing of its act: the header under it holds an id and a salted
//! commitment that nobody can guess. And whoever holds a proof of ours must be able to check, without asking us for a
//! favour, that the record still goes on from it: that needs tiles. Entry bundles are the headers themselves, with
//! reasons, matters and actors of the whole bureau; only those may read them who answer for the whole record.

use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;
use ledger::TilePath;

use crate::desk::Desk;
use crate::headers::FOR_EVER;
use crate::problem::{Answer, Problem};
use crate::routes::{PUBLIC, Routes};

pub(crate) fn routes() -> Routes {
    Routes::new().get("/checkpoint", PUBLIC, checkpoint).get("/tile/{level}/{*path}", PUBLIC, tile).get(
        "/tile/entries/{*path}",
        "record.entries",
        entries,
    )
}

/// GET /checkpoint; the newest one, so never from a cache
async fn checkpoint(desk: Desk) -> Answer {
    let newest = desk.blocking(|desk| Ok(desk.ledger().checkpoint())).await?;
    match newest {
        Ok(checkpoint) => {
            let kind = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
            Ok((kind, checkpoint.note().to_owned()).into_response())
        }
        Err(ledger::Error::Empty) => Err(Problem::Missing),
        Err(error) => Err(error.into()),
    }
}

/// GET /tile/{level}/{n}[.p/{width}]
///
/// A tile never changes, be it full or not: a longer tree has other tiles beside it.
async fn tile(desk: Desk, Path((level, path)): Path<(String, String)>) -> Answer {
    let (level, path) = level_of(&level).zip(TilePath::parse(&path)).ok_or(Problem::Missing)?;
    let hashes = desk.blocking(move |desk| Ok(desk.ledger().tile(level, path)?)).await?;
    let mut answer = bytes(hashes)?.into_response();
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(FOR_EVER));
    Ok(answer)
}

/// GET /tile/entries/{n}[.p/{width}]
///
/// Kept by no cache, unlike the hashes: the next one at this machine may be none who may read them.
async fn entries(desk: Desk, Path(path): Path<String>) -> Answer {
    let path = TilePath::parse(&path).ok_or(Problem::Missing)?;
    let bundle = desk.blocking(move |desk| Ok(desk.ledger().entries(path)?)).await?;
    Ok(bytes(bundle)?.into_response())
}

fn bytes(found: Option<Vec<u8>>) -> Result<impl IntoResponse, Problem> {
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], found.ok_or(Problem::Missing)?))
}

/// A level is written without sign and leading zeroes, and the format knows 64 of them.
fn level_of(text: &str) -> Option<u32> {
    let level: u32 = text.parse().ok().filter(|level| *level < 64)?;
    (level.to_string() == text).then_some(level)
}
