//! A union's office without HTTP: the membership service on one store, with the real unions of
//! Jining and the demo's.

use std::sync::Arc;

use niangjia_domain::{
    kernel::{Actor, Clock, Foundation, Grant},
    membership::{
        MembershipError, MembershipService, applications::application::JoinForm,
        cards::card::CardSigner, view::MembershipView,
    },
    store::Store,
};
use niangjia_infra::{
    cache::MemoryRateLimiter,
    seed,
    sql::SqlStore,
    system::{SystemClock, SystemRandom},
    wechat::DevWechat,
};

use crate::{
    actors::{actor, once},
    people::Invented,
    places::DISTRICT,
    rows::add_account,
};

/// The office of one process.
#[derive(Clone)]
pub struct Office {
    pub store: Arc<SqlStore>,
    pub service: MembershipService,
}

impl Office {
    /// On a database that has, or now gets, its unions.
    pub async fn open(store: SqlStore) -> Self {
        let store = Arc::new(store);
        let service = MembershipService {
            foundation: Foundation {
                store: store.clone(),
                clock: Arc::new(SystemClock),
                random: Arc::new(SystemRandom),
            },
            wechat: Arc::new(DevWechat),
            limiter: Arc::new(MemoryRateLimiter::default()),
            cards: Arc::new(CardSigner::new([5; 32])),
        };
        let unions = [
            seed::unions().expect("unions"),
            seed::demo_unions().expect("unions"),
        ]
        .concat();
        service
            .seed(&seed::districts().expect("districts"), &unions)
            .await
            .expect("the ground is laid");
        Self { store, service }
    }

    /// A new phone that has just signed in.
    pub async fn worker(&self) -> Actor {
        let id = add_account(&*self.store, SystemClock.now()).await;
        actor(id, vec![Grant::Worker, Grant::Donor])
    }

    /// The caller as the next request sees them: with the person that joining linked.
    pub async fn seen_again(&self, worker: &Actor) -> Actor {
        let mut tx = self.store.read().await.expect("a read");
        let person_id = tx
            .accounts()
            .person_of(worker.account_id)
            .await
            .expect("an answer");
        Actor {
            person_id,
            ..worker.clone()
        }
    }

    pub async fn join(
        &self,
        worker: &Actor,
        form: JoinForm,
    ) -> Result<MembershipView, MembershipError> {
        let worker = self.seen_again(worker).await;
        Ok(self
            .service
            .join(&worker, &once(&worker), form)
            .await?
            .value)
    }
}

/// The three fields of a rider in Rencheng.
pub fn form_of(person: &Invented) -> JoinForm {
    JoinForm {
        name: Some(person.name.clone()),
        id_number: Some(person.id_number.clone()),
        occupation: Some("food_delivery_rider".to_owned()),
        work_district: Some(DISTRICT.to_owned()),
        ..one_tap(&person.phone)
    }
}

/// Nothing but the tap.
pub fn one_tap(phone: &str) -> JoinForm {
    JoinForm {
        phone_code: format!("dev:{phone}"),
        consents: vec![("membership".to_owned(), "1".to_owned())],
        voluntary: true,
        ..JoinForm::default()
    }
}
