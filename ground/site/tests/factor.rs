//! Stories of the second factor: set up, asked for, lost, and asked for anew before a sensitive power is used.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use jiff::SignedDuration;
use site::officers::Role;
use site::second_factor::Secret;
use site::testing::{Client, PASSWORD, Reply, Town, for_each_engine};
use site::{Drawer, Settings};

fn tell(story: impl Fn(&Town)) {
    for_each_engine(Vec::new, story);
}

fn knock(client: &Client, login: &str) -> Reply {
    client.post("/login", &[("login", login), ("password", PASSWORD), ("next", "/account")])
}

/// The texts in the page that stand in this kind of element.
fn mono(page: &Reply) -> Vec<String> {
    let found = page.body.split("class=\"mono\">").skip(1);
    found.map(|rest| rest.split('<').next().unwrap().to_owned()).collect()
}

/// Sets up a second factor, as a person does: by the secret on the page and the code that it makes. Gives the recovery codes.
fn enrol(town: &Town, login: &str) -> Vec<String> {
    let officer = town.sign_in(login);
    let page = officer.post("/account/factor/offer", &[]);
    assert_eq!(page.status, 200, "{}", page.body);
    let secret = Secret::read(&mono(&page)[0]).unwrap();
    let wrong = officer.post("/account/factor/enrolment", &[("factor-code", "000000")]);
    assert!(
        wrong.status == 422 && wrong.has(&secret.text()) && wrong.has("验证码不正确"),
        "{}",
        wrong.status
    );
    let done = officer.post("/account/factor/enrolment", &[("factor-code", &secret.code(now(town)))]);
    assert_eq!(done.status, 200, "{}", done.body);
    mono(&done)
}

fn now(town: &Town) -> jiff::Timestamp {
    use ledger::Clock;
    town.clock.now()
}

fn step(town: &Town) {
    town.clock.advance(SignedDuration::from_secs(30));
}

#[test]
fn who_has_a_second_factor_comes_in_by_password_and_code() {
    tell(|town| {
        let codes = enrol(town, "clerk");
        assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), 10, "{codes:?}");
        step(town);
        let browser = town.anonymous();
        let asked = knock(&browser, "clerk");
        assert_eq!((asked.status, asked.location()), (303, "/login/factor?next=%2Faccount"));
        assert!(browser.get(asked.location()).has("name=\"next\" value=\"/account\""));
        let half = browser.cookie("session").unwrap();
        let wrong = browser.post("/login/factor", &[("factor-code", "123"), ("next", "/account")]);
        assert!(wrong.status == 422 && wrong.has("验证码不正确"));
        let signed =
            browser.post("/login/factor", &[("factor-code", &town.code("clerk")), ("next", "/account")]);
        assert_eq!((signed.status, signed.location()), (303, "/account"));
        assert_eq!(browser.get("/account").status, 200);
        assert_ne!(browser.cookie("session").unwrap(), half, "a fresh token");
        let thief = town.anonymous();
        thief.set_cookie("session", &half);
        assert!(thief.get("/").location().starts_with("/login?"), "the half session has ended");
    });
}

#[test]
fn before_the_code_no_page_opens_and_no_command_is_done() {
    tell(|town| {
        enrol(town, "administrator");
        let browser = town.anonymous();
        knock(&browser, "administrator");
        let acts = || town.house.ledger.checkpoint().unwrap().head().size;
        let before = acts();
        let open = ["/login/factor", "/logout", "/preferences", "/health"];
        for route in site::declared(&town.house) {
            let path = route.path.replace("{id}", "0").replace("{number}", "1");
            if open.contains(&path.as_str()) {
                continue;
            }
            let reply = if route.method == "GET" { browser.get(&path) } else { browser.post(&path, &[]) };
            assert_eq!((reply.status, reply.location()), (303, "/login/factor"), "{} {path}", route.method);
        }
        assert_eq!(acts(), before);
        town.clock.advance(SignedDuration::from_mins(11));
        assert!(browser.get("/").location().starts_with("/login?"), "it waits ten minutes and no longer");
    });
}

