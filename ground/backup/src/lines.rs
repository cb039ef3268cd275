//! The lines of a part: JSON, so that a backup can be read with age, gzip and any tool after this program is gone.

use std::io::{BufRead, Write};

use anyhow::{Context, Result};
use ledger::copy::Erasure;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use store::Value;

/// A line of the part that holds what is not in the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RestLine {
    /// The text of the node's configuration.
    Configuration(String),
    /// A key file of the data folder.
    Key {
        name: String,
        text: String,
    },
    /// A file under its SHA-256.
    File(String),
    /// A file that was erased by law.
    ErasedFile(String),
    Erasure(Erasure),
    /// A table that is neither record nor book; its rows follow.
    Table {
        name: String,
        columns: Vec<String>,
    },
    Row(Vec<Cell>),
}

/// A value of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Cell {
    Null,
    Int(i64),
    Text(String),
    /// In hexadecimal.
    Bytes {
        bytes: String,
    },
}

impl From<&Value> for Cell {
    fn from(value: &Value) -> Cell {
        match value {
            Value::Null => Cell::Null,
            Value::Int(number) => Cell::Int(*number),
            Value::Text(text) => Cell::Text(text.clone()),
            Value::Bytes(bytes) => Cell::Bytes { bytes: hex::encode(bytes) },
        }
    }
}

impl TryFrom<Cell> for Value {
    type Error = hex::FromHexError;

    fn try_from(cell: Cell) -> Result<Value, hex::FromHexError> {
        Ok(match cell {
            Cell::Null => Value::Null,
            Cell::Int(number) => Value::Int(number),
            Cell::Text(text) => Value::Text(text),
            Cell::Bytes { bytes } => Value::Bytes(hex::decode(bytes)?),
        })
    }
}

pub(crate) fn write(out: &mut impl Write, line: &impl Serialize) -> Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    Ok(out.write_all(b"\n")?)
}

/// The lines of a part, one by one.
pub(crate) fn read<T: DeserializeOwned>(reader: impl BufRead) -> impl Iterator<Item = Result<T>> {
    reader.lines().enumerate().map(|(index, line)| {
        let line = line.with_context(|| format!("line {} cannot be read", index + 1))?;
        serde_json::from_str(&line).with_context(|| format!("line {} is not understood", index + 1))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Samples of the stored format, which never change.
    const GOLDEN: &[&str] = &[
        r#"{"configuration":"name = 'a.example'\n"}"#,
        r#"{"key":{"name":"ledger.pub","text":"a.example+1+A\n"}}"#,
        r#"{"file":"ba78"}"#,
        r#"{"erased-file":"ba78"}"#,
        r#"{"erasure":{"act":7,"numbers":[2,3],"reason":null,"basis":"个人信息保护法第四十七条"}}"#,
        r#"{"table":{"name":"counters","columns":["series","value"]}}"#,
        r#"{"row":[null,-3,"甲",{"bytes":"00ff"}]}"#,
    ];

    #[test]
    fn every_line_ever_shipped_reads_and_writes_as_it_did() {
        for line in GOLDEN {
            let read: RestLine = serde_json::from_str(line).unwrap();
            assert_eq!(&serde_json::to_string(&read).unwrap(), line);
        }
    }
}
