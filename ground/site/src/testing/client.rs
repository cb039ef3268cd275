//! The browser of a story: cookies are kept, forms bear the token, and no socket is needed.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, header};
use tokio::runtime::Runtime;
use tokio_stream::StreamExt;
use tower::ServiceExt;

use crate::sessions::Token;

/// A browser: keeps cookies and sends back the token that our forms carry.
pub struct Client {
    runtime: Arc<Runtime>,
    router: Router,
    cookies: RefCell<BTreeMap<String, String>>,
    /// Where it calls from.
    pub address: SocketAddr,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
    /// The content as text.
    pub body: String,
}

impl Reply {
    /// Whether these words stand in the page.
    pub fn has(&self, words: &str) -> bool {
        self.body.contains(words)
    }

    /// Where it sends the browser; empty when nowhere.
    pub fn location(&self) -> &str {
        self.header("location")
    }

    /// A header; empty when there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

impl Client {
    pub(crate) fn new(runtime: Arc<Runtime>, router: Router) -> Client {
        let address = SocketAddr::from(([203, 0, 113, 7], 40_000));
        Client { runtime, router, cookies: RefCell::new(BTreeMap::new()), address }
    }

    /// Asks for a page.
    pub fn get(&self, path: &str) -> Reply {
        self.send(self.request(Method::GET, path), Body::empty())
    }

    /// Asks for a page and takes its headers only, for streams that do not end.
    pub fn open(&self, path: &str) -> Reply {
        let mut request = self.request(Method::GET, path).body(Body::empty()).expect("a request");
        request.extensions_mut().insert(ConnectInfo(self.address));
        let response = self.runtime.block_on(self.router.clone().oneshot(request)).expect("an answer");
        Reply {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            bytes: Vec::new(),
            body: String::new(),
        }
    }

    /// Opens a stream, does something, and gives what the stream said within that time.
    pub fn listen(&self, path: &str, act: impl FnOnce(), within: Duration) -> String {
        let mut request = self.request(Method::GET, path).body(Body::empty()).expect("a request");
        request.extensions_mut().insert(ConnectInfo(self.address));
        let response = self.runtime.block_on(self.router.clone().oneshot(request)).expect("an answer");
        act();
        let mut stream = response.into_body().into_data_stream();
        let mut said = String::new();
        let hear = async {
            while let Some(Ok(chunk)) = stream.next().await {
                said.push_str(&String::from_utf8_lossy(&chunk));
            }
        };
        // Most streams do not end: what was said until then is what counts.
        let _ = self.runtime.block_on(async { tokio::time::timeout(within, hear).await });
        said
    }

    /// Asks for a page with more headers.
    pub fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        let request = headers
            .iter()
            .fold(self.request(Method::GET, path), |request, (name, value)| request.header(*name, *value));
        self.send(request, Body::empty())
    }

    /// Sends a form, with the token.
    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let token = self.csrf();
        let fields: Vec<(&str, &str)> =
            [("csrf", token.as_str())].into_iter().chain(fields.iter().copied()).collect();
        self.post_as(path, &fields, &[])
    }

    /// The token with the mark of this page, as its forms bear it.
    pub fn mark_of(&self, page: &Reply) -> String {
        let found = page.body.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        found.unwrap_or_default().to_owned()
    }

    /// Sends a form as it is, without the token, with more headers.
    pub fn post_as(&self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Reply {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = self
            .request(Method::POST, path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        self.send(request, Body::from(body))
    }

    /// Sends a form with one file.
    pub fn upload(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        file_field: &str,
        file_name: &str,
        bytes: &[u8],
    ) -> Reply {
        self.upload_all(path, fields, &[(file_field, file_name, bytes)])
    }

    /// Sends a form with files, each as (field, name, content).
    pub fn upload_all(&self, path: &str, fields: &[(&str, &str)], files: &[(&str, &str, &[u8])]) -> Reply {
        const BOUNDARY: &str = "story-boundary-7d83";
        let token = self.csrf();
        let mut body = Vec::new();
        for (name, value) in [("csrf", token.as_str())].into_iter().chain(fields.iter().copied()) {
            body.extend(
                format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
                    .bytes(),
            );
        }
        for (field, name, bytes) in files {
            let head = format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
            );
            body.extend(head.bytes());
            body.extend(*bytes);
            body.extend(b"\r\n");
        }
        body.extend(format!("--{BOUNDARY}--\r\n").bytes());
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        self.send(self.request(Method::POST, path).header(header::CONTENT_TYPE, kind), Body::from(body))
    }

    /// The token that a form of this browser carries; asks for a page first when there is none yet.
    pub fn csrf(&self) -> String {
        if self.token().is_none() {
            self.get("/login");
        }
        self.token().map(|token| token.csrf()).unwrap_or_default()
    }

    /// Forgets or sets a cookie.
    pub fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned());
    }

    /// The value of a cookie, if the browser holds one.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.borrow().get(name).cloned()
    }

    fn token(&self) -> Option<Token> {
        let cookies = self.cookies.borrow();
        cookies.get("session").or_else(|| cookies.get("visit")).and_then(|value| Token::read(value))
    }

    fn request(&self, method: Method, path: &str) -> axum::http::request::Builder {
        let cookies: Vec<String> =
            self.cookies.borrow().iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = Request::builder().method(method).uri(path).header(header::HOST, "node.example");
        if cookies.is_empty() { request } else { request.header(header::COOKIE, cookies.join("; ")) }
    }

    fn send(&self, request: axum::http::request::Builder, body: Body) -> Reply {
        let mut request = request.body(body).expect("a request");
        request.extensions_mut().insert(ConnectInfo(self.address));
        let reply = self.runtime.block_on(async {
            let response = self.router.clone().oneshot(request).await.expect("an answer");
            let (parts, body) = response.into_parts();
            let bytes = axum::body::to_bytes(body, usize::MAX).await.expect("a body").to_vec();
            let text = String::from_utf8_lossy(&bytes).into_owned();
            Reply { status: parts.status.as_u16(), headers: parts.headers, bytes, body: text }
        });
        self.keep(&reply.headers);
        reply
    }

    fn keep(&self, headers: &HeaderMap) {
        let mut cookies = self.cookies.borrow_mut();
        for line in headers.get_all(header::SET_COOKIE).iter().filter_map(|line| line.to_str().ok()) {
            let Some((name, value)) = line.split(';').next().and_then(|pair| pair.split_once('=')) else {
                continue;
            };
            if line.contains("Max-Age=0") {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}
