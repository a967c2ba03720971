//! Contract of the wish repositories.

use chrono::TimeDelta;
use niangjia_domain::{
    kernel::{
        Actor, Clock, DistrictCode, Fen, Jurisdiction, PageRequest,
        id::{StationId, UploadId, WishClaimId, WishId, WishReportId},
    },
    store::{Store, StoreError},
    wishes::{
        claims::wish_claim::{ClaimState, ClaimStatus, Donor, Parcel, WishClaim},
        handover::pickup::{Pickup, PickupCode},
        moderation::{text_check::Verdict, wish_report::WishReport},
        ports::{QueueFilter, WallFilter},
        wish::{
            ClaimRefusal, MachineOpinion, Taken, Thanks, Wish, WishState, content::WishContent,
            status::WishStatus,
        },
    },
};
use niangjia_infra::system::SystemRandom;
use niangjia_tests::{
    database::Kind,
    wish_scene::{DISTRICT, Scene},
};
use rstest::rstest;

const CODE: &str = "204761";
const FIRST: PageRequest = PageRequest {
    limit: 10,
    after: None,
};

fn taken(scene: &Scene) -> Taken {
    let now = scene.clock.now();
    Taken {
        published_at: now,
        claim_id: WishClaimId::generate(now, &SystemRandom),
    }
}

fn state(scene: &Scene, status: WishStatus) -> WishState {
    let (now, taken) = (scene.clock.now(), taken(scene));
    let reason = "请补充尺码".to_owned();
    match status {
        WishStatus::Checking => WishState::Checking,
        WishStatus::Reviewing => WishState::Reviewing {
            due_at: now,
            machine: MachineOpinion {
                verdict: Verdict::Review,
                label: "20001".to_owned(),
            },
        },
        WishStatus::Returned => WishState::Returned { reason },
        WishStatus::Rejected => WishState::Rejected { reason },
        WishStatus::Withdrawn => WishState::Withdrawn,
        WishStatus::Published => WishState::Published { at: now },
        WishStatus::Claimed => WishState::Claimed(taken),
        WishStatus::InTransit => WishState::InTransit(taken),
        WishStatus::AtStation => {
            let pickup = Pickup {
                code: PickupCode::parse(CODE).unwrap(),
                wrong: 3,
                locked_until: Some(now),
            };
            WishState::AtStation {
                taken,
                arrived_at: now,
                pickup,
            }
        }
        WishStatus::HandedOver => WishState::HandedOver { taken, at: now },
        WishStatus::Thanked => {
            let photo_ids = vec![UploadId::generate(now, &SystemRandom)];
            let message = "谢谢您".to_owned();
            let thanks = Thanks {
                message,
                photo_ids,
                face_consent: true,
                passed: false,
                at: now,
            };
            WishState::Thanked {
                taken,
                handed_over_at: now,
                thanks,
            }
        }
    }
}

fn wish(scene: &Scene, worker: &Actor, status: WishStatus) -> Wish {
    let now = scene.clock.now();
    Wish {
        id: WishId::generate(now, &SystemRandom),
        account_id: worker.account_id,
        person_id: worker.person_id.unwrap(),
        station_id: scene.station.id,
        district: scene.station.district,
        content: WishContent {
            title: "保温杯".to_owned(),
            story: "冬天送餐".to_owned(),
            category: "daily_goods".to_owned(),
            estimate: Fen::new(9_900).unwrap(),
            photo_ids: vec![UploadId::generate(now, &SystemRandom)],
        },
        submitted_at: now,
        state: state(scene, status),
        version: 0,
    }
}

async fn insert(scene: &Scene, wish: &Wish) -> bool {
    let mut tx = scene.store.begin().await.unwrap();
    let inserted = tx.wishes().insert(wish).await.unwrap();
    tx.commit().await.unwrap();
    inserted
}

fn donor(actor: &Actor) -> Donor {
    Donor::of(actor)
}

