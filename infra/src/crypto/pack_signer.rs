//! Ed25519 over scan packs (RFC 8032), with a key derived from one that the operator keeps: every
//! process signs alike.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use niangjia_domain::vouchers::offline::PackSigner;

use super::field_cipher::Key;

pub struct Ed25519PackSigner {
    pair: Ed25519KeyPair,
    public_key: [u8; 32],
}

#[derive(Debug, thiserror::Error)]
#[error("no Ed25519 key can be made of this seed")]
pub struct UnusableSeed;

impl Ed25519PackSigner {
    pub fn new(seed: &Key) -> Result<Self, UnusableSeed> {
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed[..]).map_err(|_| UnusableSeed)?;
        let public_key = pair
            .public_key()
            .as_ref()
            .try_into()
            .map_err(|_| UnusableSeed)?;
        Ok(Self { pair, public_key })
    }
}

impl PackSigner for Ed25519PackSigner {
    fn sign(&self, document: &[u8]) -> [u8; 64] {
        let signature = self.pair.sign(document);
        let bytes = signature.as_ref();
        std::array::from_fn(|index| bytes.get(index).copied().unwrap_or_default())
    }

    fn public_key(&self) -> [u8; 32] {
        self.public_key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8032, section 7.1, test 2.
    #[test]
    fn signatures_are_those_of_the_standard() {
        let seed = hex::decode("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
            .unwrap();
        let signer = Ed25519PackSigner::new(&Key::new(seed.try_into().unwrap())).unwrap();
        let public = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
        assert_eq!(hex::encode(signer.public_key()), public);
        let signature = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
                         085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
        assert_eq!(hex::encode(signer.sign(&[0x72])), signature);
    }
}
