//! The queue of disputed scans, and a cadre's word on each.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{
    dispute::{Decided, DisputeState, DisputedScan},
    tell::DISPUTED_SCAN,
};
use crate::{
    audit::Deed,
    kernel::{
        AccessError, Actor, Grant, Invalid, Page, PageRequest,
        id::{AdjustmentId, DisputedScanId, RedemptionId},
        values::text,
    },
    settlements::adjustments::adjustment::{Adjustment, Cause, book_adjustment},
    store::{StoreError, Tx},
    tasks::{Closing, TaskDecision, close, unchanged},
    vouchers::{
        batches::batch::Officer,
        codes::code::ScannedCode,
        offline::{OfflineError, OfflineService, ports::DisputeFilter},
        scans::{
            accept::admit,
            scan::{Scan, Way},
        },
    },
};

/// What a cadre decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    /// The station served in good faith: it is paid by an adjustment.
    Honour,
    /// The station bears it.
    Reject,
    /// The conflict may be gone, after an annulment or an answer from the union: judge it again.
    /// Neither the day's cap nor the registry of devices binds a cadre.
    Retry,
}

impl Resolution {
    /// A word as it was sent.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let mut all = [Self::Honour, Self::Reject, Self::Retry].into_iter();
        let unknown = || {
            let mend = "请选择认可、驳回或重新核验";
            Invalid::field("resolution", "resolution_unknown", mend)
        };
        all.find(|resolution| resolution.word() == text)
            .ok_or_else(unknown)
    }

    /// As it is asked for.
    const fn word(self) -> &'static str {
        match self {
            Self::Honour => "honour",
            Self::Reject => "reject",
            Self::Retry => "retry",
        }
    }
}

impl OfflineService {
    pub async fn disputes(
        &self,
        actor: &Actor,
        filter: DisputeFilter,
        page: PageRequest,
    ) -> Result<Page<DisputedScan>, OfflineError> {
        let area = actor.require_reader()?;
        Ok(self
            .foundation
            .read()
            .await?
            .disputed_scans()
            .list(&area, filter, page)
            .await?)
    }

    /// `revision` is that of the scan which the cadre saw (R5).
    pub async fn resolve(
        &self,
        actor: &Actor,
        id: DisputedScanId,
        resolution: Resolution,
        reason: &str,
        revision: i64,
    ) -> Result<DisputedScan, OfflineError> {
        let area = actor.require_cadre()?;
        let reason = text::line("reason", reason, 2, 100)?;
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        let open = tx
            .disputed_scans()
            .find_within(id, &area)
            .await?
            .ok_or(AccessError::NotFound)?;
        unchanged(revision, open.revision())?;
        if open.state != DisputeState::Open {
            return Err(OfflineError::AlreadyResolved);
        }
        let ruling = TaskDecision {
            kind: DISPUTED_SCAN,
            subject: id.to_string(),
            word: resolution.word(),
            approves: resolution != Resolution::Reject,
        };
        match close::decide(&mut *tx, self.foundation.random(), actor, &ruling, now).await? {
            Closing::Decided => {}
            Closing::WaitsForSecondPerson => {
                tx.commit().await?;
                return Ok(open);
            }
        }
        let decided = Decided {
            at: now,
            by: actor.account_id,
            reason,
        };
        let state = match resolution {
            Resolution::Honour => DisputeState::Honoured(decided),
            Resolution::Reject => DisputeState::Rejected(decided),
            Resolution::Retry => {
                let redemption = self.judge_again(&mut *tx, actor, &open, now).await?;
                DisputeState::Redeemed(decided, redemption)
            }
        };
        let resolved = open.resolve(state)?;
        if !tx.disputed_scans().resolve(&resolved).await? {
            return Err(OfflineError::AlreadyResolved);
        }
        if resolution == Resolution::Honour {
            self.pay(&mut *tx, actor, &resolved, now).await?;
        }
        self.note_resolution(&mut *tx, actor, &resolved, now)
            .await?;
        tx.commit().await?;
        Ok(resolved)
    }

    async fn pay(
        &self,
        tx: &mut dyn Tx,
        actor: &Actor,
        scan: &DisputedScan,
        now: DateTime<Utc>,
    ) -> Result<(), OfflineError> {
        let claimed = scan.claimed.ok_or(OfflineError::NothingToHonour)?;
        let DisputeState::Honoured(Decided { reason, .. }) = &scan.state else {
            return Ok(());
        };
        let adjustment = Adjustment {
            id: AdjustmentId::generate(now, self.foundation.random()),
            station_id: scan.station_id,
            batch_id: claimed.batch_id,
            amount_fen: claimed.amount.get(),
            cause: Cause::DisputedScan(scan.id),
            reason: reason.clone(),
            made_by: Officer::of(actor),
            made_at: now,
        };
        Ok(book_adjustment(tx, &adjustment).await?)
    }

    /// As the staff who uploaded it, whom the redemption names; that a cadre asked is on record
    /// beside it.
    async fn judge_again(
        &self,
        tx: &mut dyn Tx,
        actor: &Actor,
        open: &DisputedScan,
        now: DateTime<Utc>,
    ) -> Result<RedemptionId, OfflineError> {
        let grants = vec![Grant::StationStaff(open.station_id)];
        let staff = Actor {
            account_id: open.staff_id,
            grants,
            ..actor.clone()
        };
        let device = tx
            .station_devices()
            .find(open.device)
            .await?
            .ok_or(OfflineError::DeviceUnknown)?;
        let scan = Scan {
            actor: &staff,
            scan_id: &open.scan_id,
            code: ScannedCode::parse(&open.code),
            station_id: open.station_id,
            device_id: device.device_id,
            way: Way::Uploaded,
            at: open.scanned_at,
            now,
            price: open.price,
        };
        let verdict = admit(tx, self.foundation.random(), std::slice::from_ref(&scan))
            .await?
            .into_iter()
            .next();
        let undecided = || StoreError::Conflict {
            constraint: "redemptions".to_owned(),
        };
        Ok(verdict
            .ok_or_else(undecided)?
            .map_err(|refused| OfflineError::StillDisputed(refused.reason))?
            .redemption_id)
    }

    async fn note_resolution(
        &self,
        tx: &mut dyn Tx,
        actor: &Actor,
        resolved: &DisputedScan,
        now: DateTime<Utc>,
    ) -> Result<(), OfflineError> {
        let place = tx
            .stations()
            .find(resolved.station_id)
            .await?
            .ok_or(AccessError::NotFound)?;
        let deed = Deed::new("disputed_scan.resolved", resolved.id).within(place.district);
        let deed = deed
            .with(json!({ "as": resolved.status().code(), "reason": resolved.reason.as_str() }));
        tx.audit()
            .append(deed.by(actor, now, self.foundation.random()))
            .await?;
        Ok(())
    }
}
