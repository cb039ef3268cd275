//! The act of an import itself, as it is stored: which file came from where and how it was read. Only ever grows.

use serde::{Deserialize, Serialize};

use super::mapping::Mapping;

/// Kind of the matter of an import, `import/…`.
pub const KIND: &str = "import";

/// Acts on the matter `import/…`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case")]
pub enum ImportAct {
    /// The file was taken in; every licence it brought or changed is an act of its own that names this import.
    Opened(Opened),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// The register the file is from, as the importer named it.
    pub source: String,
    /// Name the file had.
    pub file: String,
    /// SHA-256 of the file, hexadecimal: its content address.
    pub digest: String,
    /// Rows below the headings, faulty ones included.
    pub rows: i64,
    /// Rows that were found at fault and stayed out.
    pub faulty: i64,
    /// Which column was read as what.
    pub mapping: Mapping,
    /// Text form of the actor who handed the file in; the act itself is that of the one who let it be written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handed_in_by: Option<String>,
}

impl ledger::Body for ImportAct {
    fn kind(&self) -> &'static str {
        match self {
            Self::Opened(_) => "import.opened",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One sample of every act ever shipped: what is stored today must be read for ever.
    #[test]
    fn the_stored_format_is_read_back() {
        let stored = r#"{"act":"opened","source":"市局专卖系统","file":"零售户.xlsx","digest":"ab","rows":3,"faulty":1,
            "mapping":{"heading_row":1,"columns":{"number":"许可证号"},"absent":["address","name"],"standing":null,
            "repeated":"fault","latest_by":null,"noted":[]}}"#;
        read_back(stored);
        let body = stored.strip_suffix('}').unwrap();
        read_back(&format!(r#"{body},"handed_in_by":"officer:0193f2b1-0000-7000-8000-000000000001"}}"#));
    }

    fn read_back(stored: &str) {
        let act: ImportAct = serde_json::from_str(stored).unwrap();
        let again = serde_json::to_value(&act).unwrap();
        assert_eq!(in_order(again), in_order(serde_json::from_str(stored).unwrap()));
    }

    /// What a source lacks is a set: the order in which it was written means nothing.
    fn in_order(mut act: serde_json::Value) -> serde_json::Value {
        let absent = act["mapping"]["absent"].as_array_mut().unwrap();
        absent.sort_by_key(ToString::to_string);
        act
    }
}
