//! Contract of the identity repositories.

mod accounts;
mod credentials;
mod grants;
mod invitations;
mod sessions;

use chrono::{DateTime, Utc};
use niangjia_domain::{
    identity::{Account, Username, accounts::account::AccountKind},
    kernel::{Clock, id::AccountId},
    store::Store,
};
use niangjia_infra::{
    sql::SqlStore,
    system::{SystemClock, SystemRandom},
};

fn now() -> DateTime<Utc> {
    SystemClock.now()
}

fn account(username: Option<&str>) -> Account {
    let kind = if username.is_some() {
        AccountKind::BackOffice
    } else {
        AccountKind::Wechat
    };
    let username = username.map(|name| Username::parse(name).unwrap());
    let id = AccountId::generate(now(), &SystemRandom);
    Account {
        id,
        kind,
        username,
        nickname: Some("小李".to_owned()),
        phone: None,
        person_id: None,
        created_at: now(),
    }
}

/// A stored WeChat account.
async fn stored(store: &SqlStore, openid: &str) -> AccountId {
    let account = account(None);
    let mut tx = store.begin().await.unwrap();
    assert!(tx.accounts().insert(&account, Some(openid)).await.unwrap());
    tx.commit().await.unwrap();
    account.id
}
