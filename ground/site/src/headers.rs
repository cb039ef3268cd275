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

/// Adds the headers; pages are never cached, since the next officer may use the same machine.
pub(crate) fn add(response: &mut Response, settings: &Settings, is_asset: bool) {
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
    if !is_asset {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

fn content_policy(tiles: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: {tiles}; font-src 'self'; \
         connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
}
