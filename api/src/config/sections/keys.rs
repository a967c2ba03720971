//! Keys: of personal data at rest, of blind indexes, of access tokens, of codes. No two may be the
//! same.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use niangjia_infra::crypto::{
    TokenKeys, derive,
    field_cipher::{Key, KeyRing},
};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{Profile, Sources, faults::Faults};

#[derive(Clone)]
pub struct KeysConfig {
    masters: BTreeMap<u32, Key>,
    current: u32,
    index: Key,
    tokens: Arc<TokenKeys>,
    codes: Key,
}

#[derive(Deserialize)]
struct Raw {
    #[serde(default)]
    masters: BTreeMap<String, SecretString>,
    current: Option<u32>,
    index: Option<SecretString>,
    #[serde(default)]
    tokens: BTreeMap<String, SecretString>,
    token_current: Option<String>,
    codes: Option<SecretString>,
}

impl KeysConfig {
    pub(super) fn check(
        sources: &Sources,
        profile: Profile,
        problems: &mut Faults,
    ) -> Option<Self> {
        let raw: Raw = sources.value("keys", problems)?;
        let mut chest = Chest {
            profile,
            problems,
            seen: Vec::new(),
        };
        let masters = chest.numbered("keys.masters", &raw.masters);
        let by_id = chest.several("keys.tokens", &raw.tokens);
        let index = chest.one("keys.index", raw.index.as_ref());
        let codes = chest.one("keys.codes", raw.codes.as_ref());
        let current = chest.current("keys.current", raw.current, &masters);
        let token_current = chest.current("keys.token_current", raw.token_current, &by_id);
        let tokens = TokenKeys::new(by_id, token_current?).ok()?;
        Some(Self {
            masters,
            current: current?,
            index: index?,
            tokens: Arc::new(tokens),
            codes: codes?,
        })
    }

    /// What signs sign-ins.
    pub fn token_keys(&self) -> &TokenKeys {
        &self.tokens
    }

    /// The key of one purpose: check-in codes, local object URLs, subjects in Redis.
    pub fn derived(&self, purpose: &'static str) -> Key {
        derive(&self.codes, purpose)
    }

    /// What seals and finds personal data.
    pub fn ring(&self) -> KeyRing {
        KeyRing {
            masters: self.masters.clone(),
            current: self.current,
            index: self.index.clone(),
        }
    }
}

impl fmt::Debug for KeysConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeysConfig")
            .field("current", &self.current)
            .finish_non_exhaustive()
    }
}

/// Reads keys and remembers them, to find twins.
struct Chest<'a> {
    profile: Profile,
    problems: &'a mut Faults,
    seen: Vec<Key>,
}

impl Chest<'_> {
    fn one(&mut self, setting: &str, text: Option<&SecretString>) -> Option<Key> {
        let Some(text) = text else {
            self.problems
                .add(setting, "missing: make one with `openssl rand -base64 32`");
            return None;
        };
        let key = self.problems.note(setting, decode(text.expose_secret()))?;
        if self.profile == Profile::Production && key.iter().collect::<BTreeSet<_>>().len() < 16 {
            self.problems.add(
                setting,
                "not random: make one with `openssl rand -base64 32`",
            );
        }
        if self.seen.contains(&key) {
            self.problems.add(
                setting,
                "the same as another key: each needs one of its own",
            );
        }
        self.seen.push(key.clone());
        Some(key)
    }

    fn several(
        &mut self,
        setting: &str,
        texts: &BTreeMap<String, SecretString>,
    ) -> BTreeMap<String, Key> {
        if texts.is_empty() {
            self.one(setting, None);
        }
        texts
            .iter()
            .filter_map(|(id, text)| Some((id.clone(), self.one(setting, Some(text))?)))
            .collect()
    }

    fn numbered(
        &mut self,
        setting: &str,
        texts: &BTreeMap<String, SecretString>,
    ) -> BTreeMap<u32, Key> {
        let keys = self.several(setting, texts);
        let number = |id: &str| id.parse().map_err(|_| "ids of master keys are numbers");
        keys.into_iter()
            .filter_map(|(id, key)| Some((self.problems.note(setting, number(&id))?, key)))
            .collect()
    }

    /// The chosen one, or the only one.
    fn current<I: Ord + Clone>(
        &mut self,
        setting: &str,
        chosen: Option<I>,
        keys: &BTreeMap<I, Key>,
    ) -> Option<I> {
        let chosen = match chosen {
            Some(id) if keys.contains_key(&id) => Ok(id),
            Some(_) => Err("names a key that is not there"),
            None if keys.len() == 1 => keys.keys().next().cloned().ok_or("missing"),
            // The missing keys are a problem of their own.
            None if keys.is_empty() => return None,
            None => Err("missing: there are several keys, name the one to use"),
        };
        self.problems.note(setting, chosen)
    }
}

fn decode(text: &str) -> Result<Key, &'static str> {
    let bytes = Zeroizing::new(STANDARD.decode(text.trim()).map_err(|_| "not base64")?);
    let key = <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| "must be 32 bytes in base64")?;
    Ok(Key::new(key))
}
