//! The scan that starts a visit (invariant B7). The person's name is looked up for the answer and
//! kept nowhere.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    code::{CLOCK_TOLERANCE, Claimed},
    duty::areas_on_duty,
};
use crate::{
    audit::Deed,
    checkups::{
        BookingView, CheckupError, CheckupService,
        bookings::{
            book::require_eligible,
            booking::{Booking, Visit},
            cancel::{changed_meanwhile, place_of},
            consent,
        },
        sessions::session::CheckupSession,
    },
    kernel::{
        AccessError, Actor, Answer, IdempotentRequest,
        id::{BookingId, CheckupSessionId},
        idempotency::{first_answer, remember},
    },
    store::Tx,
};

/// How long after the scan a van that had no network may still report it.
const LATE_UPLOAD: TimeDelta = TimeDelta::hours(72);

/// What the scanner sends.
#[derive(Debug, Clone)]
pub struct CheckIn {
    pub code: String,
    pub session_id: CheckupSessionId,
    /// Absent: now.
    pub scanned_at: Option<DateTime<Utc>>,
}

/// The visit that a scan started.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckInView {
    pub booking: BookingView,
    /// Time of the first scan.
    pub checked_in_at: DateTime<Utc>,
    /// An earlier scan had started this visit; its result is given again.
    pub repeated: bool,
}

/// What staff see: the visit, and enough of a name to ask whether this is the right person.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckInReceipt {
    pub visit: CheckInView,
    /// `张**`
    pub name_masked: String,
}

impl CheckupService {
    /// Starts the visit of the code's bearer. A second scan of the same person gets the first one's
    /// result.
    pub async fn check_in(
        &self,
        actor: &Actor,
        request: &IdempotentRequest,
        scan: CheckIn,
    ) -> Result<Answer<CheckInReceipt>, CheckupError> {
        let answer = self.scan(actor, request, scan).await?;
        let name_masked = self.name_masked(answer.value.booking.id).await?;
        Ok(answer.map(|visit| CheckInReceipt { visit, name_masked }))
    }

    async fn name_masked(&self, id: BookingId) -> Result<String, CheckupError> {
        let mut tx = self.foundation.read().await?;
        let booking = tx.bookings().find(id).await?.ok_or(AccessError::NotFound)?;
        let person = tx
            .persons()
            .find(booking.person_id)
            .await?
            .ok_or(AccessError::NotFound)?;
        Ok(person.name_masked())
    }

    async fn scan(
        &self,
        actor: &Actor,
        request: &IdempotentRequest,
        scan: CheckIn,
    ) -> Result<Answer<CheckInView>, CheckupError> {
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        if let Some(first) =
            first_answer::<CheckInView, CheckupError>(&mut *tx, request, now).await?
        {
            return Ok(first);
        }
        let areas = areas_on_duty(&mut *tx, actor).await?;
        let session = tx
            .campaigns()
            .find_session_within(scan.session_id, &areas)
            .await?;
        let session = session.ok_or(AccessError::NotFound)?;
        let (claimed, booking) = self.bearer_of(&mut *tx, &scan.code, &session).await?;
        let view = match booking.state.visit().copied() {
            Some(first) => view(&mut *tx, &booking, first, true).await?,
            None => {
                let visit = Visit {
                    at: event_time(scan.scanned_at, now)?,
                    scanned_by: actor.account_id,
                };
                self.start(&mut *tx, actor, (claimed, booking), &session, visit)
                    .await?
            }
        };
        let answer = remember(&mut *tx, request, view).await?;
        tx.commit().await?;
        Ok(answer)
    }

    /// The booking behind a genuine code for this session.
    async fn bearer_of(
        &self,
        tx: &mut dyn Tx,
        code: &str,
        session: &CheckupSession,
    ) -> Result<(Claimed, Booking), CheckupError> {
        let claimed = Claimed::read(code)?;
        let booking = tx
            .bookings()
            .find(claimed.booking_id)
            .await?
            .ok_or(CheckupError::CodeInvalid)?;
        self.codes.verify(&claimed, &booking.bearer())?;
        if booking.session_id == session.id {
            Ok((claimed, booking))
        } else {
            Err(CheckupError::WrongSession)
        }
    }

    async fn start(
        &self,
        tx: &mut dyn Tx,
        actor: &Actor,
        (claimed, booking): (Claimed, Booking),
        session: &CheckupSession,
        visit: Visit,
    ) -> Result<CheckInView, CheckupError> {
        let (id, from) = (booking.id, booking.state.status());
        let booking = booking.check_in(visit)?;
        if !claimed.is_fresh_at(visit.at) {
            return Err(CheckupError::CodeExpired);
        }
        if !session.takes_check_ins_at(visit.at) {
            return Err(CheckupError::CheckInClosed);
        }
        consent::require_in_force(tx, booking.account_id).await?;
        require_eligible(tx, booking.person_id, booking.eligibility.year).await?;
        if !tx.bookings().save(&booking, from).await? {
            return self.outrun(tx, &booking).await;
        }
        let deed = Deed::new("checkup.checked_in", id).within(session.district);
        let deed = deed.with(json!({ "scannedAt": visit.at }));
        tx.audit()
            .append(deed.by(actor, self.foundation.now(), self.foundation.random()))
            .await?;
        view(tx, &booking, visit, false).await
    }

    /// Another scan was first while this one was on its way: its result counts.
    async fn outrun(
        &self,
        tx: &mut dyn Tx,
        booking: &Booking,
    ) -> Result<CheckInView, CheckupError> {
        let current = tx
            .bookings()
            .find(booking.id)
            .await?
            .ok_or(AccessError::NotFound)?;
        match current.state.visit().copied() {
            Some(first) => view(tx, &current, first, true).await,
            None => Err(changed_meanwhile(tx, booking.id).await?),
        }
    }
}

async fn view(
    tx: &mut dyn Tx,
    booking: &Booking,
    visit: Visit,
    repeated: bool,
) -> Result<CheckInView, CheckupError> {
    let (slot, session) = place_of(tx, booking).await?;
    Ok(CheckInView {
        booking: BookingView::of(booking, &slot, &session),
        checked_in_at: visit.at,
        repeated,
    })
}

/// When the scan happened: now, or when the van says, if that can be.
fn event_time(
    scanned_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, CheckupError> {
    let at = scanned_at.unwrap_or(now);
    let possible = (now - LATE_UPLOAD..=now + CLOCK_TOLERANCE).contains(&at);
    if possible {
        Ok(at)
    } else {
        Err(CheckupError::ClockSkew)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::checkups::fixtures::utc;

    #[rstest]
    #[case::unsaid(None, true)]
    #[case::three_days_ago(Some("2026-05-30T01:00:00Z"), true)]
    #[case::longer_ago(Some("2026-05-30T00:59:59Z"), false)]
    #[case::clock_ahead(Some("2026-06-02T01:05:00Z"), true)]
    #[case::future(Some("2026-06-02T01:05:01Z"), false)]
    fn a_scan_happened_when_it_can_have(#[case] scanned_at: Option<&str>, #[case] possible: bool) {
        assert_eq!(
            event_time(scanned_at.map(utc), utc("2026-06-02T01:00:00Z")).is_ok(),
            possible
        );
    }
}
