//! Contract of the upload repository.

use chrono::{DateTime, TimeDelta, Utc};
use niangjia_domain::{
    kernel::{
        Clock,
        id::{AccountId, UploadId},
    },
    store::Store,
    uploads::{PhotoType, Purpose, Refusal, Upload, UploadState, object_key::ObjectToken},
};
use niangjia_infra::system::SystemRandom;
use niangjia_tests::{servers::database::Kind, town::uploads::UploadTown};
use rstest::rstest;
use sea_orm::{ConnectionTrait, Statement};

fn awaiting(owner: AccountId, now: DateTime<Utc>) -> Upload {
    Upload {
        id: UploadId::generate(now, &SystemRandom),
        owner,
        purpose: Purpose::WishPhoto,
        content_type: PhotoType::Jpeg,
        token: ObjectToken::generate(&SystemRandom),
        created_at: now,
        state: UploadState::AwaitingObject,
    }
}

async fn stored(town: &UploadTown, upload: &Upload) {
    let mut tx = town.store.begin().await.unwrap();
    tx.uploads().insert(upload).await.unwrap();
    tx.commit().await.unwrap();
}

async fn saved(town: &UploadTown, upload: &Upload, was: &UploadState) -> bool {
    let mut tx = town.store.begin().await.unwrap();
    let saved = tx.uploads().save(upload, was).await.unwrap();
    tx.commit().await.unwrap();
    saved
}

#[rstest]
#[tokio::test]
async fn every_state_reads_back_for_its_owner_alone(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = UploadTown::new(kind).await;
    let (owner, stranger) = (
        town.worker().await.account_id,
        town.worker().await.account_id,
    );
    let now = town.local.clock.now();
    let states = [
        UploadState::AwaitingObject,
        UploadState::Checking { since: now },
        UploadState::Ready {
            at: now,
            width: 2_048,
            height: 1_024,
        },
        UploadState::Refused {
            at: now,
            refusal: Refusal::NotAPicture,
        },
        UploadState::Expired { at: now },
    ];
    for state in states {
        let upload = Upload {
            state,
            ..awaiting(owner, now)
        };
        stored(&town, &upload).await;
        let mut read = town.store.read().await.unwrap();
        assert_eq!(
            read.uploads().find_own(owner, upload.id).await.unwrap(),
            Some(upload.clone())
        );
        assert_eq!(
            read.uploads().find_own(stranger, upload.id).await.unwrap(),
            None
        );
        let ready = matches!(upload.state, UploadState::Ready { .. });
        assert_eq!(
            read.uploads().ready(&[upload.id]).await.unwrap().len(),
            usize::from(ready)
        );
        assert_eq!(
            read.uploads()
                .ready_of(owner, &[upload.id])
                .await
                .unwrap()
                .len(),
            usize::from(ready)
        );
        assert_eq!(
            read.uploads()
                .ready_of(stranger, &[upload.id])
                .await
                .unwrap(),
            []
        );
    }
}

#[rstest]
#[tokio::test]
async fn a_save_needs_the_state_it_was_made_from(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = UploadTown::new(kind).await;
    let now = town.local.clock.now();
    let upload = awaiting(town.worker().await.account_id, now);
    stored(&town, &upload).await;

    let checking = upload.clone().begin_check(now).unwrap();
    assert!(saved(&town, &checking, &upload.state).await);
    assert!(
        !saved(&town, &checking, &upload.state).await,
        "no longer awaiting"
    );

    let taken_over = checking
        .clone()
        .begin_check(now + TimeDelta::minutes(2))
        .unwrap();
    assert!(saved(&town, &taken_over, &checking.state).await);
    let late = checking.clone().pass(4, 3, now).unwrap();
    assert!(
        !saved(&town, &late, &checking.state).await,
        "another check has the lease"
    );
    let ready = taken_over.clone().pass(4, 3, now).unwrap();
    assert!(saved(&town, &ready, &taken_over.state).await);
    assert!(!saved(&town, &ready, &taken_over.state).await, "settled");
}

#[rstest]
#[tokio::test]
async fn originals_are_stale_once_settled_or_given_up(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = UploadTown::new(kind).await;
    let owner = town.worker().await.account_id;
    let now = town.local.clock.now();
    let young = awaiting(owner, now);
    let old = awaiting(owner, now - TimeDelta::hours(24));
    let refused = Upload {
        state: UploadState::Refused {
            at: now,
            refusal: Refusal::Damaged,
        },
        ..awaiting(owner, now)
    };
    for upload in [&young, &old, &refused] {
        stored(&town, upload).await;
    }
    let mut tx = town.store.begin().await.unwrap();
    let stale = tx
        .uploads()
        .with_stale_original(now - TimeDelta::hours(24), 10)
        .await
        .unwrap();
    assert_eq!(stale, [old.clone(), refused.clone()], "oldest first");
    assert_eq!(
        tx.uploads()
            .with_stale_original(now - TimeDelta::hours(24), 1)
            .await
            .unwrap(),
        stale[..1]
    );
    tx.uploads().original_removed(old.id).await.unwrap();
    assert_eq!(
        tx.uploads()
            .with_stale_original(now - TimeDelta::hours(24), 10)
            .await
            .unwrap(),
        [refused]
    );
}

const TWINS: usize = 12;

#[rstest]
#[tokio::test]
async fn of_many_checks_of_one_upload_one_begins(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = UploadTown::new(kind).await;
    let upload = awaiting(town.worker().await.account_id, town.local.clock.now());
    stored(&town, &upload).await;
    let twins = (0..TWINS).map(|lag| {
        let (store, upload) = (town.store.clone(), upload.clone());
        tokio::spawn(async move {
            let since = upload.created_at + TimeDelta::microseconds(lag as i64);
            let checking = upload.clone().begin_check(since).unwrap();
            let mut tx = store.begin().await.unwrap();
            let saved = tx.uploads().save(&checking, &upload.state).await.unwrap();
            tx.commit().await.unwrap();
            saved
        })
    });
    assert_eq!(how_many(twins.collect()).await, 1);
}

/// The control: without the guard, everybody begins, and the test above would see it.
#[rstest]
#[tokio::test]
async fn without_the_guard_every_check_begins(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let town = UploadTown::new(kind).await;
    let upload = awaiting(town.worker().await.account_id, town.local.clock.now());
    stored(&town, &upload).await;
    let twins = (0..TWINS).map(|_| {
        let (pool, upload) = (town.store.writer().clone(), upload.clone());
        tokio::spawn(async move {
            let statement = Statement::from_sql_and_values(
                pool.get_database_backend(),
                "UPDATE uploads SET status = 'checking', checking_since = $1 WHERE id = $2",
                [upload.created_at.into(), upload.id.uuid().into()],
            );
            pool.execute_raw(statement).await.unwrap().rows_affected() == 1
        })
    });
    assert_eq!(how_many(twins.collect()).await, TWINS);
}

async fn how_many(twins: Vec<tokio::task::JoinHandle<bool>>) -> usize {
    let mut won = 0;
    for twin in twins {
        won += usize::from(twin.await.unwrap());
    }
    won
}
