//! Stories of the house itself, told through HTTP on both engines.

use jiff::SignedDuration;
use ledger::Clock;
use site::officers::Role;
use site::testing::{Client, PASSWORD, Town, for_each_engine};

fn sign_in(client: &Client, login: &str, password: &str) -> site::testing::Reply {
    client.post("/login", &[("login", login), ("password", password), ("next", "/officers")])
}

fn tell(story: impl Fn(&Town)) {
    for_each_engine(Vec::new, story);
}

#[test]
fn an_officer_signs_in_works_and_signs_out() {
    tell(|town| {
        let browser = town.anonymous();
        let asked = browser.get("/officers?q=a");
        assert_eq!((asked.status, asked.location()), (303, "/login?next=%2Fofficers%3Fq%3Da"));
        let page = browser.get(asked.location());
        assert_eq!(page.status, 200);
        assert!(page.has("name=\"next\" value=\"/officers?q=a\""), "{}", page.body);
        let signed = sign_in(&browser, "Administrator", PASSWORD);
        assert_eq!((signed.status, signed.location()), (303, "/officers"));
        assert!(browser.get("/officers").has("陈芳"));
        let gone = browser.post("/logout", &[]);
        assert_eq!((gone.status, gone.location()), (303, "/login"));
        assert_eq!(browser.get("/officers").status, 303);
    });
}

#[test]
fn a_clock_that_was_set_wrong_is_told_on_every_page_and_time_never_runs_backwards() {
    tell(|town| {
        let administrator = town.sign_in("administrator");
        let change_team = |team: &str| {
            let address = format!("/officers/{}/team", town.officer("clerk"));
            assert_eq!(administrator.post(&address, &[("team", team)]).status, 303);
        };
        let (right, ahead) = (town.clock.now(), SignedDuration::from_mins(10));
        change_team("二中队");
        assert!(!administrator.get("/").has("服务器时钟现为"), "the clock is right");

        town.clock.set(right + ahead);
        change_team("三中队");
        town.clock.set(right);
        let page = administrator.get("/officers");
        assert!(page.has("服务器时钟现为 2026-11-25 09:00:00"), "{}", page.body);
        assert!(page.has("早于最近一次记录的时间 2026-11-25 09:10:00"));
        assert!(town.sign_in("clerk").get("/").has("服务器时钟现为"), "every officer is told");
        assert!(!town.anonymous().get("/login").has("服务器时钟现为"), "and nobody else");
        administrator.post("/preferences", &[("language", "en"), ("back", "/")]);
        assert!(administrator.get("/").has("The clock of this node stands at 2026-11-25 09:00:00"));
        administrator.post("/preferences", &[("language", "zh-CN"), ("back", "/")]);

        change_team("一中队");
        let acts = town.house.ledger.acts_after(0, 100).unwrap();
        assert!(acts.is_sorted_by_key(|act| act.header.recorded), "recorded never runs backwards");
        let last = acts.last().unwrap().header.number;
        assert!(administrator.get(&format!("/record/{last}")).has("记录时慢于前一行为 600 秒"));

        town.clock.set(right + ahead);
        assert!(!administrator.get("/officers").has("服务器时钟现为"), "it has caught up");
    });
}

#[test]
fn the_cookie_of_a_session_is_http_only_and_the_table_holds_no_token() {
    tell(|town| {
        let browser = town.anonymous();
        let signed = sign_in(&browser, "clerk", PASSWORD);
        let cookie = signed
            .headers
            .get_all("set-cookie")
            .iter()
            .map(|line| line.to_str().unwrap())
            .find(|line| line.starts_with("session="))
            .unwrap();
        assert!(cookie.ends_with("; Path=/; SameSite=Lax; HttpOnly"), "{cookie}");
        let token = browser.cookie("session").unwrap();
        let rows = town.house.store.read(|sql| sql.query("select digest from sessions", &[])).unwrap();
        assert_eq!(rows.len(), 1);
        assert_ne!(rows[0].get::<String>(0).unwrap(), token);
    });
}

