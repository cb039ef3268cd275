//! Renewal campaigns: whose licence ends soon, who was reminded, who has asked; and reminding them in bulk.

use askama::Template;
use axum::extract::Query;
use jiff::ToSpan;
use jiff::civil::Date;
use ledger::MatterKey;
use serde::Deserialize;
use site::{Answer, Desk, Form, Problem, Routes, Subject};
use store::{Row, Value};

use super::words::{place, stated};
use super::{in_office, me};
use crate::bureau::Bureau;
use crate::licence::clock::RENEWAL_REQUEST;
use crate::licence::steps::When;

/// Days ahead that a page looks when nobody says otherwise: the thirty working days of the request and as many to prepare.
const AHEAD: i64 = 120;

/// Licences that one page shows and one press of the button reminds: the next page follows when these are done.
const MOST: usize = 200;

/// Those that are not over, end within the days asked for, and lie where the officer may remind.
const RUNNING: &str =
    "standing in ('valid', 'suspended', 'rectifying') and valid_until >= $1 and valid_until <= $2";

/// Asked for already, or reminded in this time of validity.
const ASKED: &str =
    "exists (select 1 from applications where about = 'licence/' || licences.id and kind = 'renewal'
    and state not in ('refused', 'not-accepted', 'terminated') and expiry = licences.valid_until)";
const REMINDED: &str = "(reminded is not null and reminded >= coalesce(valid_from, ''))";

struct Line {
    id: String,
    number: String,
    trade_name: String,
    division: String,
    valid_until: String,
    request_by: String,
    reminded: String,
    asked: bool,
}

#[derive(Template)]
#[template(path = "licence/renewals.html")]
struct RenewalsPage<'a> {
    desk: &'a Desk,
    bureau: &'a Bureau,
    days: i64,
    lines: Vec<Line>,
    total: i64,
    to_remind: i64,
}

impl RenewalsPage<'_> {
    fn place(&self, line: &Line) -> String {
        place(self.desk, self.bureau, &line.division)
    }

    fn address(&self, line: &Line) -> String {
        format!("/licences/{}", line.id)
    }

    fn number(&self, line: &Line) -> String {
        stated(self.desk, Some(&line.number))
    }

    /// Tone and words of how far it is.
    fn state(&self, line: &Line) -> (&'static str, String) {
        if line.asked {
            ("good", self.desk.text("licence-renewal-asked"))
        } else if !line.reminded.is_empty() {
            let day = line.reminded.as_str();
            ("info", self.desk.text_with("licence-renewal-reminded", "day", day))
        } else if line.request_by < self.desk.today().to_string() {
            ("bad", self.desk.text("licence-renewal-late"))
        } else {
            ("warn", self.desk.text("licence-renewal-open"))
        }
    }

    fn open(&self, line: &Line) -> bool {
        !line.asked && line.reminded.is_empty() && line.request_by >= self.desk.today().to_string()
    }

    fn count(&self) -> String {
        self.desk.text_with("licence-list-count", "count", self.total)
    }

    fn remaining(&self) -> String {
        self.desk.text_with("licence-renewal-remaining", "count", self.to_remind)
    }
}

pub(super) fn routes() -> Routes {
    Routes::new().get("/renewals", "licence.remind", list).post("/renewals", "licence.remind", remind)
}

#[derive(Deserialize)]
struct Asked {
    days: Option<i64>,
}

/// GET /renewals
async fn list(desk: Desk, Query(asked): Query<Asked>) -> Answer {
    let days = asked.days.unwrap_or(AHEAD).clamp(1, 400);
    let bureau = desk.house().get::<Bureau>()?;
    let (lines, total, to_remind) = desk.blocking(move |desk| read(desk, days)).await?;
    desk.page(&RenewalsPage { desk: &desk, bureau: &bureau, days, lines, total, to_remind })
}

/// POST /renewals: reminds those that were ticked. Whoever is reminded already or has asked is passed over, so that the
/// button may be pressed again.
async fn remind(desk: Desk, form: Form) -> Answer {
    desk.act(form, |desk, writing, form| {
        let who = me(desk, Vec::new());
        let when = When::on(law::shanghai_day(writing.now()));
        for id in form.values("licence").into_iter().take(MOST) {
            let id = id.parse().map_err(|_| Problem::Missing)?;
            let found = writing
                .sql()
                .query_one("select division from licences where id = $1", &[Value::from(format!("{id}"))])?;
            let division: String = found.ok_or(Problem::Missing)?.get(0)?;
            desk.require("licence.remind", &Subject::at(division))?;
            let key = MatterKey::new("licence", id);
            in_office(desk, writing, &who, |office| office.remind(&key, &when))?;
        }
        Ok(())
    })
    .await?
    .map_err(|_| Problem::Missing)?;
    desk.go_with_notice("/renewals", "licence-done-reminded")
}

fn read(desk: &Desk, days: i64) -> Result<(Vec<Line>, i64, i64), Problem> {
    let today = desk.today();
    let last = today.checked_add(days.days()).map_err(anyhow::Error::from)?;
    let mut parameters: Vec<Value> = vec![today.to_string().into(), last.to_string().into()];
    let scope = desk.scope("licence.remind").predicate("division", &mut parameters);
    desk.house().store.read(|sql| {
        let text = format!(
            "select id, number, trade_name, division, valid_until, case when {REMINDED} then reminded end, {ASKED}
             from licences where {RUNNING} and {scope} order by case when {REMINDED} or {ASKED} then 1 else 0 end, valid_until, number limit {MOST}"
        );
        let rows = sql.query(&text, &parameters)?;
        let lines = rows.iter().map(|row| line(desk, row)).collect::<Result<Vec<_>, Problem>>()?;
        let mut count = |condition: &str| -> Result<i64, Problem> {
            let text = format!("select count(*) from licences where {RUNNING} and {scope} and {condition}");
            Ok(sql.query_one(&text, &parameters)?.map_or(Ok(0), |row| row.get(0))?)
        };
        let total = count("1 = 1")?;
        let to_remind = count(&format!("not {REMINDED} and not {ASKED}"))?;
        Ok((lines, total, to_remind))
    })
}

fn line(desk: &Desk, row: &Row) -> Result<Line, Problem> {
    let text = |place| Ok::<String, store::Error>(row.get::<Option<String>>(place)?.unwrap_or_default());
    let valid_until = text(4)?;
    let expiry: Date = valid_until.parse().map_err(anyhow::Error::from)?;
    let limit = desk.law().deadline(RENEWAL_REQUEST, &law::Start::Day(expiry), &[], &[]);
    Ok(Line {
        id: text(0)?,
        number: text(1)?,
        trade_name: text(2)?,
        division: text(3)?,
        valid_until,
        request_by: limit.map_err(anyhow::Error::from)?.strict.day.to_string(),
        reminded: text(5)?,
        asked: row.get(6)?,
    })
}
