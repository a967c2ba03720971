mod callers;
mod tokens;

use niangjia_domain::{
    identity::sessions::{session::Session, token::AccessClaims},
    kernel::id::AccountId,
    store::Store,
};
use niangjia_infra::{sql::SqlStore, system::SystemRandom};

use super::now;

async fn opened(store: &SqlStore, account: AccountId) -> Session {
    let session = Session::open(account, now(), &SystemRandom);
    let mut tx = store.begin().await.unwrap();
    tx.sessions().insert(&session).await.unwrap();
    tx.commit().await.unwrap();
    session
}

fn claims(session: &Session) -> AccessClaims {
    AccessClaims {
        account_id: session.account_id,
        session_id: session.id,
    }
}
