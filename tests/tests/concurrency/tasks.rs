//! Races over tasks: hands that reach for one, cadres who decide it. Two processes; each guard has a
//! control without it.

use std::sync::Arc;

use niangjia_domain::{
    kernel::{Actor, id::TaskId},
    tasks::{Assignment, TaskService, ports::AssigneeFilter, ports::TaskFilter},
};
use niangjia_tests::{
    places::DISTRICT,
    servers::database::Kind,
    town::desk::{Desk, area, order, tea},
};
use rstest::rstest;
use tokio::sync::Barrier;

use crate::crowd::{CALLERS, act_carelessly, storm};

async fn crowd(desk: &Desk) -> Arc<Vec<Actor>> {
    let mut cadres = Vec::new();
    for _ in 0..CALLERS {
        cadres.push(desk.cadre(area(DISTRICT)).await);
    }
    Arc::new(cadres)
}

/// Whether the task was closed by this caller, or approved as the first of two.
async fn decides(tasks: TaskService, cadre: Actor, id: TaskId) -> bool {
    let results = tasks.decide_many(&cadre, &[order(id, "drink")]).await;
    matches!(results.unwrap()[0].outcome, Some(Ok(_)))
}

#[rstest]
#[case::one(false, 1)]
#[case::two_people(true, 2)]
#[tokio::test(flavor = "multi_thread")]
async fn of_many_deciders_as_many_count_as_it_takes(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[case] by_two: bool,
    #[case] needed: usize,
) {
    let desk = Desk::open(kind).await;
    let new = if by_two {
        tea("tea_1").by_two()
    } else {
        tea("tea_1")
    };
    desk.put(vec![new]).await;
    let (id, cadres) = (desk.id("tea_1").await, crowd(&desk).await);
    let other = desk.another_process().await;
    let counted = storm([&desk.tasks, &other], |n, tasks| {
        decides(tasks, cadres[n].clone(), id)
    })
    .await;
    assert!((1..=needed).contains(&counted), "{counted}");
    // Whoever lost the race for the first approval may come again.
    if desk.task("tea_1").await.is_some() {
        assert!(by_two && counted == 1);
        let late = desk.cadre(area(DISTRICT)).await;
        assert!(decides(desk.tasks.clone(), late, id).await);
    }
    assert!(desk.task("tea_1").await.is_none());
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_many_hands_one_gets_the_task(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let desk = Desk::open(kind).await;
    desk.put(vec![tea("tea_1")]).await;
    let (id, cadres) = (desk.id("tea_1").await, crowd(&desk).await);
    let other = desk.another_process().await;
    let got = storm([&desk.tasks, &other], |n, tasks| {
        let cadre = cadres[n].clone();
        async move {
            let assignment = Assignment {
                current: None,
                target: Some(cadre.account_id),
            };
            tasks.assign(&cadre, id, assignment).await.is_ok()
        }
    })
    .await;
    assert_eq!(got, 1);
    let free = TaskFilter {
        assignee: Some(AssigneeFilter::Nobody),
        ..TaskFilter::default()
    };
    assert!(desk.sees(&cadres[0], &free).await.is_empty());
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn without_the_guard_many_hands_would_get_it(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let desk = Desk::open(kind).await;
    desk.put(vec![tea("tea_1")]).await;
    let cadres = crowd(&desk).await;
    let other = desk.town.database.store().await;
    let looked = Arc::new(Barrier::new(CALLERS));
    let got = storm([&*desk.town.store, &other], |n, store| {
        let look = "SELECT COUNT(*) FROM tasks WHERE assignee_id IS NOT NULL".to_owned();
        let act = "UPDATE tasks SET assignee_id = $1 WHERE state = 'open'";
        let values = vec![cadres[n].account_id.uuid().into()];
        act_carelessly(store, look, 1, looked.clone(), act, values)
    })
    .await;
    assert!(got > 1, "the control must show the race");
}

/// Both processes run the jobs; every task is told once.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn two_processes_escalate_each_task_once(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let desk = Desk::open(kind).await;
    desk.put((0..40).map(|n| tea(&format!("tea_{n}"))).collect())
        .await;
    desk.town.clock.advance(chrono::TimeDelta::days(10));
    let other = desk.another_process().await;
    storm([&desk.tasks, &other], |_, tasks| async move {
        tasks.escalate(3).await.unwrap() > 0
    })
    .await;
    while desk.tasks.escalate(10).await.unwrap() > 0 {}
    let entries = "SELECT COUNT(*) FROM audit_entries WHERE action = 'task.escalated'";
    assert_eq!(desk.town.count(entries).await, 40);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn without_the_guard_many_processes_would_escalate_it(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let desk = Desk::open(kind).await;
    desk.put(vec![tea("tea_1")]).await;
    let other = desk.town.database.store().await;
    let looked = Arc::new(Barrier::new(CALLERS));
    let told = storm([&*desk.town.store, &other], |_, store| {
        let look = "SELECT COUNT(*) FROM tasks WHERE escalated_at IS NOT NULL".to_owned();
        let act = "UPDATE tasks SET escalated_at = due_at WHERE state = 'open'";
        act_carelessly(store, look, 1, looked.clone(), act, Vec::new())
    })
    .await;
    assert!(told > 1, "the control must show the race");
}
