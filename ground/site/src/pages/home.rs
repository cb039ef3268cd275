//! Today: what waits for the officer, the most pressing first.

use askama::Template;

use crate::desk::Desk;
use crate::module::Waiting;
use crate::problem::{Answer, Problem};

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage<'a> {
    desk: &'a Desk,
    waiting: Vec<Waiting>,
}

#[derive(Template)]
#[template(path = "gallery.html")]
struct GalleryPage<'a> {
    desk: &'a Desk,
}

/// GET /gallery: every part of a page, for those who write pages.
pub(crate) async fn gallery(desk: Desk) -> Answer {
    desk.page(&GalleryPage { desk: &desk })
}

/// GET /
pub(crate) async fn home(desk: Desk) -> Answer {
    let waiting = desk.blocking(waiting).await?;
    desk.page(&HomePage { desk: &desk, waiting })
}

fn waiting(desk: &Desk) -> Result<Vec<Waiting>, Problem> {
    let house = desk.house();
    house.store.read(|sql| {
        let mut all = Vec::new();
        for inbox in house.modules.iter().filter_map(|module| module.inbox) {
            all.extend(inbox(desk, sql)?);
        }
        all.sort_by(|left, right| (left.urgency, &left.due).cmp(&(right.urgency, &right.due)));
        Ok(all)
    })
}
