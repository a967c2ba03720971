use async_trait::async_trait;
use niangjia_domain::vouchers::ports::VoucherRepository;

use super::store::SqlTx;

#[async_trait]
impl VoucherRepository for SqlTx {}
