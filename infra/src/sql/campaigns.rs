use async_trait::async_trait;
use niangjia_domain::checkups::ports::CampaignRepository;

use super::store::SqlTx;

#[async_trait]
impl CampaignRepository for SqlTx {}
