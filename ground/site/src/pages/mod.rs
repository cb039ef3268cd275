//! Pages of the house itself.

pub(crate) mod account;
pub(crate) mod confirm;
pub(crate) mod disclosure;
pub(crate) mod home;
pub(crate) mod personal;
pub(crate) mod preferences;
pub(crate) mod record;
pub(crate) mod search;
pub(crate) mod sign_in;
pub(crate) mod tiles;

use crate::problem::Problem;

/// Only addresses of our own pages: one slash, no second, no backslash, so that nobody is led elsewhere.
pub(crate) fn own_address(wanted: &str) -> &str {
    let is_own =
        wanted.starts_with('/') && !wanted.starts_with("//") && !wanted.contains(['\\', '\r', '\n', '\t']);
    if is_own { wanted } else { "/" }
}

/// The id in an address; what is no id names nothing.
pub(crate) fn id(text: &str) -> Result<uuid::Uuid, Problem> {
    uuid::Uuid::parse_str(text).map_err(|_| Problem::Missing)
}

#[cfg(test)]
mod tests {
    use super::own_address;

    #[test]
    fn an_address_that_leads_elsewhere_becomes_the_home_page() {
        assert_eq!(own_address("/licences?q=a"), "/licences?q=a");
        for foreign in [
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "",
            "javascript:alert(1)",
            "/a\r\nb",
        ] {
            assert_eq!(own_address(foreign), "/");
        }
    }
}
