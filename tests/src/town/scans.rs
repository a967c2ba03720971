//! Scans at the station.

use chrono::TimeDelta;
use niangjia_domain::{
    kernel::{
        Actor, Answer, IdempotentRequest,
        id::{RedemptionId, VoucherBatchId, VoucherId},
    },
    vouchers::{AcceptedScan, ScanAnswer, ScanRequest, scans::refusal::Refusal},
};

use super::Town;
use crate::actors::once;

impl Town {
    pub fn scan_of(&self, code: impl Into<String>) -> ScanRequest {
        ScanRequest {
            code: code.into(),
            station_id: self.station.id,
            device_id: "scanner-1".to_owned(),
            scanned_at: None,
            price_fen: None,
        }
    }

    /// Scans with a new scan id.
    pub async fn scan(&self, scan: ScanRequest) -> ScanAnswer {
        self.scan_again(&once(&self.staff), scan).await.value
    }

    pub async fn scan_again(
        &self,
        id: &IdempotentRequest,
        scan: ScanRequest,
    ) -> Answer<ScanAnswer> {
        let staff = self.sign_in(&self.staff).await;
        let redeemed = self.services.vouchers.scans.redeem(staff, id.clone(), scan);
        redeemed.await.unwrap()
    }

    /// The holder shows a fresh code and it is scanned.
    pub async fn redeem(&self, worker: &Actor, voucher: VoucherId) -> ScanAnswer {
        // A later step, because the present one may be burnt.
        self.clock.advance(TimeDelta::seconds(30));
        let code = self.payload(worker, voucher).await;
        self.scan(self.scan_of(code)).await
    }

    /// Ten people show their phones within nine seconds, and the staff member types the face value
    /// each time.
    pub async fn burst(&self, batch: VoucherBatchId) -> Vec<RedemptionId> {
        let mut codes = Vec::new();
        for _ in 0..10 {
            let (worker, voucher) = self.holder(batch).await;
            codes.push(self.payload(&worker, voucher).await);
        }
        let mut ids = Vec::new();
        for code in codes {
            let scan = ScanRequest {
                price_fen: Some(1_500),
                ..self.scan_of(code)
            };
            ids.push(self.scan(scan).await.accepted().redemption_id);
            self.clock.advance(TimeDelta::seconds(1));
        }
        ids
    }
}

/// Shorthands for what a test expects.
pub trait ScanExt {
    fn accepted(self) -> AcceptedScan;
    fn refused(self) -> Refusal;
}

impl ScanExt for ScanAnswer {
    fn accepted(self) -> AcceptedScan {
        match self {
            Self::Accepted { scan, .. } => scan,
            Self::Refused { reason, .. } => panic!("refused: {reason:?}"),
        }
    }

    fn refused(self) -> Refusal {
        match self {
            Self::Refused { reason, .. } => reason,
            Self::Accepted { .. } => panic!("accepted"),
        }
    }
}
