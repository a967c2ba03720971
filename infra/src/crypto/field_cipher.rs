//! Personal data at rest: AES-256-GCM with table, column and row as associated data, under keys
//! derived per table from a master key whose id is stored with the ciphertext; and keyed blind
//! indexes (HMAC-SHA-256 under another key) to find equal values without reading them.
//!
//! Sealed form: `version (1) | key id (4, big-endian) | nonce (12) | ciphertext and tag`.

use std::{collections::BTreeMap, fmt, sync::Arc};

use aes_gcm::{
    Aes256Gcm, KeyInit, Nonce,
    aead::{Aead, Payload},
};
use hmac::{Hmac, Mac};
use niangjia_domain::kernel::{Random, ports::random};
use sha2::Sha256;
use uuid::Uuid;
use zeroize::Zeroizing;

const VERSION: u8 = 1;
const HEADER: usize = 5;
const NONCE: usize = 12;

/// 32 bytes that are wiped when dropped.
pub type Key = Zeroizing<[u8; 32]>;

/// Master keys by id, the one that seals, and the key of the blind indexes.
pub struct KeyRing {
    pub masters: BTreeMap<u32, Key>,
    pub current: u32,
    pub index: Key,
}

/// A ciphertext that does not open: wrong row, wrong key, or damaged.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    #[error("sealed value is damaged or belongs to another row")]
    Damaged,
    #[error("no master key with id {0}")]
    UnknownKey(u32),
}

/// Seals and opens fields.
#[derive(Clone)]
pub struct FieldCipher {
    ring: Arc<KeyRing>,
    random: Arc<dyn Random>,
}

impl fmt::Debug for FieldCipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FieldCipher")
            .field("current", &self.ring.current)
            .finish_non_exhaustive()
    }
}

/// Which cell of the database a value belongs to; bound into the ciphertext.
#[derive(Debug, Clone, Copy)]
pub struct Cell {
    pub table: &'static str,
    pub column: &'static str,
    pub row: Uuid,
}

impl FieldCipher {
    pub fn new(ring: KeyRing, random: Arc<dyn Random>) -> Result<Self, SealError> {
        if !ring.masters.contains_key(&ring.current) {
            return Err(SealError::UnknownKey(ring.current));
        }
        Ok(Self {
            ring: Arc::new(ring),
            random,
        })
    }

    pub fn seal(&self, cell: Cell, plain: &str) -> Result<Vec<u8>, SealError> {
        self.seal_bytes(cell, plain.as_bytes())
    }

    pub fn open(&self, cell: Cell, sealed: &[u8]) -> Result<String, SealError> {
        String::from_utf8(self.open_bytes(cell, sealed)?).map_err(|_| SealError::Damaged)
    }

    /// The same for what is no text.
    pub fn seal_bytes(&self, cell: Cell, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let key_id = self.ring.current;
        let nonce = random::bytes::<NONCE>(&*self.random);
        let cipher = self.cipher(key_id, cell.table)?;
        let payload = Payload {
            msg: plain,
            aad: &associated(cell),
        };
        let body = cipher
            .encrypt(Nonce::from_slice(&nonce), payload)
            .map_err(|_| SealError::Damaged)?;
        let mut sealed = Vec::with_capacity(HEADER + NONCE + body.len());
        sealed.push(VERSION);
        sealed.extend_from_slice(&key_id.to_be_bytes());
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&body);
        Ok(sealed)
    }

    pub fn open_bytes(&self, cell: Cell, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let (&version, rest) = sealed.split_first().ok_or(SealError::Damaged)?;
        let (key_id, rest) = rest.split_first_chunk::<4>().ok_or(SealError::Damaged)?;
        let (nonce, body) = rest
            .split_first_chunk::<NONCE>()
            .ok_or(SealError::Damaged)?;
        if version != VERSION {
            return Err(SealError::Damaged);
        }
        let cipher = self.cipher(u32::from_be_bytes(*key_id), cell.table)?;
        let payload = Payload {
            msg: body,
            aad: &associated(cell),
        };
        cipher
            .decrypt(Nonce::from_slice(nonce), payload)
            .map_err(|_| SealError::Damaged)
    }

    /// Equal text, equal index; without the key the index tells nothing. `purpose` keeps columns
    /// apart.
    pub fn blind_index(&self, purpose: &'static str, text: &str) -> Vec<u8> {
        let mut mac = keyed(&self.ring.index);
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().to_vec()
    }

    fn cipher(&self, key_id: u32, family: &str) -> Result<Aes256Gcm, SealError> {
        let master = self
            .ring
            .masters
            .get(&key_id)
            .ok_or(SealError::UnknownKey(key_id))?;
        let mut mac = keyed(master);
        mac.update(b"field key\0");
        mac.update(family.as_bytes());
        let key = Zeroizing::new(<[u8; 32]>::from(mac.finalize().into_bytes()));
        Ok(Aes256Gcm::new((&*key).into()))
    }
}

