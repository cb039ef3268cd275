//! People and their identifiers, made up so that they can belong to nobody.

use anyhow::{Context, Result};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use supervision::bureau::checks;

use super::draw::Draw;

/// No division has this code, so no identity number and no credit code under it was ever given out.
const NO_DIVISION: &str = "330499";
/// No operator was given this prefix of mobile numbers, as far as we know.
const NO_OPERATOR: &str = "160";

/// The surnames and given names that people are made from.
pub struct Names {
    surnames: Vec<(String, usize)>,
    men: Vec<String>,
    women: Vec<String>,
}

/// A person who does not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub surname: String,
    pub given: String,
    pub identity_number: String,
    pub phone: String,
}

impl Person {
    pub fn name(&self) -> String {
        format!("{}{}", self.surname, self.given)
    }
}

/// A weight such as `73.9` in tenths: the draw is one of whole numbers.
fn tenths(weight: &str) -> Result<usize> {
    let (whole, fraction) = weight.split_once('.').unwrap_or((weight, "0"));
    Ok(whole.parse::<usize>()? * 10 + fraction[..1].parse::<usize>()?)
}

impl Names {
    /// Reads `surnames.csv` and `given_names.csv` of a region.
    pub fn read(surnames: &str, given: &str) -> Result<Self> {
        let surnames = rows(surnames)?.into_iter().map(|(name, weight)| Ok((name, tenths(&weight)?)));
        let surnames = surnames.collect::<Result<Vec<_>>>().context("surnames.csv")?;
        let given = rows(given)?;
        let of = |sex: &str| {
            given.iter().filter(|(_, own)| own == sex).map(|(name, _)| name.clone()).collect::<Vec<_>>()
        };
        Ok(Self { surnames, men: of("male"), women: of("female") })
    }

    /// A grown-up on that day.
    pub fn person(&self, draw: &mut Draw, on: Date) -> Result<Person> {
        let man = draw.chance(55);
        let surname = draw.weighted(&self.surnames).clone();
        let given = self.given(draw, man);
        let identity_number = identity_number(draw, man, on)?;
        Ok(Person { surname, given, identity_number, phone: phone(draw) })
    }

    /// A name of the list, or two short ones joined: the list alone is too short for a county.
    fn given(&self, draw: &mut Draw, man: bool) -> String {
        let list = if man { &self.men } else { &self.women };
        let first = draw.pick(list).clone();
        if first.chars().count() > 1 || draw.chance(35) {
            return first;
        }
        let second = draw.pick(list).chars().next().unwrap_or_default();
        if first.starts_with(second) { first } else { format!("{first}{second}") }
    }
}

fn rows(text: &str) -> Result<Vec<(String, String)>> {
    csv::Reader::from_reader(text.as_bytes()).deserialize().map(|row| Ok(row?)).collect()
}

/// Between 20 and 68 years old on that day; the last digit but one is odd for men.
fn identity_number(draw: &mut Draw, man: bool, on: Date) -> Result<String> {
    let youngest = on.checked_sub(20.years())?;
    let born = youngest.checked_sub(draw.between(0, 48 * 365).days())?.max(date(1950, 1, 1));
    let order = draw.between(0, 499) * 2 + i64::from(man);
    let first = format!("{NO_DIVISION}{:04}{:02}{:02}{order:03}", born.year(), born.month(), born.day());
    let check = checks::identity_check(&first).context("an identity number is made of digits")?;
    Ok(format!("{first}{check}"))
}

fn phone(draw: &mut Draw) -> String {
    format!("{NO_OPERATOR}{:08}", draw.below(100_000_000))
}

/// A credit code of an individual business (92) or an enterprise (91), spelt so that everybody sees it is made up.
pub fn credit_code(kind: &str, serial: usize) -> Result<String> {
    let first = format!("{kind}{NO_DIVISION}DEM0{serial:05}");
    let check = checks::credit_code_check(&first).context("a credit code is made of its characters")?;
    Ok(format!("{first}{check}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_pass_every_check_and_belong_to_nobody() {
        let names =
            Names::read("surname,weight\n沈,3\n陆,1.5\n", "name,sex\n伟,male\n建国,male\n芳,female\n")
                .unwrap();
        let mut draw = Draw::new(1, 1);
        for serial in 1..500 {
            let person = names.person(&mut draw, date(2025, 11, 25)).unwrap();
            assert!(checks::identity_number(&person.identity_number), "{person:?}");
            assert!(person.identity_number.starts_with(NO_DIVISION));
            assert!(checks::phone(&person.phone), "{person:?}");
            assert!(checks::credit_code(&credit_code("92", serial).unwrap()));
        }
    }
}
