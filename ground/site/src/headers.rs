//! Security headers on every response; the policy allows nothing inline.

use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;

use crate::house::Settings;

const FIXED: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "geolocation=(self), camera=(self), microphone=(self), payment=(), usb=()",
    ),
];

/// Two years, as the preload lists ask.
const TRANSPORT: &str = "max-age=63072000; includeSubDomains";

/// What never changes and may be kept by anyone: static files, tiles of the record.
pub(crate) const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// Whether anyone may keep this response and show it to others.
pub(crate) fn is_for_all(response: &Response) -> bool {
    response.headers().get(header::CACHE_CONTROL).is_some_and(|value| value == FOR_EVER)
}

/// Adds the headers; pages are never cached, since the next officer may use the same machine.
pub(crate) fn add(response: &mut Response, settings: &Settings) {
    let for_all = is_for_all(response);
    let headers = response.headers_mut();
    for (name, value) in FIXED {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(policy) = HeaderValue::try_from(content_policy(&settings.tiles)) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    if settings.secure {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(TRANSPORT));
    }
    if !for_all {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

fn content_policy(tiles: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: {tiles}; font-src 'self'; \
         connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
}
