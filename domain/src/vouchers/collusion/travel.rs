//! One holder at two stations, farther apart than the time between allows.
//!
//! An online scan is timed by our clock. One that was uploaded later is timed by its device, which
//! may be five minutes off either way; the traveller gets the benefit of that.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::policy::CollusionPolicy;
use crate::{
    kernel::{Place, id::RedemptionId},
    vouchers::scans::judge::MAX_CLOCK_SKEW,
};

/// A meal on the way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stop {
    pub redemption_id: RedemptionId,
    pub place: Place,
    /// By the station's clock.
    pub scanned_at: DateTime<Utc>,
    /// By ours.
    pub accepted_at: DateTime<Utc>,
}

/// Two meals of one holder in a row, at different stations.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Journey {
    pub from: Stop,
    pub to: Stop,
}

impl Stop {
    fn is_online(&self) -> bool {
        (self.accepted_at - self.scanned_at).abs() <= MAX_CLOCK_SKEW
    }

    /// When, and how far off that may be.
    fn time(&self) -> (DateTime<Utc>, TimeDelta) {
        if self.is_online() {
            (self.accepted_at, TimeDelta::zero())
        } else {
            (self.scanned_at, MAX_CLOCK_SKEW)
        }
    }
}

impl Journey {
    fn kilometres(&self) -> f64 {
        self.from.place.metres_to(self.to.place) / 1_000.0
    }

    /// The longest that the clocks allow.
    fn time(&self) -> TimeDelta {
        let ((from, slack), (to, more_slack)) = (self.from.time(), self.to.time());
        (to - from).abs() + slack + more_slack
    }

    pub fn is_suspicious(&self, policy: &CollusionPolicy) -> bool {
        let hours = self.time().num_milliseconds() as f64 / 3_600_000.0;
        self.kilometres() > policy.travel_km && self.kilometres() > policy.travel_kmh * hours
    }

    pub fn evidence(&self) -> Value {
        json!({ "kilometres": self.kilometres().round(), "seconds": self.time().num_seconds(),
            "from": self.from.redemption_id.to_string(), "to": self.to.redemption_id.to_string() })
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use uuid::Uuid;

    use super::*;
    use crate::vouchers::testing::NOW;

    fn stop(lat: f64, minute: i64, upload_delay: i64) -> Stop {
        let scanned_at = NOW + TimeDelta::minutes(minute);
        Stop {
            redemption_id: RedemptionId::from_uuid(Uuid::nil()),
            place: Place::new(116.59, lat).unwrap(),
            scanned_at,
            accepted_at: scanned_at + TimeDelta::minutes(upload_delay),
        }
    }

    /// A tenth of a degree of latitude is 11.1 km.
    #[rstest]
    #[case::eleven_kilometres_in_four_minutes(35.51, 4, 0, true)]
    #[case::eleven_kilometres_in_five_minutes(35.51, 5, 0, false)]
    #[case::across_the_street_at_once(35.42, 0, 0, false)]
    #[case::uploaded_scans_may_be_ten_minutes_off(35.51, 0, 60, false)]
    #[case::not_even_that_explains_it(35.81, 4, 60, true)]
    #[case::lunch_and_dinner(36.41, 300, 0, false)]
    fn riders_are_spared(
        #[case] lat: f64,
        #[case] minutes: i64,
        #[case] delay: i64,
        #[case] expected: bool,
    ) {
        let (there, back) = (stop(35.41, 0, delay), stop(lat, minutes, delay));
        for journey in [
            Journey {
                from: there,
                to: back,
            },
            Journey {
                from: back,
                to: there,
            },
        ] {
            assert_eq!(
                journey.is_suspicious(&CollusionPolicy::default()),
                expected,
                "{:?}",
                journey.evidence()
            );
        }
    }
}
