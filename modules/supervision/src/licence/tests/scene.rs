//! The scene of these tests: people, an application, and a hand that records acts on it.

use jiff::civil::{Date, date};
use ledger::{Act, Actor, Body, Header, Matter, MatterKey};

use crate::bureau::Bureau;
use crate::licence::Licence;
use crate::licence::acts::*;
use crate::licence::application::Application;
use crate::licence::decision::{Decision, DecisionFacts, HandingOver};
use crate::licence::details::Details;
use crate::licence::requests::PermitFacts;
use crate::licence::steps::{Certificate, Findings, Inspector, Officer, Opinion, Step, Verb, When};

pub const TODAY: Date = date(2026, 11, 25);

pub fn root() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub fn bureau() -> Bureau {
    Bureau::load(|file| std::fs::read_to_string(root().join("region/jiashan").join(file)).ok()).unwrap()
}

pub fn law() -> law::Law {
    let files = walk(&root().join("law")).into_iter().map(|path| {
        let name = path.strip_prefix(root().join("law")).unwrap().to_string_lossy().into_owned();
        (name, std::fs::read_to_string(&path).unwrap())
    });
    law::Law::load(files).unwrap()
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

pub fn officer(id: &str, verbs: &[Verb]) -> Officer {
    Officer { id: id.into(), name: format!("officer {id}"), verbs: verbs.to_vec() }
}

pub fn clerk() -> Officer {
    officer("clerk", &[Verb::Accept, Verb::RequestCorrection, Verb::Supplement, Verb::Serve])
}

pub fn head() -> Officer {
    officer("head", &[Verb::Extend, Verb::Grant])
}

pub fn inspector(id: &str, until: Date) -> Inspector {
    let certificate = Certificate { number: format!("浙J-{id}"), from: date(2024, 1, 1), until };
    Inspector { id: id.into(), name: format!("officer {id}"), certificates: vec![certificate] }
}

pub fn step<'a>(who: &'a Officer, when: &'a When) -> Step<'a> {
    Step { who, when, today: TODAY }
}

pub fn paper(series: PaperSeries) -> PaperNumber {
    PaperNumber {
        series, text: "嘉善烟许〔2026〕第00001号".into(), year: 2026, serial: 1, dated: TODAY
    }
}

pub fn due(rule: &str, day: Date) -> Due {
    Due { rule: rule.into(), strict: day, loose: day, provisional: false, counted_by: None }
}

pub fn details() -> Details {
    Details {
        holder: Holder {
            subject: Some(Subject::Individual),
            name: Some("沈阿珍".into()),
            identity_number: Some(checked_identity("33042119680215002")),
            credit_code: None,
            responsible_person: Some("沈阿珍".into()),
            phone: Some("13857312345".into()),
        },
        premises: Premises {
            trade_name: Some("阿珍副食品店".into()),
            address: Some("嘉善县西塘镇南苑路12号".into()),
            division: Some("330421103".into()),
            point: Some(Point { longitude: 120_890_000, latitude: 30_940_000 }),
            kind: Some(PremisesKind::Grocery),
            kind_as_stated: None,
            area: Some(AreaKind::Town),
        },
        scope: vec![Scope::Cigarettes],
        attachments: vec![],
        predecessor: None,
    }
}

/// An identity number with the right check character.
fn checked_identity(first: &str) -> String {
    format!("{first}{}", crate::bureau::checks::identity_check(first).unwrap())
}

pub fn submitted() -> ApplicationAct {
    submitted_for(Kind::New)
}

/// A request of that kind, about a licence that stands unless it is for a new one.
pub fn submitted_for(kind: Kind) -> ApplicationAct {
    let Details { holder, premises, scope, attachments, .. } = details();
    let about = About {
        licence: facts().licence,
        number: facts().number,
        valid_until: Some(date(2027, 3, 1)),
        recheck: false,
        before: None,
    };
    let due = due("licence.correction-notice", date(2026, 12, 2));
    ApplicationAct::Submitted(Submitted {
        number: "嘉善烟许申〔2026〕第00001号".into(),
        holder,
        premises,
        scope,
        attachments,
        clerk: clerk().signer(),
        due,
        kind,
        about: (kind != Kind::New).then_some(about),
        wish: Wish::default(),
    })
}

pub fn opinion(supports: bool) -> Opinion {
    Opinion { opinion: "意见".into(), supports, major_interests: false }
}

pub fn ground(id: &str) -> Ground {
    let (title, citation) = ("情形".into(), "《行政许可法》第六十九条".into());
    Ground { id: id.into(), title, citation, fact: "事实".into(), rule: None }
}

/// A licence as the register has it after an import, in that standing.
pub fn licence(standing: Standing) -> Licence {
    let Details { holder, premises, scope, .. } = details();
    let data = LicenceData {
        number: facts().number,
        standing: Some(standing),
        holder,
        premises,
        scope,
        valid_from: Some(date(2022, 3, 2)),
        valid_until: Some(date(2027, 3, 1)),
        ..LicenceData::default()
    };
    let imported = Imported { import: "import/1".into(), source: "省局台账".into(), row: 2, data };
    let mut licence = Licence::default();
    licence.fold(&act(1, &LicenceAct::Imported(imported), date(2026, 1, 5))).unwrap();
    licence
}

pub fn permit_facts() -> PermitFacts {
    PermitFacts {
        application: facts().application,
        paper: paper(PaperSeries::Decision),
        sheet: PaperNumber { text: format!("{}/2", facts().number), ..paper(PaperSeries::Licence) },
        validity: (date(2027, 3, 2), date(2032, 3, 1)),
        due: facts().due,
    }
}

pub fn findings(meets_conditions: bool) -> Findings {
    let measured = Measured { separate_from_dwelling: true, floor_area: Some(2_850), ..Measured::default() };
    Findings { findings: "门店独立，门口向南".into(), measured, meets_conditions, photos: vec![] }
}

pub fn decision() -> Decision {
    Decision { opinion: "同意".into(), valid_from: TODAY, valid_until: date(2031, 11, 24) }
}

pub fn facts() -> DecisionFacts {
    DecisionFacts {
        application: "application/0199a1b2-0000-7000-8000-000000000001".into(),
        licence: "licence/0199a1b2-0000-7000-8000-000000000002".into(),
        number: "330421100001".into(),
        serial: 1,
        supplier: "浙江省烟草公司嘉兴市公司".into(),
        paper: paper(PaperSeries::Decision),
        longest: date(2031, 11, 24),
        due: due("licence.delivery", date(2026, 12, 9)),
    }
}

pub fn handing() -> HandingOver {
    HandingOver {
        way: Way::Direct,
        receiver: Some("沈阿珍".into()),
        relation: Some("本人".into()),
        place: "嘉善县西塘镇南苑路12号".into(),
        time: "09:30".into(),
        servers: [clerk().signer(), officer("one", &[]).signer()],
        refusal: None,
        witness: None,
    }
}

/// An act as the ledger would store it, for folding.
pub fn act<B: Body>(number: i64, body: &B, day: Date) -> Act {
    let instant = law::day_start(day);
    let kind = body.kind().to_owned();
    let matter = if kind.starts_with("licence.") { "licence" } else { "application" };
    let header = Header {
        version: 1,
        ledger: "jiashan.comity.example".into(),
        number,
        id: uuid::Uuid::from_u128(number.unsigned_abs().into()),
        kind,
        matter: MatterKey::new(matter, uuid::Uuid::from_u128(1)),
        sequence: number,
        actor: Actor::Node,
        on_behalf_of: None,
        recorded: instant,
        clock_behind: None,
        effective: instant,
        reason: None,
        basis: None,
        commitment: [0; 32],
        numbers: Default::default(),
    };
    Act { header, body: Some(serde_json::to_vec(body).unwrap()) }
}

/// The application after these acts, all of today.
pub fn after(bodies: &[ApplicationAct]) -> Application {
    let mut application = Application::default();
    for (number, body) in (1..).zip(bodies) {
        application.fold(&act(number, body, TODAY)).unwrap();
    }
    application
}
