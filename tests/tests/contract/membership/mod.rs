//! Membership on both databases: routing, review, leaving, and what the tables themselves refuse.

mod joining;
mod reviews;
mod rosters;
mod storage;

use niangjia_domain::{
    kernel::{Actor, PageRequest},
    membership::{MembershipError, view::MembershipView},
};
use niangjia_tests::{
    people::Invented,
    servers::database::{Kind, TestDatabase},
    town::office::{Office, form_of},
};

const FIRST: PageRequest = PageRequest {
    limit: 20,
    after: None,
};

async fn office(kind: Kind) -> (TestDatabase, Office) {
    let database = TestDatabase::new(kind).await;
    let office = Office::open(database.store().await).await;
    (database, office)
}

async fn joined(office: &Office) -> (Actor, Invented, MembershipView) {
    let (worker, person) = (office.worker().await, Invented::new());
    let view = office.join(&worker, form_of(&person)).await.unwrap();
    (office.seen_again(&worker).await, person, view)
}

fn codes(error: MembershipError) -> Vec<(String, &'static str)> {
    match error {
        MembershipError::Invalid(invalid) => invalid
            .errors
            .into_iter()
            .map(|one| (one.field, one.code))
            .collect(),
        other => panic!("not a field error: {other}"),
    }
}
