//! The administrative divisions of a bureau's area: county, towns, villages and communities.

use std::collections::HashMap;

use serde::Deserialize;

use super::{Fault, fault};

const FILE: &str = "divisions.csv";

/// One division: 6 digits a county, 9 a town, 12 a village or community.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Division {
    pub code: String,
    pub name: String,
    /// Empty where there is no settled English name.
    pub name_en: String,
    /// Code of the division above, empty for the uppermost.
    pub parent: String,
}

/// All divisions, found by code or by the ways in which people write their names.
#[derive(Clone, Debug, Default)]
pub struct Divisions {
    all: Vec<Division>,
    by_code: HashMap<String, usize>,
    /// `None` where two divisions are written the same way.
    by_name: HashMap<String, Option<usize>>,
}

impl Divisions {
    /// Reads `divisions.csv`; a region without that file has no divisions.
    pub(super) fn read(text: Option<String>) -> Result<Self, Fault> {
        let mut divisions = Self::default();
        let text = text.unwrap_or_default();
        for (index, row) in csv::Reader::from_reader(text.as_bytes()).deserialize().enumerate() {
            let row_name = format!("row {}", index + 2);
            let division: Division = row.map_err(|error| fault(FILE, &row_name, &error.to_string()))?;
            divisions.add(division).map_err(|message| fault(FILE, &row_name, &message))?;
        }
        divisions.index_names();
        Ok(divisions)
    }

    /// The division with this code.
    #[must_use]
    pub fn get(&self, code: &str) -> Option<&Division> {
        self.by_code.get(code).map(|index| &self.all[*index])
    }

    /// The division meant by a code or a name, e.g. `西塘镇`, `荷池村` or `西塘镇荷池村委会`.
    /// `None` if there is none, or if the name alone could mean several.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<&Division> {
        let named = || self.by_name.get(text).copied().flatten().map(|index| &self.all[index]);
        self.get(text).or_else(named)
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Towns and subdistricts (9 digits), by code.
    pub fn towns(&self) -> impl Iterator<Item = &Division> {
        self.all.iter().filter(|division| division.code.len() == 9)
    }

    /// Villages and communities of one town, by code.
    pub fn villages_of<'a>(&'a self, town: &'a str) -> impl Iterator<Item = &'a Division> {
        self.all.iter().filter(move |division| division.code.len() == 12 && division.parent == town)
    }

    /// The name with the names above it but for the uppermost, e.g. `西塘镇荷池村委会`.
    #[must_use]
    pub fn full_name(&self, code: &str) -> Option<String> {
        let division = self.get(code)?;
        match self.get(&division.parent) {
            Some(above) if !above.parent.is_empty() => Some(format!("{}{}", above.name, division.name)),
            _ => Some(division.name.clone()),
        }
    }

    fn add(&mut self, division: Division) -> Result<(), String> {
        if !division.parent.is_empty() && !self.by_code.contains_key(&division.parent) {
            return Err(format!(
                "the division above, {}, must stand before {}",
                division.parent, division.code
            ));
        }
        if self.by_code.insert(division.code.clone(), self.all.len()).is_some() {
            return Err(format!("the code {} stands twice", division.code));
        }
        self.all.push(division);
        Ok(())
    }

    fn index_names(&mut self) {
        for index in 0..self.all.len() {
            for name in self.spellings(index) {
                let known = self.by_name.entry(name).or_insert(Some(index));
                if *known != Some(index) {
                    *known = None;
                }
            }
        }
    }

    /// Every way in which the division is commonly written.
    fn spellings(&self, index: usize) -> Vec<String> {
        let division = &self.all[index];
        let mut above = vec![String::new()];
        let mut prefix = String::new();
        let mut parent = division.parent.as_str();
        while let Some(upper) = self.get(parent) {
            prefix = format!("{}{prefix}", upper.name);
            above.push(prefix.clone());
            parent = &upper.parent;
        }
        let names = short_forms(&division.name);
        above.iter().flat_map(|prefix| names.iter().map(move |name| format!("{prefix}{name}"))).collect()
    }
}

/// `荷池村委会` is also written `荷池村`, `镇北社区居委会` also `镇北社区`.
fn short_forms(name: &str) -> Vec<String> {
    let mut forms = vec![name.to_owned()];
    if let Some(short) = name.strip_suffix("社区居委会") {
        forms.push(format!("{short}社区"));
    } else if let Some(short) = name.strip_suffix("村委会") {
        forms.push(format!("{short}村"));
        forms.push(format!("{short}村民委员会"));
    } else if name.ends_with("社区") {
        forms.push(format!("{name}居委会"));
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "code,name,name_en,parent\n330421,嘉善县,Jiashan,\n330421103,西塘镇,Xitang,330421\n330421111,姚庄镇,Yaozhuang,330421\n\
        330421103200,荷池村委会,,330421103\n330421111015,渔民村委会,,330421111\n330421103015,渔民村委会,,330421103\n";

    fn divisions() -> Divisions {
        Divisions::read(Some(TEXT.to_owned())).unwrap()
    }

    #[test]
    fn a_division_is_found_as_people_write_it() {
        let divisions = divisions();
        let code = |text: &str| divisions.find(text).map(|division| division.code.clone());
        for text in ["330421103200", "荷池村", "荷池村委会", "西塘镇荷池村", "嘉善县西塘镇荷池村委会"]
        {
            assert_eq!(code(text).as_deref(), Some("330421103200"), "{text}");
        }
        assert_eq!(code("西塘镇").as_deref(), Some("330421103"));
        assert_eq!(code("乌镇"), None);
    }

    #[test]
    fn a_name_that_could_mean_two_is_not_guessed() {
        let divisions = divisions();
        assert!(divisions.find("渔民村").is_none());
        assert_eq!(divisions.find("姚庄镇渔民村").unwrap().code, "330421111015");
    }

    #[test]
    fn a_fault_names_file_and_row() {
        let text = format!("{TEXT}330421103,西塘镇,Xitang,330421\n");
        let fault = Divisions::read(Some(text)).unwrap_err();
        assert_eq!((fault.file.as_str(), fault.field.as_str()), ("divisions.csv", "row 8"));
        assert_eq!(divisions().full_name("330421103200").as_deref(), Some("西塘镇荷池村委会"));
    }
}
