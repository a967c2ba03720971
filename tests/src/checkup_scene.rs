//! A small world for health checks: a van in Rencheng, members, station staff and a cadre, over one
//! database and as many "processes" (stores with pools of their own) as a test wants.

use std::sync::Arc;

use niangjia_domain::{
    checkups::{
        BookSeat, CheckIn, CheckInCodes, CheckInReceipt, CheckupError, CheckupService, Ticket,
    },
    kernel::{
        Actor, Answer, Clock, DistrictCode, Foundation, Grant, Id, IdNumber, IdempotencyKey,
        IdempotentRequest, Jurisdiction, Phone, Place,
        id::{AccountId, SlotId, UnionId},
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
    stations::{
        hours::{Opening, OpeningHours},
        station::Station,
    },
    store::Store,
};
use niangjia_infra::{sql::SqlStore, system::SystemRandom};
use sea_orm::{ConnectionTrait, Statement};
use zeroize::Zeroizing;

use crate::{
    checkups::Van,
    client::fresh_key,
    clock::WoundClock,
    database::{Kind, TestDatabase},
    people::Invented,
};

pub const DISTRICT: &str = "370811";

pub struct Scene {
    pub database: TestDatabase,
    pub store: SqlStore,
    pub clock: Arc<WoundClock>,
    /// The first process.
    pub checkups: CheckupService,
    pub van: Van,
    union: UnionId,
}

impl Scene {
    /// A van of the day after tomorrow, with one slot from nine to ten.
    pub async fn new(kind: Kind, seats: u32) -> Self {
        let database = TestDatabase::new(kind).await;
        let store = database.store().await;
        let clock = WoundClock::new();
        let van = Van::new(DISTRICT, seats);
        van.store(&store).await;
        let union = UnionId::generate(clock.now(), &SystemRandom);
        let path = format!("/{}/", union.uuid().simple());
        let sql = "INSERT INTO unions (id, path, name, kind, district) VALUES ($1, $2, '市总工会', 'city', '370800')";
        let backend = store.writer().get_database_backend();
        let insert =
            Statement::from_sql_and_values(backend, sql, [union.uuid().into(), path.into()]);
        store.writer().execute_raw(insert).await.unwrap();
        let checkups = service(&store, &clock);
        Self {
            database,
            store,
            clock,
            checkups,
            van,
            union,
        }
    }

    /// Another process on the same database.
    pub async fn another_process(&self) -> CheckupService {
        service(&self.database.store().await, &self.clock)
    }

    /// A worker with a standing.
    pub async fn member(&self, level: StandingLevel) -> Actor {
        let now = self.clock.now();
        let invented = Invented::new();
        let id_number = IdNumber::parse(&invented.id_number).unwrap();
        let person = Person {
            id: Id::generate(now, &SystemRandom),
            name: invented.name,
            id_number,
            created_at: now,
        };
        let worker = actor(vec![Grant::Worker], &*self.clock);
        let enrolment = Enrolment::new(district(DISTRICT), i64::from(next_count()), now);
        let due_at = local_time::after_working_days(now, 5);
        let membership = Membership {
            id: Id::generate(now, &SystemRandom),
            person_id: person.id,
            account_id: worker.account_id,
            filing: self.filing(&invented.phone),
            state: match level {
                StandingLevel::Provisional => State::Provisional { enrolment, due_at },
                StandingLevel::Active => State::Active { enrolment },
            },
            revision: 0,
        };
        let mut tx = self.store.begin().await.unwrap();
        assert!(tx.persons().add(&person).await.unwrap());
        assert!(tx.memberships().add(&membership).await.unwrap());
        tx.commit().await.unwrap();
        Actor {
            person_id: Some(person.id),
            ..worker
        }
    }

    fn filing(&self, phone: &str) -> Filing {
        Filing {
            phone: Phone::parse(phone).ok(),
            union_id: self.union,
            routing: Routing {
                rule: Rule::HoldingPool,
                reason: String::new(),
                alternatives: Vec::new(),
            },
            occupation: Occupation::FoodDeliveryRider,
            platform: None,
            work_district: district(DISTRICT),
            applied_at: self.clock.now(),
        }
    }

    /// Staff of a new station.
    pub async fn staff_of(&self, code: &str) -> Actor {
        let station = Station {
            id: Id::generate(self.clock.now(), &SystemRandom),
            name: fresh_key(),
            district: district(code),
            address: "演示路 1 号".to_owned(),
            place: Place::new(116.59, 35.41).unwrap(),
            hours: OpeningHours::daily(Opening::ALL_DAY),
            amenities: Vec::new(),
        };
        let mut tx = self.store.begin().await.unwrap();
        assert!(tx.stations().add(&station).await.unwrap());
        tx.commit().await.unwrap();
        actor(vec![Grant::StationStaff(station.id)], &*self.clock)
    }

    pub fn cadre_of(&self, code: &str) -> Actor {
        actor(
            vec![Grant::Cadre(Jurisdiction::District(district(code)))],
            &*self.clock,
        )
    }

    /// Somebody without any right.
    pub fn stranger(&self) -> Actor {
        actor(vec![Grant::Worker], &*self.clock)
    }

    pub async fn book(&self, worker: &Actor) -> Result<Ticket, CheckupError> {
        Ok(self
            .checkups
            .book(worker, &request(worker), seat(self.van.slot.id))
            .await?
            .value)
    }

    pub async fn scan(
        &self,
        staff: &Actor,
        ticket: &Ticket,
    ) -> Result<Answer<CheckInReceipt>, CheckupError> {
        self.checkups
            .check_in(staff, &request(staff), self.shown(ticket))
            .await
    }

    /// What the scanner reads from the phone.
    pub fn shown(&self, ticket: &Ticket) -> CheckIn {
        let code = ticket.code.as_ref().expect("a code").text.clone();
        CheckIn {
            code,
            session_id: self.van.session.id,
            scanned_at: None,
        }
    }

    /// The morning of the session: the phone has fetched a fresh code.
    pub async fn on_the_day(&self, worker: &Actor, ticket: &Ticket) -> Ticket {
        self.clock.set(self.van.slot.starts_at);
        self.checkups
            .booking_of(worker, ticket.booking.id)
            .await
            .unwrap()
    }
}

pub fn seat(slot_id: SlotId) -> BookSeat {
    BookSeat {
        slot_id,
        package: None,
        consent_version: "1".to_owned(),
    }
}

/// A request with a key of its own.
pub fn request(actor: &Actor) -> IdempotentRequest {
    let key = IdempotencyKey::parse(&fresh_key()).unwrap();
    IdempotentRequest {
        account_id: actor.account_id,
        key,
        fingerprint: [1; 32],
    }
}

fn service(store: &SqlStore, clock: &Arc<WoundClock>) -> CheckupService {
    CheckupService {
        foundation: Foundation {
            store: Arc::new(store.clone()),
            clock: clock.clone(),
            random: Arc::new(SystemRandom),
        },
        codes: CheckInCodes::new(Zeroizing::new([3; 32])),
    }
}

fn actor(grants: Vec<Grant>, clock: &dyn Clock) -> Actor {
    let now = clock.now();
    Actor {
        account_id: AccountId::generate(now, &SystemRandom),
        person_id: None,
        session_id: Id::generate(now, &SystemRandom),
        grants,
        request_id: "test".to_owned(),
    }
}

fn district(code: &str) -> DistrictCode {
    DistrictCode::parse(code).unwrap()
}

/// A member's count that no other test member of this process has.
fn next_count() -> u32 {
    static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(1);
    COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
}
