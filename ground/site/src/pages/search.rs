//! Search over everything the officer may see.

use askama::Template;
use axum::extract::Query;
use serde::Deserialize;

use crate::desk::Desk;
use crate::module::Found;
use crate::problem::{Answer, Problem};

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage<'a> {
    desk: &'a Desk,
    query: &'a str,
    found: Vec<Found>,
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    q: String,
}

/// GET /search?q=
pub(crate) async fn search(desk: Desk, Query(asked): Query<Asked>) -> Answer {
    let query: String = asked.q.trim().chars().take(100).collect();
    let wanted = query.clone();
    let found = desk.blocking(move |desk| find(desk, &wanted)).await?;
    desk.page(&SearchPage { desk: &desk, query: &query, found })
}

fn find(desk: &Desk, query: &str) -> Result<Vec<Found>, Problem> {
    if query.is_empty() {
        return Ok(Vec::new());
    }
    let house = desk.house();
    house.store.read(|sql| {
        let mut found = Vec::new();
        for search in house.modules.iter().filter_map(|module| module.search) {
            found.extend(search(desk, sql, query)?);
        }
        Ok(found)
    })
}
