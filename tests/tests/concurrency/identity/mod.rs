//! Races over identity: many callers, two processes that share the database alone.

mod guesses;
mod invitations;
mod sign_in;

use std::{future::Future, sync::Arc};

use niangjia_domain::{
    identity::{IdentityService, InviteStaff, SignedIn},
    kernel::{DistrictCode, Grant, Jurisdiction},
};
use niangjia_infra::sql::SqlStore;
use niangjia_tests::{
    places::DISTRICT,
    town::identity::{IdentityTown, PASSWORD, access, attempt, visitor},
};
use sea_orm::{ConnectionTrait, Statement};
use tokio::sync::Barrier;

const CALLERS: usize = 24;

const CARELESS: usize = 8;

type Processes = [Arc<IdentityService>; 2];

/// All callers at once, every other one on the second process.
async fn storm<F, T>(
    processes: &Processes,
    callers: usize,
    call: impl Fn(usize, Arc<IdentityService>) -> F,
) -> Vec<T>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    let started: Vec<_> = (0..callers)
        .map(|n| tokio::spawn(call(n, processes[n % 2].clone())))
        .collect();
    let mut outcomes = Vec::new();
    for caller in started {
        outcomes.push(caller.await.unwrap());
    }
    outcomes
}

async fn two(town: &IdentityTown) -> Processes {
    [town.process().await, town.process().await]
}

async fn count(town: &IdentityTown, sql: &str) -> i64 {
    let store = town.database.store().await;
    let statement = Statement::from_string(store.writer().get_database_backend(), sql);
    store
        .writer()
        .query_one_raw(statement)
        .await
        .unwrap()
        .unwrap()
        .try_get_by_index(0)
        .unwrap()
}

/// What a careless developer would write: look, then act. The barrier makes sure that all look
/// before one acts. Returns how many acted.
async fn careless(store: &SqlStore, look: &'static str, act: &'static str) -> usize {
    let looked = Arc::new(Barrier::new(CARELESS));
    let callers: Vec<_> = (0..CARELESS)
        .map(|_| {
            let (store, looked) = (store.clone(), looked.clone());
            tokio::spawn(async move {
                let statement = Statement::from_string(store.writer().get_database_backend(), look);
                let row = store
                    .writer()
                    .query_one_raw(statement)
                    .await
                    .unwrap()
                    .unwrap();
                let free: bool = row.try_get_by_index(0).unwrap();
                looked.wait().await;
                free && store
                    .writer()
                    .execute_unprepared(act)
                    .await
                    .unwrap()
                    .rows_affected()
                    == 1
            })
        })
        .collect();
    let mut acted = 0;
    for caller in callers {
        acted += usize::from(caller.await.unwrap());
    }
    acted
}

async fn signed_in(process: &IdentityService, openid: &str) -> SignedIn {
    process
        .sign_in_with_wechat(&visitor(), &format!("dev:{openid}"))
        .await
        .unwrap()
}

/// An admin's invitation to be a cadre of Rencheng.
async fn invitation(process: &IdentityService) -> String {
    process
        .create_back_office_account("admin", PASSWORD.to_owned().into(), &[Grant::Admin])
        .await
        .unwrap();
    let admin = process
        .sign_in_with_password(&visitor(), attempt("admin", PASSWORD, None))
        .await
        .unwrap();
    let admin = process.authenticate(access(&admin), "r").await.unwrap();
    let area = Jurisdiction::District(DistrictCode::parse(DISTRICT).unwrap());
    let command = InviteStaff {
        grant: Grant::Cadre(area),
        expires_in_hours: 1,
    };
    process
        .invite_staff(&admin, command)
        .await
        .unwrap()
        .code
        .display()
}
