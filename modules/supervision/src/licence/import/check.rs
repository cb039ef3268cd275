//! One row of a file made into a licence, or all that is wrong with it.

use jiff::ToSpan;
use jiff::civil::Date;

use super::fault::{Column, Fault, Kind, shown};
use super::limits::CELL_CHARACTERS;
use super::mapping::{Bound, Field};
use super::source::{Cell, Content, Row};
use super::words;
use crate::bureau::{Bureau, checks};
use crate::licence::data::LicenceData;

/// What is known of a row after it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    /// The number, if it is well formed, even where other cells are at fault.
    pub number: Option<String>,
    /// The licence; `None` as soon as there is one fault.
    pub data: Option<LicenceData>,
    /// Date of the column that decides between rows of one licence; a date that cannot be read may be the latest.
    pub decided_by: Option<Date>,
    pub faults: Vec<Fault>,
}

/// Reads one row by the mapping and the rules of the bureau. Pure; what only other rows can show is left to `Seen`.
#[must_use]
pub fn check(row: &Row, bound: &Bound, bureau: &Bureau) -> Checked {
    let mut reading = Reading { row: row.number, bound, bureau, cells: &[], faults: Vec::new() };
    match &row.content {
        Content::Broken(line) => reading.whole_row(Kind::BrokenQuoting, line),
        Content::Undecodable(line) => reading.whole_row(Kind::Encoding, line),
        Content::TooLong => reading.whole_row(Kind::TooLong, ""),
        Content::Cells(cells) if cells.iter().skip(bound.headings.len()).any(|cell| !cell.is_blank()) => {
            reading.whole_row(Kind::ColumnCount, &cells.len().to_string());
        }
        Content::Cells(cells) if is_cut_short(cells, bound) => {
            reading.whole_row(Kind::ColumnCount, &cells.len().to_string())
        }
        Content::Cells(cells) => {
            reading.cells = cells;
            return reading.licence();
        }
    }
    Checked { number: None, data: None, decided_by: None, faults: reading.faults }
}

/// Programs leave out empty cells at the end of a row. A row that lacks a cell whose value is expected was cut.
fn is_cut_short(cells: &[Cell], bound: &Bound) -> bool {
    cells.len() < bound.headings.len()
        && bound.fields().any(|(field, place)| Field::EXPECTED.contains(&field) && place >= cells.len())
}

struct Reading<'a> {
    row: u64,
    bound: &'a Bound,
    bureau: &'a Bureau,
    cells: &'a [Cell],
    faults: Vec<Fault>,
}

