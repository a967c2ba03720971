use async_trait::async_trait;
use niangjia_domain::checkups::ports::BookingRepository;

use super::store::SqlTx;

#[async_trait]
impl BookingRepository for SqlTx {}
