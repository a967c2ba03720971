//! Passwords: argon2id with OWASP's parameters (19 MiB, 2 passes, 1 lane), on the blocking pool, a
//! few at a time so that a flood of sign-ins cannot take all memory.

use std::{fmt, sync::Arc};

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier, Version,
    password_hash::{self, SaltString},
};
use async_trait::async_trait;
use niangjia_domain::{
    identity::sessions::{
        credential::PasswordHash,
        ports::{HashingFailed, PasswordHasher},
    },
    kernel::{Random, ports::random},
};
use secrecy::{ExposeSecret, SecretString};
use tokio::{sync::Semaphore, task::spawn_blocking};

/// <https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html>
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Hashes computed at once.
const AT_ONCE: usize = 2;
/// Nobody's password: compared with when there is no such user, at the same cost.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGlzIGhlcmUu$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

pub struct Argon2Hasher {
    random: Arc<dyn Random>,
    permits: Semaphore,
}

impl Argon2Hasher {
    pub fn new(random: Arc<dyn Random>) -> Self {
        Self {
            random,
            permits: Semaphore::new(AT_ONCE),
        }
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon2<'_>) -> Result<T, password_hash::Error> + Send + 'static,
    ) -> Result<T, HashingFailed> {
        let _permit = self.permits.acquire().await.map_err(failed)?;
        spawn_blocking(move || {
            let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(failed)?;
            work(&Argon2::new(Algorithm::Argon2id, Version::V0x13, params)).map_err(failed)
        })
        .await
        .map_err(failed)?
    }
}

#[async_trait]
impl PasswordHasher for Argon2Hasher {
    async fn hash(&self, password: SecretString) -> Result<PasswordHash, HashingFailed> {
        let salt = SaltString::encode_b64(&random::bytes::<16>(&*self.random)).map_err(failed)?;
        self.run(move |argon2| {
            let hash = argon2.hash_password(password.expose_secret().as_bytes(), &salt)?;
            Ok(PasswordHash::new(hash.to_string()))
        })
        .await
    }

    async fn verify(
        &self,
        password: SecretString,
        hash: Option<PasswordHash>,
    ) -> Result<bool, HashingFailed> {
        self.run(move |argon2| {
            let phc = hash.as_ref().map_or(NOBODY, PasswordHash::as_str);
            let parsed = password_hash::PasswordHash::new(phc)?;
            match argon2.verify_password(password.expose_secret().as_bytes(), &parsed) {
                Ok(()) => Ok(hash.is_some()),
                Err(password_hash::Error::Password) => Ok(false),
                Err(error) => Err(error),
            }
        })
        .await
    }
}

impl fmt::Debug for Argon2Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Argon2Hasher").finish_non_exhaustive()
    }
}

fn failed(error: impl fmt::Display) -> HashingFailed {
    HashingFailed(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::SystemRandom;

    fn password(text: &str) -> SecretString {
        SecretString::from(text.to_owned())
    }

    #[tokio::test]
    async fn a_password_matches_its_own_hash_only() {
        let hasher = Argon2Hasher::new(Arc::new(SystemRandom));
        let hash = hasher
            .hash(password("correct horse battery"))
            .await
            .unwrap();
        assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert_ne!(
            hash,
            hasher
                .hash(password("correct horse battery"))
                .await
                .unwrap(),
            "salted"
        );
        assert!(
            hasher
                .verify(password("correct horse battery"), Some(hash.clone()))
                .await
                .unwrap()
        );
        assert!(
            !hasher
                .verify(password("correct horse batterz"), Some(hash))
                .await
                .unwrap()
        );
    }

    #[tokio::test]
    async fn nobody_has_no_password_but_the_same_work_is_done() {
        let hasher = Argon2Hasher::new(Arc::new(SystemRandom));
        assert!(!hasher.verify(password(""), None).await.unwrap());
        let nobody = password_hash::PasswordHash::new(NOBODY).unwrap();
        let params = Params::try_from(&nobody).unwrap();
        assert_eq!(
            (params.m_cost(), params.t_cost(), params.p_cost()),
            (MEMORY_KIB, PASSES, LANES)
        );
        assert_eq!(nobody.hash.unwrap().len(), Params::DEFAULT_OUTPUT_LEN);
    }

    #[tokio::test]
    async fn a_damaged_hash_is_a_fault_not_a_wrong_password() {
        let hasher = Argon2Hasher::new(Arc::new(SystemRandom));
        assert!(
            hasher
                .verify(password("x"), Some(PasswordHash::new("damaged".to_owned())))
                .await
                .is_err()
        );
    }
}
