//! Lives a planned year through: the bureau's own verbs, in the order of time, on a clock that is moved along.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use jiff::Timestamp;
use jiff::ToSpan;
use jiff::civil::Date;
use ledger::{Actor, ManualClock, MatterKey, Writing};
use paper::Press;
use site::officers::Role;
use site::{House, Problem};
use supervision::bureau::Bureau;
use supervision::licence::acts::{Attachment, Material, Measured, Missing, Way};
use supervision::licence::decision::{Decision, HandingOver};
use supervision::licence::details::Details;
use supervision::licence::office::{Office, Setting};
use supervision::licence::steps::{Findings, Officer, Opinion, When};

use super::applications::{Plan, Planned};
use super::officers::Roster;

/// Takes all steps of all plans, the chore of silence between the days.
pub fn live(
    house: &House,
    clock: &ManualClock,
    roster: &Roster,
    plans: &[Plan],
    as_of: Timestamp,
) -> Result<()> {
    let mut events: Vec<(Timestamp, usize, usize)> = Vec::new();
    for (application, plan) in plans.iter().enumerate() {
        events.extend(plan.steps.iter().enumerate().map(|(place, (at, _))| (*at, application, place)));
    }
    events.sort_unstable();
    let papers = papers(house)?;
    let mut keys = BTreeMap::new();
    let mut day = None;
    for (at, application, place) in events {
        clock.set(at);
        if day.replace(law::shanghai_day(at)) != Some(law::shanghai_day(at)) {
            silence(house)?;
        }
        let plan = &plans[application];
        let step = plan.steps[place].1;
        let taking = Taking::of(house, roster, plan, papers.clone(), keys.get(&application).cloned())?;
        let key = taking
            .take(house, step)
            .with_context(|| format!("application {application}, {step:?} at {at}"))?;
        keys.insert(application, key);
    }
    clock.set(as_of);
    silence(house)
}

/// What the node itself does every night: who was not answered in time is accepted.
fn silence(house: &House) -> Result<()> {
    let chores = supervision::licence::chores::all();
    let chore =
        chores.iter().find(|chore| chore.name == "licence-silence").context("the chore of silence")?;
    (chore.run)(house)
}

/// The sample papers that every applicant hands in.
fn papers(house: &House) -> Result<Vec<Attachment>> {
    let sheets = [
        (Material::Form, "许可证申请表.txt"),
        (Material::Identity, "身份证明.txt"),
        (Material::BusinessLicence, "营业执照.txt"),
        (Material::PremisesRight, "经营场所权属证明.txt"),
    ];
    let sheet = |(material, name): (Material, &str)| {
        let upload = house.uploads.keep(name, format!("演示材料，并非真实文件：{name}\n").as_bytes())?;
        Ok(Attachment {
            material,
            name: upload.name,
            digest: upload.digest,
            bytes: upload.size,
            media: upload.media_type,
        })
    };
    sheets.into_iter().map(sheet).collect()
}

/// Everything one step needs, owned, because the writer works on its own thread.
struct Taking {
    bureau: Arc<Bureau>,
    press: Arc<Press>,
    law: law::Law,
    roster: Roster,
    plan: Plan,
    papers: Vec<Attachment>,
    key: Option<MatterKey>,
}

impl Taking {
    fn of(
        house: &House,
        roster: &Roster,
        plan: &Plan,
        papers: Vec<Attachment>,
        key: Option<MatterKey>,
    ) -> Result<Self> {
        Ok(Self {
            bureau: house.get::<Bureau>()?,
            press: house.get::<Press>()?,
            law: house.law.clone(),
            roster: roster.clone(),
            plan: plan.clone(),
            papers,
            key,
        })
    }

    /// The officer whose step it is.
    fn who(&self, step: Planned) -> Officer {
        let turn = self.plan.turn;
        match step {
            Planned::Submit { .. }
            | Planned::RequestCorrection
            | Planned::Supplement
            | Planned::Accept
            | Planned::Serve => self.roster.with_role(Role::Clerk, turn).officer.clone(),
            Planned::Check { .. } => self.pair()[0].clone(),
            Planned::Review => self.roster.with_role(Role::Reviewer, turn).officer.clone(),
            Planned::Extend | Planned::Grant => self.roster.with_role(Role::Head, turn).officer.clone(),
        }
    }

    fn pair(&self) -> [Officer; 2] {
        let division = self.plan.outlet.premises.division.clone().unwrap_or_default();
        self.roster.pair_for(&division, self.plan.turn).map(|posted| posted.officer.clone())
    }

