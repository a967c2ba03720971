use async_trait::async_trait;
use niangjia_domain::wishes::ports::WishRepository;

use super::store::SqlTx;

#[async_trait]
impl WishRepository for SqlTx {}
