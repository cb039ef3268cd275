//! Pages of the import: hand a file in, tell its columns, look at faults and differences, let it run, stop it, go on.

mod download;
mod mapping_form;
mod result;

use std::sync::Arc;

use askama::Template;
use axum::Json;
use axum::extract::Path;
use axum::response::IntoResponse;
use jiff::Timestamp;
use serde::Serialize;
use site::{Answer, Desk, Form, Problem, Refusal, Routes, Subject};
use uuid::Uuid;

use super::limits::{FILE_BYTES, Unreadable};
use super::mapping::{Field, Mapping};
use super::orders;
use super::run::{Progress, progress_of};
use super::source::Source;
use super::tables::{self, Run, State};
use crate::bureau::Bureau;

/// So many runs are listed.
const LISTED: i64 = 50;

/// All routes of the import. An import concerns the whole area of the bureau, whoever runs it.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get("/imports", "licence.import", list)
        .upload("/imports", "licence.import", FILE_BYTES as usize + 64 * 1024, take_in)
        .get("/imports/{id}", "licence.import", result::page)
        .get("/imports/{id}/progress", "licence.import", progress)
        .get("/imports/{id}/mapping", "licence.import", mapping)
        .post("/imports/{id}/mapping", "licence.import", map)
        .get("/imports/{id}/faults", "licence.import", result::faults)
        .post("/imports/{id}/faults.csv", "licence.import", download::faults)
        .get("/imports/{id}/differences", "licence.import", result::differences)
        .post("/imports/{id}/execution", "licence.import", execute)
        .post("/imports/{id}/halt", "licence.import", halt)
}

struct RunLine {
    run: Run,
    tone: &'static str,
    state: String,
}

#[derive(Template)]
#[template(path = "import/list.html")]
struct ListPage<'a> {
    desk: &'a Desk,
    values: &'a Form,
    lines: Vec<RunLine>,
    sources: Vec<String>,
}

#[derive(Template)]
#[template(path = "import/mapping.html")]
struct MappingPage<'a> {
    desk: &'a Desk,
    values: &'a Form,
    run: Run,
    headings: Vec<String>,
}

impl MappingPage<'_> {
    /// Headings that no field uses: what could be kept word for word.
    fn unused(&self) -> impl Iterator<Item = &String> {
        self.headings
            .iter()
            .filter(|heading| !Field::ALL.into_iter().any(|field| self.values.chosen(field.name(), heading)))
    }
}

/// GET /imports
async fn list(desk: Desk) -> Answer {
    draw_list(&desk, &Form::empty()).await
}

async fn draw_list(desk: &Desk, values: &Form) -> Answer {
    whole_area(desk)?;
    let (runs, sources) = desk.read(|sql| Ok((Run::newest(sql, LISTED)?, tables::sources(sql)?))).await?;
    let bureau = desk.house().get::<Bureau>()?;
    let mut sources = sources;
    sources.extend(bureau.imports.keys().cloned());
    sources.sort();
    sources.dedup();
    let lines = runs.into_iter().map(|run| line(desk, run)).collect();
    desk.form_page(values, &ListPage { desk, values, lines, sources })
}

fn line(desk: &Desk, run: Run) -> RunLine {
    RunLine { tone: tone(run.state), state: desk.text(state_key(run.state)), run }
}

fn tone(state: State) -> &'static str {
    match state {
        State::Mapping | State::Checked | State::Stopped | State::Stopping => "warn",
        State::Checking | State::Importing => "info",
        State::Finished => "good",
        State::Refused => "bad",
    }
}

fn state_key(state: State) -> &'static str {
    match state {
        State::Mapping => "import-state-mapping",
        State::Checking => "import-state-checking",
        State::Checked => "import-state-checked",
        State::Importing => "import-state-importing",
        State::Stopping => "import-state-stopping",
        State::Stopped => "import-state-stopped",
        State::Finished => "import-state-finished",
        State::Refused => "import-state-refused",
    }
}

/// POST /imports with `source` and `file`
async fn take_in(desk: Desk, form: Form) -> Answer {
    whole_area(&desk)?;
    let refusals = lacking(&form);
    let Some(upload) = form.file("file").cloned().filter(|_| refusals.is_empty()) else {
        let form = form.refuse(&refusals, &desk.house().texts, desk.chosen_language());
        return draw_list(&desk, &form).await;
    };
    let source = form.value("source").to_owned();
    let run = desk
        .blocking(move |desk| Ok(orders::take_in(desk.house(), &desk.actor(), &source, &upload)?))
        .await?;
    desk.go(&match run.state {
        State::Refused => format!("/imports/{}", run.id),
        _ => format!("/imports/{}/mapping", run.id),
    })
}

fn lacking(form: &Form) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    if form.value("source").is_empty() || form.value("source").chars().count() > 100 {
        refusals.push(Refusal::on("source", "import-refusal-source"));
    }
    if form.file("file").is_none_or(|file| file.size == 0) {
        refusals.push(Refusal::on("file", "import-refusal-file"));
    }
    refusals
}

/// GET /imports/{id}/mapping
async fn mapping(desk: Desk, Path(id): Path<Uuid>) -> Answer {
    let run = run_of(&desk, id).await?;
    if !matches!(run.state, State::Mapping | State::Checked) {
        return desk.go(&format!("/imports/{id}"));
    }
    let mapping = run.mapping.clone().unwrap_or_default();
    draw_mapping(&desk, run, &mapping_form::filled(&mapping), mapping.heading_row).await
}

