use async_trait::async_trait;
use niangjia_domain::identity::ports::AccountRepository;

use super::store::SqlTx;

#[async_trait]
impl AccountRepository for SqlTx {}
