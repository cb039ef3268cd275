//! Work that blocks, away from the async threads, and yet under the span of its request.

use tracing::Span;

/// Runs what blocks on a thread made for that. The span goes along, so that every log line of a request bears its id;
/// the span of its own tells a trace how long the work took.
///
/// # Errors
/// When the work panicked or the node is closing. The message of a panic is left out: it may quote what was typed.
pub(crate) async fn blocking<T: Send + 'static>(
    name: &'static str,
    work: impl FnOnce() -> T + Send + 'static,
) -> anyhow::Result<T> {
    let request = Span::current();
    let spanned = move || {
        request.in_scope(|| {
            tracing::debug_span!("blocking", otel.name = name, otel.kind = "internal").in_scope(work)
        })
    };
    tokio::task::spawn_blocking(spanned).await.map_err(|error| match error.is_panic() {
        true => anyhow::anyhow!("the work panicked; a line before this one names the place"),
        false => anyhow::anyhow!("the node is closing"),
    })
}
