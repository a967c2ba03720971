mod failures;
mod secrets;

use niangjia_domain::{
    identity::{Username, sessions::credential::PasswordHash},
    kernel::id::AccountId,
    store::Store,
};
use niangjia_infra::sql::SqlStore;

use super::{account, now};

fn name(text: &str) -> Username {
    Username::parse(text).unwrap()
}

/// A back-office account with a credential.
async fn cadre(store: &SqlStore) -> AccountId {
    let account = account(Some("cadre"));
    let mut tx = store.begin().await.unwrap();
    assert!(tx.accounts().insert(&account, None).await.unwrap());
    let hash = PasswordHash::new("$argon2id$…".to_owned());
    tx.credentials()
        .insert(account.id, &hash, now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    account.id
}
