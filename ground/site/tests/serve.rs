//! Stories on a real socket: TLS, no plain HTTP elsewhere, live updates, chores, an orderly end.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ledger::{Actor, Body, Draft, MatterKey};
use serde::{Deserialize, Serialize};
use site::testing::{Client, Town, for_each_engine};
use site::{Chore, Drawer, Listen, MatterKind, Module, Settings, Subject};
use store::Store;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// A certificate made for these stories alone: `localhost`, good for a hundred years.
fn certificate() -> (std::path::PathBuf, std::path::PathBuf) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tls");
    (folder.join("certificate.pem"), folder.join("key.pem"))
}

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free address")
}

async fn connect(address: SocketAddr) -> TcpStream {
    for _ in 0..200 {
        if let Ok(stream) = TcpStream::connect(address).await {
            return stream;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("nobody listens on {address}");
}

#[test]
fn a_page_comes_over_tls_and_nothing_comes_without() {
    let settings = Settings { secure: true, ..Settings::default() };
    let town = Town::build_with(Store::temporary().unwrap(), Vec::new(), Drawer::new(), settings);
    let listen = Listen { address: free_address(), certificate: Some(certificate()) };
    town.block_on(async {
        let (stop, stopped) = oneshot::channel::<()>();
        let (app, at) = (Arc::clone(&town.house), listen.address);
        let server =
            tokio::spawn(async move { site::serve(&app, &listen, async { drop(stopped.await) }).await });

        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(certificate().0).unwrap()).unwrap();
        let client = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        let name = ServerName::try_from("localhost").unwrap();
        let mut stream = TlsConnector::from(Arc::new(client)).connect(name, connect(at).await).await.unwrap();
        stream
            .write_all(b"GET /login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            .await
            .unwrap();
        let mut page = String::new();
        stream.read_to_string(&mut page).await.unwrap();
        assert!(page.starts_with("HTTP/1.1 200"), "{page}");
        assert!(
            page.contains("strict-transport-security: max-age=")
                && page.contains("set-cookie: __Host-visit=")
        );

        let mut plain = connect(at).await;
        plain
            .write_all(b"GET /login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            .await
            .unwrap();
        let mut answer = Vec::new();
        let _ = plain.read_to_end(&mut answer).await;
        assert!(!answer.starts_with(b"HTTP"), "a page came without TLS");
        stop.send(()).unwrap();
        server.await.unwrap().unwrap();
    });
}

#[test]
fn without_a_certificate_the_node_does_not_start_on_an_open_address() {
    let town = Town::build(Store::temporary().unwrap(), Vec::new(), Drawer::new());
    let listen = Listen { address: "0.0.0.0:0".parse().unwrap(), certificate: None };
    let refused = town.block_on(site::serve(&town.house, &listen, std::future::pending())).unwrap_err();
    assert!(refused.to_string().contains("not loopback"), "{refused}");
}

/// An act on an outlet; the last sign of the matter's id chooses its division.
#[derive(Serialize, Deserialize)]
struct Visited {}

impl Body for Visited {
    fn kind(&self) -> &'static str {
        "outlet.visited"
    }
}

static WAKES: AtomicUsize = AtomicUsize::new(0);

fn outlets() -> Vec<Module> {
    vec![Module {
        matters: vec![MatterKind {
            kind: "outlet",
            power: "licence.read",
            subject: |_, id| Ok(Some(Subject::at(format!("33042110{}", id.as_u128() % 10)))),
            address: |id| format!("/outlets/{id}"),
            reveal: None,
        }],
        chores: vec![Chore {
            name: "count",
            every: Duration::from_secs(3600),
            woken: true,
            run: |_| {
                WAKES.fetch_add(1, Ordering::SeqCst);
                Ok(())
            },
        }],
        ..Module::new("outlets")
    }]
}

fn visit(town: &Town, outlet: u128) {
    let key = MatterKey::new("outlet", uuid::Uuid::from_u128(outlet));
    let act = move |writing: &mut ledger::Writing<'_>| writing.append(Draft::new(&key, &Visited {}));
    town.house.ledger.write::<_, ledger::Error, _>(Actor::Node, act).expect("a visit");
}

/// What a stream says within half a second.
fn heard(client: &Client, act: impl FnOnce()) -> String {
    client.listen("/live", act, Duration::from_millis(500))
}

#[test]
fn an_officer_hears_of_his_own_territory_only_and_of_nothing_after_he_is_shut_out() {
    for_each_engine(outlets, |town| {
        town.appoint("first", "一片", &[site::officers::Role::Clerk], "330421101");
        let (first, administrator) = (town.sign_in("first"), town.sign_in("administrator"));
        let news = heard(&first, || {
            visit(town, 1);
            visit(town, 2);
        });
        assert!(news.contains("event: acts") && news.contains("outlet.visited"), "{news}");
        assert!(news.contains("outlet/00000000-0000-0000-0000-000000000001"));
        assert!(!news.contains("000000000002"), "the neighbour's outlet: {news}");
        assert_eq!(heard(&administrator, || visit(town, 1)), "", "an administrator reads no outlets");
        let after = heard(&first, || {
            administrator.post(&format!("/officers/{}/dismissal", town.officer("first")), &[]);
            visit(town, 1);
        });
        assert_eq!(after, "");
    });
}

#[test]
fn an_open_stream_follows_an_officer_into_another_territory() {
    for_each_engine(outlets, |town| {
        town.appoint("mover", "调片", &[site::officers::Role::Clerk], "330421101");
        let (mover, administrator) = (town.sign_in("mover"), town.sign_in("administrator"));
        let address = format!("/officers/{}/territory", town.officer("mover"));
        let news = heard(&mover, || {
            assert_eq!(administrator.post(&address, &[("territory", "330421102")]).status, 303);
            visit(town, 1);
            visit(town, 2);
        });
        assert!(news.contains("000000000002"), "{news}");
        assert!(!news.contains("000000000001"), "the territory he left: {news}");
    });
}

#[test]
fn a_chore_runs_at_start_and_soon_after_an_act() {
    let town = Town::build(Store::temporary().unwrap(), outlets(), Drawer::new());
    let wait_for = |wakes: usize| {
        let begun = Instant::now();
        while WAKES.load(Ordering::SeqCst) < wakes {
            assert!(begun.elapsed() < Duration::from_secs(20), "the chore was not woken");
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    let chores = town.block_on(async { site::run_chores(&town.house) });
    wait_for(1);
    visit(&town, 1);
    wait_for(2);
    drop(chores);
}

#[test]
fn the_node_ends_at_once_even_while_streams_are_open() {
    let town = Town::build(Store::temporary().unwrap(), outlets(), Drawer::new());
    let listen = Listen { address: free_address(), certificate: None };
    let session = town.sign_in("clerk").cookie("session").unwrap();
    town.block_on(async {
        let (stop, stopped) = oneshot::channel::<()>();
        let (app, at) = (Arc::clone(&town.house), listen.address);
        let server =
            tokio::spawn(async move { site::serve(&app, &listen, async { drop(stopped.await) }).await });
        let mut stream = connect(at).await;
        let request = format!("GET /live HTTP/1.1\r\nHost: localhost\r\nCookie: session={session}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = [0; 12];
        stream.read_exact(&mut head).await.unwrap();
        assert_eq!(&head, b"HTTP/1.1 200");
        let begun = Instant::now();
        stop.send(()).unwrap();
        server.await.unwrap().unwrap();
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    });
}
