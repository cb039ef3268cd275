//! The key with which a node signs its checkpoints, a part for each suite of its profile, and the text in which it is kept.

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::suite::{Secret, Signature};
use crate::{Error, Profile, Random, Result, Suite, VerifierKey};

const FIRST_LINE: &str = "comity signing key, version 1";

/// A key that signs checkpoints: an Ed25519 key and, in the profile of commercial cryptography, an SM2 key beside it.
#[derive(Clone)]
pub struct SigningKey {
    first: Secret,
    second: Option<Secret>,
    /// The data folder in which it lies, if it lies in one.
    home: Option<PathBuf>,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SigningKey(secret)")
    }
}

impl SigningKey {
    /// The key of this seed, of Ed25519 alone.
    pub fn from_seed(seed: [u8; 32]) -> SigningKey {
        SigningKey { first: Secret::ed25519(seed), second: None, home: None }
    }

    /// The key of this seed in a profile, the same seed for each suite: for tests and what is made up.
    ///
    /// # Errors
    /// When the seed is no number of an SM2 key.
    pub fn of_profile(profile: Profile, seed: [u8; 32]) -> Result<SigningKey> {
        let second = profile.suites().get(1).map(|suite| Secret::of(*suite, seed)).transpose();
        Ok(SigningKey { second: second.map_err(Error::Key)?, ..SigningKey::from_seed(seed) })
    }

    /// A new key.
    ///
    /// # Errors
    /// When there are no random bytes.
    pub fn generate(profile: Profile, random: &dyn Random) -> Result<SigningKey> {
        let second = profile.suites().get(1).map(|suite| Secret::generate(*suite, random)).transpose()?;
        Ok(SigningKey { first: Secret::generate(Suite::Ed25519, random)?, second, home: None })
    }

    /// Which suites it signs in.
    pub fn profile(&self) -> Profile {
        if self.second.is_some() { Profile::Commercial } else { Profile::International }
    }

    /// What others check its Ed25519 signatures with, under the name of the ledger.
    pub fn verifier(&self, name: &str) -> VerifierKey {
        VerifierKey::new(name, self.first.public())
    }

    /// What others check the signatures of all its suites with.
    pub fn verifiers(&self, name: &str) -> Vec<VerifierKey> {
        self.secrets().map(|secret| VerifierKey::new(name, secret.public())).collect()
    }

    /// One signature for each suite, with the key that verifies it.
    pub(crate) fn sign(&self, name: &str, text: &[u8]) -> Result<Vec<(VerifierKey, Signature)>> {
        self.secrets()
            .map(|secret| Ok((VerifierKey::new(name, secret.public()), secret.sign(text)?)))
            .collect()
    }

    /// The data folder in which it lies, if it lies in one.
    pub(crate) fn home(&self) -> Option<&Path> {
        self.home.as_deref()
    }

    pub(crate) fn at_home(self, home: Option<PathBuf>) -> SigningKey {
        SigningKey { home, ..self }
    }

    fn secrets(&self) -> impl Iterator<Item = &Secret> {
        std::iter::once(&self.first).chain(&self.second)
    }

    pub(crate) fn to_text(&self) -> String {
        let parts = self.secrets().map(|secret| {
            format!("suite {}\nsecret {}\n", secret.suite().name(), STANDARD.encode(secret.bytes()))
        });
        format!("{FIRST_LINE}\n{}", parts.collect::<String>())
    }

    pub(crate) fn parse(text: &str) -> Result<SigningKey, String> {
        let mut lines = text.lines();
        if lines.next() != Some(FIRST_LINE) {
            return Err("it is no signing key of Comity".into());
        }
        let mut secrets = Vec::new();
        while let Some(suite) = lines.next() {
            secrets.push(secret(suite, lines.next().unwrap_or_default())?);
        }
        let mut secrets = secrets.into_iter();
        match (secrets.next(), secrets.next(), secrets.next()) {
            (Some(first @ Secret::Ed25519(_)), None, _) => Ok(SigningKey { first, second: None, home: None }),
            (Some(first @ Secret::Ed25519(_)), Some(second @ Secret::Sm2(_)), None) => {
                Ok(SigningKey { first, second: Some(second), home: None })
            }
            _ => Err("its suites are not those of a profile".into()),
        }
    }
}

/// Reads the two lines of one suite.
fn secret(suite: &str, secret: &str) -> Result<Secret, String> {
    let name = suite.strip_prefix("suite ").ok_or("it names no suite")?;
    let suite = Suite::named(name).ok_or_else(|| format!("its suite {name:?} is not known"))?;
    let secret = secret.strip_prefix("secret ").ok_or("it holds no secret")?;
    let bytes = STANDARD.decode(secret).map_err(|error| error.to_string())?;
    Secret::of(suite, bytes.try_into().map_err(|_| "its secret has not 32 bytes")?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_one_suite_is_the_file_it_always_was() {
        let key = SigningKey::from_seed([7; 32]);
        let text =
            format!("comity signing key, version 1\nsuite ed25519\nsecret {}\n", STANDARD.encode([7; 32]));
        assert_eq!(key.to_text(), text);
        assert_eq!(SigningKey::parse(&text).unwrap().profile(), Profile::International);
    }

    #[test]
    fn a_file_that_is_no_key_is_refused() {
        let key = SigningKey::of_profile(Profile::Commercial, [7; 32]).unwrap();
        let text = key.to_text();
        assert_eq!(SigningKey::parse(&text).unwrap().to_text(), text);
        let broken = [
            text.replace("version 1", "version 2"),
            text.replace("ed25519", "sm2"),
            text.replace("ed25519", "sm2-with-sm3"),
            text.replace("secret B", "secret "),
            text.replacen("suite ed25519\n", "", 1),
            format!("{text}suite ed25519\nsecret {}\n", STANDARD.encode([7; 32])),
            text.split_inclusive('\n').take(1).collect(),
            text.split_inclusive('\n').take(4).collect(),
            String::new(),
        ];
        for text in broken {
            assert!(SigningKey::parse(&text).is_err(), "{text:?}");
        }
    }
}
