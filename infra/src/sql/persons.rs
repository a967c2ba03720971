use async_trait::async_trait;
use niangjia_domain::membership::ports::PersonRepository;

use super::store::SqlTx;

#[async_trait]
impl PersonRepository for SqlTx {}
