//! Outlets with their licences: who keeps what kind of shop where, since when.

use anyhow::Result;
use jiff::ToSpan;
use jiff::civil::Date;
use supervision::licence::data::{
    AreaKind, Holder, LicenceData, Point, Premises, PremisesKind, Scope, Standing, Subject,
};

use super::draw::Draw;
use super::people::{Names, Person, credit_code};
use super::places::{Places, Village};

/// Kinds of shop, in proportion.
const KINDS: [(PremisesKind, usize); 7] = [
    (PremisesKind::Grocery, 46),
    (PremisesKind::Convenience, 24),
    (PremisesKind::Supermarket, 11),
    (PremisesKind::TobaccoAndLiquor, 9),
    (PremisesKind::Entertainment, 6),
    (PremisesKind::Other, 3),
    (PremisesKind::DepartmentStore, 1),
];
/// States in the register that was taken over, in proportion.
const STANDINGS: [(Standing, usize); 4] =
    [(Standing::Valid, 930), (Standing::Suspended, 22), (Standing::Closed, 24), (Standing::Deregistered, 24)];
/// Credit grades as Liuzhou published them on 2024-07-31 for 6,664 shops.
const CREDIT: [(&str, usize); 5] = [("AAA", 28), ("AA", 463), ("A", 6_167), ("B", 3), ("C", 3)];
const CHAINS: [&str; 4] = ["禾城便利", "善邻便利", "水乡生活超市", "平川百货"];

/// A shop that a licence was or will be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlet {
    pub holder: Holder,
    pub premises: Premises,
    pub scope: Vec<Scope>,
    pub chain: Option<String>,
}

/// Makes outlets, one after the other.
pub struct Outlets<'a> {
    places: &'a Places<'a>,
    names: &'a Names,
    draw: Draw,
    made: usize,
}

impl<'a> Outlets<'a> {
    pub fn new(places: &'a Places<'a>, names: &'a Names, draw: Draw, first: usize) -> Self {
        Self { places, names, draw, made: first }
    }

    /// One more shop, whose holder is grown up on that day.
    pub fn outlet(&mut self, on: Date) -> Result<Outlet> {
        self.made += 1;
        let draw = &mut self.draw;
        let person = self.names.person(draw, on)?;
        let village = draw.weighted(&self.places.villages).clone();
        let kind = *draw.weighted(&KINDS);
        let subject = subject(draw, kind);
        let chain = chain(draw, kind);
        let premises = Premises {
            trade_name: Some(trade_name(draw, &person, &village, kind, chain)),
            address: Some(address(draw, &village)),
            division: Some(village.code.clone()),
            point: Some(self.places.point(draw, &village)),
            kind: Some(kind),
            kind_as_stated: None,
            area: Some(village.area),
        };
        let electronic = draw.chance(3);
        let scope = if electronic {
            vec![Scope::Cigarettes, Scope::ElectronicCigarettes]
        } else {
            vec![Scope::Cigarettes]
        };
        let holder = holder(draw, &person, subject, self.made)?;
        Ok(Outlet { holder, premises, scope, chain: chain.map(str::to_owned) })
    }

    /// A licence of the register that is taken over, given out between `first` and `last`.
    pub fn licence(&mut self, supplier: &str, first: Date, last: Date) -> Result<LicenceData> {
        let days = i64::from(first.until(last)?.get_days());
        let issued = first.checked_add(self.draw.between(0, days).days())?;
        let outlet = self.outlet(issued)?;
        let draw = &mut self.draw;
        let grid = outlet.premises.division.as_deref().map(|code| {
            format!("{}-{}", &code[..9], 1 + code[9..].bytes().map(usize::from).sum::<usize>() % 4)
        });
        Ok(LicenceData {
            number: String::new(),
            standing: Some(*draw.weighted(&STANDINGS)),
            holder: outlet.holder,
            premises: outlet.premises,
            scope: outlet.scope,
            issued_on: Some(issued),
            valid_from: Some(issued),
            valid_until: Some(issued.checked_add(5.years())?.yesterday()?),
            supplier: Some(supplier.to_owned()),
            grid,
            order_day: Some(draw.between(1, 5)),
            tier: Some(tier(draw)),
            credit: Some((*draw.weighted(&CREDIT)).to_owned()),
            chain: outlet.chain,
            ..LicenceData::default()
        })
    }
}

