//! The guard before every route: has he the power, is the form ours; then the form is read, once, for the handler.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::multipart::Field;
use axum::extract::{FromRequest, Multipart, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::desk::Desk;
use crate::form::Form;
use crate::problem::{Answer, Problem};
use crate::routes::Route;
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
        Ok(Admission::Elsewhere(response)) => response,
        Err(problem) => problem.into_response(),
    }
}

enum Admission {
    Through(Request),
    Elsewhere(Response),
}

async fn admit(route: &Route, desk: &Desk, request: Request) -> Result<Admission, Problem> {
    // No text in the store may hold NUL, and no page of ours sends one. Elsewhere than in an address it cannot be written.
    if request.uri().path_and_query().is_some_and(|address| address.as_str().contains("%00")) {
        return Err(Problem::Malformed(StatusCode::BAD_REQUEST));
    }
    if desk.inner().one_time && !is_open_before_change(route.path) {
        return desk.go("/account/password").map(Admission::Elsewhere);
    }
    let open_here = route.loopback && desk.inner().loopback;
    if !open_here && !desk.may(route.power) {
        return refuse(desk, &request).map(Admission::Elsewhere);
    }
    if route.method == Method::POST {
        return read_form(route, desk, request).await.map(Admission::Through);
    }
    Ok(Admission::Through(request))
}

/// Before a one-time password was changed only these are open.
fn is_open_before_change(path: &str) -> bool {
    ["/account/password", "/logout", "/preferences", "/health"].contains(&path)
}

/// A visitor is asked to sign in and comes back; an officer is told no.
fn refuse(desk: &Desk, request: &Request) -> Answer {
    if !desk.me().is_visitor() {
        return Err(Problem::Denied);
    }
    let back = if request.method() == Method::GET { desk.path() } else { "/" };
    let next: String = form_urlencoded::byte_serialize(back.as_bytes()).collect();
    let mut answer = desk.go(&format!("/login?next={next}"))?;
    if request.headers().contains_key("hx-request") {
        // A fragment of a page cannot hold the sign-in page: htmx is told to load it whole.
        *answer.status_mut() = StatusCode::UNAUTHORIZED;
        if let Some(location) = answer.headers_mut().remove(header::LOCATION) {
            answer.headers_mut().insert("hx-redirect", location);
        }
    }
    Ok(answer)
}

async fn read_form(route: &Route, desk: &Desk, request: Request) -> Result<Request, Problem> {
    let host = request.uri().authority().map(|authority| authority.as_str().to_owned());
    if !comes_from_here(host.as_deref(), request.headers()) {
        return Err(Problem::Forged);
    }
    let (mut parts, body) = request.into_parts();
    let kind =
        parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_multipart = kind.starts_with("multipart/form-data");
    let whole = Request::from_parts(parts.clone(), body);
    let reading = async {
        if is_multipart { read_multipart(route, desk, whole).await } else { read_plain(desk, whole).await }
    };
    let late = |_| Problem::Malformed(StatusCode::REQUEST_TIMEOUT);
    let form = tokio::time::timeout(patience(route.most_bytes), reading).await.map_err(late)??;
    if form.holds_nul() {
        return Err(Problem::Malformed(StatusCode::BAD_REQUEST));
    }
    parts.extensions.insert(form);
    Ok(Request::from_parts(parts, axum::body::Body::empty()))
}

/// How long a form may take: a minute, and more for large ones over a slow line (256 kbit/s).
fn patience(most_bytes: usize) -> Duration {
    const BYTES_PER_SECOND: u64 = 32 * 1024;
    let bytes = u64::try_from(most_bytes).unwrap_or(u64::MAX);
    Duration::from_secs(60 + bytes / BYTES_PER_SECOND)
}

async fn read_plain(desk: &Desk, request: Request) -> Result<Form, Problem> {
    let sent = header_token(request.headers());
    let bytes = Bytes::from_request(request, &())
        .await
        .map_err(|rejection| Problem::Malformed(rejection.status()))?;
    let form = Form::decode(&bytes);
    check_token(desk, sent.as_deref().unwrap_or(form.value("csrf")))?;
    Ok(form)
}

/// Reads the parts in their order; the token must come before any file, so that nothing foreign is ever stored.
async fn read_multipart(route: &Route, desk: &Desk, request: Request) -> Result<Form, Problem> {
    let mut trusted = match header_token(request.headers()) {
        Some(token) => check_token(desk, &token).map(|()| true)?,
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
            check_token(desk, &value)?;
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

fn check_token(desk: &Desk, sent: &str) -> Result<(), Problem> {
    if !desk.csrf().is_empty() && same(sent, desk.csrf()) { Ok(()) } else { Err(Problem::Forged) }
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
