//! A row of a file against the register: new, as it was, or changed.

use anyhow::Result;
use ledger::MatterKey;
use sha2::{Digest, Sha256};
use store::Sql;

use super::difference::{Difference, differences};
use super::mapping::{Bound, Field};
use crate::licence::data::LicenceData;
use crate::licence::register;

/// What a row means for the register.
#[derive(Clone, Debug, PartialEq)]
pub enum Compared {
    New,
    /// The file says what it said before, or what the register holds; nothing is to be written.
    Unchanged,
    Changed(Box<Change>),
    /// The file knows a licence otherwise that was granted on this node: the own decision goes before the file.
    GrantedHere,
}

/// A licence that the file knows otherwise than the register.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    pub licence: MatterKey,
    pub before: LicenceData,
    pub after: LicenceData,
    pub differences: Vec<Difference>,
}

/// Compares one licence of a file with the register. What the source has no column for stays as it is.
///
/// A file that repeats what its source said last changes nothing, even if the licence was changed here or by another
/// source since: the older word does not overrule the newer act.
///
/// # Errors
/// The register cannot be read.
pub fn compare(sql: &mut dyn Sql, source: &str, data: &LicenceData, bound: &Bound) -> Result<Compared> {
    let Some((licence, before)) = register::find(sql, &data.number)? else { return Ok(Compared::New) };
    let after = with_unmapped(&before, data.clone(), bound);
    if last_imported(sql, &licence, source)?.as_deref() == Some(&digest(&after)?) {
        return Ok(Compared::Unchanged);
    }
    let differences = differences(&before, &after);
    if differences.is_empty() {
        return Ok(Compared::Unchanged);
    }
    if is_granted_here(sql, &licence)? {
        return Ok(Compared::GrantedHere);
    }
    Ok(Compared::Changed(Box::new(Change { licence, before, after, differences })))
}

/// A licence that was granted here, or on which this bureau has acted since, is changed by acts on it, each with its own
/// officers and papers (变更: 行政许可法 49), and by no file.
fn is_granted_here(sql: &mut dyn Sql, licence: &MatterKey) -> Result<bool> {
    let text = "select 1 from licences where id = $1 and (application is not null or own = 1)";
    Ok(sql.query_one(text, &[licence.id().to_string().into()])?.is_some())
}

/// SHA-256 of what an import said of a licence.
///
/// # Errors
/// It cannot be written as JSON.
pub fn digest(data: &LicenceData) -> Result<String> {
    Ok(hex::encode(Sha256::digest(serde_json::to_vec(data)?)))
}

fn last_imported(sql: &mut dyn Sql, licence: &MatterKey, source: &str) -> Result<Option<String>> {
    let text = "select digest from imported where licence = $1 and source = $2";
    let row = sql.query_one(text, &[licence.id().to_string().into(), source.into()])?;
    Ok(row.map(|row| row.get(0)).transpose()?)
}

/// The file's licence, with everything that the file has no column for taken from the register.
fn with_unmapped(before: &LicenceData, mut after: LicenceData, bound: &Bound) -> LicenceData {
    for field in Field::ALL.into_iter().filter(|field| bound.place(*field).is_none()) {
        keep(field, before, &mut after);
    }
    for (heading, text) in &before.noted {
        if !bound.mapping.noted.contains(heading) {
            after.noted.insert(heading.clone(), text.clone());
        }
    }
    after
}

fn keep(field: Field, before: &LicenceData, after: &mut LicenceData) {
    let (holder, premises) = (&mut after.holder, &mut after.premises);
    match field {
        Field::Number => {}
        Field::Subject => holder.subject = before.holder.subject.or(holder.subject),
        Field::Name => holder.name.clone_from(&before.holder.name),
        Field::ResponsiblePerson => holder.responsible_person.clone_from(&before.holder.responsible_person),
        Field::IdentityNumber => holder.identity_number.clone_from(&before.holder.identity_number),
        Field::CreditCode => holder.credit_code.clone_from(&before.holder.credit_code),
        Field::Phone => holder.phone.clone_from(&before.holder.phone),
        Field::TradeName => premises.trade_name.clone_from(&before.premises.trade_name),
        Field::Address => premises.address.clone_from(&before.premises.address),
        Field::Division => premises.division.clone_from(&before.premises.division),
        Field::Longitude | Field::Latitude => premises.point = before.premises.point,
        Field::PremisesKind => {
            premises.kind = before.premises.kind;
            premises.kind_as_stated.clone_from(&before.premises.kind_as_stated);
        }
        Field::Area => premises.area = before.premises.area,
        Field::Scope => after.scope.clone_from(&before.scope),
        Field::Supplier => after.supplier.clone_from(&before.supplier),
        Field::IssuedOn => after.issued_on = before.issued_on,
        Field::ValidFrom => after.valid_from = before.valid_from,
        Field::ValidUntil => after.valid_until = before.valid_until,
        Field::Standing => after.standing = before.standing,
        Field::Grid => after.grid.clone_from(&before.grid),
        Field::OrderDay => after.order_day = before.order_day,
        Field::Tier => after.tier = before.tier,
        Field::Credit => after.credit.clone_from(&before.credit),
        Field::Chain => after.chain.clone_from(&before.chain),
    }
}
