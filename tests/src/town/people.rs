//! Who lives and works here: everybody has an account, and is signed in.

use std::sync::atomic::{AtomicI64, Ordering};

use niangjia_domain::{
    identity::{sessions::session::Session, staff::staff_grant::StaffGrant},
    kernel::{
        Actor, Bearer, Clock, Grant, IdNumber, Phone,
        id::{AccountId, GrantId, MembershipId, PersonId, SessionId, StationId},
        values::local_time,
    },
    membership::{
        occupation::Occupation,
        persons::person::Person,
        standing::{
            StandingLevel,
            lifecycle::State,
            member_number::Enrolment,
            record::{Filing, Membership},
        },
        unions::routing::{Routing, Rule},
    },
    stations::{hours::OpeningHours, station::Station},
    store::Store,
};
use niangjia_infra::system::SystemRandom;

use super::Town;
use crate::{
    actors::{self, actor},
    people::{self, Invented},
    places::{DISTRICT, district},
    rows::{add_account, add_station, station},
};

impl Town {
    /// A WeChat account that nobody knows anything about.
    pub async fn donor(&self) -> Actor {
        let account = add_account(&*self.store, self.clock.now()).await;
        Actor {
            session_id: self.open_session(account).await,
            ..actor(account, vec![Grant::Worker, Grant::Donor])
        }
    }

    /// A WeChat account of a verified person who is a member.
    pub async fn worker(&self) -> Actor {
        self.member(StandingLevel::Active).await
    }

    /// The same with a standing.
    pub async fn member(&self, level: StandingLevel) -> Actor {
        let (donor, invented) = (self.donor().await, Invented::new());
        let person = Person {
            id: PersonId::generate(self.clock.now(), &SystemRandom),
            id_number: IdNumber::parse(&invented.id_number).unwrap(),
            name: invented.name.clone(),
            created_at: self.clock.now(),
        };
        let worker = Actor {
            person_id: Some(person.id),
            ..donor
        };
        let membership = self.membership(&worker, &invented, level);
        let mut tx = self.store.begin().await.unwrap();
        assert!(tx.persons().add(&person).await.unwrap());
        let account = worker.account_id;
        assert!(tx.accounts().link_person(account, person.id).await.unwrap());
        assert!(tx.memberships().add(&membership).await.unwrap());
        tx.commit().await.unwrap();
        worker
    }

    fn membership(&self, worker: &Actor, invented: &Invented, level: StandingLevel) -> Membership {
        let now = self.clock.now();
        let enrolment = Enrolment::new(district(DISTRICT), next_count(), now);
        let filing = Filing {
            phone: Phone::parse(&invented.phone).ok(),
            union_id: self.union,
            routing: Routing {
                rule: Rule::HoldingPool,
                reason: String::new(),
                alternatives: Vec::new(),
            },
            occupation: Occupation::Courier,
            platform: None,
            work_district: district(DISTRICT),
            applied_at: now,
        };
        Membership {
            id: MembershipId::generate(now, &SystemRandom),
            person_id: worker.person_id.expect("a person"),
            account_id: worker.account_id,
            filing,
            state: match level {
                StandingLevel::Provisional => State::Provisional {
                    enrolment,
                    due_at: local_time::after_working_days(now, 5),
                },
                StandingLevel::Active => State::Active { enrolment },
            },
            revision: 0,
        }
    }

    /// Another account of somebody.
    pub async fn same_person(&self, somebody: &Actor) -> Actor {
        let other = self.donor().await;
        let person = somebody.person_id.expect("a person");
        let mut tx = self.store.begin().await.unwrap();
        let account = other.account_id;
        assert!(tx.accounts().link_person(account, person).await.unwrap());
        tx.commit().await.unwrap();
        Actor {
            person_id: Some(person),
            ..other
        }
    }

    /// Staff of the station, one more.
    pub async fn another_staff(&self) -> Actor {
        self.staff_of(self.station.id).await
    }

    /// Signed in, and bound to a station.
    pub async fn staff_of(&self, station: StationId) -> Actor {
        let donor = self.donor().await;
        self.appoint(donor, Grant::StationStaff(station)).await
    }

    /// Staff of a new station in a district.
    pub async fn staff_in(&self, code: &str) -> Actor {
        let station = Station {
            name: format!("驿站{}", people::token()),
            district: district(code),
            ..station(self.clock.now())
        };
        add_station(&*self.store, &station).await;
        self.staff_of(station.id).await
    }

    /// One more station, with these hours.
    pub async fn another_station(&self, hours: OpeningHours) -> StationId {
        let station = Station {
            name: format!("驿站{}", people::token()),
            hours,
            ..station(self.clock.now())
        };
        add_station(&*self.store, &station).await;
        station.id
    }

    /// A cadre of a district.
    pub fn cadre(&self, code: &str) -> Actor {
        actors::cadre_of(code)
    }

    pub async fn set_phone(&self, actor: &Actor, phone: &Phone) {
        let mut tx = self.store.begin().await.unwrap();
        let account = actor.account_id;
        tx.accounts().set_phone(account, phone).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Gives a stored role to somebody who has an account.
    pub async fn appoint(&self, somebody: Actor, grant: Grant) -> Actor {
        let now = self.clock.now();
        let stored = StaffGrant {
            id: GrantId::generate(now, &SystemRandom),
            account_id: somebody.account_id,
            grant,
            granted_at: now,
        };
        let mut tx = self.store.begin().await.unwrap();
        assert!(tx.grants().add(&stored).await.unwrap());
        tx.commit().await.unwrap();
        Actor {
            grants: vec![Grant::Donor, grant],
            ..somebody
        }
    }

    /// Signs in once more, at the present hour.
    pub async fn sign_in(&self, actor: &Actor) -> Bearer {
        Bearer {
            session_id: self.open_session(actor.account_id).await,
            ..bearer(actor)
        }
    }

    async fn open_session(&self, account: AccountId) -> SessionId {
        let session = Session::open(account, self.clock.now(), &SystemRandom);
        let mut tx = self.store.begin().await.unwrap();
        tx.sessions().insert(&session).await.unwrap();
        tx.commit().await.unwrap();
        session.id
    }
}

/// Somebody with a genuine token.
pub fn bearer(actor: &Actor) -> Bearer {
    Bearer {
        account_id: actor.account_id,
        session_id: actor.session_id,
        request_id: actor.request_id.clone(),
    }
}

/// A member's count that no other member of this process has.
fn next_count() -> i64 {
    static COUNT: AtomicI64 = AtomicI64::new(1);
    COUNT.fetch_add(1, Ordering::Relaxed)
}
