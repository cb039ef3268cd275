//! The guard before every route: has he the power, is the form ours; then the form is read, once, for the handler.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::multipart::Field;
use axum::extract::{FromRequest, Multipart, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::desk::{Desk, Ended, Held};
use crate::form::Form;
use crate::kept::{self, Kept};
use crate::once;
use crate::problem::{Answer, Problem};
use crate::routes::{ACCOUNT, PUBLIC, Route};
use crate::uploads::Uploads;

/// Files that one form may bring.
const MOST_FILES: usize = 20;

/// Lets a request through to its handler.
pub(crate) async fn guard(
    State(route): State<Arc<Route>>,
    desk: Desk,
    request: Request,
    next: Next,
) -> Response {
    match admit(&route, &desk, request).await {
        Ok(Admission::Through(request)) => next.run(request).await,
        Ok(Admission::Once(request, key)) => {
            let house = desk.house();
            house.answers.once(key, house.wall.now(), next.run(request)).await
        }
        Ok(Admission::Elsewhere(response)) => response,
        Err(problem) => problem.into_response(),
    }
}

enum Admission {
    Through(Request),
    /// A command that is done once, known by this key.
    Once(Request, String),
    Elsewhere(Response),
}

async fn admit(route: &Route, desk: &Desk, request: Request) -> Result<Admission, Problem> {
    // No text in the store may hold NUL, and no page of ours sends one. Elsewhere than in an address it cannot be written.
    if request.uri().path_and_query().is_some_and(|address| address.as_str().contains("%00")) {
        return Err(Problem::Malformed(StatusCode::BAD_REQUEST));
    }
    if let Some(page) = desk.held().and_then(|held| held_at(held, route.path)) {
        return desk.go(page).map(Admission::Elsewhere);
    }
    let open_here = route.loopback && desk.inner().loopback;
    if !open_here && !desk.may(route.power) {
        return match &desk.inner().ended {
            Some(ended) if route.power != ACCOUNT => keep_till_signed_in(route, desk, ended, request).await,
            _ => refuse(desk, &request).map(Admission::Elsewhere),
        };
    }
    if route.method == Method::POST {
        return send(route, desk, request).await;
    }
    if !open_here && desk.must_confirm(route.power) {
        return confirm(desk, request.headers(), "next", desk.path()).map(Admission::Elsewhere);
    }
    Ok(Admission::Through(request))
}

/// A form of ours from an officer who has the power: on to its handler, once he has shown that it is he if he must.
async fn send(route: &Route, desk: &Desk, request: Request) -> Result<Admission, Problem> {
    let (mut parts, sent) = read_form(route, desk, desk.csrf(), request).await?;
    let is_review = !sent.value("review").is_empty();
    // The page that asks for the proof itself only names the form that waits for it.
    let waiting = if route.path == "/confirm" { "" } else { sent.value("kept-form") };
    let (form, key) = match waiting {
        "" => (sent.clone(), once::key(&desk.inner().session, desk.path(), &sent)?),
        id => (kept(desk, id).await?, Some(once::key_of_kept(id)?)),
    };
    if desk.must_confirm(route.power) {
        let id = keep(desk, &desk.me().id, form).await?;
        return confirm(desk, &parts.headers, "kept", &id).map(Admission::Elsewhere);
    }
    parts.extensions.insert(form);
    if is_review {
        parts.extensions.insert(desk.reviewing());
    }
    // Who signs in or chooses a theme may do the same thing again on the same page.
    let key = key.filter(|_| !is_review && route.power != PUBLIC);
    if let Some(key) = &key {
        parts.extensions.insert(desk.once(key.clone()));
    }
    let request = Request::from_parts(parts, Body::empty());
    Ok(match key {
        Some(key) => Admission::Once(request, key),
        None => Admission::Through(request),
    })
}

/// The form that was kept for this officer and this address.
async fn kept(desk: &Desk, id: &str) -> Result<Form, Problem> {
    let (id, officer, now) = (id.to_owned(), desk.me().id.clone(), desk.house().wall.now());
    let kept = desk.read(move |sql| Ok::<_, Problem>(kept::find(sql, &id, &officer, now)?)).await?;
    kept.filter(|kept| kept.path == desk.path()).map(|kept| kept.form).ok_or(Problem::Missing)
}

/// Keeps a form for this officer and gives the id under which he finds it.
async fn keep(desk: &Desk, officer: &str, form: Form) -> Result<String, Problem> {
    let id = desk.fresh_id()?;
    let kept = Kept { path: desk.path().to_owned(), form };
    let (named, officer, now) = (id.clone(), officer.to_owned(), desk.house().wall.now());
    desk.keep(move |sql| Ok::<_, Problem>(kept::keep(sql, &named, &officer, &kept, now)?)).await?;
    Ok(id)
}

/// His session has ended while he was typing: what he typed waits for him behind the door.
async fn keep_till_signed_in(
    route: &Route,
    desk: &Desk,
    ended: &Ended,
    request: Request,
) -> Result<Admission, Problem> {
    let (parts, form) = read_form(route, desk, &ended.csrf, request).await?;
    if form.is_blank() {
        return sign_in(desk, &parts.headers, "/").map(Admission::Elsewhere);
    }
    let id = keep(desk, &ended.officer, form).await?;
    sign_in(desk, &parts.headers, &format!("/kept/{id}")).map(Admission::Elsewhere)
}

/// The page at which he is held, unless this one belongs to what he must do.
fn held_at(held: Held, path: &str) -> Option<&'static str> {
    let (page, others): (_, &[&str]) = match held {
        Held::Factor => ("/login/factor", &[]),
        Held::Password => ("/account/password", &[]),
        Held::Enrolment => {
            ("/account/factor", &["/account/factor/offer", "/account/factor/enrolment", "/confirm"])
        }
    };
    let is_open =
        path == page || others.contains(&path) || ["/logout", "/preferences", "/health"].contains(&path);
    (!is_open).then_some(page)
}

