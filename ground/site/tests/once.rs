//! Stories of forms that come twice: pressed twice, sent again after a fright, or repeated by a browser.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use site::testing::{Client, Reply, Town, for_each_engine};

fn tell(story: impl Fn(&Town)) {
    for_each_engine(Vec::new, story);
}

fn acts(town: &Town) -> u64 {
    town.house.ledger.checkpoint().unwrap().head().size
}

const FIELDS: [(&str, &str); 4] =
    [("login", "newhand"), ("name", "新人"), ("roles", "clerk"), ("territory", "330421")];

fn appoint(administrator: &Client, mark: &str, name: &str) -> Reply {
    let fields: Vec<(&str, &str)> = [("csrf", mark)]
        .into_iter()
        .chain(FIELDS.map(|(field, value)| (field, if field == "name" { name } else { value })))
        .collect();
    administrator.post_as("/officers", &fields, &[])
}

#[test]
fn a_form_that_comes_twice_is_done_once_and_answered_alike() {
    tell(|town| {
        let administrator = town.sign_in("administrator");
        let mark = administrator.mark_of(&administrator.get("/officers/new"));
        let first = appoint(&administrator, &mark, "新人");
        let before = acts(town);
        let again = appoint(&administrator, &mark, "新人");
        assert_eq!((first.status, again.status), (200, 200));
        assert_eq!(first.body, again.body, "the one-time password is the same");
        assert_eq!(acts(town), before);

        let address = format!("/officers/{}", town.officer("clerk"));
        let mark = administrator.mark_of(&administrator.get(&address));
        let team = |team| {
            let reply =
                administrator.post_as(&format!("{address}/team"), &[("csrf", &mark), ("team", team)], &[]);
            (reply.status, reply.location().to_owned())
        };
        let before = acts(town);
        assert_eq!(team("二中队"), (303, address.clone()));
        assert_eq!(team("二中队"), (303, address.clone()));
        assert_eq!(acts(town), before + 1);
        assert_eq!(team("三中队"), (303, address.clone()), "another value is another command");
        assert_eq!(acts(town), before + 2);
    });
}

#[test]
fn two_presses_at_one_time_are_one_act_with_one_answer() {
    tell(|town| {
        let administrator = town.sign_in("administrator");
        let mark = administrator.mark_of(&administrator.get("/officers/new"));
        let session = administrator.cookie("session").unwrap();
        let before = acts(town);
        let tabs: Vec<Client> = (0..8).map(|_| town.anonymous()).collect();
        tabs.iter().for_each(|tab| tab.set_cookie("session", &session));
        let bodies: Vec<String> = std::thread::scope(|scope| {
            let sent: Vec<_> = tabs
                .into_iter()
                .map(|tab| {
                    scope.spawn(|| {
                        let tab = tab;
                        appoint(&tab, &mark, "新人").body
                    })
                })
                .collect();
            sent.into_iter().map(|sent| sent.join().unwrap()).collect()
        });
        assert_eq!(acts(town), before + 1);
        assert!(bodies[0].contains("newhand") && bodies.iter().all(|body| *body == bodies[0]));
    });
}

#[test]
fn what_was_done_before_the_node_stopped_is_not_done_again() {
    store::testing::for_each_engine(|store| {
        let town = Town::build(store, Vec::new(), site::Drawer::new());
        let administrator = town.sign_in("administrator");
        let address = format!("/officers/{}", town.officer("clerk"));
        let mark = administrator.mark_of(&administrator.get(&address));
        let send = |browser: &Client| {
            browser.post_as(&format!("{address}/team"), &[("csrf", &mark), ("team", "x")], &[])
        };
        assert_eq!(send(&administrator).status, 303);
        let before = acts(&town);
        // The answers lay in memory; what was noted with the act is there.
        let town = town.restarted();
        let browser = town.anonymous();
        browser.set_cookie("session", &administrator.cookie("session").unwrap());
        let again = send(&browser);
        assert!(again.status == 409 && again.has("该内容已经提交过"), "{}", again.status);
        assert_eq!(acts(&town), before);
    });
}

#[test]
fn what_was_refused_may_be_sent_again_as_it_was() {
    tell(|town| {
        let administrator = town.sign_in("administrator");
        let mark = administrator.mark_of(&administrator.get("/officers/new"));
        assert_eq!(appoint(&administrator, &mark, "").status, 422);
        assert_eq!(appoint(&administrator, &mark, "").status, 422);
        let other = town.sign_in("administrator");
        let address = format!("/officers/{}/dismissal", town.officer("administrator"));
        let mark = other.mark_of(&other.get("/officers/new"));
        let leave = || other.post_as(&address, &[("csrf", &mark)], &[]).status;
        assert_eq!(leave(), 422, "the last administrator stays");
        town.appoint("second", "继任", &[site::officers::Role::Administrator], "330421");
        assert_eq!(leave(), 303, "the same form, now that there is another");
    });
}

#[test]
fn a_form_that_waited_for_a_proof_is_done_once_however_often_the_page_is_loaded_again() {
    tell(|town| {
        let administrator = town.sign_in("administrator");
        town.clock.advance(jiff::SignedDuration::from_mins(16));
        let asked = administrator.post("/officers", &FIELDS);
        let kept = asked.location().rsplit('=').next().unwrap().to_owned();
        let proof = [("kept-form", kept.as_str()), ("password", site::testing::PASSWORD)];
        assert_eq!(administrator.post("/confirm", &proof).status, 307);
        let first = administrator.post("/officers", &proof);
        let before = acts(town);
        let again = administrator.post("/officers", &proof);
        assert!(first.status == 200 && first.body == again.body);
        assert_eq!(acts(town), before);
    });
}
