//! From modules to a running server: books for the ledger, the router, TLS, and no plain HTTP but on loopback.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, get};
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use ledger::Book;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

use crate::assets::asset;
use crate::front::front;
use crate::guard::{guard, missing, wrong_method};
use crate::house::{App, all};
use crate::module::Module;
use crate::routes::{Route, Routes};

/// So long a browser may take for the head of a request; whoever sends it sign by sign holds no connection for ever.
const HEADER_WAIT: Duration = Duration::from_secs(30);

/// Where a node listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    pub address: SocketAddr,
    /// Files of the certificate chain and its key, in PEM.
    pub certificate: Option<(PathBuf, PathBuf)>,
}

impl Listen {
    /// Whether this may be listened on: without a certificate only on loopback.
    ///
    /// # Errors
    /// Says what to do otherwise.
    pub fn check(&self) -> anyhow::Result<()> {
        if self.certificate.is_none() && !self.address.ip().is_loopback() {
            bail!(
                "{} is not loopback: plain HTTP would send passwords in the clear; give a certificate and its key, or listen on 127.0.0.1",
                self.address
            );
        }
        Ok(())
    }
}

/// The books of the house and of its modules, for `Ledger::open`.
pub fn books(modules: &[Module]) -> Vec<Box<dyn Book>> {
    all(modules.to_vec()).iter().flat_map(|module| (module.books)()).collect()
}

/// Every route of a house with the power it needs.
pub fn declared(app: &App) -> Vec<Route> {
    routes(app).declared()
}

fn routes(app: &App) -> Routes {
    app.modules.iter().fold(Routes::new(), |routes, module| routes.and((module.routes)()))
}

/// The router of a house: every route behind the guard, all behind the front door.
///
/// # Errors
/// When a route or menu entry needs a power that the policies do not know.
pub fn router(app: &App) -> anyhow::Result<Router> {
    let routes = routes(app);
    check_powers(app, &routes)?;
    let guarded = routes.router(behind_guard);
    Ok(guarded
        .route("/assets/{*name}", get(asset))
        .fallback(missing)
        .method_not_allowed_fallback(wrong_method)
        .layer(CatchPanicLayer::new())
        .layer(from_fn_with_state(Arc::clone(app), front))
        .layer(CompressionLayer::new())
        .with_state(Arc::clone(app)))
}

fn behind_guard(route: Route, handler: MethodRouter<App>) -> MethodRouter<App> {
    let most = route.most_bytes;
    handler
        .layer::<_, Infallible>(from_fn_with_state(Arc::new(route), guard))
        .layer(DefaultBodyLimit::max(most))
}

fn check_powers(app: &App, routes: &Routes) -> anyhow::Result<()> {
    let known = app.authority.powers();
    let menu =
        app.modules.iter().flat_map(|module| module.menu.iter().map(|entry| (entry.address, entry.power)));
    let wanted = routes.declared().into_iter().map(|route| (route.path, route.power));
    match wanted.chain(menu).find(|(_, power)| !known.contains(*power)) {
        Some((path, power)) => bail!("{path} needs the power {power}, which no schema in authority/ names"),
        None => Ok(()),
    }
}

/// Serves until the process is asked to stop; requests under way are given ten seconds.
///
/// # Errors
/// When the address may not or cannot be listened on, or the certificate cannot be read.
pub async fn serve(
    app: &App,
    listen: &Listen,
    stop: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    listen.check()?;
    let service = router(app)?.into_make_service_with_connect_info::<SocketAddr>();
    let handle = Handle::new();
    tokio::spawn(tell_ready(handle.clone()));
    let (stopping, house) = (handle.clone(), Arc::clone(app));
    tokio::spawn(async move {
        stop.await;
        tracing::info!("the node stops; open requests are finished first");
        house.closing.send_replace(true);
        stopping.graceful_shutdown(Some(Duration::from_secs(10)));
    });
    match &listen.certificate {
        Some((chain, key)) => {
            let config = RustlsConfig::from_pem_file(chain, key).await.context("certificate")?;
            let mut server = axum_server::bind_rustls(listen.address, config).handle(handle);
            server.http_builder().http1().header_read_timeout(HEADER_WAIT);
            server.serve(service).await
        }
        None => {
            let mut server = axum_server::bind(listen.address).handle(handle);
            server.http_builder().http1().header_read_timeout(HEADER_WAIT);
            server.serve(service).await
        }
    }
    .with_context(|| listen.address.to_string())
}

/// Tells the log, and systemd where it has started the node, that requests are answered from now on.
async fn tell_ready(handle: Handle<SocketAddr>) {
    let Some(address) = handle.listening().await else { return };
    tracing::info!(%address, "the node is ready");
    if let Err(error) = sd_notify::notify(&[sd_notify::NotifyState::Ready]) {
        tracing::warn!(%error, "systemd could not be told that the node is ready");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_refused_on_every_address_that_is_not_loopback() {
        let certificate = Some((PathBuf::from("chain.pem"), PathBuf::from("key.pem")));
        let listen = |address: &str, certificate| Listen { address: address.parse().unwrap(), certificate };
        for address in ["127.0.0.1:8080", "[::1]:8080", "127.3.2.1:80"] {
            assert!(listen(address, None).check().is_ok(), "{address}");
        }
        for address in ["0.0.0.0:8080", "[::]:8080", "10.0.0.5:443", "192.168.1.2:80", "[fe80::1]:80"] {
            assert!(listen(address, None).check().is_err(), "{address}");
            assert!(listen(address, certificate.clone()).check().is_ok(), "{address}");
        }
    }
}
