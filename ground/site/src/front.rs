//! The front door: every request gets an id, a desk, security headers, and a drawn page where a bare error would leave.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use jiff::Timestamp;
use tracing::{Instrument, Span, field};
use uuid::Builder;

use crate::blocking::blocking;
use crate::cookies;
use crate::desk::{Desk, Ended, Held, Inner};
use crate::errors;
use crate::house::App;
use crate::metrics::known_method;
use crate::officers::Officer;
use crate::problem::Problem;
use crate::second_factor::Standing;
use crate::sessions::{self, Session, Token};
use crate::text::Language;
use crate::throttle;

/// Where static files lie; they need no desk.
const ASSETS: &str = "/assets/";

/// So long a page waits for the use of its session to be noted.
const TOUCH_WAIT: Duration = Duration::from_secs(1);

/// Lets a request in and a response out.
pub(crate) async fn front(State(app): State<App>, request: Request, next: Next) -> Response {
    let id = request_id(&app);
    let span = span(&request, &id);
    let mut response = answer(&app, request, next, &id).instrument(span).await;
    if let Ok(value) = HeaderValue::try_from(id.as_str()) {
        response.headers_mut().insert("x-request-id", value);
    }
    response
}

/// What log and trace say of a request, by the names of OpenTelemetry. Never its address: only the pattern of its
/// route, because paths and queries hold names and numbers that someone searched for.
fn span(request: &Request, id: &str) -> Span {
    let (method, route) = (known_method(request.method()), route(request));
    tracing::info_span!(
        "request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        http.request.method = method,
        http.route = route,
        http.response.status_code = field::Empty,
        request.id = id,
    )
}

fn route(request: &Request) -> &str {
    request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str)
}

async fn answer(app: &App, request: Request, next: Next, id: &str) -> Response {
    let started = Instant::now();
    let (method, route) = (request.method().clone(), route(&request).to_owned());
    let is_asset = request.uri().path().starts_with(ASSETS);
    let mut response = if is_asset { next.run(request).await } else { visit(app, request, next, id).await };
    crate::headers::add(&mut response, &app.settings);
    let (status, took) = (response.status().as_u16(), started.elapsed());
    app.metrics.count(&method, &route, status, took);
    Span::current().record("http.response.status_code", i64::from(status));
    tracing::info!(milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX), "answered");
    response
}

async fn visit(app: &App, mut request: Request, next: Next, id: &str) -> Response {
    // Before anything is asked of the store: a flood must not reach it.
    if !app.flow.pass(&peer(&request).map(throttle::network).unwrap_or_default(), app.wall.now()) {
        return hurried(app, &request, id);
    }
    let background = is_background(&request);
    let fetched = match session(app, request.headers(), background).await {
        Ok(session) => session,
        Err(problem) => {
            tracing::error!(%problem, "session could not be read");
            return errors::bare(StatusCode::INTERNAL_SERVER_ERROR);
        }
    };
    let ended = match fetched {
        None if request.method() == Method::POST => ended(app, request.headers()).await,
        _ => None,
    };
    let (desk, fresh) = match desk(app, &request, fetched, ended, id) {
        Ok(made) => made,
        Err(problem) => {
            tracing::error!(%problem, "no desk");
            return errors::bare(StatusCode::INTERNAL_SERVER_ERROR);
        }
    };
    let showed_flash = desk.inner().flash.is_some() && request.method() == Method::GET;
    request.extensions_mut().insert(desk.clone());
    let mut response = errors::drawn(&desk, next.run(request).await);
    finish(app, &mut response, fresh.as_ref(), showed_flash);
    response
}

/// The page for one who asks too much at once, drawn as for a visitor: who he is would cost a question to the store.
fn hurried(app: &App, request: &Request, id: &str) -> Response {
    match desk(app, request, None, None, id) {
        Ok((desk, _)) => errors::draw(&desk, &Problem::Hurried(1)),
        Err(_) => errors::bare(StatusCode::TOO_MANY_REQUESTS),
    }
}

/// Sets what the browser must keep: the visit's token, and the message no more once it was shown. What caches may hand on
/// to others bears nobody's cookie.
fn finish(app: &App, response: &mut Response, fresh: Option<&Token>, showed_flash: bool) {
    if crate::headers::is_for_all(response) {
        return;
    }
    let visit = fresh.map(|token| cookies::visit(token.cookie()));
    let flash = (showed_flash && response.status() == StatusCode::OK).then(cookies::no_flash);
    for cookie in visit.iter().chain(&flash) {
        if let Err(problem) = cookies::set(response, &app.settings, cookie) {
            tracing::error!(%problem, "cookie not set");
        }
    }
}

async fn session(
    app: &App,
    headers: &HeaderMap,
    background: bool,
) -> Result<Option<(Token, Session)>, Problem> {
    let known = cookies::get(headers, &app.settings, cookies::SESSION).and_then(Token::read);
    let Some(token) = known else { return Ok(None) };
    let (house, digest, now) = (Arc::clone(app), token.digest(), app.wall.now());
    let find = move || house.store.read(|sql| sessions::find(sql, &digest, now, house.now()));
    let found = blocking("session", find).await??;
    if found.as_ref().is_some_and(|session| session.stale) && !background {
        touch(app, token.digest(), now).await;
    }
    Ok(found.map(|session| (token, session)))
}

