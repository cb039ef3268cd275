//! "Can I open here?" told through HTTP: rules that are examples, an outlet of the register, a neighbour who may not be named.

use site::officers::Role;
use site::testing::{Reply, Town};

use crate::counter::{done, link, reasons, refused, review, submit, told};

/// A licensed shop in Xitang, 300 metres from the made-up school; the address of its page.
fn shop(town: &Town, others: &[(&str, &str)]) -> String {
    let page = submit(&town.sign_in("clerk"), &[&[("point", "120.893200, 30.940000")], others].concat());
    review(town, &page);
    done(&town.sign_in("head").post(&format!("{page}/decision"), &[("opinion", "同意")]));
    link(&town.sign_in("head").get(&page), "/licences/").to_owned()
}

fn ask(town: &Town, who: &str, query: &str) -> Reply {
    let reply = town.sign_in(who).get(&format!("/layout?{query}"));
    assert_eq!(reply.status, 200, "{}", reasons(&reply));
    reply
}

/// The card of the rule with this title.
fn card<'a>(reply: &'a Reply, title: &str) -> &'a str {
    let start =
        reply.body.find(&format!("aria-label=\"{title}\"")).unwrap_or_else(|| panic!("no card {title}"));
    reply.body[start..].split("</section>").next().unwrap()
}

const SPACING: &str = "城区、集镇零售点间距五十米";
const SCHOOL: &str = "中小学、幼儿园周围一百米";

#[test]
fn an_example_is_marked_and_decides_nothing() {
    told(|town| {
        let reply =
            ask(town, "clerk", "longitude=120.890100&latitude=30.940000&area=town&division=330421103001");
        assert!(
            card(&reply, SCHOOL).contains("按示例：不得设置")
                && card(&reply, SCHOOL).contains("示例，未生效")
        );
        assert!(
            card(&reply, SCHOOL).contains("西塘示例小学（示例）的直线距离 9.6 米"),
            "{}",
            card(&reply, SCHOOL)
        );
        assert!(card(&reply, SCHOOL).contains("不得据此不予许可"));
        let national = card(&reply, "学校、幼儿园周边不得设置");
        assert!(national.contains("规则没有规定距离") && national.contains("第五十九条第一款"), "{national}");
        assert!(!national.contains("示例，未生效"));
        assert!(
            reply.has("本局的合理布局规则尚未全部录入"),
            "the answer is undetermined, whatever an example says"
        );
        assert!(reply.has("仅按示例规则推演：不得设置"));

        let clerk = town.sign_in("clerk");
        clerk.set_cookie("language", "en");
        let english = clerk.get("/layout?longitude=120.890100&latitude=30.940000&area=town");
        assert!(english.has("Example, not in force") && english.has("By the example: Forbidden"));
        assert!(
            english.has("The local layout rules have to") || english.has("the local layout rules have to")
        );
    });
}

#[test]
fn a_place_is_given_in_degrees_and_lies_in_the_territory() {
    told(|town| {
        let clerk = town.sign_in("clerk");
        assert_eq!(clerk.get("/layout").status, 200);
        refused(&clerk.get("/layout?longitude=120.9&latitude=north"), "请以度为单位填写坐标");
        let swapped = clerk.get("/layout?longitude=30.94&latitude=120.89&division=330421103001");
        refused(&swapped, "请先填经度，再填纬度");
        refused(&clerk.get("/layout?longitude=121.47&latitude=31.23"), "该位置不在本局辖区内");
        assert!(swapped.has("value=\"330421103001\" selected"), "what was chosen is still there");
    });
}

#[test]
fn a_shop_of_the_register_is_no_neighbour_of_itself_but_of_the_next() {
    told(|town| {
        let page = shop(town, &[]);
        let id = page.trim_start_matches("/licences/").to_owned();
        assert!(town.sign_in("clerk").get(&page).has(&format!("/layout?outlet={id}")));

        let found = ask(town, "clerk", "q=%E9%98%BF%E7%8F%8D");
        assert!(found.has(&format!("/layout?outlet={id}")), "the search offers the shop");
        let own = ask(town, "clerk", &format!("outlet={id}"));
        assert!(
            own.has("value=\"120.893200\"") && card(&own, SPACING).contains("按示例：可以设置"),
            "{}",
            card(&own, SPACING)
        );

        let next =
            ask(town, "clerk", "longitude=120.893400&latitude=30.940000&area=town&division=330421103001");
        let spacing = card(&next, SPACING);
        assert!(
            spacing.contains("按示例：不得设置")
                && spacing.contains("阿珍副食品店")
                && spacing.contains(&page),
            "{spacing}"
        );
        assert!(spacing.contains("直线距离 19.1 米"), "{spacing}");

        let relieved = ask(
            town,
            "clerk",
            "longitude=120.893600&latitude=30.940000&area=town&division=330421103001&group=disabled&runs=yes&other=no",
        );
        assert!(card(&relieved, SPACING).contains("为 25.0 米"), "{}", card(&relieved, SPACING));
        assert!(card(&relieved, SPACING).contains("按示例：可以设置"), "{}", card(&relieved, SPACING));
    });
}

