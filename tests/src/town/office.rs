//! A union's office without HTTP: the membership service on one store, with the real unions of
//! Jining and the demo's.

use std::sync::Arc;

use niangjia_domain::{
    imports::{Import, ImportService, NewImport},
    kernel::{
        Actor, Clock, Foundation, Grant,
        id::{ImportId, MembershipId},
    },
    membership::{
        ApplicationDecision, MembershipError, MembershipService, ROSTER, RosterTarget,
        applications::application::JoinForm, cards::card::CardSigner, view::MembershipView,
    },
    store::Store,
};
use niangjia_infra::{
    cache::MemoryRateLimiter,
    seed,
    sheets::{TableFiles, Templates},
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
    pub imports: Arc<ImportService>,
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
        let imports = Arc::new(imports(&store));
        Self {
            store,
            service,
            imports,
        }
    }

    /// Hands a roster in and takes its rows.
    pub async fn import_roster(&self, file: Vec<u8>) -> Import {
        let roster = NewImport {
            kind: ROSTER.code.to_owned(),
            dry_run: false,
            file_name: "roster.csv".to_owned(),
            file,
        };
        let import = self.imports.receive_from("test", roster).await;
        self.carry_out(import.expect("a roster").id).await
    }

    /// Carries an import on to its end.
    pub async fn carry_out(&self, id: ImportId) -> Import {
        loop {
            let import = self.imports.carry_on(id).await.expect("a step");
            if !import.is_open() {
                return import;
            }
        }
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

    /// About the membership as it is now.
    pub async fn decide(
        &self,
        cadre: &Actor,
        id: MembershipId,
        decision: ApplicationDecision,
    ) -> Result<MembershipView, MembershipError> {
        let shown = self.service.under_review(&[id.to_string()]).await?;
        let revision = shown.first().map_or(0, |shown| shown.revision);
        self.service.decide(cadre, id, decision, revision).await
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

/// The imports of one process on this store.
pub fn imports(store: &Arc<SqlStore>) -> ImportService {
    let foundation = Foundation {
        store: store.clone(),
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
    };
    let roster = RosterTarget {
        random: foundation.random.clone(),
    };
    ImportService::new(
        foundation,
        Arc::new(TableFiles::default()),
        Arc::new(Templates),
        vec![Arc::new(roster)],
    )
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
