//! Turns the one DDL text into that of an engine: three type words, STRICT tables, the order of texts.

use crate::Engine;

/// Splits a DDL text into the statements of one engine.
///
/// Type words count in capitals only, so that a column may be called `text`. On SQLite tables become STRICT; on
/// PostgreSQL texts are ordered by code point, as SQLite orders them, and `WITHOUT ROWID` is left out.
pub(crate) fn statements(ddl: &str, engine: Engine) -> Vec<String> {
    let tokens = tokens(ddl);
    tokens
        .split(|token| *token == ";")
        .map(|statement| render(statement, engine))
        .filter(|statement| !statement.is_empty())
        .collect()
}

fn render(statement: &[&str], engine: Engine) -> String {
    let words: Vec<&str> = statement.iter().copied().filter(|token| is_word(token)).collect();
    let table = makes_table(&words);
    let without_rowid = table && matches!(words[..], [.., a, b] if is(a, "WITHOUT") && is(b, "ROWID"));
    let mut text = String::new();
    let mut previous = "";
    for token in statement {
        text.push_str(match (engine, *token) {
            (Engine::Postgres, word) if without_rowid && (is(word, "WITHOUT") || is(word, "ROWID")) => "",
            // CAST(x AS TEXT) takes no collation.
            (Engine::Postgres, "TEXT") if !is(previous, "AS") => r#"TEXT COLLATE "C""#,
            _ => type_word(token, engine),
        });
        if is_word(token) {
            previous = token;
        }
    }
    let strict = match (engine, table, without_rowid) {
        (Engine::Sqlite, true, false) => " STRICT",
        (Engine::Sqlite, true, true) => ", STRICT",
        _ => "",
    };
    let text = text.trim();
    if text.is_empty() { String::new() } else { format!("{text}{strict}") }
}

fn type_word(token: &str, engine: Engine) -> &str {
    match (token, engine) {
        ("INT64", Engine::Sqlite) => "INTEGER",
        ("INT64", Engine::Postgres) => "BIGINT",
        ("BYTES", Engine::Sqlite) => "BLOB",
        ("BYTES", Engine::Postgres) => "BYTEA",
        (other, _) => other,
    }
}

fn makes_table(words: &[&str]) -> bool {
    match words {
        [create, table, ..] if is(create, "CREATE") && is(table, "TABLE") => true,
        [create, temporary, table, ..] => {
            is(create, "CREATE")
                && (is(temporary, "TEMP") || is(temporary, "TEMPORARY"))
                && is(table, "TABLE")
        }
        _ => false,
    }
}

fn is(word: &str, wanted: &str) -> bool {
    word.eq_ignore_ascii_case(wanted)
}

fn is_word(token: &str) -> bool {
    token.starts_with(|letter: char| letter.is_alphabetic() || letter == '_')
}

/// Words, quoted texts and names as a whole, other characters one by one; a comment becomes a blank.
fn tokens(mut ddl: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    while let Some(first) = ddl.chars().next() {
        let length = match first {
            '\'' | '"' => quoted_length(ddl, first),
            '-' if ddl.starts_with("--") => ddl.find('\n').unwrap_or(ddl.len()),
            '/' if ddl.starts_with("/*") => ddl.find("*/").map_or(ddl.len(), |end| end + 2),
            letter if letter.is_alphanumeric() || letter == '_' => word_length(ddl),
            other => other.len_utf8(),
        };
        let (token, rest) = ddl.split_at(length);
        let comment = token.starts_with("--") || token.starts_with("/*");
        tokens.push(if comment { " " } else { token });
        ddl = rest;
    }
    tokens
}

fn word_length(text: &str) -> usize {
    text.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(text.len())
}

/// A doubled quote inside reads as two quoted pieces side by side, which render to the same text.
fn quoted_length(text: &str, quote: char) -> usize {
    text[1..].find(quote).map_or(text.len(), |end| end + 2)
}

#[cfg(test)]
mod tests {
    use super::statements;
    use crate::Engine::{Postgres, Sqlite};

    const TABLE: &str = "-- who; what
        CREATE TABLE outlet (id INT64 PRIMARY KEY, text TEXT NOT NULL DEFAULT 'a;TEXT''s', seal BYTES /* TEXT; */);
        CREATE INDEX outlet_by_text ON outlet (text);";

    #[test]
    fn the_type_words_become_those_of_the_engine() {
        let sqlite = statements(TABLE, Sqlite);
        assert_eq!(
            sqlite[0],
            "CREATE TABLE outlet (id INTEGER PRIMARY KEY, text TEXT NOT NULL DEFAULT 'a;TEXT''s', seal BLOB  ) STRICT"
        );
        let postgres = statements(TABLE, Postgres);
        assert_eq!(
            postgres[0],
            "CREATE TABLE outlet (id BIGINT PRIMARY KEY, text TEXT COLLATE \"C\" NOT NULL DEFAULT 'a;TEXT''s', seal BYTEA  )"
        );
        assert_eq!(sqlite[1], postgres[1]);
        assert_eq!(sqlite.len(), 2);
    }

    #[test]
    fn a_table_without_rowid_is_strict_too_and_plain_on_postgresql() {
        let ddl = "CREATE TABLE leaf (id INT64 PRIMARY KEY) WITHOUT ROWID";
        assert_eq!(
            statements(ddl, Sqlite),
            ["CREATE TABLE leaf (id INTEGER PRIMARY KEY) WITHOUT ROWID, STRICT"]
        );
        assert_eq!(statements(ddl, Postgres), ["CREATE TABLE leaf (id BIGINT PRIMARY KEY)"]);
    }

    #[test]
    fn a_cast_to_text_takes_no_collation() {
        let ddl = "CREATE INDEX by_year ON act (CAST(number AS TEXT))";
        assert_eq!(statements(ddl, Postgres), [ddl]);
    }
}
