//! What an officer typed, the files he added, and the reasons why it was refused, so that nothing typed is lost.

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::{Deserialize, Serialize};

use crate::problem::{Problem, Refusal};
use crate::text::{Language, Texts};
use crate::uploads::Upload;

/// A form's values and faults. As an extractor it is only there for POST, already checked against forgery.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Form {
    values: Vec<(String, String)>,
    files: Vec<(String, Upload)>,
    #[serde(skip)]
    errors: Vec<(String, String)>,
}

/// Fields that no form is ever kept with: its token, passwords and codes.
const SECRETS: [&str; 5] = ["csrf", "password", "current", "again", "factor-code"];

impl Form {
    /// A form in which nothing is filled in.
    pub fn empty() -> Form {
        Form::default()
    }

    /// A form filled in with what is known, for a page that changes it.
    pub fn filled<N: Into<String>, V: Into<String>>(values: impl IntoIterator<Item = (N, V)>) -> Form {
        let values = values.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Form { values, ..Form::default() }
    }

    /// Reads a URL-encoded body or query.
    pub(crate) fn decode(bytes: &[u8]) -> Form {
        Form::filled(form_urlencoded::parse(bytes).into_owned())
    }

    /// Whether a NUL stands in a name or a value.
    pub(crate) fn holds_nul(&self) -> bool {
        self.values.iter().any(|(name, value)| name.contains('\0') || value.contains('\0'))
    }

    /// The same form with the reason beside every field whose file is not what its name says.
    #[must_use]
    pub(crate) fn refuse_strange_files(mut self, texts: &Texts, language: Language) -> Form {
        let strange = self.files.iter().filter(|(_, upload)| !upload.is_as_named());
        let reason = |upload: &Upload| {
            texts.say(language, "upload-refusal-kind", &[("name", upload.name.as_str().into())])
        };
        self.errors
            .extend(strange.map(|(field, upload)| (field.clone(), reason(upload))).collect::<Vec<_>>());
        self
    }

    /// The same form as it may be kept on the disk for a while.
    pub(crate) fn without_secrets(&self) -> Form {
        let mut form = self.clone();
        form.values.retain(|(name, _)| !SECRETS.contains(&name.as_str()));
        form
    }

    /// Whether nothing was typed into it and no file added.
    pub(crate) fn is_blank(&self) -> bool {
        self.files.is_empty()
            && self.without_secrets().values.iter().all(|(_, value)| value.trim().is_empty())
    }

    pub(crate) fn add(&mut self, name: String, value: String) {
        self.values.push((name, value));
    }

    pub(crate) fn add_file(&mut self, name: String, upload: Upload) {
        self.files.push((name, upload));
    }

    /// The first value of this name without spaces around it; empty when there is none.
    pub fn value(&self, name: &str) -> &str {
        self.values(name).first().copied().unwrap_or_default()
    }

    /// All values of this name: ticked boxes, repeated fields.
    pub fn values(&self, name: &str) -> Vec<&str> {
        self.values.iter().filter(|(known, _)| known == name).map(|(_, value)| value.trim()).collect()
    }

    /// Whether this value was chosen among those of the name.
    pub fn chosen(&self, name: &str, value: &str) -> bool {
        self.values(name).contains(&value)
    }

    /// The file of this name.
    pub fn file(&self, name: &str) -> Option<&Upload> {
        self.files(name).first().copied()
    }

    /// All files of this name.
    pub fn files(&self, name: &str) -> Vec<&Upload> {
        self.files.iter().filter(|(known, _)| known == name).map(|(_, upload)| upload).collect()
    }

    /// Whether it was refused.
    pub fn has_errors(&self) -> bool {
        !self.errors.is_empty()
    }

    /// Why this field was refused, in the officer's language; empty when it was not.
    pub fn error(&self, name: &str) -> &str {
        self.errors.iter().find(|(field, _)| field == name).map_or("", |(_, text)| text)
    }

    /// All `(field, reason)` pairs for the summary on top of the page; the field is empty for the whole form.
    pub fn errors(&self) -> Vec<(String, String)> {
        self.errors.clone()
    }

    /// The same form with the reasons of a refusal beside its fields.
    #[must_use]
    pub fn refuse(mut self, refusals: &[Refusal], texts: &Texts, language: Language) -> Form {
        let reason = |refusal: &Refusal| texts.say(language, refusal.key, &refusal.arguments);
        self.errors.extend(refusals.iter().map(|refusal| (refusal.field.to_owned(), reason(refusal))));
        self
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Form {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Form, Problem> {
        parts.extensions.get::<Form>().cloned().ok_or(Problem::Malformed(StatusCode::BAD_REQUEST))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_trimmed_and_repeated_ones_are_kept() {
        let form = Form::decode("name=+%E5%BC%A0%E4%B8%89+&role=clerk&role=head".as_bytes());
        assert_eq!(form.value("name"), "张三");
        assert_eq!(form.values("role"), ["clerk", "head"]);
        assert!(form.chosen("role", "head") && !form.chosen("role", "auditor"));
        assert_eq!(form.value("absent"), "");
    }

    #[test]
    fn a_refused_form_keeps_its_values_and_says_why_in_the_language() {
        let texts =
            Texts::load([("en/a.ftl".to_owned(), "too-long = at most { $most }\n".to_owned())]).unwrap();
        let refusals = [Refusal::on("name", "too-long").with("most", 30)];
        let form = Form::filled([("name", "x")]).refuse(&refusals, &texts, Language::English);
        assert_eq!((form.value("name"), form.error("name")), ("x", "at most 30"));
        assert_eq!(form.errors(), [("name".to_owned(), "at most 30".to_owned())]);
    }
}
