use async_trait::async_trait;
use niangjia_domain::identity::ports::InvitationRepository;

use super::store::SqlTx;

#[async_trait]
impl InvitationRepository for SqlTx {}
