//! Grants by rule, from approval to the last member.

use chrono::TimeDelta;
use niangjia_domain::{
    kernel::{Actor, PageRequest},
    vouchers::{VoucherError, allotment::AllotmentState, batches::batch::Switch},
};
use niangjia_tests::{
    servers::database::Kind,
    town::{Town, by_allotment, told},
};
use rstest::rstest;

/// Seven members of a union of the batch's own county.
async fn neighbours(town: &Town) -> Vec<Actor> {
    town.execute("UPDATE unions SET district = '370811'", [])
        .await;
    let mut workers = Vec::new();
    for _ in 0..7 {
        workers.push(town.worker().await);
    }
    workers
}

async fn held(town: &Town, worker: &Actor) -> usize {
    let page = PageRequest {
        limit: 5,
        after: None,
    };
    town.services
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
    let town = Town::at_noon(kind).await;
    let services = town.services.clone();
    let workers = neighbours(&town).await;
    let trucker = "UPDATE memberships SET occupation = 'trucker' WHERE person_id = $1";
    town.execute(trucker, [workers[2].person_id.unwrap().uuid().into()])
        .await;
    let left = "UPDATE memberships SET status = 'withdrawn' WHERE person_id = $1";
    town.execute(left, [workers[3].person_id.unwrap().uuid().into()])
        .await;
    let mut new = by_allotment(&town);
    new.occupations = vec!["courier".to_owned()];
    let batch = town.running(new).await;
    assert_eq!(
        services.progress(&town, batch).await.state,
        AllotmentState::Waiting
    );
    assert!(matches!(
        town.claim(&workers[0], batch).await,
        Err(VoucherError::DistributedOtherwise(_))
    ));

    // After two rounds the process dies; another one goes on.
    services.allotments.run_due(2).await.unwrap();
    services.allotments.run_due(2).await.unwrap();
    let half = services.progress(&town, batch).await;
    assert_eq!((half.state, half.considered), (AllotmentState::Running, 4));
    let other = town.another_process().await;
    other.allot_all(2).await;
    let run = services.progress(&town, batch).await;
    assert_eq!(
        (run.state, run.considered, run.issued),
        (AllotmentState::Finished, 6, 5)
    );
    assert_eq!((run.skipped.occupation, run.skipped.person_limit), (1, 0));
    assert!(run.started_at.is_some() && run.finished_at.is_some());
    for (index, worker) in workers.iter().enumerate() {
        let expected = usize::from(index != 2 && index != 3);
        assert_eq!(held(&town, worker).await, expected, "worker {index}");
        assert_eq!(told(&town, worker).await.len(), expected);
    }
    assert_eq!(town.balanced(batch).await.issued, 5);
    assert_eq!(other.allotments.run_due(2).await.unwrap(), 0, "once");
}

#[rstest]
#[tokio::test]
async fn a_run_stops_at_the_quota_and_goes_on_when_it_is_raised(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::at_noon(kind).await;
    let services = town.services.clone();
    let workers = neighbours(&town).await;
    let mut new = by_allotment(&town);
    (new.quota, new.budget_fen) = (4, 5 * 1_500);
    let batch = town.running(new).await;
    services.allot_all(3).await;
    let run = services.progress(&town, batch).await;
    assert_eq!(
        (run.state, run.considered, run.issued),
        (AllotmentState::Exhausted, 4, 4)
    );
    town.services
        .vouchers
        .batches
        .change_quota(&town.maker, batch, 4, 10)
        .await
        .unwrap();
    services.allot_all(3).await;
    let run = services.progress(&town, batch).await;
    assert_eq!(
        (run.state, run.issued),
        (AllotmentState::Exhausted, 5),
        "now the budget is used up"
    );
    town.services
        .vouchers
        .batches
        .change_budget(&town.maker, batch, 7_500, 15_000)
        .await
        .unwrap();
    services.allot_all(3).await;
    let run = services.progress(&town, batch).await;
    assert_eq!(
        (run.state, run.considered, run.issued),
        (AllotmentState::Finished, 7, 7)
    );
    for worker in &workers {
        assert_eq!(held(&town, worker).await, 1);
    }
    town.balanced(batch).await;
}

#[rstest]
#[tokio::test]
async fn a_paused_run_rests_and_a_stopped_one_ends(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::at_noon(kind).await;
    let services = town.services.clone();
    neighbours(&town).await;
    let batch = town.running(by_allotment(&town)).await;
    services.allotments.run_due(2).await.unwrap();
    town.services
        .vouchers
        .batches
        .switch(&town.maker, batch, Switch::Pause)
        .await
        .unwrap();
    assert_eq!(services.allotments.run_due(2).await.unwrap(), 0);
    town.services
        .vouchers
        .batches
        .switch(&town.maker, batch, Switch::Stop)
        .await
        .unwrap();
    services.allot_all(2).await;
    let run = services.progress(&town, batch).await;
    assert_eq!((run.state, run.issued), (AllotmentState::Stopped, 2));
    town.clock.advance(TimeDelta::days(1));
    assert_eq!(services.allotments.run_due(2).await.unwrap(), 0);
    town.balanced(batch).await;
}

#[rstest]
#[tokio::test]
async fn members_of_other_districts_are_not_reached(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::at_noon(kind).await;
    let services = town.services.clone();
    let workers = neighbours(&town).await;
    town.execute("UPDATE unions SET district = '370812'", [])
        .await;
    let batch = town.running(by_allotment(&town)).await;
    services.allot_all(100).await;
    let run = services.progress(&town, batch).await;
    assert_eq!((run.state, run.considered), (AllotmentState::Finished, 0));
    assert_eq!(held(&town, &workers[0]).await, 0);
}
