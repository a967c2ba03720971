//! From a donor's claim to thanks: the part of a wish's life that the worker can no longer change
//! (invariants W3, W7).

use super::*;

impl Wish {
    /// Says what [`WishRepository::take`](crate::wishes::ports::WishRepository::take) decides in one
    /// statement, and explains its refusals.
    pub fn claim(self, claim_id: WishClaimId, donor: &Donor) -> Result<Self, ClaimRefusal> {
        if !self.status().is_public() {
            return Err(ClaimRefusal::Hidden);
        }
        if donor.account_id == self.account_id || donor.person_id == Some(self.person_id) {
            return Err(ClaimRefusal::Own);
        }
        let WishState::Published { at } = self.state else {
            return Err(ClaimRefusal::Taken);
        };
        Ok(self.into_state(WishState::Claimed(Taken {
            published_at: at,
            claim_id,
        })))
    }

    /// The clock ran out; never while goods are under way (W6).
    pub fn lapse(self) -> Result<Self, InvalidTransition> {
        let WishState::Claimed(taken) = self.state else {
            return self.refuse();
        };
        Ok(self.into_state(WishState::Published {
            at: taken.published_at,
        }))
    }

    /// The donor gives up, also when the parcel will never come.
    pub fn release(self) -> Result<Self, InvalidTransition> {
        let (WishState::Claimed(taken) | WishState::InTransit(taken)) = self.state else {
            return self.refuse();
        };
        Ok(self.into_state(WishState::Published {
            at: taken.published_at,
        }))
    }

    pub fn dispatch(self) -> Result<Self, InvalidTransition> {
        let WishState::Claimed(taken) = self.state else {
            return self.refuse();
        };
        Ok(self.into_state(WishState::InTransit(taken)))
    }

    /// The parcel is at the station, sent or brought by hand.
    pub fn arrive(self, code: PickupCode, now: DateTime<Utc>) -> Result<Self, InvalidTransition> {
        let (WishState::Claimed(taken) | WishState::InTransit(taken)) = self.state else {
            return self.refuse();
        };
        Ok(self.into_state(WishState::AtStation {
            taken,
            arrived_at: now,
            pickup: Pickup::new(code),
        }))
    }

    /// Only the right code hands over; a wrong one is counted.
    pub fn hand_over(self, typed: &str, now: DateTime<Utc>) -> Result<Handover, InvalidTransition> {
        let WishState::AtStation {
            taken,
            arrived_at,
            ref pickup,
        } = self.state
        else {
            return self.refuse();
        };
        Ok(match pickup.guess(typed, now) {
            Guess::Right => {
                Handover::Done(self.into_state(WishState::HandedOver { taken, at: now }))
            }
            Guess::Wrong { pickup, left } => Handover::WrongCode {
                wish: self.into_state(WishState::AtStation {
                    taken,
                    arrived_at,
                    pickup,
                }),
                left,
            },
            Guess::Locked { until } => Handover::Locked { until },
        })
    }

    pub fn thank(self, thanks: Thanks) -> Result<Self, InvalidTransition> {
        let WishState::HandedOver { taken, at } = self.state else {
            return self.refuse();
        };
        Ok(self.into_state(WishState::Thanked {
            taken,
            handed_over_at: at,
            thanks,
        }))
    }
}
