use async_trait::async_trait;
use niangjia_domain::identity::ports::SessionRepository;

use super::store::SqlTx;

#[async_trait]
impl SessionRepository for SqlTx {}
