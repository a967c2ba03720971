//! Who decides, what they are shown, and what they explained before.

use chrono::TimeDelta;
use niangjia_domain::{
    kernel::{AccessError, Actor, Clock, Grant, Jurisdiction, PageRequest},
    vouchers::{
        VoucherError,
        collusion::{
            Signal, SuspensionDecision, SuspensionDecisionInput, SuspensionQuery, SuspensionStatus,
        },
    },
};
use niangjia_tests::{
    actors::auditor,
    rows::{ScanHistory, account, new_id, person, revision_of},
    servers::database::Kind,
};
use rstest::rstest;
use sea_orm::ConnectionTrait;

use super::{FIRST, Held, held};

#[rstest]
#[tokio::test]
async fn reviewers_are_of_the_district_and_had_no_part_in_it(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let held = Held::new(kind).await;
    let (town, checker) = (&held.town, &held.town.checker);
    let release = async |by: &Actor| held.decide(by, SuspensionDecision::Lift).await;
    let stranger = town.cadre("370812");
    assert!(matches!(
        release(&stranger).await,
        Err(VoucherError::Access(AccessError::NotFound))
    ));
    assert!(
        held.collusion
            .suspensions(&stranger, SuspensionQuery::default(), FIRST)
            .await
            .unwrap()
            .items
            .is_empty()
    );
    assert!(matches!(
        release(&auditor()).await,
        Err(VoucherError::Access(AccessError::Forbidden))
    ));
    assert!(matches!(
        release(&town.staff).await,
        Err(VoucherError::Access(AccessError::Forbidden))
    ));
    assert_eq!(
        held.collusion
            .suspensions(&auditor(), SuspensionQuery::default(), FIRST)
            .await
            .unwrap()
            .items
            .len(),
        1
    );
    let scanned = Actor {
        account_id: town.staff.account_id,
        ..checker.clone()
    };
    let ate = Actor {
        person_id: held.holder.person_id,
        ..checker.clone()
    };
    for involved in [scanned, ate] {
        assert!(matches!(
            release(&involved).await,
            Err(VoucherError::ReviewerInvolved)
        ));
    }
    let input = SuspensionDecisionInput {
        decision: SuspensionDecision::Lift,
        reason: " ".to_owned(),
    };
    let speechless = held
        .collusion
        .decide(checker, held.redemption, input, 2)
        .await;
    assert!(matches!(speechless, Err(VoucherError::Invalid(_))));
    assert_eq!(release(checker).await.unwrap(), SuspensionStatus::Lifted);
    let audited = "SELECT COUNT(*) FROM audit_entries WHERE action = 'redemption.suspension_lifted' AND area = '370811'";
    assert_eq!(town.count(audited).await, 1);
}

#[rstest]
#[tokio::test]
async fn the_queue_is_narrowed_by_what_reviewers_ask_for(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let held = Held::new(kind).await;
    let (all, now) = (SuspensionQuery::default(), held.town.clock.now());
    let here = held.town.station.id;
    for (query, expected) in [
        (
            SuspensionQuery {
                signal: Some(Signal::Burst),
                station_id: Some(here),
                ..all
            },
            1,
        ),
        (
            SuspensionQuery {
                signal: Some(Signal::SamePair),
                ..all
            },
            0,
        ),
        (
            SuspensionQuery {
                station_id: Some(new_id()),
                ..all
            },
            0,
        ),
        (
            SuspensionQuery {
                status: Some(SuspensionStatus::Lifted),
                ..all
            },
            0,
        ),
        (
            SuspensionQuery {
                due_before: Some(now),
                ..all
            },
            0,
        ),
        (
            SuspensionQuery {
                due_before: Some(now + TimeDelta::days(4)),
                ..all
            },
            1,
        ),
    ] {
        assert_eq!(held.listed(query).await, expected, "{query:?}");
    }
    held.town.clock.advance(TimeDelta::days(3));
    let late = held
        .collusion
        .suspensions(&held.town.checker, all, FIRST)
        .await
        .unwrap();
    assert!(late.items[0].is_overdue);
    let behind = PageRequest {
        limit: 20,
        after: Some(held.redemption.uuid()),
    };
    assert!(
        held.collusion
            .suspensions(&held.town.checker, all, behind)
            .await
            .unwrap()
            .items
            .is_empty()
    );
}

#[rstest]
#[tokio::test]
async fn a_habit_that_a_reviewer_explained_is_left_alone_for_a_while(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let history = ScanHistory::new(kind).await;
    let (staff, holder) = (account(), person());
    for day in 1..9 {
        history
            .add(history.scan(staff, holder, history.ago(day)))
            .await;
    }
    let held = held(&history).await;
    assert_eq!(held.len(), 8);
    let cadre = Actor {
        grants: vec![Grant::Cadre(Jurisdiction::Everywhere)],
        ..auditor()
    };
    let input = SuspensionDecisionInput {
        decision: SuspensionDecision::Lift,
        reason: "村里只有这一位骑手".to_owned(),
    };
    let watcher = history.watcher();
    let revision = revision_of(&watcher, held[0].0).await;
    watcher
        .decide(&cadre, held[0].0, input, revision)
        .await
        .unwrap();
    history
        .add(history.scan(staff, holder, history.ago(0)))
        .await;
    assert_eq!(history.watcher().watch_habits().await.unwrap(), 0);
    history.rows
        .store
        .writer()
        .execute_unprepared(
            "UPDATE redemption_suspensions SET decided_at = suspended_at WHERE decision IS NOT NULL",
        )
        .await
        .unwrap();
    let mut impatient = history.watcher();
    impatient.policy.cleared_for = TimeDelta::zero();
    assert_eq!(
        impatient.watch_habits().await.unwrap(),
        1,
        "after that it is looked at again"
    );
}
