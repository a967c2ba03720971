use async_trait::async_trait;
use niangjia_domain::{
    kernel::id::PersonId,
    membership::{ports::MembershipRepository, standing::Standing},
    store::StoreError,
};

use super::store::SqlTx;

#[async_trait]
impl MembershipRepository for SqlTx {
    async fn standing_of(&mut self, _person: PersonId) -> Result<Option<Standing>, StoreError> {
        Ok(None)
    }
}
