//! Reads what officers type on the licence path.

use jiff::civil::Date;
use serde::de::DeserializeOwned;
use site::{Form, Problem, Refusal, Uploads};

use super::words::named;
use crate::licence::acts::*;
use crate::licence::details::Details;
use crate::licence::grounds::Picked;
use crate::licence::steps::{Findings, When};

/// The day of the fact: today unless the form names another, with the reason for it.
///
/// # Errors
/// Refused when the day is no day.
pub fn when(form: &Form, today: Date) -> Result<When, Refusal> {
    let day = date(form, "day")?.unwrap_or(today);
    Ok(When { day, reason: text(form, "reason") })
}

/// A date field; `None` when it is empty.
///
/// # Errors
/// Refused beside the field when it is no date.
pub fn date(form: &Form, field: &'static str) -> Result<Option<Date>, Refusal> {
    match form.value(field) {
        "" => Ok(None),
        typed => typed.parse().map(Some).map_err(|_| Refusal::on(field, "application-refusal-no-date")),
    }
}

/// A text, `None` when it is empty.
pub fn text(form: &Form, field: &str) -> Option<String> {
    Some(form.value(field).to_owned()).filter(|text| !text.is_empty())
}

fn choice<T: DeserializeOwned>(form: &Form, field: &str) -> Option<T> {
    named(form.value(field))
}

/// Everything an application states. What cannot be read is left out, and the verb objects to its absence.
///
/// # Errors
/// Failed when an upload is gone.
pub fn details(form: &Form, uploads: &Uploads) -> Result<Details, Problem> {
    let holder = Holder {
        subject: choice(form, "subject"),
        name: text(form, "name"),
        identity_number: text(form, "identity_number").map(|number| number.to_ascii_uppercase()),
        credit_code: text(form, "credit_code").map(|code| code.to_ascii_uppercase()),
        responsible_person: text(form, "responsible_person").or_else(|| text(form, "name")),
        phone: text(form, "phone"),
    };
    let premises = Premises {
        trade_name: text(form, "trade_name"),
        address: text(form, "address"),
        division: text(form, "division"),
        point: point(form),
        kind: choice(form, "premises_kind"),
        kind_as_stated: None,
        area: choice(form, "area"),
    };
    let scope = form.values("scope").into_iter().filter_map(named).collect();
    let attachments = attachments(form, uploads)?;
    Ok(Details { holder, premises, scope, attachments, predecessor: None })
}

/// For when and why something is asked for.
///
/// # Errors
/// Refused for every day that is none.
pub fn wish(form: &Form) -> Result<Wish, Refusal> {
    Ok(Wish { from: date(form, "from")?, until: date(form, "until")?, reason: text(form, "wish_reason") })
}

/// The grounds that were ticked, each with its fact.
pub fn grounds(form: &Form) -> Vec<Picked> {
    let picked = |id: &str| Picked {
        id: id.to_owned(),
        fact: form.value(&format!("fact-{id}")).to_owned(),
        rule: text(form, &format!("rule-{id}")),
    };
    form.values("ground").into_iter().map(picked).collect()
}

/// "120.923456, 30.841234", comma of either width. What is no point is left out; the verb objects to its absence.
fn point(form: &Form) -> Option<Point> {
    let typed = form.value("point").replace('，', ",");
    let (longitude, latitude) = typed.split_once(',')?;
    Some(Point { longitude: scaled(longitude.trim(), 6)?, latitude: scaled(latitude.trim(), 6)? })
}

/// A decimal number as a whole number of its `places`-th decimals; `None` when it is none or has more decimals.
fn scaled<T: TryFrom<i64>>(typed: &str, places: usize) -> Option<T> {
    let (sign, digits) = typed.strip_prefix('-').map_or((1, typed), |rest| (-1, rest));
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty()
        || whole.len() > 9
        || decimals.len() > places
        || !is_digits(whole)
        || !is_digits(decimals)
    {
        return None;
    }
    let all: i64 = format!("{whole}{decimals:0<places$}").parse().ok()?;
    T::try_from(sign * all).ok()
}

/// Files of a form: those just sent, each under `file-<material>`, and those kept from an attempt that was refused.
///
/// # Errors
/// Failed when a kept file is gone from the disk.
pub fn attachments(form: &Form, uploads: &Uploads) -> Result<Vec<Attachment>, Problem> {
    let mut all = Vec::new();
    for kept in form.values("kept") {
        all.extend(kept_attachment(kept, uploads)?);
    }
    for material in Material::ALL {
        for upload in form.files(&file_field(material)) {
            all.push(Attachment {
                material,
                name: upload.name.clone(),
                digest: upload.digest.clone(),
                bytes: upload.size,
                media: upload.media_type.clone(),
            });
        }
    }
    all.dedup_by(|one, other| one.digest == other.digest && one.material == other.material);
    Ok(all)
}

/// The name of the file field of a material.
pub fn file_field(material: Material) -> String {
    format!("file-{}", crate::licence::books::word(material))
}

