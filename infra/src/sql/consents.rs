use async_trait::async_trait;
use niangjia_domain::membership::ports::ConsentRepository;

use super::store::SqlTx;

#[async_trait]
impl ConsentRepository for SqlTx {}
