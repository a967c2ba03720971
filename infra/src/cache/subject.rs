//! Personal subjects (addresses, phones, accounts) become keyed hashes before they leave the
//! process. A plain hash of a phone number can be undone by trying all of them; a keyed one cannot.

use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretSlice};
use sha2::Sha256;

/// Turns `purpose:subject` into `purpose:<keyed hash>`. All processes of an installation share the
/// key.
#[derive(Clone)]
pub struct SubjectKeys {
    key: SecretSlice<u8>,
}

impl SubjectKeys {
    /// `key` should be 32 random bytes used for nothing else.
    pub fn new(key: SecretSlice<u8>) -> Self {
        Self { key }
    }

    /// Keeps the purpose readable for whoever looks into Redis, and nothing else.
    pub fn conceal(&self, key: &str) -> String {
        let (purpose, subject) = key.split_once(':').unwrap_or(("", key));
        format!("{purpose}:{}", hex::encode(&self.hash(subject)[..16]))
    }

    fn hash(&self, subject: &str) -> [u8; 32] {
        // HMAC takes keys of any length, so this cannot fail.
        let Ok(mut mac) = <Hmac<Sha256> as Mac>::new_from_slice(self.key.expose_secret()) else {
            return [0; 32];
        };
        mac.update(subject.as_bytes());
        mac.finalize().into_bytes().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_purpose_stays_and_the_subject_goes() {
        let one = SubjectKeys::new(vec![1; 32].into());
        let other = SubjectKeys::new(vec![2; 32].into());
        let hidden = one.conceal("phone:13800000001");
        assert!(hidden.starts_with("phone:") && !hidden.contains("13800000001"));
        assert_eq!(
            hidden,
            one.conceal("phone:13800000001"),
            "the same subject counts together"
        );
        assert_ne!(hidden, one.conceal("phone:13800000002"));
        assert_ne!(
            hidden,
            other.conceal("phone:13800000001"),
            "useless without the key"
        );
        assert!(
            !one.conceal("13800000001").contains("13800000001"),
            "a forgotten purpose hides too"
        );
    }
}
