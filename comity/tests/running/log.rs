//! What the program tells of its work: every line with the number of its request, and nothing of the people it serves.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use crate::support::{Browser, Node, PASSWORD, Place, Reply};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use serde_json::Value;

/// What a day at the counter brings of personal data and secrets; none of it may ever be told.
const PERSONAL: [&str; 12] = [
    "张伟",
    "zhang.wei",
    "陈芳",
    "chen.fang",
    "沈阿珍",
    "330421196802150025",
    "330421196802150026",
    "13857312345",
    "阿珍副食品店",
    "南苑路12号",
    "沈家的申请表",
    "four birds in a bush",
];

#[test]
fn a_day_at_the_counter_leaves_numbers_of_requests_in_the_log_and_nothing_of_the_people() {
    let place = Place::new("log = 'json'\n");
    let (node, requests, secrets) = day_at_the_counter(&place);
    let (status, said) = node.stop();
    assert!(status.success(), "{status}");
    assert!(said.len() > requests.len(), "{said:#?}");
    for line in &said {
        let told: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"));
        assert!(told["timestamp"].is_string() && told["level"].is_string(), "{line}");
        for secret in PERSONAL.iter().copied().chain(secrets.iter().map(String::as_str)) {
            assert!(!line.contains(secret), "{secret} stands in the log: {line}");
            let encoded: String = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
            assert!(!line.contains(&encoded), "{secret} stands in the log: {line}");
        }
    }
    for (request, status) in &requests {
        let lines: Vec<&String> = said.iter().filter(|line| line.contains(request.as_str())).collect();
        assert_eq!(lines.len(), 1, "request {request}: {lines:#?}");
        let told: Value = serde_json::from_str(lines[0]).unwrap();
        assert_eq!(told["span"]["request.id"], request.as_str());
        assert_eq!(told["span"]["http.response.status_code"], *status);
        assert!(told["span"]["http.route"].is_string(), "{told}");
    }
}

#[test]
fn a_line_for_a_terminal_is_plain_and_names_the_request_too() {
    let place = Place::new("log = 'plain'\n");
    let node = place.serve();
    let missing = Browser::new(&node).get("/nowhere?q=沈阿珍");
    assert!(
        missing.body.contains(&missing.request_id),
        "the page gives the number to tell the administrator"
    );
    let (_, said) = node.stop();
    let line = said.iter().find(|line| line.contains(&missing.request_id)).unwrap();
    assert!(line.contains("answered") && line.contains("404") && !line.contains("nowhere"), "{line}");
    assert!(serde_json::from_str::<Value>(line).is_err());
}

#[test]
fn a_collector_receives_the_trace_of_each_request_by_its_route() {
    let (address, traces) = collector();
    let place = Place::new(&format!("log = 'json'\ntraces = 'http://{address}/v1/traces'\n"));
    let (node, requests, secrets) = day_at_the_counter(&place);
    assert!(node.stop().0.success());
    let mut bodies = Vec::new();
    while let Ok(body) = traces.recv_timeout(Duration::from_secs(1)) {
        bodies.push(body);
    }
    let spans: Vec<Span> = bodies.iter().flat_map(|body| spans(body)).collect();
    for (request, status) in &requests {
        let span = spans.iter().find(|span| text(span, "request.id") == *request);
        let span = span.unwrap_or_else(|| panic!("no trace of {request} in {} spans", spans.len()));
        assert_eq!(number(span, "http.response.status_code"), i64::from(*status));
        assert!(span.name.ends_with(&text(span, "http.route")), "{span:?}");
        assert!(span.events.is_empty(), "no log line is sent: {span:?}");
    }
    let of_route = |route: &str| spans.iter().find(|span| text(span, "http.route") == route).unwrap();
    let submitted = spans.iter().find(|span| span.name == "POST /applications").unwrap();
    assert!(
        spans.iter().any(|span| span.name == "act" && span.parent_span_id == submitted.span_id),
        "the trace tells how long the writing took"
    );
    assert_eq!(of_route("/search").name, "GET /search");
    assert_eq!(of_route("/applications/{id}").name, "GET /applications/{id}");
    for body in &bodies {
        for secret in PERSONAL.iter().copied().chain(secrets.iter().map(String::as_str)) {
            assert!(!holds(body, secret.as_bytes()), "{secret} was sent to the collector");
        }
    }
}

