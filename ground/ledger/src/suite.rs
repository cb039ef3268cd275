//! The cryptographic suites in which a node signs its checkpoints. All sign the same text over the same SHA-256 tree; they
//! differ in the algorithm of the signature, and every key says its suite.

use ed25519_dalek::Signer;
use serde::{Deserialize, Serialize};
use sm2::dsa::signature::Verifier;

use crate::{Error, Random, Result};

/// A signature algorithm, with the hash that belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suite {
    /// Ed25519 (RFC 8032). C2SP tlog-tiles asks for a signature of this suite on every public log.
    Ed25519,
    /// SM2 with SM3 (GB/T 32918.2, GM/T 0003.2), under the user id that GM/T 0009 sets. No module certified for
    /// commercial cryptography stands behind it here: the algorithm is the prescribed one, the assessment is not made.
    Sm2WithSm3,
}

impl Suite {
    /// The id that stands in key files.
    pub fn name(self) -> &'static str {
        match self {
            Suite::Ed25519 => "ed25519",
            Suite::Sm2WithSm3 => "sm2-with-sm3",
        }
    }

    /// The suite of this id.
    pub fn named(name: &str) -> Option<Suite> {
        [Suite::Ed25519, Suite::Sm2WithSm3].into_iter().find(|suite| suite.name() == name)
    }

    /// What stands in front of a public key in its text, and goes into its id. C2SP signed-note has one byte for
    /// Ed25519, and for algorithms without a byte of their own 0xff and a longer name.
    pub(crate) fn mark(self) -> &'static [u8] {
        match self {
            Suite::Ed25519 => &[1],
            Suite::Sm2WithSm3 => b"\xffsm2-with-sm3",
        }
    }
}

/// Which suites sign the checkpoints of a node; all of them sign each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// Ed25519 alone.
    #[default]
    International,
    /// Commercial cryptography (商用密码): SM2 with SM3 beside Ed25519, and a checkpoint holds only if both do.
    Commercial,
}

impl Profile {
    pub fn suites(self) -> &'static [Suite] {
        match self {
            Profile::International => &[Suite::Ed25519],
            Profile::Commercial => &[Suite::Ed25519, Suite::Sm2WithSm3],
        }
    }
}

/// The user id under which SM2 signs where the parties have agreed on none (GM/T 0009, 10).
const USER: &str = "1234567812345678";

/// Bytes of a signature in either suite: R and S of Ed25519, r and s of SM2, each 32 bytes, big-endian in SM2.
pub(crate) type Signature = [u8; 64];

/// The secret half of a key of one suite.
#[derive(Clone)]
pub(crate) enum Secret {
    Ed25519(Box<ed25519_dalek::SigningKey>),
    Sm2(Box<sm2::dsa::SigningKey>),
}

impl Secret {
    /// The Ed25519 key of this seed.
    pub(crate) fn ed25519(seed: [u8; 32]) -> Secret {
        Secret::Ed25519(Box::new(ed25519_dalek::SigningKey::from_bytes(&seed)))
    }

    /// The key of these bytes.
    ///
    /// # Errors
    /// Ed25519 has a key for any 32 bytes; SM2 has none for zero and for what is not less than the order of its curve.
    pub(crate) fn of(suite: Suite, bytes: [u8; 32]) -> Result<Secret, String> {
        match suite {
            Suite::Ed25519 => Ok(Secret::ed25519(bytes)),
            Suite::Sm2WithSm3 => sm2::dsa::SigningKey::from_slice(USER, &bytes)
                .map(|key| Secret::Sm2(Box::new(key)))
                .map_err(|_| "its secret is no number of an SM2 key".to_owned()),
        }
    }

    /// A new key.
    ///
    /// # Errors
    /// When there are no random bytes.
    pub(crate) fn generate(suite: Suite, random: &dyn Random) -> Result<Secret> {
        loop {
            let mut bytes = [0; 32];
            random.fill(&mut bytes).map_err(Error::Random)?;
            // One try in four thousand million gives a number that is no key of SM2.
            if let Ok(secret) = Secret::of(suite, bytes) {
                return Ok(secret);
            }
        }
    }

    pub(crate) fn suite(&self) -> Suite {
        match self {
            Secret::Ed25519(_) => Suite::Ed25519,
            Secret::Sm2(_) => Suite::Sm2WithSm3,
        }
    }

    pub(crate) fn bytes(&self) -> [u8; 32] {
        match self {
            Secret::Ed25519(key) => key.to_bytes(),
            Secret::Sm2(key) => key.to_bytes().into(),
        }
    }

    pub(crate) fn public(&self) -> Public {
        match self {
            Secret::Ed25519(key) => Public::Ed25519(key.verifying_key()),
            Secret::Sm2(key) => Public::Sm2(Box::new(key.verifying_key().clone())),
        }
    }

    /// Signs a text. The same text gets the same signature: both suites draw their nonce from key and text (RFC 8032,
    /// RFC 6979).
    ///
    /// # Errors
    /// SM2 has no signature where its equations give zero, which nobody will live to see.
    pub(crate) fn sign(&self, text: &[u8]) -> Result<Signature> {
        match self {
            Secret::Ed25519(key) => Ok(key.sign(text).to_bytes()),
            Secret::Sm2(key) => {
                let failed = |_| Error::Key("SM2 found no signature for this text".into());
                let signature: sm2::dsa::Signature = key.try_sign(text).map_err(failed)?;
                Ok(signature.to_bytes().into())
            }
        }
    }
}

