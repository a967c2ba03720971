//! What everybody may know of a draw: enough to run it again, and nothing about people.

use super::{Draw, DrawEntry, DrawService};
use crate::{
    kernel::{AccessError, Page, PageRequest, id::VoucherBatchId},
    vouchers::{VoucherError, batches::batch::Batch},
};

/// A draw and a page of its order; the order is empty until all of it is there.
#[derive(Debug, Clone)]
pub struct PublishedDraw {
    pub batch: Batch,
    pub draw: Draw,
    pub order: Page<DrawEntry>,
}

impl DrawService {
    pub async fn published(
        &self,
        batch_id: VoucherBatchId,
        page: PageRequest,
    ) -> Result<PublishedDraw, VoucherError> {
        let mut tx = self.foundation.read().await?;
        let batch = tx.voucher_batches().find_many(&[batch_id]).await?.pop();
        let batch = batch
            .filter(Batch::is_public)
            .ok_or(AccessError::NotFound)?;
        let draw = tx
            .draws()
            .find(batch_id)
            .await?
            .ok_or(AccessError::NotFound)?;
        let order = match draw.finished_at {
            Some(_) => tx.draws().list_ranked(batch_id, page).await?,
            None => Page {
                items: Vec::new(),
                next: None,
            },
        };
        Ok(PublishedDraw { batch, draw, order })
    }
}