/// Sign-in, a wrong password, an appointment, a form at fault, an application, a search, a page that is not there.
/// Gives the number and status of each request that a person made, and the passwords that were shown.
fn day_at_the_counter(place: &Place) -> (Node, Vec<(String, u16)>, Vec<String>) {
    let first = place.administrator("zhang.wei", "张伟");
    let node = place.serve();
    let administrator = Browser::first_sign_in(&node, "zhang.wei", &first);
    let post = [("name", "陈芳"), ("login", "chen.fang"), ("roles", "clerk"), ("territory", "330421")];
    let appointed = administrator.post("/officers/new", "/officers", &post);
    assert_eq!(appointed.status, 200, "{}", appointed.body);
    let second = shown_password(&appointed.body);
    let clerk = Browser::first_sign_in(&node, "chen.fang", &second);
    let wrong = Browser::new(&node).post(
        "/login",
        "/login",
        &[("login", "chen.fang"), ("password", "four birds in a bush")],
    );
    let failed = application(&clerk, "330421196802150026");
    let submitted = application(&clerk, "330421196802150025");
    assert_eq!((wrong.status, failed.status), (422, 422));
    assert_eq!(submitted.status, 303, "{}", submitted.body);
    let seen = clerk.get(&submitted.location);
    let found = clerk.get("/search?q=%E6%B2%88%E9%98%BF%E7%8F%8D");
    assert!(found.body.contains("沈阿珍"), "the search finds the applicant");
    let missing = clerk.get("/nowhere/%E6%B2%88%E9%98%BF%E7%8F%8D?q=13857312345");
    let replies = [appointed, wrong, failed, submitted, seen, found, missing];
    let requests = replies.iter().map(|reply| (reply.request_id.clone(), reply.status)).collect();
    (node, requests, vec![first, second, PASSWORD.to_owned()])
}

fn application(clerk: &Browser, identity_number: &str) -> Reply {
    let fields = [
        ("subject", "individual"),
        ("name", "沈阿珍"),
        ("identity_number", identity_number),
        ("phone", "13857312345"),
        ("trade_name", "阿珍副食品店"),
        ("address", "嘉善县西塘镇南苑路12号"),
        ("division", "330421103"),
        ("point", "120.89, 30.94"),
        ("premises_kind", "grocery"),
        ("area", "town"),
        ("scope", "cigarettes"),
    ];
    let files = [
        ("file-form", "沈家的申请表.pdf", "%PDF-1.7 form"),
        ("file-identity", "身份证.pdf", "%PDF-1.7 card"),
    ];
    clerk.upload("/applications/new", "/applications", &fields, &files)
}

/// The one-time password on the page that shows it.
fn shown_password(page: &str) -> String {
    let main = page.split("<main").nth(1).unwrap();
    let shown = main.split("class=\"mono\">").nth(1).unwrap_or_else(|| panic!("no password: {page}"));
    shown.split('<').next().unwrap().to_owned()
}

/// A collector of traces on a socket of its own; what is sent to it comes out of the channel.
fn collector() -> (std::net::SocketAddr, Receiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (send, receive) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let send = send.clone();
            std::thread::spawn(move || {
                while let Some(body) = take(&stream) {
                    if send.send(body).is_err() {
                        break;
                    }
                }
            });
        }
    });
    (address, receive)
}

/// One request's body, answered as OTLP wants it: 200 with an empty protobuf message.
fn take(stream: &TcpStream) -> Option<Vec<u8>> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let head = head.to_lowercase();
    assert!(head.starts_with("post /v1/traces ") && head.contains("application/x-protobuf"), "{head}");
    let length =
        head.split("content-length:").nth(1).unwrap().lines().next().unwrap().trim().parse().unwrap();
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let answer = "HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n";
    { stream }.write_all(answer.as_bytes()).ok()?;
    Some(body)
}

fn spans(body: &[u8]) -> Vec<Span> {
    let sent = ExportTraceServiceRequest::decode(body).unwrap();
    let scopes = sent.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
    scopes.flat_map(|scope| scope.spans).collect()
}

fn attribute(span: &Span, key: &str) -> Option<Any> {
    let found = span.attributes.iter().find(|attribute| attribute.key == key)?;
    found.value.clone()?.value
}

fn text(span: &Span, key: &str) -> String {
    match attribute(span, key) {
        Some(Any::StringValue(text)) => text,
        _ => String::new(),
    }
}

fn number(span: &Span, key: &str) -> i64 {
    match attribute(span, key) {
        Some(Any::IntValue(number)) => number,
        other => panic!("{key} is no number: {other:?}"),
    }
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
