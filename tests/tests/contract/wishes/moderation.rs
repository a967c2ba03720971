//! Who looks at a wish before and after it hangs on the wall.

use chrono::TimeDelta;
use niangjia_domain::{
    kernel::AccessError,
    wishes::{WishDecision, WishError, moderation::text_check::Verdict, wish::status::WishStatus},
};
use niangjia_tests::{
    actors::once,
    places::{DISTRICT, QUFU},
    servers::database::Kind,
    town::Town,
};
use rstest::rstest;

use super::{FIRST, is_not_found};

#[rstest]
#[tokio::test]
async fn the_machine_decides_where_a_wish_goes_first(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::new(kind).await;
    let submit = async |verdict| {
        town.text_check.says(verdict);
        let worker = town.worker().await;
        let receipt = town
            .services
            .wishes
            .submit(&worker, &once(&worker), &town.wish_form())
            .await
            .unwrap()
            .value;
        (worker, receipt)
    };
    assert_eq!(
        submit(Some(Verdict::Pass)).await.1.status,
        WishStatus::Reviewing
    );
    assert_eq!(
        submit(Some(Verdict::Review)).await.1.status,
        WishStatus::Reviewing
    );
    let (refused, receipt) = submit(Some(Verdict::Risky)).await;
    assert_eq!(receipt.status, WishStatus::Returned);
    assert_eq!(town.inbox(&refused).await[0].0, "wish_returned");
    town.text_check.says(Some(Verdict::Pass));
    let again = town
        .services
        .wishes
        .submit(&refused, &once(&refused), &town.wish_form())
        .await
        .unwrap()
        .value;
    assert_eq!(
        again.status,
        WishStatus::Reviewing,
        "a returned wish does not block its correction"
    );

    let (_, waiting) = submit(None).await;
    assert_eq!(waiting.status, WishStatus::Checking);
    let decided = town
        .decide_on_wish(&town.cadre(DISTRICT), waiting.id, WishDecision::Publish)
        .await;
    assert!(
        matches!(
            decided,
            Err(WishError::WishState {
                from: WishStatus::Checking
            })
        ),
        "nothing goes unchecked"
    );
    assert_eq!(
        town.services.wishes.check_pending(10).await.unwrap(),
        0,
        "still away"
    );
    town.text_check.says(Some(Verdict::Pass));
    assert_eq!(town.services.wishes.check_pending(10).await.unwrap(), 1);
    assert_eq!(
        town.stored_wish(waiting.id).await.status(),
        WishStatus::Reviewing
    );

    let (_, forgotten) = submit(None).await;
    town.clock.advance(TimeDelta::hours(24));
    assert_eq!(
        town.services.wishes.check_pending(10).await.unwrap(),
        1,
        "after a day a human looks"
    );
    assert_eq!(
        town.stored_wish(forgotten.id).await.status(),
        WishStatus::Reviewing
    );
}

#[rstest]
#[tokio::test]
async fn cadres_decide_in_their_area_with_reasons(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::new(kind).await;
    let worker = town.worker().await;
    let id = town.submitted_wish(&worker).await;
    let elsewhere = town
        .decide_on_wish(&town.cadre(QUFU), id, WishDecision::Publish)
        .await;
    assert!(is_not_found(&elsewhere.unwrap_err()));
    let not_a_cadre = town
        .decide_on_wish(&worker, id, WishDecision::Publish)
        .await;
    assert!(matches!(
        not_a_cadre,
        Err(WishError::Access(AccessError::Forbidden))
    ));
    let mut own = town.cadre(DISTRICT);
    own.person_id = worker.person_id;
    assert!(matches!(
        town.decide_on_wish(&own, id, WishDecision::Publish).await,
        Err(WishError::OwnWish)
    ));
    assert!(WishDecision::parse("reject", None).is_err());
    let reject = WishDecision::parse("reject", Some("不属于帮扶范围")).unwrap();
    town.decide_on_wish(&town.cadre(DISTRICT), id, reject)
        .await
        .unwrap();
    let again = town
        .decide_on_wish(&town.cadre(DISTRICT), id, WishDecision::Publish)
        .await;
    assert!(matches!(
        again,
        Err(WishError::WishState {
            from: WishStatus::Rejected
        })
    ));
    let mine = town
        .services
        .wishes
        .list_own(&worker, FIRST)
        .await
        .unwrap()
        .items;
    assert_eq!(mine[0].reason.as_deref(), Some("不属于帮扶范围"));
}

#[rstest]
#[tokio::test]
async fn reports_reach_the_queue_of_the_district(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::new(kind).await;
    let (worker, reader) = (town.worker().await, town.donor().await);
    let id = town.submitted_wish(&worker).await;
    assert!(
        is_not_found(
            &town
                .services
                .wishes
                .report(&reader, id, "内容不实")
                .await
                .unwrap_err()
        ),
        "not public yet"
    );
    town.decide_on_wish(&town.cadre(DISTRICT), id, WishDecision::Publish)
        .await
        .unwrap();
    town.services
        .wishes
        .report(&reader, id, "内容不实")
        .await
        .unwrap();
    assert!(matches!(
        town.services.wishes.report(&reader, id, "内容不实").await,
        Err(WishError::AlreadyReported)
    ));
    let queue = town
        .services
        .wishes
        .list_queue(&town.cadre(DISTRICT), &Default::default(), FIRST)
        .await
        .unwrap();
    assert_eq!(queue.items[0].reports, 1);
    assert!(
        town.services
            .wishes
            .list_queue(&reader, &Default::default(), FIRST)
            .await
            .is_err()
    );
}
