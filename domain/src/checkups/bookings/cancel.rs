//! Giving a seat back, up to a day before.

use super::booking::Booking;
use crate::{
    audit::Deed,
    checkups::{
        BookingView, CheckupError, CheckupService, news,
        sessions::{session::CheckupSession, slot::Slot},
    },
    kernel::{AccessError, Actor, id::BookingId},
    store::{StoreError, Tx},
};

impl CheckupService {
    pub async fn cancel(&self, actor: &Actor, id: BookingId) -> Result<BookingView, CheckupError> {
        let person = actor.person_id.ok_or(AccessError::NotFound)?;
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        let booking = tx
            .bookings()
            .find_of(person, id)
            .await?
            .ok_or(AccessError::NotFound)?;
        let (slot, session) = place_of(&mut *tx, &booking).await?;
        let from = booking.state.status();
        let booking = booking.cancel(slot.starts_at, now)?;
        if !tx.bookings().save(&booking, from).await? {
            return Err(changed_meanwhile(&mut *tx, id).await?);
        }
        if !tx.campaigns().free_seat(slot.id).await? {
            return Err(StoreError::Corrupt {
                table: "checkup_slots",
                id: slot.id.to_string(),
            }
            .into());
        }
        let deed = Deed::new("checkup.cancelled", id).within(session.district);
        tx.audit()
            .append(deed.by(actor, now, self.foundation.random()))
            .await?;
        tx.outbox()
            .append(news::cancelled(
                &booking,
                &slot,
                &session,
                now,
                self.foundation.random(),
            ))
            .await?;
        tx.commit().await?;
        Ok(BookingView::of(&booking, &slot, &session))
    }
}

/// Where and when a booking is. Both exist: foreign keys say so.
pub(crate) async fn place_of(
    tx: &mut dyn Tx,
    booking: &Booking,
) -> Result<(Slot, CheckupSession), CheckupError> {
    let slot = tx
        .campaigns()
        .find_slot(booking.slot_id)
        .await?
        .ok_or(AccessError::NotFound)?;
    let session = tx
        .campaigns()
        .find_session(booking.session_id)
        .await?
        .ok_or(AccessError::NotFound)?;
    Ok((slot, session))
}

/// The refusal for a booking that somebody else changed between our reading and our writing.
pub(crate) async fn changed_meanwhile(
    tx: &mut dyn Tx,
    id: BookingId,
) -> Result<CheckupError, CheckupError> {
    let booking = tx.bookings().find(id).await?.ok_or(AccessError::NotFound)?;
    Ok(CheckupError::WrongState {
        is: booking.state.status(),
    })
}
