//! Booking a seat, and looking at one's bookings.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{
    booking::{Booking, BookingStatus, Wanted, eligibility_year},
    cancel::place_of,
    consent,
};
use crate::{
    audit::Deed,
    checkups::{
        BookingView, CheckupError, CheckupService, news,
        sessions::{session::CheckupSession, slot::Slot},
        visits::code::{CheckInCode, CodeHolder},
    },
    kernel::{
        AccessError, Actor, Answer, IdempotentRequest, Invalid, Page, PageRequest,
        id::{BookingId, PersonId, SlotId},
        idempotency::{first_answer, remember},
        invalid::FieldCheck,
    },
    membership::standing::StandingLevel,
    store::Tx,
};

/// What a worker asks for.
#[derive(Debug, Clone)]
pub struct BookSeat {
    pub slot_id: SlotId,
    pub package: Option<String>,
    pub consent_version: String,
}

/// A booking together with the code to show at the van, made at this moment and kept nowhere.
#[derive(Debug, Clone, PartialEq)]
pub struct Ticket {
    pub booking: BookingView,
    /// `None` when there is nothing to check in any more.
    pub code: Option<CheckInCode>,
}

impl CheckupService {
    /// Takes a seat for the caller's person. The seat is taken last: the slot's row is the one that
    /// everybody wants.
    pub async fn book(
        &self,
        actor: &Actor,
        request: &IdempotentRequest,
        wanted: BookSeat,
    ) -> Result<Answer<Ticket>, CheckupError> {
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        if let Some(first) =
            first_answer::<BookingView, CheckupError>(&mut *tx, request, now).await?
        {
            let person = actor.person_id.ok_or(CheckupError::NotAMember)?;
            return Ok(first.map(|booking| self.ticket(booking, person, now)));
        }
        let person = active_person(&mut *tx, actor).await?;
        let (slot, session) = open_slot(&mut *tx, wanted.slot_id, now).await?;
        require_eligible(&mut *tx, person, eligibility_year(session.date)).await?;
        let wanted = agreed(wanted, &session)?;
        let booking = Booking::new(
            &slot,
            &session,
            (person, actor.account_id),
            wanted,
            now,
            self.foundation.random(),
        );
        if !tx.bookings().add(&booking).await? {
            return Err(CheckupError::AlreadyBooked);
        }
        consent::record(&mut *tx, actor, now, self.foundation.random()).await?;
        let deed = Deed::new("checkup.booked", booking.id).within(session.district);
        let deed = deed.with(json!({ "slot": slot.id, "consentVersion": booking.consent.version }));
        tx.audit()
            .append(deed.by(actor, now, self.foundation.random()))
            .await?;
        tx.outbox()
            .append(news::booked(
                &booking,
                &slot,
                &session,
                now,
                self.foundation.random(),
            ))
            .await?;
        let answer = remember(
            &mut *tx,
            request,
            BookingView::of(&booking, &slot, &session),
        )
        .await?;
        if !tx.campaigns().take_seat(slot.id, now).await? {
            return Err(CheckupError::SlotFull);
        }
        tx.commit().await?;
        Ok(answer.map(|booking| self.ticket(booking, person, now)))
    }

    /// The caller's bookings, newest first, each live one with a fresh code.
    pub async fn bookings_of(
        &self,
        actor: &Actor,
        page: PageRequest,
    ) -> Result<Page<Ticket>, CheckupError> {
        let Some(person) = actor.person_id else {
            return Ok(Page {
                items: Vec::new(),
                next: None,
            });
        };
        let now = self.foundation.now();
        let page = self
            .foundation
            .read()
            .await?
            .bookings()
            .list_of(person, page)
            .await?;
        Ok(page.map(|booking| self.ticket(booking, person, now)))
    }

    /// One of the caller's bookings.
    pub async fn booking_of(&self, actor: &Actor, id: BookingId) -> Result<Ticket, CheckupError> {
        let person = actor.person_id.ok_or(AccessError::NotFound)?;
        let mut tx = self.foundation.read().await?;
        let booking = tx
            .bookings()
            .find_of(person, id)
            .await?
            .ok_or(AccessError::NotFound)?;
        let (slot, session) = place_of(&mut *tx, &booking).await?;
        Ok(self.ticket(
            BookingView::of(&booking, &slot, &session),
            person,
            self.foundation.now(),
        ))
    }

    fn ticket(&self, booking: BookingView, person: PersonId, now: DateTime<Utc>) -> Ticket {
        let live = booking.status == BookingStatus::Booked;
        let bearer = CodeHolder {
            booking_id: booking.id,
            person_id: person,
            session_id: booking.session.id,
        };
        let code = live.then(|| self.codes.issue(&bearer, now));
        Ticket { booking, code }
    }
}

/// Health checks are for people whom a grass-roots union has accepted; standing is read live (M9).
async fn active_person(tx: &mut dyn Tx, actor: &Actor) -> Result<PersonId, CheckupError> {
    let person = actor.person_id.ok_or(CheckupError::NotAMember)?;
    match tx.memberships().standing_of(person).await? {
        None => Err(CheckupError::NotAMember),
        Some(standing) => match standing.level {
            StandingLevel::Provisional => Err(CheckupError::InThePool),
            StandingLevel::Active => Ok(person),
        },
    }
}

async fn open_slot(
    tx: &mut dyn Tx,
    id: SlotId,
    now: DateTime<Utc>,
) -> Result<(Slot, CheckupSession), CheckupError> {
    let slot = tx
        .campaigns()
        .find_slot(id)
        .await?
        .ok_or(AccessError::NotFound)?;
    let session = tx
        .campaigns()
        .find_session(slot.session_id)
        .await?
        .ok_or(AccessError::NotFound)?;
    if now >= slot.ends_at {
        Err(CheckupError::SlotOver)
    } else {
        Ok((slot, session))
    }
}

/// No second check in an eligibility year (B2). The unique index on completed checks has the last
/// word.
pub(crate) async fn require_eligible(
    tx: &mut dyn Tx,
    person: PersonId,
    year: i32,
) -> Result<(), CheckupError> {
    let had_one = tx.bookings().has_completed(person, year).await?;
    if had_one {
        Err(CheckupError::NotEligibleThisYear { year })
    } else {
        Ok(())
    }
}

fn agreed(wanted: BookSeat, session: &CheckupSession) -> Result<Wanted, Invalid> {
    let mut check = FieldCheck::default();
    check.take(consent::require_current(&wanted.consent_version));
    let package = check.take(session.choose_package(wanted.package));
    check.finish()?;
    Ok(Wanted {
        package: package.flatten(),
        consent_version: wanted.consent_version,
    })
}