/// Chains and department stores are enterprises, village shops hardly ever.
fn subject(draw: &mut Draw, kind: PremisesKind) -> Subject {
    let enterprises = match kind {
        PremisesKind::DepartmentStore => 100,
        PremisesKind::Supermarket => 35,
        PremisesKind::Convenience => 25,
        PremisesKind::Other => 40,
        _ => 4,
    };
    if draw.chance(enterprises) { Subject::Organisation } else { Subject::Individual }
}

fn chain(draw: &mut Draw, kind: PremisesKind) -> Option<&'static str> {
    let belongs = matches!(kind, PremisesKind::Convenience | PremisesKind::Supermarket) && draw.chance(18);
    belongs.then(|| *draw.pick(&CHAINS))
}

fn holder(draw: &mut Draw, person: &Person, subject: Subject, serial: usize) -> Result<Holder> {
    let enterprise = format!(
        "嘉善{}{}有限公司",
        draw.pick(&["鑫", "禾", "善", "源", "汇", "达", "瑞"]),
        draw.pick(&["丰商贸", "盛百货", "和食品", "通贸易", "泰超市"])
    );
    let (name, kind) = match subject {
        Subject::Individual => (person.name(), "92"),
        Subject::Organisation => (enterprise, "91"),
    };
    Ok(Holder {
        subject: Some(subject),
        name: Some(name),
        identity_number: Some(person.identity_number.clone()),
        credit_code: Some(credit_code(kind, serial)?),
        responsible_person: Some(person.name()),
        phone: Some(person.phone.clone()),
    })
}

fn trade_name(
    draw: &mut Draw,
    person: &Person,
    village: &Village,
    kind: PremisesKind,
    chain: Option<&str>,
) -> String {
    let town = &village.town.name;
    if let Some(chain) = chain {
        return format!("{chain}（{}店）", village.name.trim_end_matches("社区").trim_end_matches('村'));
    }
    let words: &[&str] = match kind {
        PremisesKind::Grocery => &["副食店", "食杂店", "百货店", "粮油店", "小卖部"],
        PremisesKind::Convenience => &["便利店", "便民超市", "小超市"],
        PremisesKind::Supermarket => &["超市", "生活超市", "购物中心"],
        PremisesKind::DepartmentStore => &["商场", "百货商场"],
        PremisesKind::TobaccoAndLiquor => &["烟酒店", "名烟名酒商行", "烟酒商行"],
        PremisesKind::Entertainment => &["棋牌室", "歌厅", "茶室"],
        PremisesKind::Other => &["饭店", "旅馆", "加油站便利店"],
    };
    let word = *draw.pick(words);
    match draw.below(4) {
        0 => format!("{town}老{}{word}", person.surname),
        1 => format!("{town}{}{word}", person.given),
        2 => format!("{town}{}记{word}", person.surname),
        _ => format!("{town}{}{word}", person.name()),
    }
}

fn address(draw: &mut Draw, village: &Village) -> String {
    let town = &village.town.name;
    let road = *draw.pick(&["人民路", "解放路", "车站路", "中山路", "环镇路", "府前路", "南大街", "学院路"]);
    let house = draw.between(1, 360);
    match village.area {
        AreaKind::Village => {
            format!("嘉善县{town}{}{}组{}号", village.name, draw.between(1, 18), draw.between(1, 60))
        }
        _ => format!("嘉善县{town}{}{road}{house}号", village.name),
    }
}

/// Most shops stand in the middle tiers.
fn tier(draw: &mut Draw) -> i64 {
    (draw.between(1, 30) + draw.between(1, 30)) / 2
}

/// The point as a file states it, in degrees.
pub fn degrees(point: Point) -> (String, String) {
    let written = |micro: i32| format!("{}.{:06}", micro / 1_000_000, micro.unsigned_abs() % 1_000_000);
    (written(point.longitude), written(point.latitude))
}