#[test]
fn a_code_opens_once_and_guesses_are_held_up_as_those_of_passwords_are() {
    tell(|town| {
        enrol(town, "clerk");
        step(town);
        let code = town.code("clerk");
        let [first, second, third] = [(); 3].map(|()| town.anonymous());
        [&first, &second, &third].into_iter().for_each(|browser| drop(knock(browser, "clerk")));
        let give =
            |browser: &Client, code: &str| browser.post("/login/factor", &[("factor-code", code)]).status;
        assert_eq!(give(&first, &code), 303);
        assert_eq!(give(&second, &code), 422, "seen over the shoulder, and used already");
        step(town);
        assert_eq!(give(&second, &code), 422, "nor in the next half minute");
        let guesses: Vec<u16> = (0..6).map(|guess| give(&third, &format!("{guess:06}"))).collect();
        assert_eq!(guesses[4..], [429, 429], "{guesses:?}");
        assert_eq!(give(&third, &town.code("clerk")), 429, "the right one waits too");
    });
}

#[test]
fn a_recovery_code_opens_once_in_place_of_the_phone() {
    tell(|town| {
        let codes = enrol(town, "clerk");
        let come_in = |code: &str| {
            let browser = town.anonymous();
            knock(&browser, "clerk");
            (browser.post("/login/factor", &[("factor-code", code)]).status, browser)
        };
        let (status, browser) = come_in(&codes[3].to_uppercase().replace('-', " "));
        assert_eq!(status, 303);
        assert!(browser.get("/account/factor").has("<dd>9</dd>"));
        assert_eq!(come_in(&codes[3]).0, 422, "spent");
        let fresh = mono(&browser.post("/account/factor/codes", &[]));
        assert_eq!(fresh.len(), 10);
        assert_eq!(come_in(&codes[4]).0, 422, "void since there are new ones");
        assert_eq!(come_in(&fresh[0]).0, 303);
    });
}

#[test]
fn the_secret_is_neither_in_the_record_nor_in_the_clear_among_the_codes() {
    tell(|town| {
        let codes = enrol(town, "clerk");
        let rows = town.house.store.read(|sql| sql.query("select digest from recovery_codes", &[])).unwrap();
        assert_eq!(rows.len(), 10);
        let stored: Vec<String> = rows.iter().map(|row| row.get(0).unwrap()).collect();
        assert!(codes.iter().all(|code| !stored.contains(code)));
        let id = town.officer("clerk");
        let secret = town
            .house
            .store
            .read(|sql| sql.query_one("select secret from second_factors where officer = $1", &[id.into()]));
        let secret: String = secret.unwrap().unwrap().get(0).unwrap();
        let acts = town.house.ledger.acts_after(0, 100).unwrap();
        let bodies: Vec<String> = acts
            .into_iter()
            .filter_map(|act| act.body)
            .map(|body| String::from_utf8(body).unwrap())
            .collect();
        assert!(!bodies.is_empty() && bodies.iter().all(|body| !body.contains(&secret)));
    });
}

#[test]
fn a_post_that_must_have_a_second_factor_opens_nothing_before_it_is_set_up() {
    store::testing::for_each_engine(|store| {
        let second_factor = [Role::Head].into();
        let settings = Settings { second_factor, flow: (100_000, 100_000), ..Settings::default() };
        let town = Town::build_with(store, Vec::new(), Drawer::new(), settings);
        assert_eq!(town.sign_in("clerk").get("/").status, 200, "another post need not");
        let head = town.sign_in("head");
        assert_eq!(head.get("/erasures").location(), "/account/factor");
        assert!(head.get("/account/factor").has("您的职责要求设置第二重验证"));
        enrol(&town, "head");
        assert!(head.get("/erasures").location().starts_with("/login?"), "who came in before comes in anew");
        let head = town.sign_in("head");
        assert_eq!(head.get("/erasures").status, 200);
        assert!(head.post("/account/factor/removal", &[]).has("不能停用"));
    });
}

