//! Unions as rows: a city's, and one of a district below it.

use chrono::{DateTime, Utc};
use niangjia_domain::kernel::id::UnionId;
use niangjia_infra::{sql::SqlStore, system::SystemRandom};
use sea_orm::{ConnectionTrait, Statement};

const INSERT: &str = "INSERT INTO unions (id, path, name, kind, district) \
                      VALUES ($1, $2, '市总工会', 'city', '370800')";

/// The city's union, stored.
pub async fn add_city_union(store: &SqlStore, now: DateTime<Utc>) -> UnionId {
    let union = UnionId::generate(now, &SystemRandom);
    let path = format!("/{}/", union.uuid().simple());
    let backend = store.writer().get_database_backend();
    let values = [union.uuid().into(), path.into()];
    let insert = Statement::from_sql_and_values(backend, INSERT, values);
    store.writer().execute_raw(insert).await.unwrap();
    union
}
