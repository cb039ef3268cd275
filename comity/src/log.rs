//! What the program tells of its work: log lines as JSON or plain text, and traces for a collector by OpenTelemetry.
//!
//! Neither holds personal data: requests are told by the pattern of their route, and a panic by its place alone, because
//! its message may quote what was typed.

use std::io::IsTerminal;
use std::panic::PanicHookInfo;
use std::time::Duration;

use anyhow::{Context, Result};
use opentelemetry::trace::TracerProvider;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use serde::Deserialize;
use tracing::Subscriber;
use tracing_subscriber::filter::{EnvFilter, filter_fn};
use tracing_subscriber::fmt::format::{Writer, debug_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use crate::configuration::Configuration;

/// What comes into the log. `tower_http` is silent: it would repeat the message of a panic.
const LOGGED: &str = "info,axum=warn,hyper=warn,tower_http=off";

/// So long the collector of traces is waited for.
const COLLECTOR_WAIT: Duration = Duration::from_secs(10);

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// One JSON object a line, for a log collector.
    Json,
    /// For the eyes of someone at a terminal.
    Plain,
}

/// Keeps the traces going; those not yet sent are sent when it is dropped.
pub struct Telling {
    traces: Option<SdkTracerProvider>,
}

impl Drop for Telling {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.traces.as_ref().map(SdkTracerProvider::shutdown) {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}

/// Begins to tell, in the form and to the collector that the configuration names.
///
/// # Errors
/// When the address of the collector cannot be used.
pub fn start(configuration: &Configuration) -> Result<Telling> {
    let traces = configuration.traces.as_deref().map(|address| provider(address, &configuration.name));
    let traces = traces.transpose()?;
    let spans = traces.as_ref().map(|provider| {
        let tracer = provider.tracer("comity");
        // Only spans of our own, and no log lines: an error may say more than a collector should hear.
        tracing_opentelemetry::layer()
            .with_tracer(tracer)
            .with_location(false)
            .with_threads(false)
            .with_filter(filter_fn(|metadata| metadata.is_span() && is_ours(metadata.target())))
    });
    let form = configuration.log.unwrap_or_else(usual);
    tracing_subscriber::registry().with(lines(form)).with(spans).init();
    std::panic::set_hook(Box::new(tell_panic));
    Ok(Telling { traces })
}

/// JSON, unless someone sits before a terminal.
fn usual() -> Form {
    if std::io::stdout().is_terminal() { Form::Plain } else { Form::Json }
}

fn lines<S>(form: Form) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let filter = EnvFilter::new(LOGGED);
    match form {
        Form::Json => {
            fmt::layer().json().flatten_event(true).with_span_list(false).with_filter(filter).boxed()
        }
        Form::Plain => fmt::layer().fmt_fields(debug_fn(write_field)).with_filter(filter).boxed(),
    }
}

/// A field as it stands in a plain line; what only a trace needs is left out.
fn write_field(
    out: &mut Writer<'_>,
    field: &tracing::field::Field,
    value: &dyn std::fmt::Debug,
) -> std::fmt::Result {
    match field.name() {
        "message" => write!(out, "{value:?}"),
        name if name.starts_with("otel.") => Ok(()),
        name => write!(out, " {name}={value:?}"),
    }
}

/// Whether a span comes from one of our crates.
fn is_ours(target: &str) -> bool {
    let name = target.split("::").next().unwrap_or_default();
    ["comity", "site", "ledger", "supervision"].contains(&name)
}

/// Sends spans in batches, from a thread of its own, as OTLP over HTTP in protobuf.
fn provider(address: &str, node: &str) -> Result<SdkTracerProvider> {
    let client = Collector(ureq::Agent::config_builder().timeout_global(Some(COLLECTOR_WAIT)).build().into());
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(client)
        .with_endpoint(address)
        .build()
        .with_context(|| format!("traces cannot be sent to {address}"))?;
    let resource = Resource::builder_empty()
        .with_service_name("comity")
        .with_attribute(opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .with_attribute(opentelemetry::KeyValue::new("service.instance.id", node.to_owned()))
        .build();
    Ok(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build())
}

/// The HTTP client of the exporter. It blocks, which only the exporter's own thread feels.
#[derive(Debug)]
struct Collector(ureq::Agent);

#[async_trait::async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (parts, body) = request.into_parts();
        let answer = self.0.run(Request::from_parts(parts, body.to_vec()))?;
        let (parts, mut body) = answer.into_parts();
        Ok(Response::from_parts(parts, body.read_to_vec()?.into()))
    }
}

fn tell_panic(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    tracing::error!(place, "a programming fault broke the work off");
}
