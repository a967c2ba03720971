//! One walk over all batches, a page at a time: memory stays the same however many there are.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{
    Contradiction, Difference, ReconciliationService, Report, Stray,
    ports::{BatchRange, Contradicting},
};
use crate::{store::Tx, vouchers::VoucherError};

/// Batches looked at by one statement.
const PAGE: u64 = 50;
/// Codes of scans this young are certainly still kept.
const RECENT: TimeDelta = TimeDelta::minutes(50);

impl ReconciliationService {
    /// Reads only. Each equation is seen at one instant, so work that goes on meanwhile makes no
    /// difference.
    pub async fn check(&self) -> Result<Report, VoucherError> {
        let now = self.foundation.now();
        let mut report = Report::new(now);
        let mut tx = self.foundation.read_long().await?;
        let mut after = Uuid::nil();
        while let Some(last) = look_at_page(&mut *tx, after, now, &mut report).await? {
            after = last;
        }
        for what in Stray::ALL {
            let left = tx.reconciliations().stray(what).await?;
            if left != 0 {
                let equation = what.equation().to_owned();
                report.add(Difference {
                    batch_id: None,
                    equation,
                    left,
                    right: 0,
                    example: None,
                });
            }
        }
        Ok(report)
    }
}

/// Returns where the next page begins.
async fn look_at_page(
    tx: &mut dyn Tx,
    after: Uuid,
    now: DateTime<Utc>,
    report: &mut Report,
) -> Result<Option<Uuid>, VoucherError> {
    let tallies = tx.reconciliations().tallies(after, PAGE, now).await?;
    let next = match tallies.last() {
        Some((last, _)) if tallies.len() as u64 == PAGE => Some(last.uuid()),
        _ => None,
    };
    for (batch, tally) in &tallies {
        report.count(*batch, tally);
    }
    let range = BatchRange {
        after,
        to: next.unwrap_or(Uuid::max()),
    };
    for what in Contradiction::ALL {
        for Contradicting {
            batch_id,
            rows,
            example,
        } in tx
            .reconciliations()
            .contradicting(what, range, now - RECENT)
            .await?
        {
            let (equation, example) = (what.equation().to_owned(), Some(what.example(example)));
            report.add(Difference {
                batch_id: Some(batch_id),
                equation,
                left: rows,
                right: 0,
                example,
            });
        }
    }
    Ok(next)
}
