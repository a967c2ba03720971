//! Every state of a wish, as it is stored and as it changes.

use niangjia_domain::{
    kernel::{Clock, id::WishClaimId},
    store::Store,
    wishes::{
        claims::wish_claim::Donor,
        wish::{ClaimRefusal, Wish, status::WishStatus},
    },
};
use niangjia_infra::system::SystemRandom;
use niangjia_tests::{servers::database::Kind, town::Town};
use rstest::rstest;

use super::{CODE, donor, insert, state, taken, wish};

#[rstest]
#[tokio::test]
async fn every_state_reads_back_inserted_or_saved(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::new(kind).await;
    for &status in WishStatus::ALL {
        let inserted = wish(&town, &town.worker().await, status);
        assert!(insert(&town, &inserted).await);
        assert_eq!(
            town.stored_wish(inserted.id).await,
            Wish {
                version: 1,
                ..inserted
            }
        );

        let first = wish(&town, &town.worker().await, WishStatus::AtStation);
        assert!(insert(&town, &first).await);
        let next = Wish {
            state: state(&town, status),
            version: 1,
            ..first
        };
        let mut tx = town.store.begin().await.unwrap();
        assert!(tx.wishes().save(&next).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(
            town.stored_wish(next.id).await,
            Wish {
                version: 2,
                ..next.clone()
            },
            "nothing of the old state is left"
        );

        let mut tx = town.store.begin().await.unwrap();
        assert!(
            !tx.wishes().save(&next).await.unwrap(),
            "somebody has saved since"
        );
    }
}

#[rstest]
#[tokio::test]
async fn a_person_has_one_live_wish_and_the_index_agrees_with_the_domain(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::new(kind).await;
    for &status in WishStatus::ALL {
        let worker = town.worker().await;
        assert!(insert(&town, &wish(&town, &worker, status)).await);
        let mut read = town.store.read().await.unwrap();
        assert_eq!(
            read.wishes()
                .has_live(worker.person_id.unwrap())
                .await
                .unwrap(),
            status.is_live(),
            "{status}"
        );
        let second = wish(&town, &worker, WishStatus::Checking);
        assert_eq!(insert(&town, &second).await, !status.is_live(), "{status}");
    }
}

#[rstest]
#[tokio::test]
async fn take_decides_what_the_pure_transition_says(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::new(kind).await;
    let stranger = town.donor().await;
    let person = town.worker().await;
    for &status in WishStatus::ALL {
        let worker = town.worker().await;
        let twin = Donor {
            account_id: stranger.account_id,
            person_id: worker.person_id,
        };
        for donor in [donor(&stranger), donor(&person), donor(&worker), twin] {
            let before = wish(&town, &town.worker().await, status);
            let before = Wish {
                account_id: worker.account_id,
                person_id: worker.person_id.unwrap(),
                ..before
            };
            let claim = WishClaimId::generate(town.clock.now(), &SystemRandom);
            let mut tx = town.store.begin().await.unwrap();
            assert!(tx.wishes().insert(&before).await.unwrap());
            let taken = tx.wishes().take(before.id, claim, &donor).await.unwrap();
            let expected = before
                .clone()
                .claim(claim, &donor)
                .ok()
                .map(|wish| Wish { version: 2, ..wish });
            assert_eq!(taken, expected, "{status}");
        }
        let own = wish(&town, &worker, status).claim(taken(&town).claim_id, &donor(&worker));
        assert!(matches!(own, Err(ClaimRefusal::Own | ClaimRefusal::Hidden)));
    }
}

#[rstest]
#[tokio::test]
async fn the_pickup_code_is_sealed_at_rest(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let town = Town::new(kind).await;
    let wish = wish(&town, &town.worker().await, WishStatus::AtStation);
    assert!(insert(&town, &wish).await);
    let hex = match kind {
        Kind::Sqlite => "hex(pickup_code)",
        Kind::Postgres => "upper(encode(pickup_code, 'hex'))",
    };
    let clear = hex::encode_upper(CODE);
    let found = town
        .count(&format!(
            "SELECT COUNT(*) FROM wishes WHERE {hex} LIKE '%{clear}%'"
        ))
        .await;
    assert_eq!(found, 0);
}
