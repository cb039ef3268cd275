//! Forms that could not be taken when they came, kept so that nothing typed is lost: for one officer, for an hour, in the
//! site's own tables. Files lie among the uploads already; passwords and codes are never kept.

use jiff::{SignedDuration, Timestamp};
use store::Sql;

use crate::form::Form;

/// So long a form is kept.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(1);

/// Forms kept for one officer; of more the oldest go.
const MOST: i64 = 5;

/// A form with the address that it was sent to.
pub(crate) struct Kept {
    pub path: String,
    pub form: Form,
}

/// # Errors
/// When the store refuses.
pub(crate) fn keep(
    sql: &mut dyn Sql,
    id: &str,
    officer: &str,
    kept: &Kept,
    now: Timestamp,
) -> anyhow::Result<()> {
    sweep(sql, now)?;
    sql.execute(
        "delete from kept_forms where officer = $1 and id not in
         (select id from kept_forms where officer = $1 order by kept desc, id limit $2)",
        &[officer.into(), (MOST - 1).into()],
    )?;
    let form = serde_json::to_string(&kept.form.without_secrets())?;
    sql.execute(
        "insert into kept_forms (id, officer, path, form, kept) values ($1, $2, $3, $4, $5)",
        &[id.into(), officer.into(), (&kept.path).into(), form.into(), now.as_microsecond().into()],
    )?;
    Ok(())
}

/// The form of this id, if it was kept for this officer and not too long ago.
///
/// # Errors
/// When the store cannot read.
pub(crate) fn find(
    sql: &mut dyn Sql,
    id: &str,
    officer: &str,
    now: Timestamp,
) -> anyhow::Result<Option<Kept>> {
    let text = "select path, form from kept_forms where id = $1 and officer = $2 and kept > $3";
    let row = sql.query_one(text, &[id.into(), officer.into(), oldest(now).into()])?;
    row.map(|row| Ok(Kept { path: row.get(0)?, form: serde_json::from_str(&row.get::<String>(1)?)? }))
        .transpose()
}

/// Forgets what was kept too long.
///
/// # Errors
/// When the store refuses.
pub(crate) fn sweep(sql: &mut dyn Sql, now: Timestamp) -> store::Result<()> {
    sql.execute("delete from kept_forms where kept <= $1", &[oldest(now).into()])?;
    Ok(())
}

fn oldest(now: Timestamp) -> i64 {
    now.saturating_sub(KEPT_FOR).unwrap_or(Timestamp::MIN).as_microsecond()
}
