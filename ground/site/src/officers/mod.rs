//! Officers as a matter: appointed, given roles, team, territory and certificates, dismissed; each step an act.

pub mod acts;
pub mod books;
pub mod officer;
pub mod pages;

use std::collections::BTreeSet;

pub use acts::{Appointment, Certificate, OfficerAct};
pub use books::OfficerBook;
pub use officer::OfficerMatter;

use serde::{Deserialize, Serialize};

/// A post, which the policies give powers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Appoints officers and runs the node; decides nothing.
    Administrator,
    /// Counter (窗口).
    Clerk,
    /// Checks on site (检查员).
    Inspector,
    /// Section head (股长), reviews before decision.
    Reviewer,
    /// Head of the bureau or his deputy, decides.
    Head,
    /// Reads everything with its proofs and changes nothing.
    Auditor,
}

impl Role {
    /// All roles, in the order in which forms show them.
    pub const ALL: [Role; 6] =
        [Role::Administrator, Role::Clerk, Role::Inspector, Role::Reviewer, Role::Head, Role::Auditor];

    /// The word for it in policies, acts and text keys.
    pub fn word(self) -> &'static str {
        match self {
            Role::Administrator => "administrator",
            Role::Clerk => "clerk",
            Role::Inspector => "inspector",
            Role::Reviewer => "reviewer",
            Role::Head => "head",
            Role::Auditor => "auditor",
        }
    }

    /// The role of that word.
    pub fn from_word(word: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.word() == word)
    }

    /// The text key of what it may do.
    pub fn hint(self) -> &'static str {
        match self {
            Role::Administrator => "role-administrator-hint",
            Role::Clerk => "role-clerk-hint",
            Role::Inspector => "role-inspector-hint",
            Role::Reviewer => "role-reviewer-hint",
            Role::Head => "role-head-hint",
            Role::Auditor => "role-auditor-hint",
        }
    }

    /// The text key of its name.
    pub fn key(self) -> &'static str {
        match self {
            Role::Administrator => "role-administrator",
            Role::Clerk => "role-clerk",
            Role::Inspector => "role-inspector",
            Role::Reviewer => "role-reviewer",
            Role::Head => "role-head",
            Role::Auditor => "role-auditor",
        }
    }
}

/// The officer of a request, as he stands today. The default is a visitor who has not signed in.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Officer {
    /// UUID under which the record knows him; empty for a visitor.
    pub id: String,
    /// Name as his colleagues write it.
    pub name: String,
    /// His posts.
    pub roles: BTreeSet<Role>,
    /// Division-code prefixes in which he works.
    pub territory: Vec<String>,
    /// His team; empty for none.
    pub team: String,
    /// Whether he holds an enforcement certificate valid today.
    pub certified: bool,
}

impl Officer {
    /// Someone who has not signed in.
    pub fn visitor() -> Officer {
        Officer::default()
    }

    /// Whether nobody has signed in.
    pub fn is_visitor(&self) -> bool {
        self.id.is_empty()
    }
}
