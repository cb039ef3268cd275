//! Who may do what: Cedar policies from `authority/`, checked against their schema before the node starts.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, bail};
use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicySet, Request,
    RestrictedExpression, Schema, SchemaFragment, ValidationMode, Validator,
};
use serde::Deserialize;

use crate::officers::Officer;
use crate::scope::Scope;

/// What a power is used on, as far as authority must know it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Subject {
    /// Administrative division code of the place; empty when the thing belongs to no place.
    pub division: String,
    /// Id of the officer who prepared the step that is now to be decided.
    pub drafter: Option<String>,
    /// Ids of the officers to whom the work was given.
    pub assigned: Vec<String>,
}

impl Subject {
    /// A thing at a place, drafted by nobody and given to nobody.
    pub fn at(division: impl Into<String>) -> Subject {
        Subject { division: division.into(), ..Subject::default() }
    }
}

#[derive(rust_embed::RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../authority"]
#[include = "*.cedar"]
#[include = "*.cedarschema"]
#[include = "*.toml"]
struct Embedded;

/// The policies in force.
pub struct Authority {
    policies: PolicySet,
    schema: Schema,
    authorizer: Authorizer,
    types: Types,
    /// Scopes found before: they hang on the officer's attributes and on policies that do not change while the node runs.
    scopes: Mutex<HashMap<(Officer, String), Scope>>,
    presence: Presence,
}

/// When an officer must show anew that it is he (`authority/presence.toml`).
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Presence {
    /// So many minutes a code or password counts as fresh.
    pub minutes: i64,
    /// Powers that are used only while it is.
    pub powers: BTreeSet<String>,
}

struct Types {
    officer: EntityTypeName,
    visitor: EntityTypeName,
    role: EntityTypeName,
    division: EntityTypeName,
    matter: EntityTypeName,
    action: EntityTypeName,
}

impl Authority {
    /// The policies that came with the program.
    ///
    /// # Errors
    /// When a file does not parse or a policy does not fit the schema.
    pub fn embedded() -> anyhow::Result<Authority> {
        let files = <Embedded as rust_embed::RustEmbed>::iter().filter_map(|path| {
            let file = <Embedded as rust_embed::RustEmbed>::get(&path)?;
            Some((path.to_string(), String::from_utf8_lossy(&file.data).into_owned()))
        });
        Authority::load(files)
    }

    /// The policies of a folder that an administrator has put in place of ours.
    ///
    /// # Errors
    /// When a file cannot be read or does not parse, or a policy does not fit the schema.
    pub fn folder(folder: &Path) -> anyhow::Result<Authority> {
        let mut files = Vec::new();
        for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.push((name, std::fs::read_to_string(&path).with_context(|| path.display().to_string())?));
        }
        Authority::load(files)
    }

    /// Policies (`*.cedar`), schema fragments (`*.cedarschema`) and `presence.toml` from `(name, content)` pairs. Without
    /// that file no power asks for a fresh proof.
    ///
    /// # Errors
    /// When a file does not parse, a policy does not fit the schema or a power is unknown; the message names it.
    pub fn load(files: impl IntoIterator<Item = (String, String)>) -> anyhow::Result<Authority> {
        let mut policies = PolicySet::new();
        let (mut fragments, mut presence) = (Vec::new(), Presence::default());
        for (name, content) in files {
            if name.ends_with(".cedarschema") {
                fragments.push(fragment(&name, &content)?);
            } else if name.ends_with(".cedar") {
                add_policies(&mut policies, &name, &content)?;
            } else if name == "presence.toml" {
                presence = toml::from_str(&content).with_context(|| name.clone())?;
            }
        }
        let schema = Schema::from_schema_fragments(fragments).context("authority schema")?;
        validate(&policies, &schema)?;
        let authority = Authority {
            policies,
            schema,
            authorizer: Authorizer::new(),
            types: Types::new()?,
            scopes: Mutex::default(),
            presence,
        };
        if let Some(unknown) = authority.presence.powers.difference(&authority.powers()).next() {
            bail!("presence.toml: no schema names the power {unknown}");
        }
        Ok(authority)
    }

    /// Which powers ask for a fresh proof that it is he.
    pub fn presence(&self) -> &Presence {
        &self.presence
    }

    /// The names of all powers that the schema knows.
    pub fn powers(&self) -> BTreeSet<String> {
        self.schema.actions().map(|action| action.id().unescaped().to_owned()).collect()
    }

    /// Whether this officer (or a visitor, when his id is empty) may use the power on this thing.
    ///
    /// # Errors
    /// When a request cannot be put to Cedar at all, or a policy fails while it is judged: then nothing is permitted.
    pub fn permits(&self, officer: &Officer, power: &str, subject: &Subject) -> anyhow::Result<bool> {
        let (principal, entities) = self.world(officer, subject)?;
        let request = Request::new(
            principal,
            uid(&self.types.action, power),
            uid(&self.types.matter, "this"),
            Context::empty(),
            None,
        )?;
        let response = self.authorizer.is_authorized(&request, &self.policies, &entities);
        // A policy that fails is skipped by Cedar; a skipped `forbid` would open a door, so any fault closes it.
        if let Some(fault) = response.diagnostics().errors().next() {
            bail!("policy failed for {power}: {fault}");
        }
        Ok(response.decision() == Decision::Allow)
    }

    /// Where this officer may use the power, for lists: found by asking Cedar, never by a second set of rules.
    ///
    /// # Errors
    /// As [`Authority::permits`].
    pub fn scope(&self, officer: &Officer, power: &str) -> anyhow::Result<Scope> {
        let key = (officer.clone(), power.to_owned());
        let known = self.scopes.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(scope) = known {
            return Ok(scope);
        }
        let scope = self.find_scope(officer, power)?;
        let mut scopes = self.scopes.lock().unwrap_or_else(PoisonError::into_inner);
        if scopes.len() >= MOST_SCOPES {
            scopes.clear();
        }
        scopes.insert(key, scope.clone());
        Ok(scope)
    }

    fn find_scope(&self, officer: &Officer, power: &str) -> anyhow::Result<Scope> {
        if self.permits(officer, power, &Subject::at(NOWHERE))? {
            return Ok(Scope::Everywhere);
        }
        let mut prefixes = Vec::new();
        for prefix in &officer.territory {
            if self.permits(officer, power, &Subject::at(prefix))? {
                prefixes.push(prefix.clone());
            }
        }
        Ok(if prefixes.is_empty() { Scope::Nowhere } else { Scope::Territory(prefixes) })
    }

    fn world(&self, officer: &Officer, subject: &Subject) -> anyhow::Result<(EntityUid, Entities)> {
        let mut entities = Vec::new();
        for division in prefixes(&subject.division) {
            entities
                .push(Entity::new_no_attrs(uid(&self.types.division, &division), self.parents(&division)));
        }
        let principal = if officer.is_visitor() {
            uid(&self.types.visitor, "visitor")
        } else {
            entities.push(self.officer(officer)?);
            uid(&self.types.officer, &officer.id)
        };
        entities.push(self.matter(subject)?);
        Ok((principal, Entities::from_entities(entities, None)?))
    }

    fn parents(&self, division: &str) -> HashSet<EntityUid> {
        let longest =
            prefixes(division).into_iter().filter(|prefix| prefix != division).max_by_key(String::len);
        longest.into_iter().map(|prefix| uid(&self.types.division, &prefix)).collect()
    }

    fn officer(&self, officer: &Officer) -> anyhow::Result<Entity> {
        let territory = officer.territory.iter().map(|code| reference(&self.types.division, code));
        let attributes = HashMap::from([
            ("territory".to_owned(), RestrictedExpression::new_set(territory)),
            ("team".to_owned(), RestrictedExpression::new_string(officer.team.clone())),
            ("certified".to_owned(), RestrictedExpression::new_bool(officer.certified)),
        ]);
        let roles = officer.roles.iter().map(|role| uid(&self.types.role, role.word())).collect();
        Ok(Entity::new(uid(&self.types.officer, &officer.id), attributes, roles)?)
    }

    fn matter(&self, subject: &Subject) -> anyhow::Result<Entity> {
        let assigned = subject.assigned.iter().map(|id| reference(&self.types.officer, id));
        let mut attributes = HashMap::from([
            ("division".to_owned(), reference(&self.types.division, &subject.division)),
            ("assigned".to_owned(), RestrictedExpression::new_set(assigned)),
        ]);
        if let Some(drafter) = &subject.drafter {
            attributes.insert("drafter".to_owned(), reference(&self.types.officer, drafter));
        }
        Ok(Entity::new(uid(&self.types.matter, "this"), attributes, HashSet::new())?)
    }
}

