//! The shell told through HTTP: forgery, languages, headers, error pages, search, record, disclosures, static files.

use site::testing::{Reply, Town, for_each_engine, for_each_engine_with};
use site::{ACCOUNT, Answer, Desk, Form, Found, MatterKind, Module, Routes, Subject, Urgency, Waiting};

fn tell(story: impl Fn(&Town)) {
    for_each_engine(Vec::new, story);
}

#[test]
fn a_form_without_our_token_or_from_another_site_does_nothing() {
    tell(|town| {
        let administrator = town.sign_in("administrator");
        let address = format!("/officers/{}/dismissal", town.officer("clerk"));
        let token = administrator.csrf();
        let refused = |reply: Reply| assert_eq!((reply.status, reply.has("未能确认提交来源")), (403, true));
        refused(administrator.post_as(&address, &[], &[]));
        refused(administrator.post_as(&address, &[("csrf", "0".repeat(64).as_str())], &[]));
        refused(administrator.post_as(&address, &[("csrf", &town.sign_in("administrator").csrf())], &[]));
        refused(administrator.post_as(&address, &[("csrf", &token)], &[("origin", "https://evil.example")]));
        refused(administrator.post_as(&address, &[("csrf", &token)], &[("sec-fetch-site", "cross-site")]));
        assert_eq!(town.sign_in("clerk").get("/").status, 200, "the clerk is still in office");
        assert_eq!(
            administrator
                .post_as(&address, &[("csrf", &token)], &[("origin", "https://node.example")])
                .status,
            303
        );
    });
}

#[test]
fn a_newcomer_is_met_in_his_language_and_one_click_changes_it_for_good() {
    tell(|town| {
        let browser = town.anonymous();
        assert!(browser.get("/login").has("<html lang=\"zh-CN\""));
        assert!(browser.get_with("/login", &[("accept-language", "en-GB,en;q=0.9")]).has("Sign in"));
        let switched = browser.post("/preferences", &[("language", "en"), ("back", "/login?next=%2F")]);
        assert_eq!((switched.status, switched.location()), (303, "/login?next=%2F"));
        assert!(browser.get("/login").has("<html lang=\"en\""));

        let clerk = town.sign_in("clerk");
        clerk.post("/preferences", &[("language", "en"), ("back", "https://evil.example/")]);
        assert!(
            town.sign_in("clerk").get("/").has("<html lang=\"en\""),
            "kept for the officer, on any device"
        );
        assert!(town.sign_in("head").get("/").has("<html lang=\"zh-CN\""));
        assert_eq!(
            clerk.post("/preferences", &[("theme", "dark"), ("back", "//evil.example")]).location(),
            "/"
        );
        assert!(clerk.get("/").has("data-theme=\"dark\""));
        assert_eq!(clerk.post("/preferences", &[("theme", "<script>")]).headers.get("set-cookie"), None);
    });
}

#[test]
fn every_response_bears_the_security_headers_and_allows_nothing_inline() {
    tell(|town| {
        let (visitor, clerk) = (town.anonymous(), town.sign_in("clerk"));
        let replies = [
            visitor.get("/login"),
            visitor.get("/"),
            visitor.get("/health"),
            visitor.get("/assets/none.css"),
            visitor.get("/nowhere"),
            clerk.get("/"),
            clerk.get("/officers"),
            clerk.post_as("/logout", &[], &[]),
        ];
        for reply in replies {
            let policy = reply.header("content-security-policy");
            assert!(
                policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"),
                "{policy}"
            );
            assert!(!policy.contains("unsafe"));
            assert_eq!(reply.header("x-content-type-options"), "nosniff");
            assert_eq!(reply.header("x-frame-options"), "DENY");
            assert_eq!(reply.header("referrer-policy"), "same-origin");
            assert!(is_uuid_7(reply.header("x-request-id")));
            assert!(!reply.has(" style=\"") && !reply.has("<script>") && !reply.has(" onclick="));
        }
        assert_eq!(clerk.get("/").header("cache-control"), "no-store");
    });
}

