use async_trait::async_trait;
use niangjia_domain::membership::ports::UnionRepository;

use super::store::SqlTx;

#[async_trait]
impl UnionRepository for SqlTx {}
