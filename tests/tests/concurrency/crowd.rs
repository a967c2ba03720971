//! Many callers on two sides, stores with pools of their own or processes, and the careless one
//! that controls use.

use std::{future::Future, sync::Arc};

use niangjia_infra::sql::SqlStore;
use sea_orm::{ConnectionTrait, Statement, Value};
use tokio::sync::Barrier;

pub const CALLERS: usize = 24;

/// Runs all callers at once, every other one on the second side; counts those that succeeded.
pub async fn storm<S, F>(sides: [&S; 2], call: impl Fn(usize, S) -> F) -> usize
where
    S: Clone,
    F: Future<Output = bool> + Send + 'static,
{
    let callers: Vec<_> = (0..CALLERS)
        .map(|n| tokio::spawn(call(n, sides[n % 2].clone())))
        .collect();
    let mut succeeded = 0;
    for caller in callers {
        succeeded += usize::from(caller.await.unwrap());
    }
    succeeded
}

/// What a careless developer would write: look, then act. The barrier makes sure that all look
/// before one acts.
pub async fn act_carelessly(
    store: SqlStore,
    look: String,
    limit: i64,
    looked: Arc<Barrier>,
    act: &str,
    values: Vec<Value>,
) -> bool {
    let connection = store.writer();
    let backend = connection.get_database_backend();
    let row = connection
        .query_one_raw(Statement::from_string(backend, look))
        .await
        .unwrap()
        .unwrap();
    let taken: i64 = row.try_get_by_index(0).unwrap();
    looked.wait().await;
    if taken < limit {
        connection
            .execute_raw(Statement::from_sql_and_values(backend, act, values))
            .await
            .unwrap();
    }
    taken < limit
}