/// POST /imports/{id}/mapping
async fn map(desk: Desk, Path(id): Path<Uuid>, form: Form) -> Answer {
    let run = run_of(&desk, id).await?;
    let mapping = mapping_form::read(&form);
    let row = mapping.heading_row;
    if Some(row) != run.mapping.as_ref().map(|known| known.heading_row) {
        // Other headings: what was chosen under the old ones means nothing now.
        return draw_other_headings(&desk, run, form, row).await;
    }
    let ordered =
        desk.blocking(move |desk| Ok(orders::order_check(desk.house(), &id.to_string(), mapping)?)).await?;
    match ordered {
        Ok(()) => desk.go(&format!("/imports/{id}")),
        Err(faults) => {
            let refusals = mapping_form::refusals(&desk, &faults);
            let form = form.refuse(&refusals, &desk.house().texts, desk.chosen_language());
            draw_mapping(&desk, run, &form, row).await
        }
    }
}

async fn draw_other_headings(desk: &Desk, run: Run, form: Form, row: u64) -> Answer {
    match headings(desk, &run, row).await? {
        Ok(headings) => {
            draw_mapping(desk, run, &mapping_form::filled(&Mapping::propose(row, &headings)), row).await
        }
        Err(unreadable) => {
            let refusal = Refusal::on("heading_row", unreadable.text_key());
            let form = form.refuse(&[refusal], &desk.house().texts, desk.chosen_language());
            let known = run.mapping.as_ref().map_or(1, |known| known.heading_row);
            draw_mapping(desk, run, &form, known).await
        }
    }
}

async fn draw_mapping(desk: &Desk, mut run: Run, values: &Form, heading_row: u64) -> Answer {
    let headings = headings(desk, &run, heading_row).await?.map_err(anyhow::Error::from)?;
    if let Some(mapping) = run.mapping.as_mut() {
        mapping.heading_row = heading_row;
    }
    desk.form_page(values, &MappingPage { desk, values, run, headings })
}

/// The headings in that row, or why there are none.
async fn headings(desk: &Desk, run: &Run, row: u64) -> Result<Result<Vec<String>, Unreadable>, Problem> {
    let digest = run.digest.clone();
    desk.blocking(move |desk| {
        let path = desk.house().uploads.path(&digest)?;
        match Source::open(&path).and_then(|source| source.with_headings_in(row)) {
            Ok(source) => Ok(Ok(source.headings.into_iter().filter(|heading| !heading.is_empty()).collect())),
            Err(error) => {
                Ok(Err(*error.downcast_ref::<Unreadable>().ok_or_else(|| anyhow::anyhow!("{error:#}"))?))
            }
        }
    })
    .await
}

/// POST /imports/{id}/execution with `accept_changes`
async fn execute(desk: Desk, Path(id): Path<Uuid>, form: Form) -> Answer {
    run_of(&desk, id).await?;
    let accept = form.chosen("accept_changes", "yes");
    desk.blocking(move |desk| {
        Ok(orders::order_import(desk.house(), &desk.actor(), &id.to_string(), accept)?)
    })
    .await?;
    desk.go(&format!("/imports/{id}"))
}

/// POST /imports/{id}/halt
async fn halt(desk: Desk, Path(id): Path<Uuid>, _: Form) -> Answer {
    run_of(&desk, id).await?;
    desk.blocking(move |desk| Ok(orders::order_stop(desk.house(), &id.to_string())?)).await?;
    desk.go(&format!("/imports/{id}"))
}

/// What the progress bar asks for.
#[derive(Serialize)]
struct Job {
    done: i64,
    total: i64,
    text: String,
    finished: bool,
}

/// GET /imports/{id}/progress
async fn progress(desk: Desk, Path(id): Path<Uuid>) -> Answer {
    let run = run_of(&desk, id).await?;
    let progress = progress_of(&run);
    let job = Job {
        done: progress.done,
        total: progress.total,
        text: spoken(&desk, progress),
        finished: !is_busy(run.state),
    };
    Ok(Json(job).into_response())
}

fn is_busy(state: State) -> bool {
    matches!(state, State::Checking | State::Importing | State::Stopping)
}

fn spoken(desk: &Desk, progress: Progress) -> String {
    match progress.total {
        0 => desk.text_with("import-progress-counting", "done", progress.done),
        total => {
            desk.text_args("import-progress", &[("done", progress.done.into()), ("total", total.into())])
        }
    }
}

async fn run_of(desk: &Desk, id: Uuid) -> Result<Run, Problem> {
    whole_area(desk)?;
    desk.read(move |sql| Run::find(sql, &id.to_string())?.ok_or(Problem::Missing)).await
}

/// A register reaches over the whole area of the bureau; who has the power for a part only may not import one.
fn whole_area(desk: &Desk) -> Result<Arc<Bureau>, Problem> {
    let bureau = desk.house().get::<Bureau>()?;
    desk.require("licence.import", &Subject::at(bureau.division.clone()))?;
    Ok(bureau)
}

/// Instants of the record, as the page writes them.
fn written(desk: &Desk, instant: &str) -> String {
    instant.parse::<Timestamp>().map(|instant| desk.instant(&instant)).unwrap_or_default()
}
