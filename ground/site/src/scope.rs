//! Where an officer may use a power, as the SQL predicate of a list; never a filter after the page was cut.

use store::Value;

/// The part of the register that a power reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Nothing.
    Nowhere,
    /// Divisions whose code begins with one of these.
    Territory(Vec<String>),
    /// Everything, also what belongs to no place.
    Everywhere,
}

impl Scope {
    /// The predicate on a division column, without WHERE; its values are pushed to `parameters`.
    ///
    /// Ranges instead of LIKE, so that both engines use the column's index.
    pub fn predicate(&self, column: &str, parameters: &mut Vec<Value>) -> String {
        match self {
            Scope::Nowhere => "1 = 0".to_owned(),
            Scope::Everywhere => "1 = 1".to_owned(),
            Scope::Territory(prefixes) => {
                let parts: Vec<String> =
                    prefixes.iter().map(|prefix| begins_with(column, prefix, parameters)).collect();
                format!("({})", parts.join(" OR "))
            }
        }
    }

    /// Whether a division lies in this scope.
    pub fn covers(&self, division: &str) -> bool {
        match self {
            Scope::Nowhere => false,
            Scope::Everywhere => true,
            Scope::Territory(prefixes) => prefixes.iter().any(|prefix| division.starts_with(prefix.as_str())),
        }
    }
}

/// A column that is compared row by row and through no index of its own. A list is read along the index of its order and
/// stops at the end of the page; led by the index of a filter that nearly every row passes, the engine would read and
/// sort all of them (30,000 licences: 73 ms instead of 0.3 ms).
pub fn compared(column: &str) -> String {
    format!("({column} || '')")
}

/// `column begins with prefix` as a range in byte order (SQLite BINARY, PostgreSQL COLLATE "C").
pub(crate) fn begins_with(column: &str, prefix: &str, parameters: &mut Vec<Value>) -> String {
    let Some(end) = successor(prefix) else { return "1 = 1".to_owned() };
    parameters.push(prefix.into());
    parameters.push(end.into());
    format!("({column} >= ${} AND {column} < ${})", parameters.len() - 1, parameters.len())
}

/// The least text that is greater than every text with this prefix; none for the empty prefix.
fn successor(prefix: &str) -> Option<String> {
    let mut characters: Vec<char> = prefix.chars().collect();
    while let Some(last) = characters.pop() {
        // Surrogates are no characters: step over the gap.
        let next = if last == '\u{D7FF}' { Some('\u{E000}') } else { char::from_u32(last as u32 + 1) };
        if let Some(next) = next {
            characters.push(next);
            return Some(characters.into_iter().collect());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_becomes_a_range_that_ends_before_the_next_prefix() {
        let mut parameters = Vec::new();
        let sql = Scope::Territory(vec!["330421".into()]).predicate("division", &mut parameters);
        assert_eq!(sql, "((division >= $1 AND division < $2))");
        assert_eq!(parameters, [Value::from("330421"), Value::from("330422")]);
    }

    #[test]
    fn the_empty_prefix_is_the_whole_country() {
        assert_eq!(Scope::Territory(vec![String::new()]).predicate("division", &mut Vec::new()), "(1 = 1)");
    }

    #[test]
    fn the_successor_steps_over_what_is_no_character() {
        assert_eq!(successor("a\u{D7FF}").as_deref(), Some("a\u{E000}"));
        assert_eq!(successor("a\u{10FFFF}").as_deref(), Some("b"));
    }
}