/// A bureau has some hundred officers and some ten powers.
const MOST_SCOPES: usize = 20_000;

/// A division code that lies in no territory, because no code begins with this sign.
const NOWHERE: &str = "~";

impl Types {
    fn new() -> anyhow::Result<Types> {
        Ok(Types {
            officer: EntityTypeName::from_str("Officer")?,
            visitor: EntityTypeName::from_str("Visitor")?,
            role: EntityTypeName::from_str("Role")?,
            division: EntityTypeName::from_str("Division")?,
            matter: EntityTypeName::from_str("Matter")?,
            action: EntityTypeName::from_str("Action")?,
        })
    }
}

fn fragment(name: &str, content: &str) -> anyhow::Result<SchemaFragment> {
    let (fragment, warnings) =
        SchemaFragment::from_cedarschema_str(content).map_err(|fault| anyhow::anyhow!("{name}: {fault}"))?;
    for warning in warnings {
        tracing::warn!(file = name, %warning, "authority schema");
    }
    Ok(fragment)
}

/// Adds the policies of one file under the names of their `@id`, so that a refusal can be traced to a line.
fn add_policies(policies: &mut PolicySet, name: &str, content: &str) -> anyhow::Result<()> {
    let parsed = PolicySet::from_str(content).map_err(|fault| anyhow::anyhow!("{name}: {fault}"))?;
    for policy in parsed.policies() {
        let id = policy.annotation("id").with_context(|| format!("{name}: a policy has no @id"))?;
        let named = policy.new_id(id.parse().with_context(|| format!("{name}: {id}"))?);
        policies.add(named).with_context(|| format!("{name}: {id}"))?;
    }
    Ok(())
}

fn validate(policies: &PolicySet, schema: &Schema) -> anyhow::Result<()> {
    let result = Validator::new(schema.clone()).validate(policies, ValidationMode::default());
    let faults: Vec<String> = result.validation_errors().map(ToString::to_string).collect();
    if !faults.is_empty() {
        bail!("authority: {}", faults.join("; "));
    }
    Ok(())
}

/// All prefixes of a code, the code itself included, the empty one (the whole country) too.
fn prefixes(code: &str) -> Vec<String> {
    let ends = code.char_indices().map(|(end, _)| end).chain([code.len()]);
    ends.map(|end| code[..end].to_owned()).collect::<BTreeSet<_>>().into_iter().collect()
}

fn uid(kind: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id))
}

fn reference(kind: &EntityTypeName, id: &str) -> RestrictedExpression {
    RestrictedExpression::new_entity_uid(uid(kind, id))
}
