//! Stories of those who mean harm, or send what no page of ours sends, told through HTTP on both engines.

use site::testing::{Client, PASSWORD, Reply, Town, for_each_engine};

fn tell(story: impl Fn(&Town)) {
    for_each_engine(Vec::new, story);
}

fn sign_in(client: &Client, login: &str, password: &str) -> Reply {
    client.post("/login", &[("login", login), ("password", password)])
}

/// How many answers had this status.
fn count(statuses: &[u16], wanted: u16) -> usize {
    statuses.iter().filter(|status| **status == wanted).count()
}

#[test]
fn a_route_that_asked_for_no_file_stores_none() {
    tell(|town| {
        // SHA-256 of "abc" (FIPS 180-4, example 1).
        let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        for (client, path) in [(town.anonymous(), "/login"), (town.sign_in("clerk"), "/preferences")] {
            assert_eq!(client.upload(path, &[], "file", "a.txt", b"abc").status, 415, "{path}");
        }
        assert!(!town.house.uploads.path(digest).unwrap().exists());
    });
}

#[test]
fn guesses_made_at_one_time_are_counted_like_guesses_in_a_row() {
    tell(|town| {
        let clients: Vec<Client> = (0..12).map(|_| town.anonymous()).collect();
        clients.iter().for_each(|client| assert_ne!(client.csrf(), ""));
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let guesses: Vec<_> = clients
                .into_iter()
                .map(|client| scope.spawn(move || sign_in(&client, "clerk", "guess").status))
                .collect();
            guesses.into_iter().map(|guess| guess.join().unwrap()).collect()
        });
        assert_eq!((count(&statuses, 422), count(&statuses, 429)), (5, 7), "{statuses:?}");
    });
}

#[test]
fn the_present_password_is_guessed_no_faster_from_inside() {
    tell(|town| {
        let clients: Vec<Client> = (0..12).map(|_| town.sign_in("clerk")).collect();
        let guess = |client: &Client| client.post("/account/password", &[("current", "guess")]).status;
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let guesses: Vec<_> =
                clients.into_iter().map(|client| scope.spawn(move || guess(&client))).collect();
            guesses.into_iter().map(|guess| guess.join().unwrap()).collect()
        });
        assert_eq!((count(&statuses, 422), count(&statuses, 429)), (5, 7), "{statuses:?}");
    });
}

#[test]
fn many_who_sign_in_from_one_address_hold_nobody_up() {
    tell(|town| {
        for _ in 0..40 {
            assert_eq!(sign_in(&town.anonymous(), "clerk", PASSWORD).status, 303);
        }
    });
}

#[test]
fn a_network_of_ipv6_is_one_address_to_the_brake() {
    tell(|town| {
        let from = |address: String| {
            let mut client = town.anonymous();
            client.address = address.parse().unwrap();
            client
        };
        for number in 0..30 {
            let client = from(format!("[2001:db8:1:2::{number:x}]:5000"));
            assert_eq!(sign_in(&client, &format!("guess{number}"), "guess").status, 422);
        }
        assert_eq!(sign_in(&from("[2001:db8:1:2:9::1]:5000".to_owned()), "clerk", PASSWORD).status, 429);
        assert_eq!(sign_in(&from("[2001:db8:1:3::1]:5000".to_owned()), "clerk", PASSWORD).status, 303);
    });
}

#[test]
fn a_login_longer_than_any_is_refused_and_not_remembered() {
    tell(|town| {
        for number in 0..31 {
            let reply = sign_in(&town.anonymous(), &format!("{}{number}", "x".repeat(70)), "guess");
            assert_eq!((reply.status, reply.has("登录名或密码不正确。")), (422, true));
        }
    });
}

#[test]
fn who_signs_in_over_another_officer_ends_the_others_session() {
    tell(|town| {
        let browser = town.sign_in("clerk");
        let before = browser.cookie("session").unwrap();
        assert_eq!(sign_in(&browser, "head", PASSWORD).status, 303);
        assert_eq!(browser.get("/").status, 200);
        let thief = town.anonymous();
        thief.set_cookie("session", &before);
        assert_eq!(thief.get("/").status, 303);
    });
}

#[test]
fn a_nul_in_an_address_or_a_form_is_the_senders_fault() {
    tell(|town| {
        let administrator = town.sign_in("administrator");
        for path in ["/officers?q=%00", "/search?q=a%00b", "/login?next=%00", "/officers/%00"] {
            let reply = administrator.get(path);
            assert_eq!((reply.status, reply.has("请求有误")), (400, true), "{path}");
        }
        assert_eq!(administrator.get("/officers?q=%2500").status, 200, "a percent sign and two zeros");
        assert_eq!(administrator.post("/officers", &[("login", "a"), ("name", "a\0b")]).status, 400);
        assert_eq!(sign_in(&town.anonymous(), "cl\0erk", "guess").status, 400);
    });
}

#[test]
fn what_a_page_asks_by_itself_does_not_keep_a_deserted_desk_signed_in() {
    tell(|town| {
        let clerk = town.sign_in("clerk");
        town.clock.advance(jiff::SignedDuration::from_mins(29));
        assert_eq!(clerk.get_with("/", &[("x-comity-background", "1")]).status, 200);
        assert_eq!(clerk.open("/live").status, 200);
        town.clock.advance(jiff::SignedDuration::from_mins(2));
        assert_eq!(clerk.get("/").status, 303);
    });
}

#[test]
fn pages_are_read_also_when_the_use_of_a_session_cannot_be_noted() {
    tell(|town| {
        let clerk = town.sign_in("clerk");
        town.clock.advance(jiff::SignedDuration::from_mins(2));
        // A view with a computed column cannot be written.
        let spoil = |sql: &mut dyn store::Sql| {
            sql.define("alter table sessions rename to kept_sessions")?;
            sql.define(
                "create view sessions as select digest, officer, opened, seen + 0 as seen, confirmed from kept_sessions",
            )
        };
        town.house.store.write(spoil).unwrap();
        assert_eq!(clerk.get("/").status, 200);
    });
}

#[test]
fn failures_are_not_forgotten_when_the_node_starts_again() {
    store::testing::for_each_engine(|store| {
        let town = Town::build(store.clone(), Vec::new(), site::Drawer::new());
        for _ in 0..5 {
            assert_eq!(sign_in(&town.anonymous(), "clerk", "guess").status, 422);
        }
        let again = town.restarted();
        assert_eq!(sign_in(&again.anonymous(), "clerk", PASSWORD).status, 429);
        assert_eq!(sign_in(&again.anonymous(), "head", PASSWORD).status, 303);
        again.clock.advance(jiff::SignedDuration::from_mins(16));
        assert_eq!(sign_in(&again.anonymous(), "clerk", PASSWORD).status, 303);
    });
}
