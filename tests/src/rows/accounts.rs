//! WeChat accounts as rows, each a new one.

use chrono::{DateTime, Utc};
use niangjia_domain::{
    identity::{Account, accounts::account::AccountKind},
    kernel::id::AccountId,
    store::Store,
};
use niangjia_infra::system::SystemRandom;

/// Of somebody about whom nobody knows anything; not stored yet.
pub fn wechat_account(now: DateTime<Utc>) -> Account {
    Account {
        id: AccountId::generate(now, &SystemRandom),
        kind: AccountKind::Wechat,
        username: None,
        nickname: None,
        phone: None,
        person_id: None,
        created_at: now,
    }
}

/// The same, stored under an openid of its own.
pub async fn add_account(store: &dyn Store, now: DateTime<Utc>) -> AccountId {
    let account = wechat_account(now);
    let openid = account.id.to_string();
    let mut tx = store.begin().await.unwrap();
    assert!(tx.accounts().insert(&account, Some(&openid)).await.unwrap());
    tx.commit().await.unwrap();
    account.id
}
