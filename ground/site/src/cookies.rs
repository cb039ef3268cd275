//! Cookies: read from a request, set on a response with the marks that keep them ours.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;

use crate::house::Settings;
use crate::problem::Problem;

/// A cookie to be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cookie {
    name: &'static str,
    value: String,
    /// Seconds; none = until the browser closes.
    age: Option<u32>,
    /// Whether scripts may read it.
    readable: bool,
    /// Whether it carries a secret and takes the `__Host-` prefix on TLS.
    secret: bool,
}

/// The cookie of the session.
pub const SESSION: &str = "session";

/// The cookie that binds a visitor's forms to his browser before he signs in.
pub const VISIT: &str = "visit";

/// The cookie of the message shown once.
pub const FLASH: &str = "flash";

const YEAR: u32 = 365 * 24 * 3600;

/// The session's cookie; it ends with the browser or with the session, whichever is first.
pub fn session(token: &str) -> Cookie {
    Cookie { name: SESSION, value: token.to_owned(), age: None, readable: false, secret: true }
}

/// The cookie of a visit.
pub fn visit(token: &str) -> Cookie {
    Cookie { name: VISIT, value: token.to_owned(), age: None, readable: false, secret: true }
}

/// Takes the session's cookie away.
pub fn no_session() -> Cookie {
    Cookie { age: Some(0), ..session("") }
}

/// A message for the next page: a tone and a text key, so that nothing foreign can be shown.
pub fn flash(tone: &str, key: &str) -> Cookie {
    Cookie { name: FLASH, value: format!("{tone}.{key}"), age: Some(60), readable: false, secret: false }
}

/// Takes the message away.
pub fn no_flash() -> Cookie {
    Cookie { name: FLASH, value: String::new(), age: Some(0), readable: false, secret: false }
}

/// A preference, kept for a year.
pub fn preference(name: &'static str, value: &str) -> Cookie {
    Cookie { name, value: value.to_owned(), age: Some(YEAR), readable: name != "language", secret: false }
}

/// Sets a cookie on a response.
///
/// # Errors
/// When the value cannot stand in a header.
pub fn set(response: &mut Response, settings: &Settings, cookie: &Cookie) -> Result<(), Problem> {
    let value =
        HeaderValue::try_from(cookie.text(settings.secure)).map_err(|error| Problem::Failed(error.into()))?;
    response.headers_mut().append(header::SET_COOKIE, value);
    Ok(())
}

/// The value of a cookie of the request.
pub fn get<'a>(headers: &'a HeaderMap, settings: &Settings, name: &str) -> Option<&'a str> {
    let wanted = full_name(name, settings.secure && (name == SESSION || name == VISIT));
    let pairs = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'));
    pairs
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(known, _)| *known == wanted)
        .map(|(_, value)| value)
}

impl Cookie {
    fn text(&self, secure: bool) -> String {
        let name = full_name(self.name, secure && self.secret);
        let mut text = format!("{name}={}; Path=/; SameSite=Lax", self.value);
        if let Some(age) = self.age {
            text.push_str(&format!("; Max-Age={age}"));
        }
        if !self.readable {
            text.push_str("; HttpOnly");
        }
        if secure {
            text.push_str("; Secure");
        }
        text
    }
}

/// `__Host-` binds a cookie to this very host and to TLS (RFC 6265bis §4.1.3.2); on loopback HTTP no browser would keep it.
fn full_name(name: &str, host: bool) -> String {
    if host { format!("__Host-{name}") } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_session_cookie_is_bound_to_the_host_on_tls() {
        assert_eq!(session("ab").text(true), "__Host-session=ab; Path=/; SameSite=Lax; HttpOnly; Secure");
        assert_eq!(session("ab").text(false), "session=ab; Path=/; SameSite=Lax; HttpOnly");
    }

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, "mysession=x; session=y; __Host-session=z".parse().unwrap());
        let secure = Settings { secure: true, ..Settings::default() };
        assert_eq!(get(&headers, &Settings::default(), SESSION), Some("y"));
        assert_eq!(get(&headers, &secure, SESSION), Some("z"));
    }
}
