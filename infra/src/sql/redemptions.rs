use async_trait::async_trait;
use niangjia_domain::vouchers::ports::RedemptionRepository;

use super::store::SqlTx;

#[async_trait]
impl RedemptionRepository for SqlTx {}
