use async_trait::async_trait;
use niangjia_domain::vouchers::ports::VoucherBatchRepository;

use super::store::SqlTx;

#[async_trait]
impl VoucherBatchRepository for SqlTx {}
