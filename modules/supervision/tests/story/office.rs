//! An office without pages: officers with certificates, and applications brought along the path by the same commands.

use std::sync::Arc;

use jiff::civil::date;
use ledger::{Actor, Draft, Ledger, ManualClock, MatterKey, Options, Writing};
use site::Problem;
use site::officers::{Appointment, Certificate, OfficerAct, Role};
use store::Store;
use supervision::bureau::Bureau;
use supervision::licence::acts::*;
use supervision::licence::decision::Decision;
use supervision::licence::details::Details;
use supervision::licence::office::{Office, Setting};
use supervision::licence::steps::{Findings, Officer, Opinion, Verb, When};

use crate::place;

pub struct Town {
    pub ledger: Arc<Ledger>,
    pub clock: Arc<ManualClock>,
    pub tools: Arc<Tools>,
}

pub struct Tools {
    pub bureau: Bureau,
    pub law: law::Law,
    pub press: paper::Press,
}

/// Officers have these ids, so that stories can name them.
pub fn id(who: &str) -> uuid::Uuid {
    let number = match who {
        "clerk" => 1,
        "one" => 2,
        "two" => 3,
        "reviewer" => 4,
        "head" => 5,
        other => panic!("nobody is called {other}"),
    };
    uuid::Uuid::from_u128(number)
}

impl Town {
    pub fn new(store: Store) -> Town {
        let clock = Arc::new(ManualClock::new("2026-11-25T02:00:00Z".parse().unwrap()));
        let mut books: Vec<Box<dyn ledger::Book>> = vec![Box::new(site::officers::OfficerBook)];
        books.extend(supervision::licence::books::all());
        let name = "jiashan.comity.example".to_owned();
        let options =
            Options { name, key: site::testing::key_on(store.engine()), clock: clock.clone(), books };
        let ledger = Ledger::open(store, options).unwrap();
        let tools = Tools { bureau: place::bureau(), law: place::law(), press: place::press() };
        let town = Town { ledger, clock, tools: Arc::new(tools) };
        for (who, role) in [
            ("clerk", Role::Clerk),
            ("one", Role::Inspector),
            ("two", Role::Inspector),
            ("reviewer", Role::Reviewer),
            ("head", Role::Head),
        ] {
            town.appoint(who, role);
        }
        town
    }

    fn appoint(&self, who: &str, role: Role) {
        let key = MatterKey::new("officer", id(who));
        let appointment = Appointment {
            login: who.into(),
            name: format!("{who}员"),
            roles: [role].into(),
            territory: vec!["330421".into()],
            team: String::new(),
        };
        let certificate = Certificate {
            number: format!("浙J-{who}"),
            issuer: "浙江省司法厅".into(),
            valid_from: date(2024, 1, 1),
            valid_until: date(2028, 12, 31),
        };
        let acts = [OfficerAct::Appointed(appointment), OfficerAct::CertificateRegistered(certificate)];
        let written = self.ledger.write(Actor::Command("test".into()), move |writing| {
            acts.iter().try_for_each(|act| writing.append(Draft::new(&key, act)).map(|_| ()))
        });
        let done: Result<(), ledger::Error> = written;
        done.unwrap();
    }

    /// One command of one officer, as the pages do it.
    pub fn act<T: Send + 'static>(
        &self,
        who: &str,
        command: impl FnOnce(&mut Office) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let tools = self.tools.clone();
        let officer =
            Officer { id: id(who).to_string(), name: format!("{who}员"), verbs: Verb::ALL.to_vec() };
        self.ledger.write(Actor::Officer(id(who).to_string()), move |writing: &mut Writing| {
            let setting = Setting { bureau: &tools.bureau, law: &tools.law, press: &tools.press };
            command(&mut Office { writing, setting, who: &officer })
        })
    }

    pub fn today(&self) -> When {
        When::on(law::shanghai_day(ledger::Clock::now(&*self.clock)))
    }

    pub fn submitted(&self, details: Details) -> MatterKey {
        let when = self.today();
        self.act("clerk", move |office| office.submit(&when, details)).unwrap()
    }

    /// An application that waits for the head.
    pub fn reviewed(&self, details: Details) -> MatterKey {
        let key = self.submitted(details);
        let (when, of) = (self.today(), key.clone());
        self.act("clerk", move |office| office.accept(&of, &when)).unwrap();
        let (when, of) = (self.today(), key.clone());
        self.act("one", move |office| {
            let pair = [id("one").to_string(), id("two").to_string()];
            office.check(&of, &when, [&pair[0], &pair[1]], findings())
        })
        .unwrap();
        let (when, of) = (self.today(), key.clone());
        self.act("reviewer", move |office| office.review(&of, &when, favourable())).unwrap();
        key
    }

    pub fn grant(&self, who: &str, key: &MatterKey) -> Result<MatterKey, Problem> {
        let (when, of) = (self.today(), key.clone());
        let decision =
            Decision { opinion: "同意".into(), valid_from: when.day, valid_until: date(2031, 11, 24) };
        self.act(who, move |office| office.grant(&of, &when, decision))
    }
}

pub fn favourable() -> Opinion {
    Opinion { opinion: "拟同意".into(), supports: true, major_interests: false }
}

pub fn findings() -> Findings {
    let measured = Measured { separate_from_dwelling: true, ..Measured::default() };
    Findings { findings: "门店独立".into(), measured, meets_conditions: true, photos: vec![] }
}

/// The details of the n-th applicant.
pub fn details(number: usize) -> Details {
    let first = format!("33042119680215{:03}", number % 1000);
    let identity = format!("{first}{}", supervision::bureau::checks::identity_check(&first).unwrap());
    Details {
        holder: Holder {
            subject: Some(Subject::Individual),
            name: Some(format!("沈阿珍{number}")),
            identity_number: Some(identity),
            credit_code: None,
            responsible_person: Some(format!("沈阿珍{number}")),
            phone: Some("13857312345".into()),
        },
        premises: Premises {
            trade_name: Some(format!("阿珍副食品店{number}")),
            address: Some(format!("嘉善县西塘镇南苑路{number}号")),
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
