//! The SM2 line of a checkpoint, held against OpenSSL: what we sign it verifies, and what it signs we verify.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ledger::tree::Head;
use ledger::{Checkpoint, Profile, SigningKey, Suite, VerifierKey};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

const NAME: &str = "jiashan.comity.example";

/// The mark of an SM2 key in a signed note: no byte of its own, so 0xff and a name.
const MARK: &[u8] = b"\xffsm2-with-sm3";

/// A public SM2 key as SubjectPublicKeyInfo up to its point (RFC 5480; curve 1.2.156.10197.1.301).
const SPKI: &str = "3059301306072a8648ce3d020106082a811ccf5501822d034200";

#[test]
fn openssl_verifies_what_a_node_signs() {
    let folder = tempfile::tempdir().unwrap();
    let key = SigningKey::of_profile(Profile::Commercial, [42; 32]).unwrap();
    let checkpoint = Checkpoint::sign(NAME, Head { size: 1042, root: [5; 32] }, &key).unwrap();
    let (text, lines) = checkpoint.note().split_once("\n\n").unwrap();
    let text = format!("{text}\n");

    let verifier = key.verifiers(NAME).into_iter().find(|key| key.suite() == Suite::Sm2WithSm3).unwrap();
    let (id, point) = parts(&verifier);
    let signature = STANDARD.decode(lines.lines().nth(1).unwrap().rsplit_once(' ').unwrap().1).unwrap();
    assert_eq!(signature[..4], id[..]);

    write(&folder, "key.der", &[hex::decode(SPKI).unwrap(), point].concat());
    write(&folder, "signature", &der(&signature[4..]));
    for (signed, holds) in [(text.clone(), true), (text.replace("1042", "1043"), false)] {
        write(&folder, "text", signed.as_bytes());
        let verify = "pkeyutl -verify -pubin -keyform DER -inkey key.der -rawin -digest sm3
                      -pkeyopt distid:1234567812345678 -in text -sigfile signature";
        assert_eq!(openssl(folder.path(), verify).is_ok(), holds, "{signed}");
    }
}

#[test]
fn a_node_verifies_what_openssl_signs() {
    let folder = tempfile::tempdir().unwrap();
    let make = "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:SM2 -out secret.pem";
    openssl(folder.path(), make).unwrap();
    openssl(folder.path(), "pkey -in secret.pem -pubout -outform DER -out key.der").unwrap();
    let text = format!("{NAME}\n7\n{}\n", STANDARD.encode([1; 32]));
    write(&folder, "text", text.as_bytes());
    let sign = "pkeyutl -sign -inkey secret.pem -rawin -digest sm3 -pkeyopt distid:1234567812345678
                -in text -out signature";
    openssl(folder.path(), sign).unwrap();

    let public = std::fs::read(folder.path().join("key.der")).unwrap();
    let marked = [MARK, &public[public.len() - 65..]].concat();
    let id = Sha256::digest([NAME.as_bytes(), b"\n", &marked].concat())[..4].to_vec();
    let key: VerifierKey =
        format!("{NAME}+{}+{}", hex::encode(&id), STANDARD.encode(&marked)).parse().unwrap();
    let signature = raw(&std::fs::read(folder.path().join("signature")).unwrap());
    let line = STANDARD.encode([id, signature].concat());
    let note = format!("{text}\n— {NAME} {line}\n");
    let opened = Checkpoint::open(&note, std::slice::from_ref(&key)).unwrap();
    assert_eq!(opened.head(), Head { size: 7, root: [1; 32] });
    assert!(Checkpoint::open(&note.replacen("\n7\n", "\n8\n", 1), &[key]).is_err());
}

/// The id of a key, and its point, from its text.
fn parts(key: &VerifierKey) -> (Vec<u8>, Vec<u8>) {
    let text = key.to_string();
    let (id, marked) = text.strip_prefix(NAME).unwrap()[1..].split_once('+').unwrap();
    let marked = STANDARD.decode(marked).unwrap();
    (hex::decode(id).unwrap(), marked.strip_prefix(MARK).unwrap().to_vec())
}

/// r ‖ s as OpenSSL has it: a sequence of two integers.
fn der(signature: &[u8]) -> Vec<u8> {
    let integers: Vec<u8> = signature.chunks(32).flat_map(integer).collect();
    [&[0x30, u8::try_from(integers.len()).unwrap()], integers.as_slice()].concat()
}

fn integer(bytes: &[u8]) -> Vec<u8> {
    let start = bytes.iter().position(|byte| *byte != 0).unwrap();
    let sign: &[u8] = if bytes[start] > 127 { &[0] } else { &[] };
    let value = [sign, &bytes[start..]].concat();
    [&[2, u8::try_from(value.len()).unwrap()], value.as_slice()].concat()
}

/// The other way about.
fn raw(der: &[u8]) -> Vec<u8> {
    let first = usize::from(der[3]);
    let (r, s) = (&der[4..4 + first], &der[6 + first..]);
    [r, s].into_iter().flat_map(padded).collect()
}

fn padded(integer: &[u8]) -> Vec<u8> {
    let start = integer.iter().position(|byte| *byte != 0).unwrap();
    let value = &integer[start..];
    [vec![0; 32 - value.len()], value.to_vec()].concat()
}

fn write(folder: &TempDir, file: &str, bytes: &[u8]) {
    std::fs::write(folder.path().join(file), bytes).unwrap();
}

/// Runs OpenSSL 3 (package `openssl`); an error is what it said.
fn openssl(folder: &Path, command: &str) -> Result<(), String> {
    let output = Command::new("openssl").args(command.split_whitespace()).current_dir(folder).output();
    let output = output.expect("OpenSSL runs: install the package openssl (make setup-test)");
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    let judged = said.contains("Signature Verif") || output.status.success();
    assert!(judged, "OpenSSL could not be asked: {said}");
    if output.status.success() { Ok(()) } else { Err(said) }
}