/// A visitor is asked to sign in and comes back; an officer is told no.
fn refuse(desk: &Desk, request: &Request) -> Answer {
    if !desk.me().is_visitor() {
        return Err(Problem::Denied);
    }
    sign_in(desk, request.headers(), if request.method() == Method::GET { desk.path() } else { "/" })
}

fn sign_in(desk: &Desk, headers: &HeaderMap, next: &str) -> Answer {
    elsewhere(desk, headers, "/login", "next", next)
}

/// He shows that it is he, and goes on from there.
fn confirm(desk: &Desk, headers: &HeaderMap, name: &str, value: &str) -> Answer {
    elsewhere(desk, headers, "/confirm", name, value)
}

fn elsewhere(desk: &Desk, headers: &HeaderMap, page: &str, name: &str, value: &str) -> Answer {
    let value: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
    let mut answer = desk.go(&format!("{page}?{name}={value}"))?;
    if headers.contains_key("hx-request") {
        // A fragment of a page cannot hold that page: htmx is told to load it whole.
        *answer.status_mut() = StatusCode::UNAUTHORIZED;
        if let Some(location) = answer.headers_mut().remove(header::LOCATION) {
            answer.headers_mut().insert("hx-redirect", location);
        }
    }
    Ok(answer)
}

/// The form of a request that comes from one of our own pages and bears this token.
async fn read_form(
    route: &Route,
    desk: &Desk,
    token: &str,
    request: Request,
) -> Result<(Parts, Form), Problem> {
    let host = request.uri().authority().map(|authority| authority.as_str().to_owned());
    if !comes_from_here(host.as_deref(), request.headers()) {
        return Err(Problem::Forged);
    }
    let (parts, body) = request.into_parts();
    let kind =
        parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_multipart = kind.starts_with("multipart/form-data");
    let whole = Request::from_parts(parts.clone(), body);
    let reading = async {
        if is_multipart {
            read_multipart(route, desk, token, whole).await
        } else {
            read_plain(token, whole).await
        }
    };
    let late = |_| Problem::Malformed(StatusCode::REQUEST_TIMEOUT);
    let form = tokio::time::timeout(patience(route.most_bytes), reading).await.map_err(late)??;
    if form.holds_nul() {
        return Err(Problem::Malformed(StatusCode::BAD_REQUEST));
    }
    Ok((parts, form))
}

/// How long a form may take: a minute, and more for large ones over a slow line (256 kbit/s).
fn patience(most_bytes: usize) -> Duration {
    const BYTES_PER_SECOND: u64 = 32 * 1024;
    let bytes = u64::try_from(most_bytes).unwrap_or(u64::MAX);
    Duration::from_secs(60 + bytes / BYTES_PER_SECOND)
}

async fn read_plain(token: &str, request: Request) -> Result<Form, Problem> {
    let sent = header_token(request.headers());
    let bytes = Bytes::from_request(request, &())
        .await
        .map_err(|rejection| Problem::Malformed(rejection.status()))?;
    let form = Form::decode(&bytes);
    check_token(token, sent.as_deref().unwrap_or(form.value("csrf")))?;
    Ok(form)
}

/// Reads the parts in their order; the token must come before any file, so that nothing foreign is ever stored.
async fn read_multipart(route: &Route, desk: &Desk, token: &str, request: Request) -> Result<Form, Problem> {
    let mut trusted = match header_token(request.headers()) {
        Some(sent) => check_token(token, &sent).map(|()| true)?,
        None => false,
    };
    let mut parts = Multipart::from_request(request, &())
        .await
        .map_err(|rejection| Problem::Malformed(rejection.status()))?;
    let (mut form, mut files) = (Form::empty(), 0);
    while let Some(field) = parts.next_field().await.map_err(malformed)? {
        let name = field.name().unwrap_or_default().to_owned();
        if field.file_name().is_some() {
            if !trusted {
                return Err(Problem::Forged);
            }
            check_file(route, files)?;
            files += 1;
            receive(&desk.house().uploads, &mut form, name, field).await?;
            continue;
        }
        let value = field.text().await.map_err(malformed)?;
        if name == "csrf" && !trusted {
            check_token(token, &value)?;
            trusted = true;
        }
        form.add(name, value);
    }
    if trusted { Ok(form) } else { Err(Problem::Forged) }
}

