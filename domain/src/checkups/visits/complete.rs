//! Everything was examined: the year's check is used.

use super::duty::areas_on_duty;
use crate::{
    audit::Deed,
    checkups::{
        BookingView, CheckupError, CheckupService,
        bookings::cancel::{changed_meanwhile, place_of},
        news,
        ports::Completion,
    },
    kernel::{AccessError, Actor, id::BookingId},
};

impl CheckupService {
    pub async fn complete(
        &self,
        actor: &Actor,
        id: BookingId,
    ) -> Result<BookingView, CheckupError> {
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        let areas = areas_on_duty(&mut *tx, actor).await?;
        let booking = tx
            .bookings()
            .find_within(id, &areas)
            .await?
            .ok_or(AccessError::NotFound)?;
        let (slot, session) = place_of(&mut *tx, &booking).await?;
        let booking = booking.complete(now)?;
        match tx.bookings().complete(&booking).await? {
            Completion::Done => {}
            Completion::StateChanged => return Err(changed_meanwhile(&mut *tx, id).await?),
            Completion::YearTaken => {
                return Err(CheckupError::NotEligibleThisYear {
                    year: booking.eligibility.year,
                });
            }
        }
        let deed = Deed::new("checkup.completed", id).within(session.district);
        tx.audit()
            .append(deed.by(actor, now, self.foundation.random()))
            .await?;
        tx.outbox()
            .append(news::completed(&booking, now, self.foundation.random()))
            .await?;
        tx.commit().await?;
        Ok(BookingView::of(&booking, &slot, &session))
    }
}
