//! The use cases of health checks, from plan to completion, against both databases.

mod bookings;
mod day;
mod planning;
mod storage;
mod visits;

use std::sync::Arc;

use niangjia_domain::{
    checkups::CheckupError,
    kernel::{Actor, Foundation, Invalid, PageRequest},
    notices::NoticeService,
    outbox::Dispatcher,
    store::Store,
};
use niangjia_infra::system::SystemRandom;
use niangjia_tests::town::CheckupTown;

const PAGE: PageRequest = PageRequest {
    limit: 20,
    after: None,
};

fn codes(error: CheckupError) -> Vec<&'static str> {
    match error {
        CheckupError::Invalid(Invalid { errors }) => {
            errors.iter().map(|error| error.code).collect()
        }
        other => panic!("{other:?}"),
    }
}

async fn bookable(checkup: &CheckupTown) -> u32 {
    checkup
        .town
        .services
        .checkups
        .session(checkup.van.session.id)
        .await
        .unwrap()
        .slots[0]
        .bookable
}

async fn inbox(checkup: &CheckupTown, owner: &Actor) -> Vec<String> {
    let store: Arc<dyn Store> = checkup.town.store.clone();
    let (clock, random) = (checkup.town.clock.clone(), Arc::new(SystemRandom));
    Dispatcher {
        store: store.clone(),
        clock: clock.clone(),
        channels: niangjia_api::wiring::channels(),
    }
    .run_once(100)
    .await
    .unwrap();
    let notices = NoticeService {
        foundation: Foundation {
            store,
            clock,
            random,
        },
    }
    .inbox(owner, PAGE)
    .await
    .unwrap();
    notices
        .items
        .into_iter()
        .rev()
        .map(|notice| notice.topic)
        .collect()
}
