//! Claims, and scans at the station.

use chrono::TimeDelta;
use niangjia_domain::{
    kernel::id::RedemptionId,
    vouchers::{ScanAnswer, ScanRequest, codes::code::CodeStep},
};
use niangjia_tests::{actors::once, town::bearer};

use super::{Held, PastScan, World, told};
use crate::{said::Said, steps::Scanner};

impl World {
    pub(super) async fn claim(&mut self, account: usize, batch: usize) -> Said {
        let (holder, process) = (&self.accounts[account], &self.processes[account % 2]);
        match process
            .claims
            .claim(bearer(holder), once(holder), self.batches[batch].0)
            .await
        {
            Err(error) => Said::of(error),
            Ok(answer) => {
                let id = answer.value.voucher.id;
                let phone = process
                    .codes
                    .deliver_secret(holder, id, "phone-1")
                    .await
                    .unwrap();
                self.vouchers.push(Held {
                    id,
                    holder: holder.person_id.unwrap(),
                    phone,
                });
                Said::Issued
            }
        }
    }

    pub(super) async fn scan(&mut self, voucher: usize, scanner: Scanner) -> Said {
        let Some(held) = self.vouchers.get(voucher % self.vouchers.len().max(1)) else {
            return Said::Nothing;
        };
        let at = self.now() + TimeDelta::seconds(scanner.skew_seconds);
        let code = CodeStep::at(held.id, held.phone.device_no, at).payload(&held.phone.secret);
        self.present(code, scanner).await
    }

    pub(super) async fn replay(&mut self, scan: usize, scanner: Scanner) -> Said {
        let Some(past) = self.scans.get(scan % self.scans.len().max(1)) else {
            return Said::Nothing;
        };
        self.present(past.scan.code.clone(), scanner).await
    }

    pub(super) async fn present(&mut self, code: String, scanner: Scanner) -> Said {
        let staff = self.staff[scanner.at].clone();
        let scan = ScanRequest {
            scanned_at: Some(self.now() + TimeDelta::seconds(scanner.skew_seconds)),
            price_fen: scanner.price_fen,
            device_id: format!("scanner-{}", scanner.at),
            ..self.town.scan_of(code)
        };
        let request = once(&staff);
        let answer = self.processes[scanner.at]
            .scans
            .redeem(bearer(&staff), request.clone(), scan.clone())
            .await
            .unwrap();
        assert!(!answer.replayed);
        if let ScanAnswer::Accepted { scan, .. } = &answer.value {
            self.redemptions.push(scan.redemption_id);
        }
        self.scans.push(PastScan {
            staff,
            request,
            scan,
        });
        told(answer.value)
    }

    /// At the other process.
    pub(super) async fn rescan(&mut self, scan: usize) -> Said {
        let Some(past) = self.scans.get(scan % self.scans.len().max(1)) else {
            return Said::Nothing;
        };
        let answer = self.processes[scan % 2]
            .scans
            .redeem(bearer(&past.staff), past.request.clone(), past.scan.clone())
            .await
            .unwrap();
        assert!(answer.replayed);
        Said::Again(Box::new(told(answer.value)))
    }

    pub(super) fn redemption(&self, index: usize) -> Option<RedemptionId> {
        self.redemptions
            .get(index % self.redemptions.len().max(1))
            .copied()
    }

    pub(super) async fn annul(&self, redemption: usize) -> Said {
        let Some(id) = self.redemption(redemption) else {
            return Said::Nothing;
        };
        let done = self.processes[0]
            .scans
            .annul(&self.staff[1], id, "扫错了人")
            .await;
        done.map_or_else(Said::of, |_| Said::Annulled)
    }
}
