//! A small world for wishes: one station, members, donors, staff and a cadre, over one database and
//! as many "processes" (stores with pools of their own) as a test wants.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use niangjia_domain::{
    identity::{
        Account, accounts::account::AccountKind, sessions::session::Session,
        staff::staff_grant::StaffGrant,
    },
    kernel::{
        Actor, Bearer, Clock, DistrictCode, Foundation, Grant, IdNumber, IdempotencyKey,
        IdempotentRequest, Jurisdiction, Phone, Place,
        id::{
            AccountId, GrantId, MembershipId, PersonId, SessionId, StationId, UnionId, UploadId,
            WishId,
        },
    },
    membership::persons::person::Person,
    stations::{
        hours::{Opening, OpeningHours},
        station::Station,
    },
    store::Store,
    uploads::{PhotoType, Purpose, Upload, UploadService, UploadState, object_key::ObjectToken},
    wishes::{
        ClaimForm, ClaimReceipt, WishDecision, WishError, WishForm, WishReceipt, WishService,
        moderation::text_check::{TextCheck, TextCheckError, TextToCheck, TextVerdict, Verdict},
        wish::Wish,
    },
};
use niangjia_infra::{
    cache::MemoryCache,
    objects::{Darkroom, LocalObjects, LocalSettings},
    sql::SqlStore,
    system::SystemRandom,
};
use sea_orm::{ConnectionTrait, QueryResult, Statement};
use zeroize::Zeroizing;

use crate::{
    clock::WoundClock,
    database::{Kind, TestDatabase},
    people::{self, Invented},
    throwaway::fresh_folder,
};

pub const DISTRICT: &str = "370811";

/// A machine that says what a test wants; `None`: it is away.
#[derive(Debug)]
pub struct Machine(Mutex<Option<Verdict>>);

impl Machine {
    pub fn says(&self, verdict: Option<Verdict>) {
        *self.0.lock().unwrap() = verdict;
    }
}

#[async_trait]
impl TextCheck for Machine {
    async fn check(&self, _: &TextToCheck) -> Result<TextVerdict, TextCheckError> {
        let verdict = *self.0.lock().unwrap();
        let verdict = verdict.ok_or_else(|| TextCheckError::Unavailable("away".to_owned()))?;
        Ok(TextVerdict {
            verdict,
            label: "test".to_owned(),
            trace_id: None,
        })
    }
}

pub struct Scene {
    pub database: TestDatabase,
    pub store: Arc<SqlStore>,
    pub clock: Arc<WoundClock>,
    pub machine: Arc<Machine>,
    pub station: Station,
    /// The first process.
    pub wishes: WishService,
    union: UnionId,
}

impl Scene {
    pub async fn new(kind: Kind) -> Self {
        Self::on(TestDatabase::new(kind).await).await
    }

    pub async fn on(database: TestDatabase) -> Self {
        let store = Arc::new(database.store().await);
        let clock = WoundClock::new();
        let machine = Arc::new(Machine(Mutex::new(Some(Verdict::Pass))));
        let wishes = service(&store, &clock, &machine);
        let station = station(clock.now());
        let mut tx = store.begin().await.unwrap();
        assert!(tx.stations().add(&station).await.unwrap());
        tx.commit().await.unwrap();
        let union = UnionId::generate(clock.now(), &SystemRandom);
        let scene = Self {
            database,
            store,
            clock,
            machine,
            station,
            wishes,
            union,
        };
        let path = format!("/{}/", union.uuid().simple());
        let sql = "INSERT INTO unions (id, path, name, kind, district) VALUES ($1, $2, '市总工会', 'city', '370800')";
        scene.execute(sql, [union.uuid().into(), path.into()]).await;
        scene
    }

    /// Another process on the same database.
    pub async fn another_process(&self) -> WishService {
        service(
            &Arc::new(self.database.store().await),
            &self.clock,
            &self.machine,
        )
    }