    fn take(self, house: &House, step: Planned) -> Result<MatterKey> {
        let who = self.who(step);
        let written = house
            .ledger
            .write(Actor::Officer(who.id.clone()), move |writing| self.write(writing, &who, step));
        written.map_err(|problem| anyhow!("{problem:?}"))
    }

    fn write(&self, writing: &mut Writing<'_>, who: &Officer, step: Planned) -> Result<MatterKey, Problem> {
        let when = When::on(law::shanghai_day(writing.now()));
        let setting = Setting { bureau: &self.bureau, law: &self.law, press: &self.press };
        let mut office = Office { writing, setting, who };
        if let Planned::Submit { complete } = step {
            return office.submit(&when, self.details(complete));
        }
        let key = self.key.clone().ok_or_else(|| anyhow!("nothing was submitted"))?;
        match step {
            Planned::Submit { .. } => {}
            Planned::RequestCorrection => office.request_correction(&key, &when, lacking())?,
            Planned::Supplement => office.supplement(&key, &when, vec![1], self.papers[3..].to_vec())?,
            Planned::Accept => office.accept(&key, &when)?,
            Planned::Check { fit } => {
                let [first, second] = self.pair();
                office.check(&key, &when, [&first.id, &second.id], self.findings(fit))?;
            }
            Planned::Review => office.review(&key, &when, favourable())?,
            Planned::Extend => {
                office.extend(&key, &when, "需要与相邻区域的零售点布局情况作进一步核对。".to_owned())?
            }
            Planned::Grant => drop(office.grant(&key, &when, decision(when.day)?)?),
            Planned::Serve => {
                let handing = self.handing(&mut office, who)?;
                office.serve(&key, &when, handing)?;
            }
        }
        Ok(key)
    }

    fn details(&self, complete: bool) -> Details {
        let handed_in = if complete { &self.papers[..] } else { &self.papers[..3] };
        Details {
            holder: self.plan.outlet.holder.clone(),
            premises: self.plan.outlet.premises.clone(),
            scope: self.plan.outlet.scope.clone(),
            attachments: handed_in.to_vec(),
            predecessor: None,
        }
    }

    fn findings(&self, fit: bool) -> Findings {
        let turn = i64::try_from(self.plan.turn).unwrap_or_default();
        let text = if fit {
            "经营场所固定，与住所相独立，与申请材料一致；周边零售点间距符合当地合理布局规定。"
        } else {
            "经营场所与住所尚未分隔，不符合与住所相独立的要求，已当场告知申请人整改。"
        };
        Findings {
            findings: text.to_owned(),
            measured: Measured {
                separate_from_dwelling: fit,
                floor_area: Some(1_200 + turn * 7),
                nearest_outlet_distance: Some(510 + turn * 3),
                nearest_outlet: None,
                nearest_school_distance: Some(2_100 + turn * 5),
                method: Some("测距轮，沿人行道，自门店出入口中心量取".to_owned()),
            },
            meets_conditions: fit,
            photos: Vec::new(),
        }
    }

    fn handing(&self, office: &mut Office<'_, '_>, who: &Officer) -> Result<HandingOver, Problem> {
        let companion = self.pair()[1].id.clone();
        let servers = [office.colleague(&who.id, "first")?, office.colleague(&companion, "second")?];
        Ok(HandingOver {
            way: Way::Direct,
            receiver: self.plan.outlet.holder.responsible_person.clone(),
            relation: Some("本人".to_owned()),
            place: "嘉善县政务服务中心烟草窗口".to_owned(),
            time: format!("{:02}:{:02}", 9 + self.plan.turn % 7, self.plan.turn % 60),
            servers,
            refusal: None,
            witness: None,
        })
    }
}

/// Five years from the day of the decision; the last day is the one before.
fn decision(day: Date) -> Result<Decision, Problem> {
    let last = day.checked_add(5.years()).and_then(Date::yesterday).map_err(anyhow::Error::from)?;
    Ok(Decision { opinion: "同意，准予许可。".to_owned(), valid_from: day, valid_until: last })
}

fn favourable() -> Opinion {
    let opinion = "申请材料齐全，经营场所符合规定条件，建议准予许可。".to_owned();
    Opinion { opinion, supports: true, major_interests: false }
}

fn lacking() -> Vec<Missing> {
    vec![Missing {
        material: Material::PremisesRight,
        fault: "未提交经营场所权属（使用）证明。".to_owned(),
        request: "请补交房屋产权证明，或者在有效期内的租赁合同。".to_owned(),
    }]
}
