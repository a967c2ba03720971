use async_trait::async_trait;
use niangjia_domain::membership::ports::RosterRepository;

use super::store::SqlTx;

#[async_trait]
impl RosterRepository for SqlTx {}