#[test]
fn a_neighbour_outside_ones_territory_is_counted_and_not_named() {
    told(|town| {
        let page = shop(town, &[]);
        town.appoint("weitang", "魏塘窗口", &[Role::Clerk], "330421001");
        let query = "longitude=120.893400&latitude=30.940000&area=town&division=330421103001";
        let reply = ask(town, "weitang", query);
        let spacing = card(&reply, SPACING);
        assert!(
            spacing.contains("按示例：不得设置") && spacing.contains("辖区以外的一户零售点"),
            "{spacing}"
        );
        assert!(!reply.has("阿珍副食品店") && !reply.has(&page));
        let map = "/layout/points?longitude=120.893400&latitude=30.940000";
        assert!(!town.sign_in("weitang").get(map).has(&page), "nor does the map show it");
        assert!(town.sign_in("clerk").get(map).has(&page));
        let id = page.trim_start_matches("/licences/");
        assert_eq!(town.sign_in("weitang").get(&format!("/layout?outlet={id}")).status, 403);
        assert!(!ask(town, "weitang", "q=%E9%98%BF%E7%8F%8D").has(id), "nor does the search offer it");
    });
}

#[test]
fn who_was_accepted_earlier_stands_before_the_newcomer() {
    told(|town| {
        let clerk = town.sign_in("clerk");
        let village = [("division", "330421103200"), ("area", "village")];
        let first = submit(&clerk, &village);
        done(&clerk.post(&format!("{first}/acceptance"), &[]));
        let others = [("identity_number", "330421199001011213"), ("name", "后到")];
        let second = submit(&clerk, &[&village[..], &others[..]].concat());
        done(&clerk.post(&format!("{second}/acceptance"), &[]));

        let title = "行政村每三百人一个，最多八个";
        let of = |page: &str| {
            let id = page.trim_start_matches("/applications/");
            assert!(clerk.get(page).has(&format!("/layout?application={id}")));
            let reply = ask(town, "clerk", &format!("application={id}"));
            card(&reply, title).to_owned()
        };
        assert!(of(&first).contains("可设 8 户，已设 0 户，已受理在先 0 户"), "{}", of(&first));
        assert!(of(&second).contains("可设 8 户，已设 0 户，已受理在先 1 户"), "{}", of(&second));

        let sizeless =
            ask(town, "clerk", "longitude=120.89&latitude=30.945&area=village&division=330421103201");
        assert!(card(&sizeless, title).contains("的人口数"), "{}", card(&sizeless, title));
        let vague = ask(town, "clerk", "longitude=120.89&latitude=30.945&area=village");
        assert!(
            card(&vague, title).contains("所在的行政村") || card(&vague, title).contains("名录"),
            "{}",
            card(&vague, title)
        );
    });
}

#[test]
fn electronic_cigarettes_wait_for_a_walked_way() {
    told(|town| {
        let reply = ask(town, "clerk", "longitude=120.8910&latitude=30.9400&goods=electronic-cigarettes");
        let school = card(&reply, "电子烟：学校周围步行二百米");
        assert!(school.contains("步行至西塘示例小学（示例）的距离，由两名执法人员实地测量"), "{school}");
        assert!(school.contains("按示例：不能确定"), "{school}");
    });
}

#[test]
fn the_map_is_our_own_boundary_and_our_own_points() {
    told(|town| {
        let clerk = town.sign_in("clerk");
        let boundary = clerk.get("/layout/boundary");
        assert_eq!(boundary.header("content-type"), "application/geo+json");
        assert!(boundary.has("MultiPolygon"));
        let points = clerk.get("/layout/points");
        assert!(points.has("西塘示例小学（示例）") && points.has("Polygon"));
        assert!(!points.has("/licences/"), "without a middle no outlet is drawn");
        assert_eq!(town.anonymous().get("/layout/points").status, 303);
        assert_eq!(town.sign_in("administrator").get("/layout").status, 403);
    });
}