/// How a stored file is named in the hidden field of a refused form.
pub fn keep_value(attachment: &Attachment) -> String {
    format!("{}/{}/{}", crate::licence::books::word(attachment.material), attachment.digest, attachment.name)
}

/// Size and type are taken from the stored file, never from the form.
fn kept_attachment(kept: &str, uploads: &Uploads) -> Result<Option<Attachment>, Problem> {
    let mut parts = kept.splitn(3, '/');
    let (Some(material), Some(digest), Some(name)) =
        (parts.next().and_then(named), parts.next(), parts.next())
    else {
        return Ok(None);
    };
    let bytes = uploads.bytes(digest)?;
    let media = site::media_type(name, &bytes).to_owned();
    let size = i64::try_from(bytes.len()).map_err(anyhow::Error::from)?;
    Ok(Some(Attachment { material, name: name.to_owned(), digest: digest.to_owned(), bytes: size, media }))
}

/// Lines of a correction notice a form offers.
pub const MISSING_ROWS: usize = 8;

/// The lines that were filled in.
pub fn missing(form: &Form) -> Vec<Missing> {
    let row = |number: usize| {
        let field = |name: &str| form.value(&format!("{name}-{number}")).to_owned();
        let missing = Missing {
            material: named(&field("material")).unwrap_or(Material::Other),
            fault: field("fault"),
            request: field("request"),
        };
        (!missing.fault.is_empty() || !missing.request.is_empty()).then_some(missing)
    };
    (1..=MISSING_ROWS).filter_map(row).collect()
}

/// Places of the correction notice that were ticked.
pub fn settles(form: &Form) -> Vec<i64> {
    form.values("settles").into_iter().filter_map(|place| place.parse().ok()).collect()
}

/// What two officers found on the spot.
///
/// # Errors
/// Refused for every measure that is no number and every question that was not answered; failed when an upload is gone.
pub fn findings(form: &Form, uploads: &Uploads) -> Result<Findings, Problem> {
    let mut refusals = Vec::new();
    let mut number =
        |field, places| measure(form, field, places).unwrap_or_else(|refusal| note(&mut refusals, refusal));
    let (floor_area, nearest_outlet_distance) = (number("floor_area", 2), number("outlet_distance", 1));
    let nearest_school_distance = number("school_distance", 1);
    let mut answer = |field| yes_or_no(form, field).unwrap_or_else(|refusal| note(&mut refusals, refusal));
    let (separate_from_dwelling, meets_conditions) = (answer("separate"), answer("meets"));
    if !refusals.is_empty() {
        return Err(refusals.into());
    }
    let measured = Measured {
        separate_from_dwelling,
        floor_area,
        nearest_outlet_distance,
        nearest_outlet: text(form, "outlet"),
        nearest_school_distance,
        method: text(form, "method"),
    };
    let findings = form.value("findings").to_owned();
    Ok(Findings { findings, measured, meets_conditions, photos: attachments(form, uploads)? })
}

/// Keeps a refusal for the whole answer; the value in its place is never used.
fn note<T: Default>(refusals: &mut Vec<Refusal>, refusal: Refusal) -> T {
    refusals.push(refusal);
    T::default()
}

fn measure(form: &Form, field: &'static str, places: usize) -> Result<Option<i64>, Refusal> {
    let typed = form.value(field);
    if typed.is_empty() {
        return Ok(None);
    }
    let value = scaled::<i64>(typed, places).filter(|value| *value >= 0);
    value.map(Some).ok_or_else(|| Refusal::on(field, "application-refusal-no-measure"))
}

/// Yes or no, from a pair of radio buttons.
///
/// # Errors
/// Refused beside the field when neither was chosen.
pub fn yes_or_no(form: &Form, field: &'static str) -> Result<bool, Refusal> {
    match form.value(field) {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err(Refusal::on(field, "application-refusal-conclusion-missing")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_without_floats() {
        assert_eq!(scaled::<i32>("120.923456", 6), Some(120_923_456));
        assert_eq!(scaled::<i32>("-87.65", 6), Some(-87_650_000));
        assert_eq!(scaled::<i64>("35", 2), Some(3_500));
        for wrong in ["", ".", "1.2.3", "1e5", "12.3456789", "1 2", "--1", "٣"] {
            assert_eq!(scaled::<i64>(wrong, 6), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_point_is_two_numbers_and_nothing_else() {
        let typed = |text: &str| point(&Form::filled([("point", text)]));
        assert_eq!(typed("120.92，30.84"), Some(Point { longitude: 120_920_000, latitude: 30_840_000 }));
        for wrong in ["", "嘉善", "120.92", "120.92,30.84,1", "1200000000,30"] {
            assert_eq!(typed(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn only_filled_lines_of_a_notice_count() {
        let form = Form::filled([
            ("material-2", "identity"),
            ("fault-2", "缺背面"),
            ("request-2", "补交"),
            ("material-1", "form"),
        ]);
        let expected =
            Missing { material: Material::Identity, fault: "缺背面".into(), request: "补交".into() };
        assert_eq!(missing(&form), [expected]);
    }
}