/// The public half of a key of one suite.
#[derive(Debug, Clone)]
pub(crate) enum Public {
    Ed25519(ed25519_dalek::VerifyingKey),
    Sm2(Box<sm2::dsa::VerifyingKey>),
}

impl Public {
    /// Reads a public key behind the mark of its suite: 32 bytes for Ed25519, 04 ‖ x ‖ y for SM2.
    pub(crate) fn parse(marked: &[u8]) -> Option<Public> {
        if let Some(bytes) = marked.strip_prefix(Suite::Ed25519.mark()) {
            return ed25519_dalek::VerifyingKey::from_bytes(bytes.try_into().ok()?).ok().map(Public::Ed25519);
        }
        let bytes = marked.strip_prefix(Suite::Sm2WithSm3.mark())?;
        let bytes = Some(bytes).filter(|bytes| bytes.len() == 65)?;
        let key = sm2::dsa::VerifyingKey::from_sec1_bytes(USER, bytes).ok()?;
        Some(Public::Sm2(Box::new(key)))
    }

    /// The public key behind the mark of its suite.
    pub(crate) fn marked(&self) -> Vec<u8> {
        let mut bytes = self.suite().mark().to_vec();
        match self {
            Public::Ed25519(key) => bytes.extend(key.as_bytes()),
            Public::Sm2(key) => bytes.extend(key.to_sec1_bytes()),
        }
        bytes
    }

    pub(crate) fn suite(&self) -> Suite {
        match self {
            Public::Ed25519(_) => Suite::Ed25519,
            Public::Sm2(_) => Suite::Sm2WithSm3,
        }
    }

    pub(crate) fn verifies(&self, text: &[u8], signature: &[u8]) -> bool {
        match self {
            Public::Ed25519(key) => ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(text, &signature).is_ok()),
            Public::Sm2(key) => sm2::dsa::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify(text, &signature).is_ok()),
        }
    }
}

impl PartialEq for Public {
    fn eq(&self, other: &Public) -> bool {
        self.marked() == other.marked()
    }
}

impl Eq for Public {}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &str) -> Vec<u8> {
        hex::decode(text.replace(' ', "")).unwrap()
    }

    /// The example of GM/T 0003.5-2012, annex A: the recommended curve, the usual user id, the message "message digest".
    const SECRET: &str = "3945208F 7B2144B1 3F36E38A C6D39F95 88939369 2860B51A 42FB81EF 4DF7C5B8";
    const PUBLIC: &str = "04 09F9DF31 1E5421A1 50DD7D16 1E4BC5C6 72179FAD 1833FC07 6BB08FF3 56F35020
        CCEA490C E26775A5 2DC6EA71 8CC1AA60 0AED05FB F35E084A 6632F607 2DA9AD13";
    const SIGNED: &str = "F5A03B06 48D2C463 0EEAC513 E1BB81A1 5944DA38 27D5B741 43AC7EAC EEE720B3
        B1B6AA29 DF212FD8 763182BC 0D421CA1 BB9038FD 1F7F42D4 840B69C4 85BBC1AA";

    #[test]
    fn sm2_agrees_with_the_example_of_its_standard() {
        let secret = Secret::of(Suite::Sm2WithSm3, bytes(SECRET).try_into().unwrap()).unwrap();
        let public = secret.public();
        assert_eq!(public.marked(), [Suite::Sm2WithSm3.mark(), &bytes(&PUBLIC.replace('\n', ""))].concat());
        let signature = bytes(&SIGNED.replace('\n', ""));
        assert!(public.verifies(b"message digest", &signature));
        assert!(!public.verifies(b"message digesu", &signature));
        for place in 0..signature.len() {
            let mut changed = signature.clone();
            changed[place] ^= 1;
            assert!(!public.verifies(b"message digest", &changed), "byte {place}");
        }
    }

    #[test]
    fn what_a_key_signs_its_public_half_verifies() {
        for suite in Profile::Commercial.suites() {
            let secret = Secret::generate(*suite, &crate::SystemRandom).unwrap();
            let again = Secret::of(*suite, secret.bytes()).unwrap();
            let signature = secret.sign(b"text").unwrap();
            assert_eq!((again.suite(), again.sign(b"text").unwrap()), (*suite, signature));
            let public = Public::parse(&secret.public().marked()).unwrap();
            assert!(public.verifies(b"text", &signature) && !public.verifies(b"test", &signature));
            assert!(!public.verifies(b"text", &signature[..63]));
            assert_eq!((public.suite(), Suite::named(suite.name())), (*suite, Some(*suite)));
        }
    }

    #[test]
    fn what_is_no_key_of_a_suite_is_refused() {
        let order = bytes("FFFFFFFE FFFFFFFF FFFFFFFF FFFFFFFF 7203DF6B 21C6052B 53BBF409 39D54123");
        assert!(Secret::of(Suite::Sm2WithSm3, order.try_into().unwrap()).is_err());
        assert!(Secret::of(Suite::Sm2WithSm3, [0; 32]).is_err());
        let public = Secret::of(Suite::Sm2WithSm3, [7; 32]).unwrap().public().marked();
        let mut off_the_curve = public.clone();
        *off_the_curve.last_mut().unwrap() ^= 1;
        let mark = Suite::Sm2WithSm3.mark().len();
        let compressed = [&public[..mark], &[2], &public[mark + 1..mark + 33]].concat();
        for broken in
            [&off_the_curve, &compressed, &public[1..].to_vec(), &public[..64].to_vec(), &Vec::new()]
        {
            assert!(Public::parse(broken).is_none(), "{broken:?}");
        }
    }
}
