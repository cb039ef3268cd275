//! Values and errors between PostgreSQL and the store.

use std::error::Error as _;

use ::postgres::error::SqlState;
use ::postgres::types::{ToSql, Type};

use crate::{Constraint, Error, Result, Row, Value};

pub(super) type Bound = Box<dyn ToSql + Sync>;

/// A value as the parameter type that PostgreSQL has inferred.
pub(super) fn bind(value: &Value, kind: &Type, number: usize, sql: &str) -> Result<Bound> {
    let bound: Option<Bound> = match value {
        Value::Null => bind_null(kind),
        Value::Int(integer) => bind_integer(*integer, kind),
        Value::Text(text) if is_text(kind) => Some(Box::new(text.clone())),
        Value::Bytes(bytes) if *kind == Type::BYTEA => Some(Box::new(bytes.clone())),
        Value::Text(_) | Value::Bytes(_) => None,
    };
    bound.ok_or_else(|| Error::Statement {
        why: format!(
            "parameter ${number} is {} where PostgreSQL wants {kind}; write CAST(${number} AS …)",
            value.kind()
        ),
        sql: sql.to_owned(),
    })
}

fn bind_null(kind: &Type) -> Option<Bound> {
    match *kind {
        Type::INT8 => Some(Box::new(None::<i64>)),
        Type::INT4 => Some(Box::new(None::<i32>)),
        Type::INT2 => Some(Box::new(None::<i16>)),
        Type::BOOL => Some(Box::new(None::<bool>)),
        Type::BYTEA => Some(Box::new(None::<Vec<u8>>)),
        _ if is_text(kind) => Some(Box::new(None::<String>)),
        _ => None,
    }
}

fn bind_integer(integer: i64, kind: &Type) -> Option<Bound> {
    match *kind {
        Type::INT8 => Some(Box::new(integer)),
        Type::INT4 => Some(Box::new(i32::try_from(integer).ok()?)),
        Type::INT2 => Some(Box::new(i16::try_from(integer).ok()?)),
        Type::BOOL => Some(Box::new(integer != 0)),
        _ => None,
    }
}

fn is_text(kind: &Type) -> bool {
    [Type::TEXT, Type::VARCHAR, Type::BPCHAR, Type::NAME, Type::UNKNOWN].contains(kind)
}

pub(super) fn read(row: &::postgres::Row, sql: &str) -> Result<Row> {
    (0..row.len()).map(|index| read_column(row, index, sql)).collect::<Result<_>>().map(Row)
}

fn read_column(row: &::postgres::Row, index: usize, sql: &str) -> Result<Value> {
    let kind = row.columns()[index].type_();
    let value = match *kind {
        Type::INT8 => row.try_get::<_, Option<i64>>(index).map(Value::from),
        Type::INT4 => row.try_get::<_, Option<i32>>(index).map(Value::from),
        Type::INT2 => row.try_get::<_, Option<i16>>(index).map(|number| number.map(i32::from).into()),
        Type::BOOL => row.try_get::<_, Option<bool>>(index).map(Value::from),
        Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(index).map(Value::from),
        _ if is_text(kind) => row.try_get::<_, Option<String>>(index).map(Value::from),
        _ => {
            let why =
                format!("column {index} is {kind}, which this store does not know; write CAST(… AS BIGINT)");
            return Err(Error::Statement { why, sql: sql.to_owned() });
        }
    };
    value.map_err(|error| explain(&error, sql))
}

pub(super) fn explain(error: &::postgres::Error, sql: &str) -> Error {
    let (sql, why) = (sql.to_owned(), why(error));
    let kind = match error.code() {
        Some(code) if *code == SqlState::UNIQUE_VIOLATION => Constraint::Unique,
        Some(code) if *code == SqlState::FOREIGN_KEY_VIOLATION => Constraint::ForeignKey,
        Some(code) if *code == SqlState::NOT_NULL_VIOLATION => Constraint::NotNull,
        Some(code) if *code == SqlState::CHECK_VIOLATION => Constraint::Check,
        Some(code) if *code == SqlState::DISK_FULL => return Error::Full(why),
        Some(code) if ends_connection(code) => return Error::Lost(why),
        None if error.is_closed() || is_input_output(error) => return Error::Lost(why),
        _ => return Error::Statement { why, sql },
    };
    Error::Constraint { kind, why, sql }
}

/// The server's message without its detail, which may hold personal data of the row.
pub(super) fn why(error: &::postgres::Error) -> String {
    match (error.as_db_error(), error.source()) {
        (Some(told), _) => format!("{}: {}", told.severity(), told.message()),
        (None, Some(source)) => format!("{error}: {source}"),
        (None, None) => error.to_string(),
    }
}

/// Classes 08 (connection) and 57P (the server is going down or coming up).
fn ends_connection(code: &SqlState) -> bool {
    code.code().starts_with("08") || code.code().starts_with("57P")
}

fn is_input_output(error: &::postgres::Error) -> bool {
    error.source().is_some_and(|source| source.is::<std::io::Error>())
}