#[test]
fn a_wrong_password_and_an_unknown_name_read_the_same_and_keep_the_name() {
    tell(|town| {
        let wrong = sign_in(&town.anonymous(), "clerk", "not the password");
        let unknown = sign_in(&town.anonymous(), "nobody", "not the password");
        assert_eq!((wrong.status, unknown.status), (422, 422));
        assert!(wrong.has("登录名或密码不正确。") && unknown.has("登录名或密码不正确。"));
        assert!(wrong.has("value=\"clerk\"") && !wrong.has("not the password"));
    });
}

#[test]
fn the_sixth_try_on_an_account_waits_even_with_the_right_password() {
    tell(|town| {
        for _ in 0..5 {
            assert_eq!(sign_in(&town.anonymous(), "clerk", "guess").status, 422);
        }
        let waiting = sign_in(&town.anonymous(), "clerk", PASSWORD);
        assert_eq!((waiting.status, waiting.header("retry-after")), (429, "900"));
        assert_eq!(
            sign_in(&town.anonymous(), "head", PASSWORD).status,
            303,
            "another account is not held up"
        );
        town.clock.advance(SignedDuration::from_mins(16));
        assert_eq!(sign_in(&town.anonymous(), "clerk", PASSWORD).status, 303);
    });
}

#[test]
fn an_address_that_tries_many_accounts_is_held_up() {
    tell(|town| {
        for number in 0..30 {
            assert_eq!(sign_in(&town.anonymous(), &format!("guess{number}"), "guess").status, 422);
        }
        assert_eq!(sign_in(&town.anonymous(), "clerk", PASSWORD).status, 429);
        let mut elsewhere = town.anonymous();
        elsewhere.address = "198.51.100.4:5000".parse().unwrap();
        assert_eq!(sign_in(&elsewhere, "clerk", PASSWORD).status, 303);
    });
}