#[test]
fn error_pages_speak_the_language_and_tell_no_internals() {
    for_each_engine(faulty, |town| {
        let clerk = town.sign_in("clerk");
        let missing = clerk.get("/nowhere");
        assert_eq!((missing.status, missing.has("找不到该页面")), (404, true));
        let denied = clerk.get("/officers");
        assert_eq!((denied.status, denied.has("无权办理")), (403, true));
        assert!(denied.has(denied.header("x-request-id")), "the number that an administrator asks for");
        let wrong = clerk.post("/officers/new", &[]);
        assert_eq!((wrong.status, wrong.has("请求有误")), (405, true));
        assert_eq!(clerk.get("/record/no-number").status, 400);
        for path in ["/failing", "/panicking"] {
            let failed = clerk.get(path);
            assert_eq!((failed.status, failed.has("系统出现故障")), (500, true), "{path}");
            assert!(failed.has(failed.header("x-request-id")));
            assert!(!failed.has("secret"), "{path}");
        }
        let long = "x".repeat(300_000);
        let large = clerk.post("/preferences", &[("back", long.as_str())]);
        assert_eq!((large.status, large.has("文件过大")), (413, true));
        clerk.post("/preferences", &[("language", "en")]);
        assert!(clerk.get("/nowhere").has("No such page"));
    });
}

fn is_uuid_7(id: &str) -> bool {
    uuid::Uuid::parse_str(id).is_ok_and(|id| id.get_version_num() == 7)
}

fn faulty() -> Vec<Module> {
    let routes = || {
        Routes::new()
            .get("/failing", ACCOUNT, async |_: Desk| -> Answer {
                Err(anyhow::anyhow!("secret path /var/lib").into())
            })
            .get("/panicking", ACCOUNT, async |desk: Desk| -> Answer {
                assert!(desk.me().is_visitor(), "secret");
                desk.go("/")
            })
    };
    vec![Module { routes, ..Module::new("faulty") }]
}

#[test]
fn what_an_officer_typed_is_never_markup() {
    tell(|town| {
        const EVIL: &str = "<script>alert('x')</script>\"><img src=x onerror=y>";
        let administrator = town.sign_in("administrator");
        let made = administrator
            .post("/officers", &[("login", "evil"), ("name", EVIL), ("roles", "clerk"), ("team", EVIL)]);
        assert_eq!(made.status, 200);
        let pages = [
            administrator.get("/officers"),
            administrator.get(&format!("/officers/{}", town.officer("evil"))),
            administrator.get("/search?q=%3Cscript%3E"),
            administrator.get("/officers?q=%22%3E%3Cscript%3E"),
            administrator.get("/record/11"),
            administrator.post("/officers", &[("login", EVIL), ("name", EVIL), ("territory", EVIL)]),
            town.anonymous().get("/login?next=%22%3E%3Cscript%3E"),
            town.anonymous().get("/%22%3E%3Cscript%3E"),
        ];
        for page in pages {
            assert!(!page.has("<script>") && !page.has("<img"), "{}", page.body);
        }
    });
}

#[test]
fn an_act_is_shown_with_its_proof_and_taking_the_proof_leaves_a_trace() {
    tell(|town| {
        let auditor = town.sign_in("auditor");
        let page = auditor.get("/record");
        assert!(page.has("jiashan.comity.example") && page.has("尚无邻局见证"));
        let act = auditor.get("/record/1");
        assert!(
            act.has("存证有效") && act.has("任命人员") && act.has("&#34;login&#34;: &#34;administrator&#34;"),
            "{}",
            act.body
        );
        assert_eq!(auditor.get("/record/999").status, 404);
        let proof = auditor.post("/record/1/proof", &[]);
        assert!(proof.header("content-disposition").contains("act-1.tlog-proof"));
        let parsed: ledger::proof::Proof = proof.body.parse().unwrap();
        assert_eq!(parsed.verify(&town.house.ledger.verifiers()).unwrap().number, 1);
        let trace = auditor.get("/disclosures");
        assert!(trace.has("取出存证") && trace.has("钱静"), "{}", trace.body);
    });
}

