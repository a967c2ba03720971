use async_trait::async_trait;
use niangjia_domain::notices::ports::NoticeRepository;

use super::store::SqlTx;

#[async_trait]
impl NoticeRepository for SqlTx {}
