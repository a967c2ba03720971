//! Keyed hashes as OSS and the local store use them.

use hmac::{Hmac, Mac, digest::KeyInit};
use sha1::Sha1;
use sha2::Sha256;
use subtle::ConstantTimeEq;

pub(super) fn hmac_sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    keyed::<Hmac<Sha256>>(key, message)
}

pub(super) fn hmac_sha1(key: &[u8], message: &[u8]) -> Vec<u8> {
    keyed::<Hmac<Sha1>>(key, message)
}

/// Whether a hexadecimal signature is the expected one, without telling by time how much of it is
/// right.
pub(super) fn equals_hex(signature: &str, expected: &[u8]) -> bool {
    hex::decode(signature).is_ok_and(|given| given.ct_eq(expected).into())
}

fn keyed<M: Mac + KeyInit>(key: &[u8], message: &[u8]) -> Vec<u8> {
    // HMAC takes keys of any length, so the other arm is never reached; an empty signature matches
    // nothing.
    match <M as Mac>::new_from_slice(key) {
        Ok(mut mac) => {
            mac.update(message);
            mac.finalize().into_bytes().to_vec()
        }
        Err(_) => Vec::new(),
    }
}