/// A route that asked for no files stores none, and no form stores them without end.
fn check_file(route: &Route, files: usize) -> Result<(), Problem> {
    match () {
        () if !route.files => Err(Problem::Malformed(StatusCode::UNSUPPORTED_MEDIA_TYPE)),
        () if files >= MOST_FILES => Err(Problem::Malformed(StatusCode::PAYLOAD_TOO_LARGE)),
        () => Ok(()),
    }
}

async fn receive(
    uploads: &Uploads,
    form: &mut Form,
    name: String,
    mut field: Field<'_>,
) -> Result<(), Problem> {
    let file_name = field.file_name().unwrap_or_default().to_owned();
    let mut incoming = uploads.receive(&file_name).await?;
    let mut is_empty = true;
    while let Some(chunk) = field.chunk().await.map_err(malformed)? {
        is_empty &= chunk.is_empty();
        incoming.write(&chunk).await?;
    }
    // A file field that was left empty comes as an empty part without a name.
    if !(is_empty && file_name.is_empty()) {
        form.add_file(name, incoming.finish().await?);
    }
    Ok(())
}

fn malformed(error: axum::extract::multipart::MultipartError) -> Problem {
    Problem::Malformed(error.status())
}

fn header_token(headers: &HeaderMap) -> Option<String> {
    headers.get("x-csrf-token").and_then(|value| value.to_str().ok()).map(str::to_owned)
}

fn check_token(token: &str, sent: &str) -> Result<(), Problem> {
    // What stands after the dot is the mark of the page, not of the session.
    let plain = |text: &str| text.split('.').next().unwrap_or_default().to_owned();
    if !token.is_empty() && same(&plain(sent), &plain(token)) { Ok(()) } else { Err(Problem::Forged) }
}

/// Compares in a time that does not tell how much agrees.
fn same(left: &str, right: &str) -> bool {
    let differing = left.bytes().zip(right.bytes()).fold(0, |sum, (one, other)| sum | (one ^ other));
    left.len() == right.len() && differing == 0
}

/// Whether a command comes from one of our own pages, as far as the browser tells (Fetch Metadata; RFC 6454 Origin).
///
/// HTTP/2 names the host in the address (`:authority`, RFC 9113 §8.3.1), HTTP/1.1 in a header.
fn comes_from_here(authority: Option<&str>, headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value: &axum::http::HeaderValue| value.to_str().ok());
    match (text("origin"), authority.or_else(|| text("host"))) {
        (Some(origin), Some(host)) => {
            origin.split_once("://").is_some_and(|(_, authority)| authority == host)
        }
        (Some(_), None) => false,
        (None, _) => matches!(text("sec-fetch-site"), None | Some("same-origin" | "none")),
    }
}

/// What no route answers.
pub(crate) async fn missing() -> Problem {
    Problem::Missing
}

/// What a route answers to another method.
pub(crate) async fn wrong_method() -> Problem {
    Problem::Malformed(StatusCode::METHOD_NOT_ALLOWED)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (header::HeaderName::from_static(name), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn a_command_from_another_site_is_known_by_its_origin() {
        assert!(comes_from_here(
            None,
            &headers(&[("origin", "https://a.example:8443"), ("host", "a.example:8443")])
        ));
        assert!(!comes_from_here(None, &headers(&[("origin", "https://b.example"), ("host", "a.example")])));
        assert!(!comes_from_here(None, &headers(&[("origin", "null"), ("host", "a.example")])));
        assert!(!comes_from_here(None, &headers(&[("sec-fetch-site", "cross-site"), ("host", "a.example")])));
        assert!(comes_from_here(None, &headers(&[("host", "a.example")])));
    }

    #[test]
    fn over_http_2_the_host_stands_in_the_address() {
        let from = headers(&[("origin", "https://a.example")]);
        assert!(comes_from_here(Some("a.example"), &from));
        assert!(!comes_from_here(Some("b.example"), &from));
        assert!(!comes_from_here(None, &from));
    }

    #[test]
    fn a_form_is_waited_for_as_long_as_its_size_warrants() {
        assert_eq!(patience(0), Duration::from_secs(60));
        assert_eq!(patience(32 * 1024 * 1024), Duration::from_secs(60 + 1024));
    }

    #[test]
    fn tokens_are_the_same_only_when_all_of_them_is() {
        assert!(same("abc", "abc"));
        assert!(!same("abc", "abd") && !same("abc", "ab") && !same("", "a"));
    }
}