#[test]
fn the_first_administrator_changes_his_one_time_password_before_anything_else() {
    store::testing::for_each_engine(|store| {
        let town = Town::build(store, Vec::new(), site::Drawer::new());
        // A story's town has an administrator already: a second first one is refused.
        let refused = site::first_administrator(&town.house.ledger, &ledger::SystemRandom, "root", "管理员");
        assert!(
            refused.unwrap_err().into_error().to_string().contains("officer-refusal-administrator-exists")
        );

        let administrator = town.sign_in("administrator");
        let page = administrator.post(
            "/officers",
            &[
                ("login", "newhand"),
                ("name", "新人"),
                ("roles", "clerk"),
                ("territory", "330421101, 330421102"),
            ],
        );
        let password =
            page.body.split("class=\"mono\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
        assert_eq!((page.status, password.len()), (200, 19));

        let browser = town.anonymous();
        assert_eq!(sign_in(&browser, "newhand", &password).status, 303);
        assert_eq!(browser.get("/").location(), "/account/password");
        let again = sign_in(&town.anonymous(), "newhand", &password);
        assert!(again.status == 422 && again.has("该一次性密码已经使用过"), "{}", again.status);
        assert_eq!(
            sign_in(&browser, "newhand", &password).status,
            303,
            "the browser that spent it may go on"
        );
        assert_eq!(browser.post("/account/devices", &[("digest", "x")]).location(), "/account/password");
        let form = |new: &str, again: &str| {
            browser.post(
                "/account/password",
                &[("current", password.as_str()), ("password", new), ("again", again)],
            )
        };
        assert!(form("short", "short").has("不得少于 10 个字符"));
        assert!(form("newhand-newhand", "newhand-newhand").has("过于容易猜到"));
        assert!(form("two cups of green tea", "two cups of tea").has("两次输入的新密码不一致"));
        assert_eq!(form("two cups of green tea", "two cups of green tea").location(), "/account");
        assert_eq!(browser.get("/").status, 200);
        assert_eq!(
            sign_in(&town.anonymous(), "newhand", &password).status,
            422,
            "the one-time password is spent"
        );
    });
}

#[test]
fn the_first_administrator_is_made_by_command() {
    store::testing::for_each_engine(|store| {
        let options = ledger::Options {
            name: "empty.example".to_owned(),
            key: ledger::SigningKey::from_seed([3; 32]),
            clock: std::sync::Arc::new(ledger::SystemClock),
            books: site::books(&[]),
        };
        let ledger = ledger::Ledger::open(store, options).unwrap();
        let account = site::first_administrator(&ledger, &ledger::SystemRandom, "root", "管理员").unwrap();
        assert_eq!(account.password.len(), 19);
        let act = ledger.act(1).unwrap();
        assert_eq!(
            (act.header.kind.as_str(), act.header.actor.to_string().as_str()),
            ("officer.appointed", "command:appoint")
        );
        let body = String::from_utf8(act.body.unwrap()).unwrap();
        assert!(!body.contains(&account.password) && !body.contains("argon2"));
    });
}

#[test]
fn a_session_ends_after_half_an_hour_of_rest_and_after_half_a_day() {
    tell(|town| {
        let clerk = town.sign_in("clerk");
        for _ in 0..3 {
            town.clock.advance(SignedDuration::from_mins(29));
            assert_eq!(clerk.get("/").status, 200);
        }
        town.clock.advance(SignedDuration::from_mins(31));
        assert_eq!(clerk.get("/").status, 303);

        let head = town.sign_in("head");
        for _ in 0..35 {
            town.clock.advance(SignedDuration::from_mins(20));
            assert_eq!(head.get("/").status, 200);
        }
        town.clock.advance(SignedDuration::from_mins(21));
        assert_eq!(head.get("/").status, 303, "twelve hours are over, however busy he was");
    });
}

#[test]
fn a_device_is_shut_out_from_another_and_nobody_else_can_do_it() {
    tell(|town| {
        let (desk, phone, other) = (town.sign_in("clerk"), town.sign_in("clerk"), town.sign_in("head"));
        let page = desk.get("/account");
        let digest =
            page.body.split("name=\"digest\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        assert_eq!(other.post("/account/devices", &[("digest", digest.as_str())]).status, 303);
        assert_eq!(phone.get("/").status, 200, "another officer's command had no effect");
        assert_eq!(desk.post("/account/devices", &[("digest", digest.as_str())]).status, 303);
        assert_eq!((phone.get("/").status, desk.get("/").status), (303, 200));
    });
}

#[test]
fn a_new_password_signs_all_other_devices_out() {
    tell(|town| {
        let (desk, phone) = (town.sign_in("clerk"), town.sign_in("clerk"));
        let fields =
            [("current", PASSWORD), ("password", "seven lamps in a row"), ("again", "seven lamps in a row")];
        assert_eq!(desk.post("/account/password", &fields).location(), "/account");
        assert!(desk.get("/account").has("密码已修改"));
        assert_eq!((desk.get("/").status, phone.get("/").status), (200, 303));
    });
}

#[test]
fn an_officer_who_is_dismissed_or_loses_a_role_feels_it_at_once() {
    tell(|town| {
        let (administrator, head) = (town.sign_in("administrator"), town.sign_in("head"));
        let address = format!("/officers/{}", town.officer("head"));
        assert_eq!(head.get("/officers").status, 200);
        assert_eq!(administrator.post(&format!("{address}/roles"), &[("roles", "clerk")]).status, 303);
        assert_eq!(head.get("/officers").status, 403);
        assert_eq!(administrator.post(&format!("{address}/dismissal"), &[]).status, 303);
        assert_eq!(head.get("/").status, 303);
        assert_eq!(sign_in(&town.anonymous(), "head", PASSWORD).status, 422);
        assert!(administrator.get(&address).has("免职"));
    });
}

#[test]
fn the_last_administrator_stays_and_the_page_says_why_beside_the_field() {
    tell(|town| {
        let administrator = town.sign_in("administrator");
        let address = format!("/officers/{}", town.officer("administrator"));
        let refused = administrator.post(&format!("{address}/roles"), &[("roles", "clerk")]);
        assert_eq!(refused.status, 422);
        assert!(refused.has("这是最后一名系统管理员") && refused.has("href=\"#field-roles\""));
        let ticked = |role: &str| refused.has(&format!("value=\"{role}\" autocomplete=\"off\" checked"));
        assert!(ticked("clerk") && !ticked("administrator"), "the boxes stay as he ticked them");
        let refused =
            administrator.post(&format!("{address}/territory"), &[("territory", "330421101 33-04")]);
        assert!(refused.status == 422 && refused.has("value=\"330421101 33-04\""));
    });
}

#[test]
fn an_appointment_that_is_refused_loses_nothing_typed_and_consumes_no_number() {
    tell(|town| {
        let administrator = town.sign_in("administrator");
        let before = town.house.ledger.checkpoint().unwrap().head().size;
        let refused = administrator.post(
            "/officers",
            &[
                ("login", "clerk"),
                ("name", "重名"),
                ("roles", "head"),
                ("territory", "33-04"),
                ("team", "三中队"),
            ],
        );
        assert_eq!(refused.status, 422);
        for words in ["该登录名已被使用", "不是行政区划代码", "value=\"重名\"", "value=\"三中队\"", "33-04"]
        {
            assert!(refused.has(words), "{words}");
        }
        assert_eq!(town.house.ledger.checkpoint().unwrap().head().size, before);
    });
}

#[test]
fn certificates_are_entered_ended_and_count_by_their_days() {
    tell(|town| {
        let administrator = town.sign_in("administrator");
        let address = format!("/officers/{}", town.officer("clerk"));
        let form = [
            ("number", "浙F9999"),
            ("issuer", "浙江省司法厅"),
            ("valid_from", "2025-01-01"),
            ("valid_until", "2024-01-01"),
        ];
        assert!(
            administrator.post(&format!("{address}/certificates"), &form).has("有效期止不得早于有效期起")
        );
        let form = [
            ("number", "浙F9999"),
            ("issuer", "浙江省司法厅"),
            ("valid_from", "2025-01-01"),
            ("valid_until", "2027-12-31"),
        ];
        assert_eq!(administrator.post(&format!("{address}/certificates"), &form).status, 303);
        let certified = |day: &str| {
            let (id, day) = (town.officer("clerk"), day.parse().unwrap());
            town.house
                .store
                .read(|sql| site::officers::books::in_office(sql, &id, day))
                .unwrap()
                .unwrap()
                .certified
        };
        assert!(certified("2025-01-01") && certified("2027-12-31"));
        assert!(!certified("2024-12-31") && !certified("2028-01-01"));
        assert_eq!(
            administrator.post(&format!("{address}/certificates/ended"), &[("number", "浙F9999")]).status,
            303
        );
        assert!(!certified("2026-01-01"));
    });
}

#[test]
fn a_reset_password_is_shown_once_and_shuts_the_officer_out() {
    tell(|town| {
        let (administrator, clerk) = (town.sign_in("administrator"), town.sign_in("clerk"));
        let page = administrator.post(&format!("/officers/{}/password", town.officer("clerk")), &[]);
        assert_eq!(page.status, 200);
        assert_eq!(page.header("cache-control"), "no-store");
        assert_eq!(clerk.get("/").status, 303);
        assert_eq!(sign_in(&town.anonymous(), "clerk", PASSWORD).status, 422);
    });
}

#[test]
fn two_posts_are_one_person_and_a_territory_may_be_changed() {
    tell(|town| {
        town.appoint("both", "双岗", &[Role::Clerk, Role::Auditor], "330421101");
        let both = town.sign_in("both");
        assert!(both.get("/account").has("窗口人员、审计员"));
        let administrator = town.sign_in("administrator");
        let address = format!("/officers/{}/territory", town.officer("both"));
        assert_eq!(administrator.post(&address, &[("territory", "330421102 330421103")]).status, 303);
        assert!(both.get("/account").has("330421102 330421103"));
    });
}
