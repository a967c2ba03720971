//! Token keys by key id. Every purpose derives its own, so that a token of one purpose never passes
//! for another's.

use std::{collections::BTreeMap, fmt};

use super::{derive, field_cipher::Key};

/// Old keys stay until the last token they signed has expired; new tokens are signed by `current`.
pub struct TokenKeys {
    keys: BTreeMap<String, Key>,
    current: String,
}

#[derive(Debug, thiserror::Error)]
#[error("no token key with id {0}")]
pub struct UnknownTokenKey(pub String);

impl TokenKeys {
    pub fn new(
        keys: BTreeMap<String, Key>,
        current: impl Into<String>,
    ) -> Result<Self, UnknownTokenKey> {
        let current = current.into();
        if keys.contains_key(&current) {
            Ok(Self { keys, current })
        } else {
            Err(UnknownTokenKey(current))
        }
    }

    /// The same ids with keys that serve `purpose` alone.
    pub(super) fn for_purpose(&self, purpose: &str) -> Self {
        let keys = self
            .keys
            .iter()
            .map(|(kid, key)| (kid.clone(), derive(key, purpose)))
            .collect();
        Self {
            keys,
            current: self.current.clone(),
        }
    }

    pub(super) fn current(&self) -> &str {
        &self.current
    }

    pub(super) fn get(&self, kid: &str) -> Option<&Key> {
        self.keys.get(kid)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&String, &Key)> {
        self.keys.iter()
    }
}

impl fmt::Debug for TokenKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenKeys")
            .field("current", &self.current)
            .finish_non_exhaustive()
    }
}