/// The session of this browser's token, when it has ended by itself: what comes from it now may be kept for its officer.
async fn ended(app: &App, headers: &HeaderMap) -> Option<Ended> {
    let token = cookies::get(headers, &app.settings, cookies::SESSION).and_then(Token::read)?;
    let (house, digest) = (Arc::clone(app), token.digest());
    let find = move || house.store.read(|sql| sessions::ended(sql, &digest));
    // A failure costs him what he typed, and nothing else.
    let officer = blocking("session", find).await.ok()?.ok()??;
    Some(Ended { officer, csrf: token.csrf() })
}

/// What a page asks by itself, without its officer: it must not keep a deserted desk signed in.
fn is_background(request: &Request) -> bool {
    request.headers().contains_key("x-comity-background") || request.uri().path() == "/live"
}

/// Notes that the session was used. Reading must not depend on the writer: a failure is only told to the log, and a
/// writer that is busy is not waited for long.
async fn touch(app: &App, digest: String, now: Timestamp) {
    let store = app.store.clone();
    let write = move || {
        if let Err(error) = store.write(move |sql| sessions::touch(sql, &digest, now)) {
            tracing::warn!(%error, "the use of a session could not be noted");
        }
    };
    // Elapsed is no fault: the write goes on behind the page.
    let _ = tokio::time::timeout(TOUCH_WAIT, blocking("session", write)).await;
}

fn peer(request: &Request) -> Option<IpAddr> {
    request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip())
}

/// The desk of a request; for a visitor without a visit also the fresh token of one.
fn desk(
    app: &App,
    request: &Request,
    session: Option<(Token, Session)>,
    ended: Option<Ended>,
    id: &str,
) -> Result<(Desk, Option<Token>), Problem> {
    let headers = request.headers();
    let peer = peer(request);
    let known = cookies::get(headers, &app.settings, cookies::VISIT).and_then(Token::read);
    let fresh = if session.is_none() && known.is_none() { Some(Token::fresh(&*app.random)?) } else { None };
    let token = session.as_ref().map(|(token, _)| token).or(known.as_ref()).or(fresh.as_ref());
    // The mark of this page, by which a form that comes twice is known (`once.rs`).
    let csrf = token.map(|token| format!("{}.{id}", token.csrf())).unwrap_or_default();
    let session = session.map(|(_, session)| session);
    let desk = Desk::new(Inner {
        house: Arc::clone(app),
        language: language(app, headers, session.as_ref()),
        held: session.as_ref().and_then(|session| held(app, session)),
        factor: session.as_ref().map(|session| session.factor).unwrap_or_default(),
        confirmed: session.as_ref().map_or(Timestamp::MIN, |session| session.confirmed),
        ended,
        review: false,
        once: None,
        session: session.as_ref().map(|session| session.digest.clone()).unwrap_or_default(),
        officer: session.map_or_else(Officer::visitor, |session| session.officer),
        csrf,
        theme: preference(app, headers, "theme", &["auto", "light", "dark"]),
        density: preference(app, headers, "density", &["roomy", "dense"]),
        flash: flash(app, headers),
        path: request.uri().path_and_query().map(ToString::to_string).unwrap_or_default(),
        address: peer.map(|address| address.to_string()).unwrap_or_default(),
        network: peer.map(throttle::network).unwrap_or_default(),
        device: device(headers),
        // Behind a proxy on this machine everyone would come from loopback.
        loopback: peer.is_some_and(|address| address.is_loopback()) && !is_forwarded(headers),
        request_id: id.to_owned(),
        fragment: headers.contains_key("hx-request") && !headers.contains_key("hx-boosted"),
    });
    Ok((desk, fresh))
}

fn held(app: &App, session: &Session) -> Option<Held> {
    match () {
        () if session.waits => Some(Held::Factor),
        () if session.one_time => Some(Held::Password),
        () if matches!(session.factor, Standing::Enrolled(_)) => None,
        () => app.settings.requires_factor(&session.officer).then_some(Held::Enrolment),
    }
}

fn language(app: &App, headers: &HeaderMap, session: Option<&Session>) -> Language {
    let cookie = cookies::get(headers, &app.settings, "language").and_then(Language::from_tag);
    let kept = || session.and_then(|session| session.language.as_deref()).and_then(Language::from_tag);
    let asked =
        || headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).map(Language::accepted);
    cookie.or_else(kept).or_else(asked).unwrap_or_default()
}

/// The chosen one of the known values, else the first.
fn preference(app: &App, headers: &HeaderMap, name: &str, known: &[&'static str]) -> &'static str {
    let chosen = cookies::get(headers, &app.settings, name);
    known.iter().find(|value| Some(**value) == chosen).or(known.first()).copied().unwrap_or_default()
}

fn flash(app: &App, headers: &HeaderMap) -> Option<(String, String)> {
    let (tone, key) = cookies::get(headers, &app.settings, cookies::FLASH)?.split_once('.')?;
    Some((tone.to_owned(), key.to_owned()))
}

fn device(headers: &HeaderMap) -> String {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    agent.chars().take(200).collect()
}

fn is_forwarded(headers: &HeaderMap) -> bool {
    headers.contains_key("forwarded") || headers.contains_key("x-forwarded-for")
}

/// A UUIDv7 (RFC 9562), so that the numbers of a log lie in the order of time.
fn request_id(app: &App) -> String {
    let mut bytes = [0; 10];
    if let Err(error) = app.random.fill(&mut bytes) {
        tracing::error!(%error, "the id of a request is not random");
    }
    let now = app.wall.now().as_millisecond().max(0).cast_unsigned();
    Builder::from_unix_timestamp_millis(now, &bytes).into_uuid().to_string()
}