    /// A WeChat account that nobody knows anything about.
    pub async fn donor(&self) -> Actor {
        let now = self.clock.now();
        let account = Account {
            id: AccountId::generate(now, &SystemRandom),
            kind: AccountKind::Wechat,
            username: None,
            nickname: None,
            phone: None,
            person_id: None,
            created_at: now,
        };
        let mut tx = self.store.begin().await.unwrap();
        assert!(
            tx.accounts()
                .insert(&account, Some(&people::token()))
                .await
                .unwrap()
        );
        let session = Session::open(account.id, now, &SystemRandom);
        tx.sessions().insert(&session).await.unwrap();
        tx.commit().await.unwrap();
        Actor {
            session_id: session.id,
            ..actor(account.id, vec![Grant::Worker, Grant::Donor])
        }
    }

    /// A WeChat account of a verified person who is a member.
    pub async fn worker(&self) -> Actor {
        let mut worker = self.donor().await;
        let now = self.clock.now();
        let invented = Invented::new();
        let person = Person {
            id: PersonId::generate(now, &SystemRandom),
            name: invented.name,
            id_number: IdNumber::parse(&invented.id_number).unwrap(),
            created_at: now,
        };
        let mut tx = self.store.begin().await.unwrap();
        assert!(tx.persons().add(&person).await.unwrap());
        assert!(
            tx.accounts()
                .link_person(worker.account_id, person.id)
                .await
                .unwrap()
        );
        tx.commit().await.unwrap();
        let membership = MembershipId::generate(now, &SystemRandom);
        let ids = [
            membership.uuid().into(),
            person.id.uuid().into(),
            worker.account_id.uuid().into(),
        ];
        let values =
            ids.into_iter()
                .chain([self.union.uuid().into(), now.into(), people::token().into()]);
        let sql = "INSERT INTO memberships (id, person_id, account_id, union_id, routing, occupation, work_district, \
             applied_at, status, member_no, joined_on, revision) \
             VALUES ($1, $2, $3, $4, '{}', 'courier', '370811', $5, 'active', $6, '2026-01-01', 0)";
        self.execute(sql, values).await;
        worker.person_id = Some(person.id);
        worker
    }

    /// Another account of somebody.
    pub async fn same_person(&self, somebody: &Actor) -> Actor {
        let other = self.donor().await;
        let person = somebody.person_id.expect("a person");
        let mut tx = self.store.begin().await.unwrap();
        assert!(
            tx.accounts()
                .link_person(other.account_id, person)
                .await
                .unwrap()
        );
        tx.commit().await.unwrap();
        Actor {
            person_id: Some(person),
            ..other
        }
    }

    /// One more station, with these hours.
    pub async fn another_station(&self, hours: OpeningHours) -> StationId {
        let station = Station {
            name: format!("驿站{}", people::token()),
            hours,
            ..station(self.clock.now())
        };
        let mut tx = self.store.begin().await.unwrap();
        assert!(tx.stations().add(&station).await.unwrap());
        tx.commit().await.unwrap();
        station.id
    }

