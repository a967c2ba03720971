//! Who has a task in hand.

use niangjia_domain::tasks::{Assignment, TaskError, task::Parties};
use niangjia_tests::{
    places::DISTRICT,
    servers::database::Kind,
    town::desk::{Desk, area, tea},
};
use rstest::rstest;

use super::OTHER_COUNTY;

#[rstest]
#[tokio::test]
async fn a_task_is_handed_to_those_who_may_decide_it(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let desk = Desk::open(kind).await;
    let cadre = desk.cadre(area(DISTRICT)).await;
    let colleague = desk.cadre(area(DISTRICT)).await;
    let outsider = desk.cadre(area(OTHER_COUNTY)).await;
    let involved = desk.cadre(area(DISTRICT)).await;
    let nobody = desk.town.donor().await;
    let parties = Parties::new([involved.account_id], []);
    desk.put(vec![tea("tea_1").without(parties)]).await;
    let id = desk.id("tea_1").await;
    for unfit in [&outsider, &involved, &nobody] {
        let assignment = Assignment {
            current: None,
            target: Some(unfit.account_id),
        };
        let refused = desk.tasks.assign(&cadre, id, assignment).await;
        assert!(matches!(refused, Err(TaskError::AssigneeUnfit)));
    }
    let (me, you) = (Some(cadre.account_id), Some(colleague.account_id));
    let steps = [
        (None, me, true),
        (None, you, false),
        (me, you, true),
        (you, None, true),
    ];
    for (current, target, works) in steps {
        let assignment = Assignment { current, target };
        let assigned = desk.tasks.assign(&cadre, id, assignment).await;
        match assigned {
            Ok(item) => assert!(works && item.task.assignee == target),
            Err(TaskError::AssignedMeanwhile) => assert!(!works),
            Err(other) => panic!("{other}"),
        }
    }
    let elsewhere = desk
        .tasks
        .assign(
            &outsider,
            id,
            Assignment {
                current: None,
                target: None,
            },
        )
        .await;
    assert!(matches!(elsewhere, Err(TaskError::Access(_))));
    let entries = "SELECT COUNT(*) FROM audit_entries WHERE action = 'task.assigned'";
    assert_eq!(desk.town.count(entries).await, 3);
}
