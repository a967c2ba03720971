//! Grants by rule, from approval to the last member.

use chrono::TimeDelta;
use niangjia_domain::{
    kernel::{Actor, PageRequest},
    vouchers::{VoucherError, allotment::AllotmentState, batches::batch::Switch},
};
use niangjia_tests::{
    canteen::Canteen,
    database::Kind,
    releases::{Desk, by_grant, told},
};
use rstest::rstest;

/// Seven members of a union of the batch's own county.
async fn neighbours(canteen: &Canteen) -> Vec<Actor> {
    canteen
        .scene
        .execute("UPDATE unions SET district = '370811'", [])
        .await;
    let mut workers = Vec::new();
    for _ in 0..7 {
        workers.push(canteen.scene.worker().await);
    }
    workers
}

async fn held(canteen: &Canteen, worker: &Actor) -> usize {
    let page = PageRequest {
        limit: 5,
        after: None,
    };
    canteen
        .vouchers
        .wallet
        .my_vouchers(worker, None, page)
        .await
        .unwrap()
        .items
        .len()
}

#[rstest]
#[tokio::test]
async fn every_member_who_meets_the_rule_gets_one(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let canteen = Canteen::open(kind).await;
    let desk = Desk::of(&canteen);
    let workers = neighbours(&canteen).await;
    let trucker = "UPDATE memberships SET occupation = 'trucker' WHERE person_id = $1";
    canteen
        .scene
        .execute(trucker, [workers[2].person_id.unwrap().uuid().into()])
        .await;
    let left = "UPDATE memberships SET status = 'withdrawn' WHERE person_id = $1";
    canteen
        .scene
        .execute(left, [workers[3].person_id.unwrap().uuid().into()])
        .await;
    let mut new = by_grant(&canteen);
    new.occupations = vec!["courier".to_owned()];
    let batch = canteen.running(new).await;
    assert_eq!(
        desk.progress(&canteen, batch).await.state,
        AllotmentState::Waiting
    );
    assert!(matches!(
        canteen.claim(&workers[0], batch).await,
        Err(VoucherError::DistributedOtherwise(_))
    ));

    // After two rounds the process dies; another one goes on.
    desk.grants.run_due(2).await.unwrap();
    desk.grants.run_due(2).await.unwrap();
    let half = desk.progress(&canteen, batch).await;
    assert_eq!((half.state, half.considered), (AllotmentState::Running, 4));
    let other = Desk::another(&canteen).await;
    other.grant_all(2).await;
    let run = desk.progress(&canteen, batch).await;
    assert_eq!(
        (run.state, run.considered, run.issued),
        (AllotmentState::Finished, 6, 5)
    );
    assert_eq!((run.skipped.occupation, run.skipped.person_limit), (1, 0));
    assert!(run.started_at.is_some() && run.finished_at.is_some());
    for (index, worker) in workers.iter().enumerate() {
        let expected = usize::from(index != 2 && index != 3);
        assert_eq!(held(&canteen, worker).await, expected, "worker {index}");
        assert_eq!(told(&canteen, worker).await.len(), expected);
    }
    assert_eq!(canteen.balanced(batch).await.issued, 5);
    assert_eq!(other.grants.run_due(2).await.unwrap(), 0, "once");
}

#[rstest]
#[tokio::test]
async fn a_run_stops_at_the_quota_and_goes_on_when_it_is_raised(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let canteen = Canteen::open(kind).await;
    let desk = Desk::of(&canteen);
    let workers = neighbours(&canteen).await;
    let mut new = by_grant(&canteen);
    (new.quota, new.budget_fen) = (4, 5 * 1_500);
    let batch = canteen.running(new).await;
    desk.grant_all(3).await;
    let run = desk.progress(&canteen, batch).await;
    assert_eq!(
        (run.state, run.considered, run.issued),
        (AllotmentState::Exhausted, 4, 4)
    );
    canteen
        .vouchers
        .batches
        .change_quota(&canteen.maker, batch, 4, 10)
        .await
        .unwrap();
    desk.grant_all(3).await;
    let run = desk.progress(&canteen, batch).await;
    assert_eq!(
        (run.state, run.issued),
        (AllotmentState::Exhausted, 5),
        "now the budget is used up"
    );
    canteen
        .vouchers
        .batches
        .change_budget(&canteen.maker, batch, 7_500, 15_000)
        .await
        .unwrap();
    desk.grant_all(3).await;
    let run = desk.progress(&canteen, batch).await;
    assert_eq!(
        (run.state, run.considered, run.issued),
        (AllotmentState::Finished, 7, 7)
    );
    for worker in &workers {
        assert_eq!(held(&canteen, worker).await, 1);
    }
    canteen.balanced(batch).await;
}

#[rstest]
#[tokio::test]
async fn a_paused_run_rests_and_a_stopped_one_ends(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let canteen = Canteen::open(kind).await;
    let desk = Desk::of(&canteen);
    neighbours(&canteen).await;
    let batch = canteen.running(by_grant(&canteen)).await;
    desk.grants.run_due(2).await.unwrap();
    canteen
        .vouchers
        .batches
        .switch(&canteen.maker, batch, Switch::Pause)
        .await
        .unwrap();
    assert_eq!(desk.grants.run_due(2).await.unwrap(), 0);
    canteen
        .vouchers
        .batches
        .switch(&canteen.maker, batch, Switch::Stop)
        .await
        .unwrap();
    desk.grant_all(2).await;
    let run = desk.progress(&canteen, batch).await;
    assert_eq!((run.state, run.issued), (AllotmentState::Stopped, 2));
    canteen.scene.clock.advance(TimeDelta::days(1));
    assert_eq!(desk.grants.run_due(2).await.unwrap(), 0);
    canteen.balanced(batch).await;
}

#[rstest]
#[tokio::test]
async fn members_of_other_districts_are_not_reached(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let canteen = Canteen::open(kind).await;
    let desk = Desk::of(&canteen);
    let workers = neighbours(&canteen).await;
    canteen
        .scene
        .execute("UPDATE unions SET district = '370812'", [])
        .await;
    let batch = canteen.running(by_grant(&canteen)).await;
    desk.grant_all(100).await;
    let run = desk.progress(&canteen, batch).await;
    assert_eq!((run.state, run.considered), (AllotmentState::Finished, 0));
    assert_eq!(held(&canteen, &workers[0]).await, 0);
}
