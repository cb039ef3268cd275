//! The form in which an officer tells which column holds what.

use std::collections::{BTreeMap, BTreeSet};

use site::{Desk, Form, Refusal};

use super::super::mapping::{Field, Mapping, MappingFault, Repeated};
use super::super::words;
use crate::licence::data::Standing;

/// Standings that a whole source can be taken to have, with the words the form stores.
pub(super) const STANDINGS: [(&str, &str); 2] =
    [("valid", "import-standing-valid"), ("closed", "import-standing-closed")];

/// Ways to treat repeated numbers, with their text keys.
pub(super) const REPEATED: [(&str, &str); 4] = [
    ("fault", "import-repeated-fault"),
    ("first", "import-repeated-first"),
    ("last", "import-repeated-last"),
    ("latest", "import-repeated-latest"),
];

/// The form filled in with a mapping.
pub(super) fn filled(mapping: &Mapping) -> Form {
    let mut values = vec![("heading_row".to_owned(), mapping.heading_row.to_string())];
    values.extend(mapping.columns.iter().map(|(field, heading)| (field.name().to_owned(), heading.clone())));
    values.extend(mapping.absent.iter().map(|field| ("absent".to_owned(), field.name().to_owned())));
    values.extend(mapping.noted.iter().map(|heading| ("noted".to_owned(), heading.clone())));
    values.push(("repeated".to_owned(), word(mapping.repeated).to_owned()));
    values.push(("latest_by".to_owned(), mapping.latest_by.clone().unwrap_or_default()));
    values.push(("assumed".to_owned(), mapping.standing.map(assumed).unwrap_or_default().to_owned()));
    Form::filled(values)
}

/// The mapping that the form says.
pub(super) fn read(form: &Form) -> Mapping {
    let chosen =
        |field: Field| Some(form.value(field.name()).to_owned()).filter(|heading| !heading.is_empty());
    let columns: BTreeMap<_, _> =
        Field::ALL.into_iter().filter_map(|field| Some((field, chosen(field)?))).collect();
    let absent: BTreeSet<_> = form.values("absent").into_iter().filter_map(Field::named).collect();
    Mapping {
        heading_row: form
            .value("heading_row")
            .parse()
            .unwrap_or(1)
            .clamp(1, super::super::limits::ROWS_BEFORE_HEADINGS),
        absent: absent.into_iter().filter(|field| !columns.contains_key(field)).collect(),
        columns,
        standing: words::standing(form.value("assumed")),
        repeated: repeated(form.value("repeated")),
        latest_by: Some(form.value("latest_by").to_owned()).filter(|heading| !heading.is_empty()),
        noted: form.values("noted").into_iter().map(str::to_owned).collect(),
    }
}

/// What is wrong, beside the field concerned.
pub(super) fn refusals(desk: &Desk, faults: &[MappingFault]) -> Vec<Refusal> {
    let name = |field: Field| desk.text(field.text_key());
    let refusal = |fault: &MappingFault| match fault {
        MappingFault::Missing(field) => {
            Refusal::on(field.name(), "import-refusal-field-missing").with("field", name(*field))
        }
        MappingFault::NoSuchHeading(field, heading) => {
            let place = field.map_or("latest_by", Field::name);
            Refusal::on(place, "import-refusal-no-such-heading").with("heading", heading.clone())
        }
        MappingFault::HeadingTwice(field, heading) => {
            Refusal::on(field.name(), "import-refusal-heading-twice").with("heading", heading.clone())
        }
        MappingFault::HalfAPoint => Refusal::on("longitude", "import-refusal-half-a-point"),
        MappingFault::NoDateColumn => Refusal::on("latest_by", "import-refusal-no-date-column"),
    };
    faults.iter().map(refusal).collect()
}

fn word(repeated: Repeated) -> &'static str {
    match repeated {
        Repeated::Fault => "fault",
        Repeated::First => "first",
        Repeated::Last => "last",
        Repeated::Latest => "latest",
    }
}

fn repeated(word: &str) -> Repeated {
    match word {
        "first" => Repeated::First,
        "last" => Repeated::Last,
        "latest" => Repeated::Latest,
        _ => Repeated::Fault,
    }
}

fn assumed(standing: Standing) -> &'static str {
    match standing {
        Standing::Valid => "valid",
        Standing::Closed => "closed",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_survives_its_form() {
        let mapping = Mapping {
            heading_row: 3,
            columns: [(Field::Number, "许可证号".to_owned()), (Field::Address, "地址".to_owned())].into(),
            absent: [Field::Name, Field::ValidFrom].into(),
            standing: Some(Standing::Valid),
            repeated: Repeated::Latest,
            latest_by: Some("日期".to_owned()),
            noted: vec!["备注".to_owned()],
        };
        assert_eq!(read(&filled(&mapping)), mapping);
    }

    #[test]
    fn a_field_with_a_column_is_not_absent() {
        let form = Form::filled([("name", "名称"), ("absent", "name"), ("heading_row", "nonsense")]);
        let mapping = read(&form);
        assert!(mapping.absent.is_empty());
        assert_eq!(mapping.heading_row, 1);
    }
}