    pub async fn set_phone(&self, actor: &Actor, phone: &Phone) {
        let mut tx = self.store.begin().await.unwrap();
        tx.accounts()
            .set_phone(actor.account_id, phone)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn staff(&self) -> Actor {
        self.staff_of(self.station.id).await
    }

    /// Signed in, and bound to a station.
    pub async fn staff_of(&self, station: StationId) -> Actor {
        let donor = self.donor().await;
        self.appoint(donor, Grant::StationStaff(station)).await
    }

    /// Gives a stored role to somebody who has an account.
    pub async fn appoint(&self, somebody: Actor, grant: Grant) -> Actor {
        let now = self.clock.now();
        let id = GrantId::generate(now, &SystemRandom);
        let mut tx = self.store.begin().await.unwrap();
        let stored = StaffGrant {
            id,
            account_id: somebody.account_id,
            grant,
            granted_at: now,
        };
        assert!(tx.grants().add(&stored).await.unwrap());
        tx.commit().await.unwrap();
        Actor {
            grants: vec![Grant::Donor, grant],
            ..somebody
        }
    }

    /// Signs in once more, at the present hour.
    pub async fn sign_in(&self, actor: &Actor) -> Bearer {
        let session = Session::open(actor.account_id, self.clock.now(), &SystemRandom);
        let mut tx = self.store.begin().await.unwrap();
        tx.sessions().insert(&session).await.unwrap();
        tx.commit().await.unwrap();
        Bearer {
            account_id: actor.account_id,
            session_id: session.id,
            request_id: "test".to_owned(),
        }
    }

    pub fn cadre(&self, district: &str) -> Actor {
        let area = Jurisdiction::District(DistrictCode::parse(district).unwrap());
        actor(
            AccountId::generate(self.clock.now(), &SystemRandom),
            vec![Grant::Cadre(area)],
        )
    }

    /// A photo of theirs that has passed its checks.
    pub async fn photo(&self, owner: &Actor) -> UploadId {
        let now = self.clock.now();
        let upload = Upload {
            id: UploadId::generate(now, &SystemRandom),
            owner: owner.account_id,
            purpose: Purpose::WishPhoto,
            content_type: PhotoType::Jpeg,
            token: ObjectToken::generate(&SystemRandom),
            created_at: now,
            state: UploadState::Ready {
                at: now,
                width: 640,
                height: 480,
            },
        };
        let mut tx = self.store.begin().await.unwrap();
        tx.uploads().insert(&upload).await.unwrap();
        tx.commit().await.unwrap();
        upload.id
    }

    pub fn form(&self) -> WishForm {
        WishForm {
            title: "想要一个保温杯".to_owned(),
            story: "冬天跑单想喝口热水。".to_owned(),
            category: "daily_goods".to_owned(),
            estimate_fen: 8_800,
            photo_ids: Vec::new(),
            station_id: self.station.id,
        }
    }

    pub async fn submitted(&self, worker: &Actor) -> WishId {
        self.wishes
            .submit(worker, &once(worker), &self.form())
            .await
            .unwrap()
            .value
            .id
    }

    pub async fn published(&self, worker: &Actor) -> WishId {
        let id = self.submitted(worker).await;
        self.decide(&self.cadre(DISTRICT), id, WishDecision::Publish)
            .await
            .unwrap();
        id
    }

    /// About the wish as it is now.
    pub async fn decide(
        &self,
        cadre: &Actor,
        id: WishId,
        decision: WishDecision,
    ) -> Result<WishReceipt, WishError> {
        let revision = self.stored(id).await.version;
        self.wishes.decide(cadre, id, decision, revision).await
    }

    pub async fn claim(&self, donor: &Actor, wish: WishId) -> Result<ClaimReceipt, WishError> {
        let answer = self
            .wishes
            .claim(donor, &once(donor), wish, &ClaimForm::default())
            .await?;
        Ok(answer.value)
    }

    /// At the station, waiting to be collected; returns the pick-up code.
    pub async fn at_station(&self, worker: &Actor, donor: &Actor) -> (WishId, String) {
        let wish = self.published(worker).await;
        let claim = self.claim(donor, wish).await.unwrap();
        let staff = self.staff().await;
        self.wishes
            .arrive(&staff, &once(&staff), claim.id)
            .await
            .unwrap();
        (wish, self.pickup_code(worker).await.unwrap())
    }

    /// As the worker reads it under "my wishes".
    pub async fn pickup_code(&self, worker: &Actor) -> Option<String> {
        let page = niangjia_domain::kernel::PageRequest {
            limit: 1,
            after: None,
        };
        let mine = self.wishes.list_own(worker, page).await.unwrap();
        mine.items
            .first()?
            .pickup_code
            .as_ref()
            .map(|code| code.expose().to_owned())
    }

    pub async fn stored(&self, id: WishId) -> Wish {
        self.store
            .read()
            .await
            .unwrap()
            .wishes()
            .find(id)
            .await
            .unwrap()
            .unwrap()
    }

    /// Topics and bodies of everything waiting for this inbox.
    pub async fn inbox(&self, actor: &Actor) -> Vec<(String, String)> {
        let database = self.store.writer();
        let sql = "SELECT template, parameters FROM outbox_events WHERE recipient_id = $1 \
                   AND delivered_at IS NULL AND dead_at IS NULL ORDER BY created_at, id";
        let recipient = actor.account_id.uuid().into();
        let statement =
            Statement::from_sql_and_values(database.get_database_backend(), sql, [recipient]);
        let rows = database.query_all_raw(statement).await.unwrap();
        let templates = niangjia_api::wiring::templates();
        let told = |row: QueryResult| {
            let (code, parameters): (String, serde_json::Value) = (
                row.try_get("", "template").unwrap(),
                row.try_get("", "parameters").unwrap(),
            );
            let parameters = serde_json::from_value(parameters).unwrap();
            let body = templates.get(&code).unwrap().body_with(&parameters);
            (code, body.unwrap())
        };
        rows.into_iter().map(told).collect()
    }

    pub async fn count(&self, sql: &str) -> i64 {
        let statement = Statement::from_string(self.store.writer().get_database_backend(), sql);
        let row = self
            .store
            .writer()
            .query_one_raw(statement)
            .await
            .unwrap()
            .unwrap();
        row.try_get_by_index(0).unwrap()
    }

    pub async fn execute(&self, sql: &str, values: impl IntoIterator<Item = sea_orm::Value>) {
        let database = self.store.writer();
        let statement =
            Statement::from_sql_and_values(database.get_database_backend(), sql, values);
        database.execute_raw(statement).await.unwrap();
    }
}

/// A request that was never made before.
pub fn once(actor: &Actor) -> IdempotentRequest {
    let key = IdempotencyKey::parse(&people::token()).unwrap();
    IdempotentRequest {
        account_id: actor.account_id,
        key,
        fingerprint: [1; 32],
    }
}

fn service(store: &Arc<SqlStore>, clock: &Arc<WoundClock>, machine: &Arc<Machine>) -> WishService {
    let random = Arc::new(SystemRandom);
    let settings = LocalSettings {
        folder: fresh_folder("objects"),
        public_url: "http://127.0.0.1".to_owned(),
        key: Zeroizing::new([5; 32]),
    };
    let objects = Arc::new(LocalObjects::open(settings, clock.clone(), random.clone()).unwrap());
    let studio = Arc::new(Darkroom::new());
    let foundation = Foundation {
        store: store.clone(),
        clock: clock.clone(),
        random: random.clone(),
    };
    WishService {
        foundation: foundation.clone(),
        cache: Arc::new(MemoryCache::new(1 << 20, random)),
        texts: machine.clone(),
        uploads: Arc::new(UploadService::new(foundation, objects, studio)),
    }
}

fn station(now: DateTime<Utc>) -> Station {
    Station {
        id: StationId::generate(now, &SystemRandom),
        name: "演示驿站".to_owned(),
        district: DistrictCode::parse(DISTRICT).unwrap(),
        address: "演示路 1 号".to_owned(),
        place: Place::new(116.59, 35.41).unwrap(),
        hours: OpeningHours::daily(Opening::ALL_DAY),
        amenities: Vec::new(),
    }
}

fn actor(account_id: AccountId, grants: Vec<Grant>) -> Actor {
    Actor {
        account_id,
        person_id: None,
        session_id: SessionId::from_uuid(account_id.uuid()),
        grants,
        request_id: "test".to_owned(),
    }
}
