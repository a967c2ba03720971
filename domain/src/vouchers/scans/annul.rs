//! Undoing a mistaken scan: same station, within fifteen minutes, with a reason (invariant V9).
//! Voucher, meal and budget are as before; the used code stays used.

use chrono::NaiveDate;
use serde_json::json;

use super::redemption::Redemption;
use crate::{
    audit::Deed,
    kernel::{
        AccessError, Actor, Page, PageRequest,
        id::{RedemptionId, StationId},
        values::{local_time, text},
    },
    outbox::OutboxEvent,
    store::Tx,
    vouchers::{ScanService, VoucherError, collusion::tell::drop_review, news},
};

impl ScanService {
    pub async fn annul(
        &self,
        actor: &Actor,
        id: RedemptionId,
        reason: &str,
    ) -> Result<Redemption, VoucherError> {
        let stations = actor.require_staff()?;
        let reason = text::line("reason", reason, 2, 100)?;
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        let live = tx
            .redemptions()
            .find_at(id, &stations)
            .await?
            .ok_or(AccessError::NotFound)?;
        let annulled = live.annul(actor.account_id, reason, now)?;
        drop_review(&mut *tx, id, now).await?;
        if !tx.redemptions().annul(&annulled).await? {
            // Somebody else annulled or settled it meanwhile.
            let meanwhile = tx
                .redemptions()
                .find_at(id, &stations)
                .await?
                .ok_or(AccessError::NotFound)?;
            meanwhile.annul(actor.account_id, String::new(), now)?;
            return Err(VoucherError::AnnulmentTooLate);
        }
        let station = tx
            .stations()
            .find(annulled.station_id)
            .await?
            .ok_or(AccessError::NotFound)?;
        let deed = Deed::new("redemption.annulled", id)
            .within(station.district)
            .with(json!({ "station": station.id }));
        tx.audit()
            .append(deed.by(actor, now, self.foundation.random()))
            .await?;
        self.tell_holder(&mut *tx, &annulled).await?;
        tx.commit().await?;
        Ok(annulled)
    }

    async fn tell_holder(
        &self,
        tx: &mut dyn Tx,
        annulled: &Redemption,
    ) -> Result<(), VoucherError> {
        let vouchers = tx.vouchers().find_many(&[annulled.voucher_id]).await?;
        let Some(voucher) = vouchers.into_iter().next() else {
            return Ok(());
        };
        let event = OutboxEvent::to(voucher.account_id)
            .template(&news::ANNULLED)
            .about(voucher.id)
            .at(self.foundation.now(), self.foundation.random());
        tx.outbox().append(event).await?;
        Ok(())
    }

    /// A station's day, for its own staff; today when no date is given. Another station's is not
    /// found.
    pub async fn redemptions_at(
        &self,
        actor: &Actor,
        station: StationId,
        day: Option<NaiveDate>,
        page: PageRequest,
    ) -> Result<Page<Redemption>, VoucherError> {
        if !actor.require_staff()?.contains(&station) {
            return Err(AccessError::NotFound.into());
        }
        let day = day.unwrap_or_else(|| local_time::date_of(self.foundation.now()));
        Ok(self
            .foundation
            .read()
            .await?
            .redemptions()
            .list_at(station, day, page)
            .await?)
    }
}
