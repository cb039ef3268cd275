//! Routes, each declared once with the power it needs.

use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodRouter, get, post};

use crate::house::App;

/// The power that anybody has.
pub const PUBLIC: &str = "public";

/// The power of everybody who has signed in.
pub const ACCOUNT: &str = "account.use";

/// Bytes of an ordinary form.
const FORM: usize = 256 * 1024;

/// One declared route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    pub method: Method,
    pub path: &'static str,
    /// A Cedar action.
    pub power: &'static str,
    /// Most bytes of the body.
    pub most_bytes: usize,
    /// Whether its form may bring files; elsewhere a file is refused before a byte of it is stored.
    pub files: bool,
    /// Also open to a program on this machine, whatever the power (metrics).
    pub loopback: bool,
}

/// Routes with their handlers.
#[derive(Default)]
pub struct Routes {
    entries: Vec<(Route, MethodRouter<App>)>,
}

impl Routes {
    /// No routes yet.
    pub fn new() -> Routes {
        Routes::default()
    }

    /// A page.
    #[must_use]
    pub fn get<H, T>(self, path: &'static str, power: &'static str, handler: H) -> Routes
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add(route(Method::GET, path, power, 0), get(handler))
    }

    /// A command by an ordinary form.
    #[must_use]
    pub fn post<H, T>(self, path: &'static str, power: &'static str, handler: H) -> Routes
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add(route(Method::POST, path, power, FORM), post(handler))
    }

    /// A command by a form with files, up to so many bytes in all.
    #[must_use]
    pub fn upload<H, T>(
        self,
        path: &'static str,
        power: &'static str,
        most_bytes: usize,
        handler: H,
    ) -> Routes
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add(Route { files: true, ..route(Method::POST, path, power, most_bytes) }, post(handler))
    }

    /// A page that programs on this machine may read without signing in.
    #[must_use]
    pub(crate) fn get_on_loopback<H, T>(self, path: &'static str, power: &'static str, handler: H) -> Routes
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add(Route { loopback: true, ..route(Method::GET, path, power, 0) }, get(handler))
    }

    /// Adds the routes of another module.
    #[must_use]
    pub fn and(mut self, others: Routes) -> Routes {
        self.entries.extend(others.entries);
        self
    }

    /// What is declared.
    pub fn declared(&self) -> Vec<Route> {
        self.entries.iter().map(|(route, _)| route.clone()).collect()
    }

    /// The router in which every route stands behind `guard`.
    pub(crate) fn router(self, guard: impl Fn(Route, MethodRouter<App>) -> MethodRouter<App>) -> Router<App> {
        self.entries.into_iter().fold(Router::new(), |router, (route, handler)| {
            let path = route.path;
            router.route(path, guard(route, handler))
        })
    }

    fn add(mut self, route: Route, handler: MethodRouter<App>) -> Routes {
        self.entries.push((route, handler));
        self
    }
}

fn route(method: Method, path: &'static str, power: &'static str, most_bytes: usize) -> Route {
    Route { method, path, power, most_bytes, files: false, loopback: false }
}