#[test]
fn who_may_not_see_a_matter_sees_nothing_of_its_acts() {
    tell(|town| {
        let clerk = town.sign_in("clerk");
        assert_eq!(clerk.get("/record").status, 200);
        assert!(
            !clerk.get("/record").has("officer/"),
            "the list of all acts is for those whom no territory bounds"
        );
        assert_eq!(clerk.get("/record/1").status, 404);
        assert_eq!(clerk.post("/record/1/proof", &[]).status, 403);
    });
}

fn outlets() -> Vec<Module> {
    let matters = vec![MatterKind {
        kind: "outlet",
        power: "licence.read",
        subject: |_, id| Ok((id.as_u128() == 1).then(|| Subject::at("330421101"))),
        address: |id| format!("/outlets/{id}"),
        reveal: Some(|_, _, field| Ok((field == "phone").then(|| "13805731234".to_owned()))),
    }];
    vec![Module {
        matters,
        inbox: Some(|_, _| {
            let entry = |title: &str, urgency| Waiting {
                title: title.to_owned(),
                detail: String::new(),
                address: "/".to_owned(),
                due: None,
                urgency,
            };
            Ok(vec![entry("calm-one", Urgency::Calm), entry("late-one", Urgency::Late)])
        }),
        search: Some(|_, _, query| {
            Ok(vec![Found {
                title: format!("hit {query}"),
                detail: String::new(),
                address: "/".to_owned(),
                kind: "found-officer",
            }])
        }),
        routes: || Routes::new().upload("/uploaded", ACCOUNT, 10_000, uploaded),
        ..Module::new("outlets")
    }]
}

async fn uploaded(desk: Desk, form: Form) -> Answer {
    let digest = form.file("paper").map(|upload| upload.digest.clone()).unwrap_or_default();
    desk.upload(&digest, "paper.pdf").await
}

#[test]
fn today_lists_what_waits_the_most_pressing_first_and_search_asks_every_module() {
    for_each_engine(outlets, |town| {
        let clerk = town.sign_in("clerk");
        let home = clerk.get("/").body;
        assert!(home.find("late-one").unwrap() < home.find("calm-one").unwrap());
        assert!(clerk.get("/search?q=西塘").has("hit 西塘"));
        assert!(!clerk.get("/search?q=陈芳").has("/officers/"), "a clerk may not see officers");
        assert!(town.sign_in("head").get("/search?q=陈芳").has("/officers/"));
    });
}

#[test]
fn a_masked_value_is_shown_for_a_reason_which_is_recorded() {
    const ADDRESS: &str = "/reveal/outlet/00000000-0000-0000-0000-000000000001";
    for_each_engine(outlets, |town| {
        let clerk = town.sign_in("clerk");
        let refused = clerk.post(ADDRESS, &[("field", "phone"), ("reason", "看")]);
        assert_eq!(
            (refused.status, refused.has("请写明查看的理由"), refused.has("13805731234")),
            (422, true, false)
        );
        let shown = clerk.post(ADDRESS, &[("field", "phone"), ("reason", "电话核对申请人")]);
        assert_eq!((shown.status, shown.has("13805731234")), (200, true));
        assert!(town.sign_in("auditor").get("/disclosures").has("电话核对申请人"));
        assert_eq!(
            town.sign_in("auditor").post(ADDRESS, &[("field", "phone"), ("reason", "只是想看一看")]).status,
            403
        );
        town.appoint("elsewhere", "外片", &[site::officers::Role::Clerk], "330421102");
        assert_eq!(
            town.sign_in("elsewhere").post(ADDRESS, &[("field", "phone"), ("reason", "只是想看一看")]).status,
            403
        );
        let other = "/reveal/outlet/00000000-0000-0000-0000-000000000002";
        assert_eq!(clerk.post(other, &[("field", "phone"), ("reason", "电话核对申请人")]).status, 404);
    });
}

