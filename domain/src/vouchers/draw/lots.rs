//! The draw itself: a pure function of a seed and the entries' ids. Who knows both can run it
//! again; `README.md` beside this file has the format, a program and test vectors.

use std::fmt;

use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::kernel::{Random, id::DrawEntryId, ports::random};

/// 32 random bytes: committed to before entries open, told when the draw is over.
#[derive(Clone, PartialEq, Eq)]
pub struct DrawSeed(Zeroizing<[u8; 32]>);

/// An entry's place in the order: the lowest lot comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lot(pub [u8; 32]);

impl DrawSeed {
    pub fn generate(random: &dyn Random) -> Self {
        Self(Zeroizing::new(random::bytes(random)))
    }

    pub fn parse(hex_text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(hex::decode(hex_text).ok()?);
        Some(Self(Zeroizing::new(bytes.as_slice().try_into().ok()?)))
    }

    /// Hexadecimal: how it is told, and what is sealed at rest.
    pub fn expose(&self) -> String {
        hex::encode(&self.0[..])
    }

    /// SHA-256 of the seed, hexadecimal: what is published beforehand, so that the seed cannot be
    /// chosen afterwards.
    pub fn commitment(&self) -> String {
        hex::encode(Sha256::digest(&self.0[..]))
    }

    /// HMAC-SHA-256(seed, entry id as it is published).
    pub fn lot(&self, entry: DrawEntryId) -> Lot {
        // HMAC takes keys of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0[..]) else {
            return Lot([0xff; 32]);
        };
        mac.update(entry.to_string().as_bytes());
        Lot(mac.finalize().into_bytes().into())
    }
}

impl fmt::Debug for DrawSeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DrawSeed")
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn seed() -> DrawSeed {
        DrawSeed::parse("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f").unwrap()
    }

    /// The vectors of the README, which were made with Python.
    #[test]
    fn the_order_is_the_one_that_others_compute() {
        let commitment = "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd";
        assert_eq!(seed().commitment(), commitment);
        let first = 0x0190_0000_0000_7000_8000_0000_0000_0001;
        let mut entries: Vec<_> = (0..5)
            .map(|n| DrawEntryId::from_uuid(Uuid::from_u128(first + n)))
            .collect();
        entries.sort_by_key(|entry| seed().lot(*entry));
        let order: Vec<_> = entries
            .iter()
            .map(|entry| (entry.to_string(), hex::encode(seed().lot(*entry).0)))
            .collect();
        let expected = [
            (
                "entry_01j0000000e008000000000004",
                "7f255298d31280eacc9215bf716ad88b1513065bd9e62a269343294ff425cfdb",
            ),
            (
                "entry_01j0000000e008000000000003",
                "83842769a581fd32bb428109bb7ae258c6fb2213a9957a8943a1d980045db43d",
            ),
            (
                "entry_01j0000000e008000000000005",
                "88649096a4ade4056223a6637a4adb9aadfa0192dba3ba54dffec2078c6b8bfd",
            ),
            (
                "entry_01j0000000e008000000000002",
                "9945c9c64ebffa293093e86a76eec5a8cfbb21421da12a5afa6b9f4aff1c424c",
            ),
            (
                "entry_01j0000000e008000000000001",
                "b4ede03ffddb2e88f4d82aecd231f3a863240714d504ff1e0db488c9ecb169f1",
            ),
        ];
        let expected = expected.map(|(id, lot)| (id.to_owned(), lot.to_owned()));
        assert_eq!(order, expected);
    }

    #[test]
    fn only_32_bytes_are_a_seed_and_it_does_not_show() {
        assert_eq!(DrawSeed::parse(&seed().expose()), Some(seed()));
        assert_eq!(DrawSeed::parse("00"), None);
        assert_eq!(DrawSeed::parse("not hexadecimal"), None);
        assert_eq!(format!("{:?}", seed()), "DrawSeed");
    }
}
