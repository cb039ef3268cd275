//! The four kinds of value both engines store alike, and rows of them.

use crate::{Error, Result};

/// What a column or a parameter holds. There is no float: none may enter an act (design §5). Texts are in the order of
/// their code points, as both engines sort them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl Value {
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Int(_) => "an integer",
            Value::Text(_) => "a text",
            Value::Bytes(_) => "bytes",
        }
    }
}

/// One row of a result; columns are counted from 0 in the order of the SELECT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row(pub(crate) Vec<Value>);

impl Row {
    /// The value of a column as `T`: `i64`, `bool`, `String`, `Vec<u8>`, `[u8; N]`, `Value` or an `Option` of these.
    ///
    /// # Errors
    /// `Error::Column` when the column is missing or holds something else.
    pub fn get<T: FromValue>(&self, index: usize) -> Result<T> {
        let value =
            self.0.get(index).ok_or(Error::Column { index, wanted: T::WANTED, found: "no such column" })?;
        T::from_value(value).ok_or(Error::Column { index, wanted: T::WANTED, found: value.kind() })
    }

    pub fn values(&self) -> &[Value] {
        &self.0
    }
}

/// What can be read out of a column.
pub trait FromValue: Sized {
    const WANTED: &'static str;
    fn from_value(value: &Value) -> Option<Self>;
}

impl FromValue for Value {
    const WANTED: &'static str = "anything";
    fn from_value(value: &Value) -> Option<Self> {
        Some(value.clone())
    }
}

impl FromValue for i64 {
    const WANTED: &'static str = "an integer";
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Int(number) => Some(*number),
            _ => None,
        }
    }
}

impl FromValue for bool {
    const WANTED: &'static str = "0 or 1";
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Int(0) => Some(false),
            Value::Int(1) => Some(true),
            _ => None,
        }
    }
}

impl FromValue for String {
    const WANTED: &'static str = "a text";
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        }
    }
}

impl FromValue for Vec<u8> {
    const WANTED: &'static str = "bytes";
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Bytes(bytes) => Some(bytes.clone()),
            _ => None,
        }
    }
}

impl<const N: usize> FromValue for [u8; N] {
    const WANTED: &'static str = "bytes of fixed length";
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Bytes(bytes) => bytes.as_slice().try_into().ok(),
            _ => None,
        }
    }
}

impl<T: FromValue> FromValue for Option<T> {
    const WANTED: &'static str = T::WANTED;
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            present => T::from_value(present).map(Some),
        }
    }
}

macro_rules! value_from {
    ($($kind:ty => |$name:ident| $value:expr),* $(,)?) => {
        $(impl From<$kind> for Value {
            fn from($name: $kind) -> Value { $value }
        })*
    };
}

value_from! {
    i64 => |number| Value::Int(number),
    i32 => |number| Value::Int(number.into()),
    u32 => |number| Value::Int(number.into()),
    bool => |yes| Value::Int(yes.into()),
    &str => |text| Value::Text(text.to_owned()),
    String => |text| Value::Text(text),
    &String => |text| Value::Text(text.clone()),
    Vec<u8> => |bytes| Value::Bytes(bytes),
    &[u8] => |bytes| Value::Bytes(bytes.to_vec()),
}

impl<const N: usize> From<[u8; N]> for Value {
    fn from(bytes: [u8; N]) -> Value {
        Value::Bytes(bytes.to_vec())
    }
}

impl<const N: usize> From<&[u8; N]> for Value {
    fn from(bytes: &[u8; N]) -> Value {
        Value::Bytes(bytes.to_vec())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::Null, Into::into)
    }
}
