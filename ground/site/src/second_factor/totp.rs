//! Time-based one-time passwords (RFC 6238) as every authenticator program knows them: SHA-1, six digits, 30 seconds.

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use ledger::Random;
use sha1::Sha1;

/// Seconds for which a code is shown (RFC 6238 §5.2).
const STEP: i64 = 30;

/// What node and authenticator share: 160 bits (RFC 4226 §4, R6).
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; 20]);

impl Secret {
    /// A fresh secret.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn fresh(random: &dyn Random) -> anyhow::Result<Secret> {
        let mut bytes = [0; 20];
        random.fill(&mut bytes)?;
        Ok(Secret(bytes))
    }

    /// Reads what `text` wrote; none when it is something else.
    pub fn read(text: &str) -> Option<Secret> {
        let values = text.bytes().map(|sign| ALPHABET.iter().position(|known| *known == sign));
        let fives: Vec<usize> = values.collect::<Option<_>>()?;
        let mut bytes = [0; 20];
        for (bit, byte_bit) in (0..fives.len() * 5).map(|bit| (bit, 7 - bit % 8)) {
            let is_set = fives[bit / 5] >> (4 - bit % 5) & 1 == 1;
            *bytes.get_mut(bit / 8)? |= u8::from(is_set) << byte_bit;
        }
        (fives.len() == 32).then_some(Secret(bytes))
    }

    /// The secret in Base32 (RFC 4648 §6), as it is typed into an authenticator: 32 signs.
    pub fn text(&self) -> String {
        let bit = |at: usize| usize::from(self.0[at / 8] >> (7 - at % 8) & 1);
        let five = |at: usize| (0..5).fold(0, |value, next| value << 1 | bit(at * 5 + next));
        (0..32).map(|at| char::from(ALPHABET[five(at)])).collect()
    }

    /// The address that an authenticator reads from the picture. Both names are ASCII: a login, and the name of the record.
    pub fn address(&self, issuer: &str, login: &str) -> String {
        format!("otpauth://totp/{issuer}:{login}?secret={}&issuer={issuer}", self.text())
    }

    /// The code that an authenticator shows at this instant.
    pub fn code(&self, now: Timestamp) -> String {
        self.at_step(step(now))
    }

    /// The step whose code this is: the present one or a neighbour, since clocks differ and typing takes time (§5.2, §6).
    pub(crate) fn step_of(&self, code: &str, now: Timestamp) -> Option<i64> {
        let present = step(now);
        [present, present - 1, present + 1].into_iter().find(|step| self.at_step(*step) == code)
    }

    /// HOTP of the step (RFC 4226 §5.3).
    fn at_step(&self, step: i64) -> String {
        // A key shorter than a block is filled up with zeros (RFC 2104 §2).
        let mut key = [0; 64];
        key[..20].copy_from_slice(&self.0);
        let mut mac = Hmac::<Sha1>::new(&key.into());
        mac.update(&step.to_be_bytes());
        let digest = mac.finalize().into_bytes();
        let offset = usize::from(digest[19] & 0xf);
        let four = digest[offset..offset + 4].iter().fold(0_u32, |value, byte| value << 8 | u32::from(*byte));
        format!("{:06}", (four & 0x7fff_ffff) % 1_000_000)
    }
}

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

fn step(now: Timestamp) -> i64 {
    now.as_second().div_euclid(STEP)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, the last six of its eight digits.
    #[test]
    fn the_codes_are_those_of_the_rfc() {
        let secret = Secret(*b"12345678901234567890");
        let known = [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ];
        for (second, code) in known {
            assert_eq!(secret.code(Timestamp::from_second(second).unwrap()), code);
        }
    }

    #[test]
    fn a_secret_is_typed_as_base32_and_read_back() {
        let secret = Secret(*b"12345678901234567890");
        assert_eq!(secret.text(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert!(Secret::read(&secret.text()) == Some(secret));
        for foreign in [
            "",
            "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ",
            "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQA",
            "1".repeat(32).as_str(),
        ] {
            assert!(Secret::read(foreign).is_none(), "{foreign}");
        }
    }

    #[test]
    fn a_code_holds_a_step_before_and_after_its_own() {
        let secret = Secret(*b"12345678901234567890");
        let at = |second| Timestamp::from_second(second).unwrap();
        let code = secret.code(at(59));
        for (second, step) in
            [(29, Some(1)), (30, Some(1)), (59, Some(1)), (89, Some(1)), (90, None), (-1, None)]
        {
            assert_eq!(secret.step_of(&code, at(second)), step, "{second}");
        }
    }
}
