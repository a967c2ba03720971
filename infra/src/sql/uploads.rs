use async_trait::async_trait;
use niangjia_domain::uploads::ports::UploadRepository;

use super::store::SqlTx;

#[async_trait]
impl UploadRepository for SqlTx {}