#[test]
fn an_upload_lies_under_its_digest_and_comes_back_as_an_attachment() {
    for_each_engine(outlets, |town| {
        let clerk = town.sign_in("clerk");
        let reply = clerk.upload("/uploaded", &[], "paper", "../身份证.pdf", b"%PDF-1.7 content");
        assert_eq!((reply.status, reply.bytes.as_slice()), (200, b"%PDF-1.7 content".as_slice()));
        assert_eq!(reply.header("content-type"), "application/pdf");
        assert!(reply.header("content-disposition").starts_with("attachment"));
        assert_eq!(clerk.upload("/uploaded", &[], "paper", "big.pdf", &vec![b'x'; 20_000]).status, 413);
    });
}

#[test]
fn metrics_are_for_this_machine_and_for_those_who_may_read_them() {
    tell(|town| {
        assert_eq!(town.anonymous().get("/metrics").status, 303);
        assert_eq!(town.sign_in("clerk").get("/metrics").status, 403);
        assert!(town.sign_in("auditor").get("/metrics").has("comity_acts 9"));
        let mut here = town.anonymous();
        here.address = "127.0.0.1:9".parse().unwrap();
        here.get("/health");
        assert!(
            here.get("/metrics")
                .has("comity_requests_total{method=\"GET\",route=\"/health\",status=\"200\"} 1")
        );
        assert_eq!(
            here.get_with("/metrics", &[("x-forwarded-for", "203.0.113.9")]).status,
            303,
            "a proxy on this machine is not this machine"
        );
        assert_eq!(town.anonymous().get("/health").body, r#"{"healthy":true}"#);
    });
}

#[test]
fn static_files_have_hashed_names_and_are_kept_for_ever() {
    tell(|town| {
        let page = town.anonymous().get("/login");
        let address =
            page.body.split("rel=\"stylesheet\" href=\"").nth(1).unwrap().split('"').next().unwrap();
        let file = town.anonymous().get(address);
        assert_eq!((file.status, file.header("content-type")), (200, "text/css; charset=utf-8"));
        assert_eq!(file.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(town.anonymous().get("/assets/manifest.json").status, 404);
        assert_eq!(town.anonymous().get("/assets/../Cargo.toml").status, 404);
        let packed = town.anonymous().get_with(address, &[("accept-encoding", "gzip")]);
        assert_eq!(packed.header("content-encoding"), "gzip");
    });
}

#[test]
fn one_address_may_not_ask_without_end() {
    store::testing::for_each_engine(|store| {
        let settings = site::Settings { flow: (5, 1), ..site::Settings::default() };
        let town = Town::build_with(store, Vec::new(), site::Drawer::new(), settings);
        let statuses: Vec<u16> = (0..7).map(|_| town.anonymous().get("/login").status).collect();
        assert_eq!(statuses, [200, 200, 200, 200, 200, 429, 429]);
    });
}

#[test]
fn over_tls_cookies_are_bound_to_the_host_and_browsers_are_told_to_stay() {
    for_each_engine_with(
        Vec::new,
        |drawer| drawer,
        |town| {
            assert_eq!(town.anonymous().get("/login").header("strict-transport-security"), "");
        },
    );
    store::testing::for_each_engine(|store| {
        let settings = site::Settings { secure: true, ..site::Settings::default() };
        let town = Town::build_with(store, Vec::new(), site::Drawer::new(), settings);
        let page = town.anonymous().get("/login");
        assert!(
            page.header("set-cookie").starts_with("__Host-visit=")
                && page.header("set-cookie").ends_with("; Secure")
        );
        assert!(page.header("strict-transport-security").starts_with("max-age=63072000"));
    });
}
