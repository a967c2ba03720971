//! Contract of the audit trail, and of the sealer that chains it.

use std::sync::Arc;

use niangjia_domain::{
    audit::{Area, AuditSealer, ChainFault, ChainHead, Deed, Verification},
    kernel::{Actor, Clock, DistrictCode, Grant, Id},
    store::Store,
};
use niangjia_infra::{
    sql::SqlStore,
    system::{SystemClock, SystemRandom},
};
use niangjia_tests::{
    places::DISTRICT,
    servers::database::{Kind, TestDatabase},
};
use rstest::rstest;
use sea_orm::ConnectionTrait;
use serde_json::json;

async fn append(store: &SqlStore, count: usize) {
    let mut tx = store.begin().await.unwrap();
    for number in 0..count {
        let deed = Deed::new("wish.published", format!("wish_{number}"))
            .within(DistrictCode::parse(DISTRICT).unwrap())
            .with(json!({ "zeta": number, "alpha": { "b": 1.5, "a": null } }));
        tx.audit()
            .append(deed.by_system("test", SystemClock.now(), &SystemRandom))
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
}

fn sealer(store: &SqlStore) -> AuditSealer {
    AuditSealer {
        store: Arc::new(store.clone()),
    }
}

async fn sealed(kind: Kind, count: usize) -> (TestDatabase, SqlStore) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    append(&store, count).await;
    assert_eq!(sealer(&store).run_once(1_000).await.unwrap(), count as u64);
    (database, store)
}

async fn head(store: &SqlStore) -> ChainHead {
    store.read().await.unwrap().audit().head().await.unwrap()
}

#[rstest]
#[tokio::test]
async fn sealed_lines_verify_and_nothing_is_sealed_twice(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, store) = sealed(kind, 5).await;
    assert_eq!(sealer(&store).run_once(1_000).await.unwrap(), 0);
    append(&store, 700).await;
    assert_eq!(sealer(&store).run_once(600).await.unwrap(), 600);
    let exported = head(&store).await;
    assert_eq!(sealer(&store).run_once(600).await.unwrap(), 100);
    assert_eq!(head(&store).await.sequence, 705);
    let intact = Verification::Intact(head(&store).await);
    assert_eq!(sealer(&store).verify(None).await.unwrap(), intact);
    assert_eq!(
        sealer(&store).verify(Some(&exported)).await.unwrap(),
        intact
    );
}

#[rstest]
#[tokio::test]
async fn two_sealers_at_once_keep_one_chain(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let database = TestDatabase::new(kind).await;
    let (one, two) = (database.store().await, database.store().await);
    append(&one, 200).await;
    let (first, second) = (sealer(&one), sealer(&two));
    let work = |sealer: AuditSealer| async move {
        let mut done = 0;
        for _ in 0..20 {
            done += sealer.run_once(20).await.unwrap();
        }
        done
    };
    let (first, second) = tokio::join!(work(first), work(second));
    assert_eq!(first + second, 200);
    assert_eq!(
        sealer(&one).verify(None).await.unwrap(),
        Verification::Intact(head(&one).await)
    );
}

#[rstest]
#[case::content(
    "UPDATE audit_entries SET subject = 'wish_9' WHERE sequence = 3",
    "changed 3"
)]
#[case::time(
    "UPDATE audit_entries SET at = '2020-01-01T00:00:00+00:00' WHERE sequence = 1",
    "changed 1"
)]
#[case::detail(
    "UPDATE audit_entries SET detail = '{}' WHERE sequence = 5",
    "changed 5"
)]
#[case::one_gone("DELETE FROM audit_entries WHERE sequence = 2", "missing 2")]
#[case::tail_gone("DELETE FROM audit_entries WHERE sequence > 3", "missing 4")]
#[case::head_moved_back("UPDATE audit_head SET sequence = 3", "other head 3")]
#[tokio::test]
async fn tampering_is_found(
    #[case] tampering: &str,
    #[case] expected: &str,
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, store) = sealed(kind, 5).await;
    store.writer().execute_unprepared(tampering).await.unwrap();
    let found = match sealer(&store).verify(None).await.unwrap() {
        Verification::Intact(_) => "nothing".to_owned(),
        Verification::Broken(ChainFault::Changed { sequence, .. }) => format!("changed {sequence}"),
        Verification::Broken(ChainFault::Missing { sequence }) => format!("missing {sequence}"),
        Verification::Broken(ChainFault::OtherHead { sequence }) => {
            format!("other head {sequence}")
        }
    };
    assert_eq!(found, expected);
}

/// Whoever cuts the tail and puts the head back leaves a chain that verifies in itself; an exported
/// head tells.
#[rstest]
#[tokio::test]
async fn a_tail_cut_with_its_head_shows_against_an_exported_head(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, store) = sealed(kind, 3).await;
    let older = head(&store).await;
    append(&store, 2).await;
    sealer(&store).run_once(10).await.unwrap();
    let exported = head(&store).await;
    store
        .writer()
        .execute_unprepared("DELETE FROM audit_entries WHERE sequence > 3")
        .await
        .unwrap();
    let put_back = "UPDATE audit_head SET sequence = 3, hash = (SELECT hash FROM audit_entries WHERE sequence = 3)";
    store.writer().execute_unprepared(put_back).await.unwrap();

    assert_eq!(
        sealer(&store).verify(None).await.unwrap(),
        Verification::Intact(older)
    );
    let missing = Verification::Broken(ChainFault::Missing { sequence: 4 });
    assert_eq!(
        sealer(&store).verify(Some(&exported)).await.unwrap(),
        missing
    );
}

#[rstest]
#[tokio::test]
async fn what_many_did_is_written_at_once_and_read_back_whole(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    let actor = Actor {
        account_id: Id::generate(SystemClock.now(), &SystemRandom),
        person_id: None,
        session_id: Id::generate(SystemClock.now(), &SystemRandom),
        grants: vec![Grant::Worker],
        request_id: "r-1".to_owned(),
    };
    let deed = |n: usize| Deed::new("voucher.issued", format!("voucher_{n}"));
    let signed = deed(0).within(DistrictCode::parse(DISTRICT).unwrap()).by(
        &actor,
        SystemClock.now(),
        &SystemRandom,
    );
    let plain = deed(1)
        .within(Area::Everywhere)
        .with(json!({ "名": "“引号”\\'" }))
        .by_system("job:test", SystemClock.now(), &SystemRandom);
    let mut tx = store.begin().await.unwrap();
    tx.audit().append_all(Vec::new()).await.unwrap();
    tx.audit()
        .append_all(vec![signed.clone(), plain.clone()])
        .await
        .unwrap();
    let mut lines = tx.audit().unsealed(10).await.unwrap();
    lines.sort_by_key(|line| line.subject.clone());
    let seen: Vec<_> = lines
        .iter()
        .map(|line| {
            (
                line.id,
                line.at,
                line.account_id,
                line.role.as_deref(),
                line.area.as_str(),
                &line.detail,
            )
        })
        .collect();
    let expected = [
        (
            signed.id,
            signed.at,
            Some(actor.account_id),
            Some("worker"),
            DISTRICT,
            &serde_json::Value::Null,
        ),
        (plain.id, plain.at, None, None, "everywhere", &plain.detail),
    ];
    assert_eq!(seen, expected);
}