impl Reading<'_> {
    fn licence(mut self) -> Checked {
        let mut data = LicenceData::default();
        let number = self.number();
        data.number = number.clone().unwrap_or_default();
        self.holder(&mut data);
        self.premises(&mut data);
        self.terms(&mut data);
        self.dates(&mut data);
        self.noted(&mut data);
        let decided_by = self.decided_by();
        let sound = self.faults.is_empty();
        Checked { number, data: sound.then_some(data), decided_by, faults: self.faults }
    }

    fn number(&mut self) -> Option<String> {
        let Some(text) = self.value(Field::Number) else {
            self.missing(Field::Number, Kind::MissingNumber);
            return None;
        };
        let parsed = self.bureau.scheme.parse(&text);
        if parsed.is_err() {
            self.fault(Field::Number, Kind::NumberFormat);
        }
        parsed.ok().map(|_| text)
    }

    fn holder(&mut self, data: &mut LicenceData) {
        let of_number = self.bureau.scheme.parse(&data.number).ok().and_then(|number| number.subject);
        data.holder.subject = self.read(Field::Subject, Kind::UnknownSubject, words::subject).or(of_number);
        data.holder.name = self.required(Field::Name, Kind::MissingName);
        data.holder.responsible_person = self.value(Field::ResponsiblePerson);
        let identifiers = &self.bureau.identifiers;
        let (credit, identity, phone) = (
            identifiers.credit_code.is_some(),
            identifiers.identity_number.is_some(),
            identifiers.phone.is_some(),
        );
        data.holder.credit_code =
            self.checked(Field::CreditCode, Kind::CreditCode, |text| !credit || checks::credit_code(text));
        data.holder.identity_number = self.checked(Field::IdentityNumber, Kind::IdentityNumber, |text| {
            !identity || checks::identity_number(text)
        });
        data.holder.phone = self.checked(Field::Phone, Kind::Phone, |text| !phone || checks::phone(text));
    }

    fn premises(&mut self, data: &mut LicenceData) {
        let bureau = self.bureau;
        data.premises.trade_name = self.required(Field::TradeName, Kind::MissingName);
        data.premises.address = self.required(Field::Address, Kind::MissingAddress);
        let stated = self.read(Field::Division, Kind::UnknownDivision, |text| {
            bureau.divisions.find(text).map(|division| division.code.clone())
        });
        // A licence of this bureau lies in its area, even where the source does not say in which town.
        data.premises.division = stated.or_else(|| Some(bureau.division.clone()));
        data.premises.area = self.read(Field::Area, Kind::UnknownArea, words::area);
        let stated = self.value(Field::PremisesKind);
        data.premises.kind = stated.as_deref().and_then(words::premises_kind);
        data.premises.kind_as_stated = stated.filter(|_| data.premises.kind.is_none());
        self.point(data);
    }

    fn point(&mut self, data: &mut LicenceData) {
        let longitude = self.read(Field::Longitude, Kind::NotAPoint, words::micro_degrees);
        let latitude = self.read(Field::Latitude, Kind::NotAPoint, words::micro_degrees);
        let (Some(longitude), Some(latitude)) = (longitude, latitude) else {
            let half = longitude.is_some() != latitude.is_some();
            let lacking = if longitude.is_some() { Field::Latitude } else { Field::Longitude };
            if half && self.text(lacking).is_none() {
                self.missing(lacking, Kind::NotAPoint);
            }
            return;
        };
        data.premises.point = words::point(longitude, latitude);
        match data.premises.point {
            None => self.fault(Field::Latitude, Kind::NotAPoint),
            Some(point) if !self.bureau.territory.may_contain(point) => {
                self.fault(Field::Longitude, Kind::OutsideTerritory)
            }
            Some(_) => {}
        }
    }

    fn terms(&mut self, data: &mut LicenceData) {
        let assumed = self.bound.mapping.standing;
        data.standing = match self.bound.place(Field::Standing) {
            Some(_) => self.expected(Field::Standing, Kind::UnknownStanding, words::standing),
            None => assumed,
        };
        data.scope = self.read(Field::Scope, Kind::UnknownScope, words::scopes).unwrap_or_default();
        data.supplier = self.value(Field::Supplier);
        data.grid = self.value(Field::Grid);
        data.credit = self.value(Field::Credit);
        data.chain = self.value(Field::Chain);
        data.order_day = self.read(Field::OrderDay, Kind::NotAWholeNumber, |text| {
            text.parse().ok().filter(|day| (1..=7).contains(day))
        });
        data.tier = self.read(Field::Tier, Kind::NotAWholeNumber, |text| {
            text.parse().ok().filter(|tier| (1..=100).contains(tier))
        });
    }

    fn dates(&mut self, data: &mut LicenceData) {
        data.issued_on = self.read(Field::IssuedOn, Kind::NotADate, words::date_of);
        data.valid_from = self.expected(Field::ValidFrom, Kind::NotADate, words::date_of);
        data.valid_until = self.expected(Field::ValidUntil, Kind::NotADate, words::date_of);
        let (Some(from), Some(until)) = (data.valid_from, data.valid_until) else { return };
        let longest =
            self.bureau.validity.as_ref().and_then(|validity| from.checked_add(validity.years.years()).ok());
        if until < from {
            self.fault(Field::ValidUntil, Kind::EndBeforeStart);
        } else if longest.is_some_and(|longest| until > longest) {
            self.fault(Field::ValidUntil, Kind::ValidityTooLong);
        }
    }

    fn noted(&mut self, data: &mut LicenceData) {
        for place in self.bound.noted.clone() {
            if let Some(text) = self.value_at(place, false) {
                data.noted.insert(self.bound.headings[place].clone(), text);
            }
        }
    }

    fn decided_by(&mut self) -> Option<Date> {
        let place = self.bound.latest_by?;
        self.text_at(place)?;
        let date = self.value_at(place, true).and_then(|text| words::date_of(&text));
        if date.is_none() {
            self.fault_at(Some(place), Kind::NotADate);
        }
        date.or(Some(Date::MAX))
    }

    /// The field's value if its cell is filled and can be taken as it stands; a fault otherwise says why not.
    fn value(&mut self, field: Field) -> Option<String> {
        self.value_at(self.bound.place(field)?, field.is_coded())
    }

    fn value_at(&mut self, place: usize, is_coded: bool) -> Option<String> {
        let text = self.text_at(place)?.to_owned();
        let kind = if matches!(self.cells.get(place)?, Cell::Formula(_)) {
            Kind::Formula
        } else if text.chars().count() > CELL_CHARACTERS {
            Kind::TooLong
        } else if is_coded && words::has_full_width(&text) {
            Kind::FullWidth
        } else {
            return Some(text);
        };
        self.fault_at(Some(place), kind);
        None
    }

    fn text(&self, field: Field) -> Option<&str> {
        self.text_at(self.bound.place(field)?)
    }

    fn text_at(&self, place: usize) -> Option<&str> {
        let cell = self.cells.get(place)?;
        let text = cell.text().trim();
        (!text.is_empty() || matches!(cell, Cell::Formula(_))).then_some(text)
    }

    fn read<T>(&mut self, field: Field, kind: Kind, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = self.value(field)?;
        let parsed = parse(&text);
        if parsed.is_none() {
            self.fault(field, kind);
        }
        parsed
    }

    fn checked(&mut self, field: Field, kind: Kind, sound: impl Fn(&str) -> bool) -> Option<String> {
        self.read(field, kind, |text| sound(text).then(|| text.to_owned()))
    }

    /// As `read`, and an empty cell is a fault where the column is there.
    fn expected<T>(&mut self, field: Field, kind: Kind, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        self.missing(field, Kind::MissingValue);
        self.read(field, kind, parse)
    }

    fn required(&mut self, field: Field, kind: Kind) -> Option<String> {
        self.missing(field, kind);
        self.value(field)
    }

    /// A fault if the field has a column and the cell is empty.
    fn missing(&mut self, field: Field, kind: Kind) {
        if self.bound.place(field).is_some() && self.text(field).is_none() {
            self.fault(field, kind);
        }
    }

    fn fault(&mut self, field: Field, kind: Kind) {
        self.fault_at(self.bound.place(field), kind);
    }

    fn fault_at(&mut self, place: Option<usize>, kind: Kind) {
        let value = shown(place.and_then(|place| self.text_at(place)).unwrap_or_default());
        let column =
            place.map(|place| Column { index: place + 1, heading: self.bound.headings[place].clone() });
        let fault = Fault { row: self.row, column, kind, value, other_row: None };
        // A cell is complained of once, with the first thing that is wrong.
        if !self.faults.iter().any(|known| known.column == fault.column) {
            self.faults.push(fault);
        }
    }

    fn whole_row(&mut self, kind: Kind, value: &str) {
        self.faults.push(Fault { row: self.row, column: None, kind, value: shown(value), other_row: None });
    }
}