#[test]
fn a_lost_second_factor_is_reset_by_two_others_and_its_officer_is_told() {
    tell(|town| {
        enrol(town, "clerk");
        let [administrator, head, clerk] =
            ["administrator", "head", "clerk"].map(|login| town.sign_in(login));
        let address = format!("/officers/{}", town.officer("clerk"));
        let answer =
            |client: &Client, what: &str| client.post(&format!("{address}/factor/{what}"), &[]).status;
        assert_eq!(answer(&head, "approval"), 422, "nobody has asked");
        let ask = |reason| administrator.post(&format!("{address}/factor/reset"), &[("reason", reason)]);
        assert!(ask("丢").has("请写明理由"));
        assert_eq!(ask("手机遗失，已当面核实").status, 303);
        assert!(head.get("/").has("申请重置第二重验证") && !administrator.get("/").has("申请重置第二重验证"));
        assert_eq!(answer(&administrator, "approval"), 422, "not who asked");
        assert_eq!(answer(&clerk, "approval"), 403, "not who has no such power");
        assert!(
            !administrator.get(&address).has("factor/approval") && head.get(&address).has("factor/approval")
        );
        assert_eq!(answer(&head, "approval"), 303);
        assert!(clerk.get("/").location().starts_with("/login?"), "signed out everywhere");
        let kinds: Vec<String> =
            town.house.ledger.acts_after(0, 100).unwrap().into_iter().map(|act| act.header.kind).collect();
        assert_eq!(kinds[kinds.len() - 2..], ["officer.factor-reset-asked", "officer.factor-reset"]);
        let browser = town.anonymous();
        assert_eq!(knock(&browser, "clerk").location(), "/account");
        assert!(browser.get("/").has("您的第二重验证已于 2026-11-25 09:00 由他人重置"));
        assert_eq!(browser.post("/account/factor/removal", &[]).status, 303);
        assert!(!browser.get("/").has("由他人重置"), "he has seen it");
    });
}

#[test]
fn a_sensitive_power_asks_for_a_fresh_proof_and_loses_nothing_of_the_form() {
    tell(|town| {
        enrol(town, "administrator");
        step(town);
        let administrator = town.sign_in("administrator");
        town.clock.advance(SignedDuration::from_mins(16));
        assert_eq!(administrator.get("/officers").status, 200, "reading asks for nothing");
        let page = administrator.get("/officers/new");
        assert_eq!((page.status, page.location()), (303, "/confirm?next=%2Fofficers%2Fnew"));
        let fields = [("login", "newhand"), ("name", "新人甲"), ("roles", "clerk"), ("territory", "330421")];
        let asked = administrator.post("/officers", &fields);
        assert!(
            asked.status == 303 && asked.location().starts_with("/confirm?kept="),
            "{}",
            asked.location()
        );
        let page = administrator.get(asked.location());
        assert!(page.has("须在 15 分钟内验证过本人身份") && !page.has("name=\"password\""));
        let kept = asked.location().rsplit('=').next().unwrap().to_owned();
        let give =
            |code: &str| administrator.post("/confirm", &[("kept-form", &kept), ("factor-code", code)]);
        assert!(give("1").has("验证码不正确"));
        let confirmed = give(&town.code("administrator"));
        assert_eq!((confirmed.status, confirmed.location()), (307, "/officers"), "sent on as it was");
        let done = administrator.post("/officers", &[("kept-form", &kept)]);
        assert!(done.status == 200 && done.has("newhand"), "{}", done.status);
        assert_eq!(administrator.get("/officers/new").status, 200, "fresh for a while");
    });
}

#[test]
fn who_has_no_second_factor_shows_it_by_his_password() {
    tell(|town| {
        let administrator = town.sign_in("administrator");
        town.clock.advance(SignedDuration::from_mins(16));
        assert!(administrator.get("/confirm?next=/officers/new").has("name=\"password\""));
        let give =
            |password| administrator.post("/confirm", &[("next", "/officers/new"), ("password", password)]);
        assert!(give("guess").has("当前密码不正确"));
        assert_eq!(
            (give(PASSWORD).location(), administrator.get("/officers/new").status),
            ("/officers/new", 200)
        );
    });
}

/// By the form of the sign-in page, as a browser whose session has ended.
fn sign_in_anew(browser: &Client, login: &str, next: &str) -> Reply {
    let mark = browser.mark_of(&browser.get("/login"));
    let fields = [("csrf", mark.as_str()), ("login", login), ("password", PASSWORD), ("next", next)];
    browser.post_as("/login", &fields, &[])
}

