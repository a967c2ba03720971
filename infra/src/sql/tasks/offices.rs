//! Who may hear of a task and be given one, from accounts and their grants.

use async_trait::async_trait;
use niangjia_domain::{
    identity::{accounts::ports::AccountRepository, staff::ports::GrantRepository},
    kernel::{
        Jurisdiction,
        id::{AccountId, PersonId},
    },
    store::StoreError,
    tasks::ports::{Office, OfficeRepository},
};
use sea_orm::{DbErr, QueryResult};
use uuid::Uuid;

use crate::sql::db::{error::store_error, store::SqlTx};

#[async_trait]
impl OfficeRepository for SqlTx {
    async fn cadres_of(
        &mut self,
        area: Jurisdiction,
    ) -> Result<Vec<(AccountId, Option<PersonId>)>, StoreError> {
        let (which, values) = match area {
            Jurisdiction::District(code) => (
                "g.role = 'cadre' AND g.district = $1",
                vec![code.to_string().into()],
            ),
            Jurisdiction::Union(id) => (
                "g.role = 'cadre' AND g.union_id = $1",
                vec![id.uuid().into()],
            ),
            Jurisdiction::Everywhere => (
                "g.role = 'admin' OR (g.role = 'cadre' AND g.district IS NULL AND g.union_id IS NULL)",
                Vec::new(),
            ),
        };
        let sql = format!(
            "SELECT DISTINCT a.id, a.person_id FROM account_grants g JOIN accounts a ON a.id = g.account_id \
             WHERE {which} ORDER BY a.id"
        );
        let cadre = |row: &QueryResult| -> Result<_, DbErr> {
            let person: Option<Uuid> = row.try_get("", "person_id")?;
            Ok((
                AccountId::from_uuid(row.try_get("", "id")?),
                person.map(PersonId::from_uuid),
            ))
        };
        self.rows(&sql, values)
            .await?
            .iter()
            .map(|row| cadre(row).map_err(store_error))
            .collect()
    }

    async fn office_of(&mut self, account: AccountId) -> Result<Office, StoreError> {
        let person = AccountRepository::person_of(self, account).await?;
        Ok((person, GrantRepository::of(self, account).await?))
    }
}
