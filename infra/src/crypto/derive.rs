//! Keys of their own for each purpose, out of one that the operator keeps.

use super::field_cipher::{Key, keyed};
use hmac::Mac;

/// The same source and purpose give the same key; one purpose's key tells nothing about another's.
pub fn derive(source: &Key, purpose: &str) -> Key {
    let mut mac = keyed(source);
    mac.update(b"purpose\0");
    mac.update(purpose.as_bytes());
    Key::new(mac.finalize().into_bytes().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_purpose_has_a_key_of_its_own() {
        let source = Key::new([7; 32]);
        assert_eq!(derive(&source, "codes"), derive(&source, "codes"));
        assert_ne!(derive(&source, "codes"), derive(&source, "objects"));
        assert_ne!(
            derive(&source, "codes"),
            derive(&Key::new([8; 32]), "codes")
        );
    }
}
