//! Claiming a voucher. Claims that arrive while a commit is under way are carried together by the
//! next one (`claim_group.rs`).

use serde::{Deserialize, Serialize};

use crate::{
    kernel::{Answer, Bearer, IdempotentRequest, id::VoucherBatchId},
    vouchers::{
        ClaimService, VoucherError,
        wallet::{list::VoucherView, voucher::Voucher},
    },
};

/// One claim on its way into a group.
#[derive(Debug, Clone)]
pub(crate) struct ClaimRequest {
    pub bearer: Bearer,
    pub request: IdempotentRequest,
    pub batch_id: VoucherBatchId,
}

/// What is kept of a claim: the voucher as issued. Its rules are frozen with the batch, so this
/// tells the first answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ClaimReceipt {
    pub voucher: Voucher,
}

impl ClaimService {
    /// Session, rights, standing, quota, budget and the person's numbered slots are decided by the
    /// database, in the transaction that carries the claim (invariants V1, V2, M9).
    pub async fn claim(
        &self,
        bearer: Bearer,
        request: IdempotentRequest,
        batch_id: VoucherBatchId,
    ) -> Result<Answer<VoucherView>, VoucherError> {
        if let Some(refusal) = self.sold_out.refusal(
            &self.public,
            bearer.account_id,
            batch_id,
            self.foundation.now(),
        ) {
            return Err(refusal);
        }
        self.group
            .submit(ClaimRequest {
                bearer,
                request,
                batch_id,
            })
            .await?
    }
}