#[test]
fn what_was_typed_when_the_session_ended_is_there_after_signing_in_again() {
    tell(|town| {
        let administrator = town.sign_in("administrator");
        let stranger = town.sign_in("head");
        town.clock.advance(SignedDuration::from_mins(31));
        let fields = [
            ("login", "long"),
            ("name", "填了很久"),
            ("roles", "clerk"),
            ("territory", "330421"),
            ("password", "s3cret"),
        ];
        let asked = administrator.post("/officers", &fields);
        assert!(asked.location().starts_with("/login?next=%2Fkept%2F"), "{}", asked.location());
        let stored =
            town.house.store.read(|sql| sql.query_one("select form from kept_forms", &[])).unwrap().unwrap();
        assert!(!stored.get::<String>(0).unwrap().contains("s3cret"));
        let kept = asked.location().trim_start_matches("/login?next=").replace("%2F", "/");
        sign_in_anew(&stranger, "head", "/");
        assert_eq!(stranger.get(&kept).status, 404, "it is another's");
        let signed = sign_in_anew(&administrator, "administrator", &kept);
        assert_eq!(signed.location(), kept);
        assert!(administrator.get(&kept).has("action=\"/officers\""));
        let id = kept.rsplit('/').next().unwrap();
        let shown = administrator.post("/officers", &[("kept-form", id), ("review", "yes")]);
        assert_eq!(shown.status, 422);
        assert!(shown.has("value=\"填了很久\"") && shown.has("尚未提交"), "filled in, and not sent");
        assert_eq!(administrator.post("/officers", &fields).status, 200);
        town.clock.advance(SignedDuration::from_mins(29));
        assert_eq!(administrator.get("/").status, 200);
        town.clock.advance(SignedDuration::from_mins(29));
        administrator.get("/");
        town.clock.advance(SignedDuration::from_mins(3));
        assert_eq!(administrator.get(&kept).status, 404, "kept for an hour");
    });
}

#[test]
fn a_form_of_a_session_that_was_ended_on_purpose_or_is_not_ours_is_not_kept() {
    tell(|town| {
        let administrator = town.sign_in("administrator");
        let (token, session) = (administrator.csrf(), administrator.cookie("session").unwrap());
        administrator.post("/logout", &[]);
        administrator.set_cookie("session", &session);
        let fields = [("csrf", token.as_str()), ("login", "x"), ("name", "y")];
        assert_eq!(administrator.post_as("/officers", &fields, &[]).location(), "/login?next=%2F");
        let ended = town.sign_in("administrator");
        town.clock.advance(SignedDuration::from_mins(31));
        assert_eq!(ended.post_as("/officers", &fields, &[]).status, 403, "a token of another session");
        let count = town.house.store.read(|sql| sql.query("select 1 from kept_forms", &[])).unwrap().len();
        assert_eq!(count, 0);
    });
}

#[test]
fn a_new_password_leaves_the_second_factor_in_force() {
    tell(|town| {
        enrol(town, "clerk");
        let page =
            town.sign_in("administrator").post(&format!("/officers/{}/password", town.officer("clerk")), &[]);
        let password = mono(&page).remove(0);
        let browser = town.anonymous();
        let signed = browser.post("/login", &[("login", "clerk"), ("password", &password)]);
        assert!(signed.location().starts_with("/login/factor"), "{}", signed.location());
        assert_eq!(browser.get("/account/password").location(), "/login/factor");
    });
}

#[test]
fn a_second_factor_is_changed_only_with_a_fresh_proof() {
    tell(|town| {
        enrol(town, "clerk");
        let clerk = town.sign_in("clerk");
        town.clock.advance(SignedDuration::from_mins(16));
        for what in ["offer", "enrolment", "codes", "removal"] {
            let reply = clerk.post(&format!("/account/factor/{what}"), &[]);
            assert!(reply.location().starts_with("/confirm?kept="), "{what}: {}", reply.status);
        }
        assert!(clerk.get("/account/factor").has("<dd>10</dd>"));
    });
}