#[rstest]
#[tokio::test]
async fn every_state_reads_back_inserted_or_saved(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let scene = Scene::new(kind).await;
    for &status in WishStatus::ALL {
        let inserted = wish(&scene, &scene.worker().await, status);
        assert!(insert(&scene, &inserted).await);
        assert_eq!(
            scene.stored(inserted.id).await,
            Wish {
                version: 1,
                ..inserted
            }
        );

        let first = wish(&scene, &scene.worker().await, WishStatus::AtStation);
        assert!(insert(&scene, &first).await);
        let next = Wish {
            state: state(&scene, status),
            version: 1,
            ..first
        };
        let mut tx = scene.store.begin().await.unwrap();
        assert!(tx.wishes().save(&next).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(
            scene.stored(next.id).await,
            Wish {
                version: 2,
                ..next.clone()
            },
            "nothing of the old state is left"
        );

        let mut tx = scene.store.begin().await.unwrap();
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
    let scene = Scene::new(kind).await;
    for &status in WishStatus::ALL {
        let worker = scene.worker().await;
        assert!(insert(&scene, &wish(&scene, &worker, status)).await);
        let mut read = scene.store.read().await.unwrap();
        assert_eq!(
            read.wishes()
                .has_live(worker.person_id.unwrap())
                .await
                .unwrap(),
            status.is_live(),
            "{status}"
        );
        let second = wish(&scene, &worker, WishStatus::Checking);
        assert_eq!(insert(&scene, &second).await, !status.is_live(), "{status}");
    }
}

#[rstest]
#[tokio::test]
async fn take_decides_what_the_pure_transition_says(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let scene = Scene::new(kind).await;
    let stranger = scene.donor().await;
    let person = scene.worker().await;
    for &status in WishStatus::ALL {
        let worker = scene.worker().await;
        let twin = Donor {
            account_id: stranger.account_id,
            person_id: worker.person_id,
        };
        for donor in [donor(&stranger), donor(&person), donor(&worker), twin] {
            let before = wish(&scene, &scene.worker().await, status);
            let before = Wish {
                account_id: worker.account_id,
                person_id: worker.person_id.unwrap(),
                ..before
            };
            let claim = WishClaimId::generate(scene.clock.now(), &SystemRandom);
            let mut tx = scene.store.begin().await.unwrap();
            assert!(tx.wishes().insert(&before).await.unwrap());
            let taken = tx.wishes().take(before.id, claim, &donor).await.unwrap();
            let expected = before
                .clone()
                .claim(claim, &donor)
                .ok()
                .map(|wish| Wish { version: 2, ..wish });
            assert_eq!(taken, expected, "{status}");
        }
        let own = wish(&scene, &worker, status).claim(taken(&scene).claim_id, &donor(&worker));
        assert!(matches!(own, Err(ClaimRefusal::Own | ClaimRefusal::Hidden)));
    }
}

#[rstest]
#[tokio::test]
async fn scope_is_part_of_the_query(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let scene = Scene::new(kind).await;
    let (worker, other) = (scene.worker().await, scene.donor().await);
    let wish = wish(&scene, &worker, WishStatus::Reviewing);
    assert!(insert(&scene, &wish).await);
    let district = |code| Jurisdiction::District(DistrictCode::parse(code).unwrap());
    let elsewhere = StationId::generate(scene.clock.now(), &SystemRandom);
    let mut tx = scene.store.read().await.unwrap();
    let wishes = tx.wishes();
    assert!(
        wishes
            .find_of(wish.id, worker.account_id)
            .await
            .unwrap()
            .is_some()
    );
    assert!(
        wishes
            .find_of(wish.id, other.account_id)
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        wishes
            .find_at(wish.id, &[elsewhere, scene.station.id])
            .await
            .unwrap()
            .is_some()
    );
    assert!(
        wishes
            .find_at(wish.id, &[elsewhere])
            .await
            .unwrap()
            .is_none()
    );
    assert!(wishes.find_at(wish.id, &[]).await.unwrap().is_none());
    for (area, inside) in [
        (district(DISTRICT), true),
        (district("370800"), true),
        (district("370881"), false),
    ] {
        assert_eq!(
            wishes.find_within(wish.id, &area).await.unwrap().is_some(),
            inside
        );
        let queue = wishes
            .list_queue(&area, &QueueFilter::default(), FIRST)
            .await
            .unwrap();
        assert_eq!(queue.items.len(), usize::from(inside));
    }
    assert!(
        wishes
            .find_within(wish.id, &Jurisdiction::Everywhere)
            .await
            .unwrap()
            .is_some()
    );
}

#[rstest]
#[tokio::test]
async fn lists_filter_and_page_newest_first(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let scene = Scene::new(kind).await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        scene.clock.advance(TimeDelta::seconds(1));
        let wish = wish(&scene, &scene.worker().await, WishStatus::Published);
        assert!(insert(&scene, &wish).await);
        ids.insert(0, wish.id);
    }
    assert!(
        insert(
            &scene,
            &wish(&scene, &scene.worker().await, WishStatus::Claimed)
        )
        .await
    );
    assert!(
        insert(
            &scene,
            &wish(&scene, &scene.worker().await, WishStatus::Reviewing)
        )
        .await
    );
    let filter = WallFilter {
        district: DistrictCode::parse("370800").ok(),
        category: Some("daily_goods".to_owned()),
        status: WishStatus::Published,
    };
    let mut tx = scene.store.read().await.unwrap();
    let first = tx
        .wishes()
        .list_wall(
            &filter,
            PageRequest {
                limit: 2,
                after: None,
            },
        )
        .await
        .unwrap();
    assert_eq!(
        first.items.iter().map(|wish| wish.id).collect::<Vec<_>>(),
        ids[..2]
    );
    let rest = tx
        .wishes()
        .list_wall(
            &filter,
            PageRequest {
                limit: 2,
                after: first.next,
            },
        )
        .await
        .unwrap();
    assert_eq!(
        rest.items.iter().map(|wish| wish.id).collect::<Vec<_>>(),
        ids[2..]
    );
    assert_eq!(rest.next, None);
    let other = WallFilter {
        category: Some("tools".to_owned()),
        ..filter
    };
    assert!(
        tx.wishes()
            .list_wall(&other, FIRST)
            .await
            .unwrap()
            .items
            .is_empty()
    );

    let later = scene.clock.now() + TimeDelta::seconds(1);
    for (due_before, found) in [(scene.clock.now(), 0), (later, 1)] {
        let filter = QueueFilter {
            status: None,
            due_before: Some(due_before),
        };
        let queue = tx
            .wishes()
            .list_queue(&Jurisdiction::Everywhere, &filter, FIRST)
            .await
            .unwrap();
        assert_eq!(queue.items.len(), found);
    }
}

#[rstest]
#[tokio::test]
async fn the_pickup_code_is_sealed_at_rest(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let scene = Scene::new(kind).await;
    let wish = wish(&scene, &scene.worker().await, WishStatus::AtStation);
    assert!(insert(&scene, &wish).await);
    let hex = match kind {
        Kind::Sqlite => "hex(pickup_code)",
        Kind::Postgres => "upper(encode(pickup_code, 'hex'))",
    };
    let clear = hex::encode_upper(CODE);
    let found = scene
        .count(&format!(
            "SELECT COUNT(*) FROM wishes WHERE {hex} LIKE '%{clear}%'"
        ))
        .await;
    assert_eq!(found, 0);
}

#[rstest]
#[tokio::test]
async fn a_wish_has_one_live_claim_whatever_the_use_case_forgets(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let scene = Scene::new(kind).await;
    let wish = scene.published(&scene.worker().await).await;
    let now = scene.clock.now();
    let open = |actor: &Actor| {
        WishClaim::open(
            WishClaimId::generate(now, &SystemRandom),
            wish,
            &Donor::of(actor),
            None,
            now,
        )
    };
    let first = open(&scene.donor().await);
    let second = open(&scene.donor().await);
    let mut tx = scene.store.begin().await.unwrap();
    assert!(tx.wish_claims().insert(&first).await.unwrap());
    tx.commit().await.unwrap();

    let mut tx = scene.store.begin().await.unwrap();
    assert!(matches!(
        tx.wish_claims().insert(&second).await,
        Err(StoreError::Conflict { .. })
    ));
    drop(tx);

    let mut tx = scene.store.begin().await.unwrap();
    let lapsed = WishClaim {
        state: ClaimState::Lapsed { at: now },
        ..first.clone()
    };
    assert!(
        tx.wish_claims()
            .save(&lapsed, ClaimStatus::Active)
            .await
            .unwrap()
    );
    assert!(
        !tx.wish_claims()
            .save(&lapsed, ClaimStatus::Active)
            .await
            .unwrap(),
        "it is not active any more"
    );
    assert!(tx.wish_claims().insert(&second).await.unwrap());
    tx.commit().await.unwrap();
    let mut tx = scene.store.read().await.unwrap();
    assert_eq!(tx.wish_claims().find(first.id).await.unwrap(), Some(lapsed));
    assert_eq!(
        tx.wish_claims()
            .find_of(second.id, second.donor_id)
            .await
            .unwrap(),
        Some(second.clone())
    );
    assert_eq!(
        tx.wish_claims()
            .find_of(second.id, first.donor_id)
            .await
            .unwrap(),
        None
    );
    assert_eq!(
        tx.wish_claims()
            .list_own(second.donor_id, FIRST)
            .await
            .unwrap()
            .items,
        vec![second]
    );
}

#[rstest]
#[tokio::test]
async fn a_donor_has_five_places_and_an_ended_claim_frees_one(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let scene = Scene::new(kind).await;
    let donor = scene.donor().await;
    let now = scene.clock.now();
    let mut claims = Vec::new();
    for _ in 0..6 {
        let wish = scene.published(&scene.worker().await).await;
        let id = WishClaimId::generate(now, &SystemRandom);
        claims.push(WishClaim::open(
            id,
            wish,
            &Donor::of(&donor),
            Some("老张".to_owned()),
            now,
        ));
    }
    let mut tx = scene.store.begin().await.unwrap();
    for claim in &claims[..5] {
        assert!(tx.wish_claims().insert(claim).await.unwrap());
    }
    assert!(
        !tx.wish_claims().insert(&claims[5]).await.unwrap(),
        "all places are taken"
    );
    let parcel = Parcel {
        carrier: Some("顺丰".to_owned()),
        tracking_no: Some("SF1".to_owned()),
    };
    let sent = claims[2].clone().dispatch(parcel, now).unwrap();
    assert!(
        tx.wish_claims()
            .save(&sent, ClaimStatus::Active)
            .await
            .unwrap()
    );
    assert!(
        !tx.wish_claims().insert(&claims[5]).await.unwrap(),
        "a dispatched claim is live"
    );
    let ended = sent.clone().cancel(None, now).unwrap();
    assert!(
        tx.wish_claims()
            .save(&ended, ClaimStatus::Dispatched)
            .await
            .unwrap()
    );
    assert!(tx.wish_claims().insert(&claims[5]).await.unwrap());
    assert_eq!(
        tx.wish_claims().find(claims[5].id).await.unwrap().as_ref(),
        Some(&claims[5])
    );
}

#[rstest]
#[tokio::test]
async fn overdue_and_unreminded_claims_are_found_once(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let scene = Scene::new(kind).await;
    let claim = scene
        .claim(
            &scene.donor().await,
            scene.published(&scene.worker().await).await,
        )
        .await
        .unwrap();
    let made = scene.clock.now();
    let mut tx = scene.store.begin().await.unwrap();
    let claims = tx.wish_claims();
    let before = claim.lapses_at - TimeDelta::seconds(1);
    assert!(claims.list_overdue(before, 10).await.unwrap().is_empty());
    assert_eq!(
        claims
            .list_overdue(claim.lapses_at, 10)
            .await
            .unwrap()
            .len(),
        1
    );
    assert!(
        claims
            .list_unreminded(made - TimeDelta::seconds(1), 10)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(claims.list_unreminded(made, 10).await.unwrap().len(), 1);
    assert!(claims.mark_reminded(claim.id, made).await.unwrap());
    assert!(!claims.mark_reminded(claim.id, made).await.unwrap());
    assert!(claims.list_unreminded(made, 10).await.unwrap().is_empty());
}

#[rstest]
#[tokio::test]
async fn an_account_reports_a_wish_once(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let scene = Scene::new(kind).await;
    let wish = scene.published(&scene.worker().await).await;
    let (one, other) = (scene.donor().await, scene.donor().await);
    let now = scene.clock.now();
    let report = |actor: &Actor| WishReport {
        id: WishReportId::generate(now, &SystemRandom),
        wish_id: wish,
        reporter_id: actor.account_id,
        reason: "内容不实".to_owned(),
        reported_at: now,
    };
    let mut tx = scene.store.begin().await.unwrap();
    assert!(tx.wishes().insert_report(&report(&one)).await.unwrap());
    assert!(!tx.wishes().insert_report(&report(&one)).await.unwrap());
    assert!(tx.wishes().insert_report(&report(&other)).await.unwrap());
    assert_eq!(
        tx.wishes().count_reports(&[wish]).await.unwrap().get(&wish),
        Some(&2)
    );
}
