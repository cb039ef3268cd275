//! The names in an act's header: who did it, and which matter it is about.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use crate::{Error, Result};

/// Who did the act. The text form (`officer:<id>`, `node`, `command:<name>`, `public`) stands in the leaf for ever.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Actor {
    /// An officer, by the pseudonymous id under which the node knows him.
    Officer(String),
    /// The node itself: a chore, a clock that ran out.
    Node,
    /// An administrator at the machine, by the name of the command.
    Command(String),
    /// A member of the public without an account.
    Public,
}

impl fmt::Display for Actor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Actor::Officer(id) => write!(formatter, "officer:{id}"),
            Actor::Node => formatter.write_str("node"),
            Actor::Command(name) => write!(formatter, "command:{name}"),
            Actor::Public => formatter.write_str("public"),
        }
    }
}

impl FromStr for Actor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Actor> {
        match text.split_once(':') {
            Some(("officer", id)) if !id.is_empty() => Ok(Actor::Officer(id.to_owned())),
            Some(("command", name)) if !name.is_empty() => Ok(Actor::Command(name.to_owned())),
            None if text == "node" => Ok(Actor::Node),
            None if text == "public" => Ok(Actor::Public),
            _ => Err(Error::Name(format!("{text:?} names no actor"))),
        }
    }
}

/// The name of a matter: its kind and its id, `licence/0193…`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MatterKey(String);

impl MatterKey {
    /// The key of the matter `id` of this kind. A kind is lower-case ASCII with hyphens.
    pub fn new(kind: &str, id: Uuid) -> MatterKey {
        debug_assert!(is_kind(kind), "{kind:?} is no kind of matter");
        MatterKey(format!("{kind}/{id}"))
    }

    pub fn kind(&self) -> &str {
        self.0.split_once('/').map_or("", |(kind, _)| kind)
    }

    pub fn id(&self) -> Uuid {
        let text = self.0.split_once('/').map_or("", |(_, id)| id);
        Uuid::parse_str(text).unwrap_or(Uuid::nil())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MatterKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for MatterKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<MatterKey> {
        let parsed = text
            .split_once('/')
            .filter(|(kind, _)| is_kind(kind))
            .and_then(|(kind, id)| Some(MatterKey::new(kind, Uuid::parse_str(id).ok()?)));
        match parsed {
            Some(key) if key.0 == text => Ok(key),
            _ => Err(Error::Name(format!("{text:?} names no matter"))),
        }
    }
}

fn is_kind(text: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.bytes().all(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actors_keep_their_text() {
        for text in ["officer:o-17", "node", "command:import", "public"] {
            assert_eq!(text.parse::<Actor>().unwrap().to_string(), text);
        }
        for text in ["", "officer", "officer:", "nobody", "node:1", "public:"] {
            assert!(text.parse::<Actor>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn matter_keys_keep_their_text() {
        let id = Uuid::from_u128(7);
        let key = MatterKey::new("licence", id);
        assert_eq!(key.to_string().parse::<MatterKey>().unwrap(), key);
        assert_eq!((key.kind(), key.id()), ("licence", id));
        for text in ["licence", "licence/", "Licence/x", "/00000000-0000-0000-0000-000000000007"] {
            assert!(text.parse::<MatterKey>().is_err(), "{text:?}");
        }
    }
}
