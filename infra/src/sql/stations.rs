use async_trait::async_trait;
use niangjia_domain::stations::ports::StationRepository;

use super::store::SqlTx;

#[async_trait]
impl StationRepository for SqlTx {}