fn associated(cell: Cell) -> Vec<u8> {
    let mut bytes = format!("{}\0{}\0", cell.table, cell.column).into_bytes();
    bytes.extend_from_slice(cell.row.as_bytes());
    bytes
}

pub(super) fn keyed(key: &Key) -> Hmac<Sha256> {
    // HMAC takes keys of any length, so this arm is never reached.
    <Hmac<Sha256> as Mac>::new_from_slice(&key[..])
        .unwrap_or_else(|_| <Hmac<Sha256> as Mac>::new(&Default::default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::SystemRandom;

    fn cipher(masters: &[(u32, u8)], current: u32) -> FieldCipher {
        let masters = masters
            .iter()
            .map(|(id, byte)| (*id, Key::new([*byte; 32])))
            .collect();
        FieldCipher::new(
            KeyRing {
                masters,
                current,
                index: Key::new([9; 32]),
            },
            Arc::new(SystemRandom),
        )
        .unwrap()
    }

    #[test]
    fn a_sealed_value_opens_only_in_its_own_cell() {
        let cipher = cipher(&[(1, 7)], 1);
        let cell = Cell {
            table: "persons",
            column: "name",
            row: Uuid::from_u128(1),
        };
        let sealed = cipher.seal(cell, "张三").unwrap();
        assert!(!sealed.windows(6).any(|window| window == "张三".as_bytes()));
        assert_eq!(cipher.open(cell, &sealed).unwrap(), "张三");
        assert!(
            cipher
                .open(
                    Cell {
                        row: Uuid::from_u128(2),
                        ..cell
                    },
                    &sealed
                )
                .is_err()
        );
        assert!(
            cipher
                .open(
                    Cell {
                        column: "phone",
                        ..cell
                    },
                    &sealed
                )
                .is_err()
        );
    }

    #[test]
    fn old_values_open_after_the_master_key_is_replaced() {
        let cell = Cell {
            table: "persons",
            column: "name",
            row: Uuid::from_u128(1),
        };
        let sealed = cipher(&[(1, 7)], 1).seal(cell, "张三").unwrap();
        assert_eq!(
            cipher(&[(1, 7), (2, 8)], 2).open(cell, &sealed).unwrap(),
            "张三"
        );
        assert!(matches!(
            cipher(&[(2, 8)], 2).open(cell, &sealed),
            Err(SealError::UnknownKey(1))
        ));
    }

    #[test]
    fn blind_indexes_are_equal_for_equal_text_and_purpose_only() {
        let cipher = cipher(&[(1, 7)], 1);
        assert_eq!(
            cipher.blind_index("phone", "1"),
            cipher.blind_index("phone", "1")
        );
        assert_ne!(
            cipher.blind_index("phone", "1"),
            cipher.blind_index("id_number", "1")
        );
    }
}
