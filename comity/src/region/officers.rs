//! The officers of the made-up bureau: posts, territories, certificates.

use std::collections::BTreeSet;

use anyhow::{Context, Result, anyhow};
use jiff::ToSpan;
use jiff::civil::Date;
use ledger::{Actor, Draft};
use serde::{Deserialize, Serialize};
use site::House;
use site::officers::{Appointment, Certificate, OfficerMatter, Role, officer};
use supervision::licence::steps::{Officer, Verb};

use super::draw::Draw;
use super::people::Names;

/// How somebody signs in to the demo.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Login {
    pub login: String,
    pub password: String,
    pub name: String,
    /// The role's word, as policies know it.
    pub role: String,
}

/// A post to be filled: login, role, territory, team.
struct Post {
    login: &'static str,
    role: Role,
    territory: &'static [&'static str],
    team: &'static str,
}

const COUNTY: &[&str] = &["330421"];
/// Weitang, Luoxing, Huimin and Dayun.
const SOUTH: &[&str] = &["330421001", "330421002", "330421003", "330421102"];
/// Xitang and Ganyao.
const MIDDLE: &[&str] = &["330421103", "330421105"];
/// Taozhuang, Yaozhuang and Tianning.
const NORTH: &[&str] = &["330421107", "330421111", "330421112"];

/// Teams of inspectors with their territories, in the order in which a town is looked for.
const TEAMS: [(&str, &[&str]); 3] =
    [("城区专卖管理所", SOUTH), ("西塘专卖管理所", MIDDLE), ("姚庄专卖管理所", NORTH)];

const fn post(
    login: &'static str,
    role: Role,
    territory: &'static [&'static str],
    team: &'static str,
) -> Post {
    Post { login, role, territory, team }
}

const POSTS: [Post; 16] = [
    post("administrator", Role::Administrator, COUNTY, "综合管理科"),
    post("clerk", Role::Clerk, COUNTY, "政务服务窗口"),
    post("inspector", Role::Inspector, COUNTY, TEAMS[0].0),
    post("reviewer", Role::Reviewer, COUNTY, "专卖监督管理科"),
    post("head", Role::Head, COUNTY, "局领导"),
    post("auditor", Role::Auditor, COUNTY, "法规督察科"),
    post("clerk2", Role::Clerk, COUNTY, "政务服务窗口"),
    post("clerk3", Role::Clerk, COUNTY, "政务服务窗口"),
    post("inspector2", Role::Inspector, SOUTH, TEAMS[0].0),
    post("inspector3", Role::Inspector, SOUTH, TEAMS[0].0),
    post("inspector4", Role::Inspector, MIDDLE, TEAMS[1].0),
    post("inspector5", Role::Inspector, MIDDLE, TEAMS[1].0),
    post("inspector6", Role::Inspector, NORTH, TEAMS[2].0),
    post("inspector7", Role::Inspector, NORTH, TEAMS[2].0),
    post("reviewer2", Role::Reviewer, COUNTY, "专卖监督管理科"),
    post("head2", Role::Head, COUNTY, "局领导"),
];

/// An officer in his post.
#[derive(Clone, Debug)]
pub struct Posted {
    pub officer: Officer,
    pub role: Role,
    pub team: &'static str,
}

/// All officers of the bureau.
#[derive(Clone, Debug, Default)]
pub struct Roster(pub Vec<Posted>);

impl Roster {
    /// An officer with this role; `turn` decides which.
    pub fn with_role(&self, role: Role, turn: usize) -> &Posted {
        let held: Vec<_> = self.0.iter().filter(|posted| posted.role == role).collect();
        held[turn % held.len()]
    }

    /// Two inspectors of the team that looks after the town.
    pub fn pair_for(&self, division: &str, turn: usize) -> [&Posted; 2] {
        let team = TEAMS
            .iter()
            .find(|(_, territory)| territory.iter().any(|town| division.starts_with(town)))
            .map_or(TEAMS[0].0, |team| team.0);
        let own: Vec<_> =
            self.0.iter().filter(|posted| posted.role == Role::Inspector && posted.team == team).collect();
        [own[turn % own.len()], own[(turn + 1) % own.len()]]
    }
}

/// Appoints everybody and enters the certificates of those who inspect or hand over.
pub fn appoint(house: &House, names: &Names, seed: u64, on: Date) -> Result<(Roster, Vec<Login>)> {
    let mut draw = Draw::new(seed, 4);
    let logins = POSTS.iter().map(|post| login(&mut draw, names, post, on)).collect::<Result<Vec<_>>>()?;
    let mut roster = Roster::default();
    for (post, login) in POSTS.iter().zip(&logins) {
        let id = account(house, post, login)?;
        certify(house, &id, roster.0.len(), on)?;
        let officer = Officer { id, name: login.name.clone(), verbs: verbs(post.role) };
        roster.0.push(Posted { officer, role: post.role, team: post.team });
    }
    Ok((roster, logins))
}

fn login(draw: &mut Draw, names: &Names, post: &Post, on: Date) -> Result<Login> {
    let name = names.person(draw, on)?.name();
    let (first, second) = (draw.pick(&WORDS), draw.pick(&WORDS));
    let password = format!("{first}-{:04}-{second}", draw.below(10_000));
    Ok(Login { login: post.login.to_owned(), password, name, role: post.role.word().to_owned() })
}

/// Syllables of places around, easy to type.
const WORDS: [&str; 12] = [
    "xitang",
    "hechi",
    "fenhu",
    "dayun",
    "ganyao",
    "taozhuang",
    "tianning",
    "yaozhuang",
    "huimin",
    "luoxing",
    "weitang",
    "pingchuan",
];

fn account(house: &House, post: &Post, login: &Login) -> Result<String> {
    let appointment = Appointment {
        login: login.login.clone(),
        name: login.name.clone(),
        roles: BTreeSet::from([post.role]),
        territory: post.territory.iter().map(|&code| code.to_owned()).collect(),
        team: post.team.to_owned(),
    };
    let made = site::account(&house.ledger, &*house.random, appointment, login.password.clone(), false);
    made.map(|account| account.officer).map_err(|problem| anyhow!("{}: {problem:?}", login.login))
}

fn certify(house: &House, id: &str, place: usize, on: Date) -> Result<()> {
    let certificate = Certificate {
        number: format!("示例330421{:03}", place + 1),
        issuer: "浙江省人民政府（示例）".to_owned(),
        valid_from: on.checked_sub(1.year())?,
        valid_until: on.checked_add(4.years())?,
    };
    let key = officer::key(id.parse().context("an officer's id")?);
    house.ledger.write(Actor::Command("appoint".to_owned()), move |writing| {
        let body = writing
            .load::<OfficerMatter>(&key)?
            .register_certificate(certificate)
            .map_err(|refusal| anyhow!("{refusal}"))?;
        writing.append(Draft::new(&key, &body))?;
        Ok::<_, anyhow::Error>(())
    })
}

/// The steps that authority gives each role.
fn verbs(role: Role) -> Vec<Verb> {
    match role {
        Role::Clerk => vec![Verb::Accept, Verb::RequestCorrection, Verb::Supplement, Verb::Serve],
        Role::Inspector => vec![Verb::Check],
        Role::Reviewer => vec![Verb::Review],
        Role::Head => vec![Verb::Extend, Verb::Grant],
        Role::Administrator | Role::Auditor => Vec::new(),
    }
}
