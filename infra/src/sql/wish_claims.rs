use async_trait::async_trait;
use niangjia_domain::wishes::ports::WishClaimRepository;

use super::store::SqlTx;

#[async_trait]
impl WishClaimRepository for SqlTx {}
