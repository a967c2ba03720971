//! Tasks: who sees which, who may decide, and what becomes of many decisions at once.

use chrono::TimeDelta;
use niangjia_domain::{
    kernel::{
        Clock, Grant, Jurisdiction, PageRequest,
        id::{TaskId, UnionId},
    },
    store::Store,
    tasks::{
        Assignment, BulkResult, KindCount, TaskError, TaskState, close,
        ports::{AssigneeFilter, TaskFilter, TaskOrder},
        task::Parties,
    },
};
use niangjia_infra::system::SystemRandom;
use niangjia_tests::{
    database::Kind,
    desk::{Desk, REVISION, TEA, area, order, subjects, tea, tea_in},
    wish_scene::DISTRICT,
};
use rstest::rstest;

const PREFECTURE: &str = "370800";
const OTHER_COUNTY: &str = "370812";

fn all() -> TaskFilter {
    TaskFilter::default()
}

/// `ok`, or the code of the refusal, of each result; `absent` where there is no such task.
fn said(results: &[BulkResult]) -> Vec<&'static str> {
    let word = |result: &BulkResult| match &result.outcome {
        None => "absent",
        Some(Err(refusal)) => refusal.code,
        Some(Ok(task)) if task.is_open() => "waits",
        Some(Ok(_)) => "ok",
    };
    results.iter().map(word).collect()
}

#[rstest]
#[tokio::test]
async fn the_queue_is_the_areas_and_what_is_due_first_comes_first(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let desk = Desk::open(kind).await;
    for subject in ["tea_1", "tea_2", "tea_3"] {
        desk.put(vec![tea(subject)]).await;
        desk.scene.clock.advance(TimeDelta::days(1));
    }
    desk.put(vec![tea_in("tea_4", OTHER_COUNTY, None)]).await;
    let here = desk.cadre(area(DISTRICT)).await;
    let above = desk.cadre(area(PREFECTURE)).await;
    let auditor = Grant::Auditor(area(OTHER_COUNTY));
    let auditor = desk.scene.appoint(desk.scene.donor().await, auditor).await;
    let mine = ["tea_1", "tea_2", "tea_3"];
    assert_eq!(desk.sees(&here, &all()).await, mine);
    assert_eq!(
        desk.sees(&above, &all()).await,
        ["tea_1", "tea_2", "tea_3", "tea_4"]
    );
    assert_eq!(desk.sees(&auditor, &all()).await, ["tea_4"]);
    let last_first = TaskFilter {
        order: TaskOrder::DueLast,
        ..all()
    };
    assert_eq!(
        desk.sees(&here, &last_first).await,
        ["tea_3", "tea_2", "tea_1"]
    );
    let outsider = desk.scene.donor().await;
    let page = PageRequest {
        limit: 10,
        after: None,
    };
    assert!(matches!(
        desk.tasks.queue(&outsider, &all(), page).await,
        Err(TaskError::Access(_))
    ));
}

#[rstest]
#[tokio::test]
async fn pages_follow_one_another_whichever_way_they_are_sorted(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let desk = Desk::open(kind).await;
    // Due at the very same time: the id decides.
    desk.put((1..=5).map(|n| tea(&format!("tea_{n}"))).collect())
        .await;
    let cadre = desk.cadre(area(DISTRICT)).await;
    for order in [TaskOrder::Due, TaskOrder::DueLast] {
        let filter = TaskFilter { order, ..all() };
        let whole = desk.sees(&cadre, &filter).await;
        let (mut read, mut after) = (Vec::new(), None);
        loop {
            let page = PageRequest { limit: 2, after };
            let queue = desk.tasks.queue(&cadre, &filter, page).await.unwrap();
            read.extend(subjects(&queue.page));
            after = queue.page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(read, whole);
        assert_eq!(read.len(), 5);
    }
    let forged = PageRequest {
        limit: 2,
        after: Some(uuid_of_nothing()),
    };
    let queue = desk.tasks.queue(&cadre, &all(), forged).await.unwrap();
    assert!(queue.page.items.is_empty() && queue.page.next.is_none());
}

fn uuid_of_nothing() -> uuid::Uuid {
    TaskId::generate(niangjia_infra::system::SystemClock.now(), &SystemRandom).uuid()
}

#[rstest]
#[tokio::test]
async fn filters_narrow_the_queue_and_counts_speak_of_every_kind(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let desk = Desk::open(kind).await;
    desk.put(vec![tea("tea_1")]).await;
    desk.scene.clock.advance(TimeDelta::days(14));
    desk.put(vec![tea("tea_2"), tea_in("tea_3", OTHER_COUNTY, None)])
        .await;
    let cadre = desk.cadre(area(PREFECTURE)).await;
    let assignment = Assignment {
        current: None,
        target: Some(cadre.account_id),
    };
    let id = desk.id("tea_2").await;
    desk.tasks.assign(&cadre, id, assignment).await.unwrap();

    let due_before = Some(desk.scene.clock.now());
    let narrowed = [
        (
            TaskFilter {
                due_before,
                ..all()
            },
            vec!["tea_1"],
        ),
        (by_assignee(AssigneeFilter::Nobody), vec!["tea_1", "tea_3"]),
        (
            by_assignee(AssigneeFilter::One(cadre.account_id)),
            vec!["tea_2"],
        ),
        (in_district(OTHER_COUNTY), vec!["tea_3"]),
        (of_kind("wish_review"), vec![]),
    ];
    for (filter, expected) in narrowed {
        assert_eq!(desk.sees(&cadre, &filter).await, expected, "{filter:?}");
    }
    let count = |open, overdue| KindCount {
        kind: TEA.code.to_owned(),
        open,
        overdue,
    };
    let counts = desk.queue(&cadre, &of_kind("wish_review")).await.counts;
    assert_eq!(counts, [count(3, 1)], "of every kind, whichever is shown");
    let counts = desk.queue(&cadre, &in_district(OTHER_COUNTY)).await.counts;
    assert_eq!(counts, [count(1, 0)]);
    let items = desk.queue(&cadre, &all()).await.page.items;
    let overdue: Vec<_> = items.iter().map(|item| item.is_overdue).collect();
    assert_eq!(overdue, [true, false, false]);
    let shown = items[0].shown.as_ref().unwrap();
    assert_eq!(
        (shown.revision, shown.summary.as_str()),
        (REVISION, "茶：tea_1")
    );
}

fn by_assignee(assignee: AssigneeFilter) -> TaskFilter {
    TaskFilter {
        assignee: Some(assignee),
        ..all()
    }
}

fn of_kind(code: &str) -> TaskFilter {
    TaskFilter {
        kind: Some(code.to_owned()),
        ..all()
    }
}

fn in_district(code: &str) -> TaskFilter {
    TaskFilter {
        district: Some(niangjia_domain::kernel::DistrictCode::parse(code).unwrap()),
        ..all()
    }
}

/// A union's cadre sees what belongs to the union and to those below it, and nothing that belongs
/// to a district only.
#[rstest]
#[tokio::test]
async fn a_unions_cadre_sees_the_unions_tasks(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let desk = Desk::open(kind).await;
    let (county, shop) = unions(&desk).await;
    let mine = tea_in("tea_1", DISTRICT, Some(shop));
    desk.put(vec![mine, tea("tea_2")]).await;
    for union in [county, shop] {
        let cadre = desk.cadre(Jurisdiction::Union(union)).await;
        assert_eq!(desk.sees(&cadre, &all()).await, ["tea_1"]);
    }
    let another = UnionId::generate(desk.scene.clock.now(), &SystemRandom);
    let stranger = niangjia_domain::kernel::Actor {
        grants: vec![Grant::Cadre(Jurisdiction::Union(another))],
        ..desk.scene.donor().await
    };
    assert!(desk.sees(&stranger, &all()).await.is_empty());
}

/// A county's union, and a grass-roots union below it.
async fn unions(desk: &Desk) -> (UnionId, UnionId) {
    let new = || UnionId::generate(desk.scene.clock.now(), &SystemRandom);
    let (county, shop) = (new(), new());
    let hex = |id: UnionId| id.uuid().simple().to_string();
    let sql = "INSERT INTO unions (id, parent_id, path, name, kind, district) \
               SELECT $1, id, $2, '县总工会', 'county', '370811' FROM unions WHERE kind = 'city'";
    let path = format!("/0/{}/", hex(county));
    desk.scene
        .execute(sql, [county.uuid().into(), path.clone().into()])
        .await;
    let sql = "INSERT INTO unions (id, parent_id, path, name, kind, district) \
               VALUES ($1, $2, $3, '基层工会', 'grassroots', '370811')";
    let path = format!("{path}{}/", hex(shop));
    let values = [shop.uuid().into(), county.uuid().into(), path.into()];
    desk.scene.execute(sql, values).await;
    (county, shop)
}

#[rstest]
#[tokio::test]
async fn a_subject_waits_once_at_a_time(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let desk = Desk::open(kind).await;
    let cadre = desk.cadre(area(DISTRICT)).await;
    desk.put(vec![tea("tea_1")]).await;
    let first = desk.id("tea_1").await;
    desk.scene.clock.advance(TimeDelta::hours(1));
    let parties = Parties::new([cadre.account_id], []);
    desk.put(vec![tea("tea_1").without(parties), tea("tea_2")])
        .await;
    assert_eq!(desk.id("tea_1").await, first, "it keeps the task it has");
    assert_eq!(desk.sees(&cadre, &all()).await, ["tea_1", "tea_2"]);
    let drink = [order(first, "drink")];
    let results = desk.tasks.decide_many(&cadre, &drink).await.unwrap();
    assert_eq!(said(&results), ["ok"]);
    desk.put(vec![tea("tea_1")]).await;
    assert_ne!(desk.id("tea_1").await, first);
}

#[rstest]
#[tokio::test]
async fn many_decisions_have_a_result_each(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let desk = Desk::open(kind).await;
    let cadre = desk.cadre(area(DISTRICT)).await;
    let parties = Parties::new([cadre.account_id], []);
    let elsewhere = tea_in("tea_5", OTHER_COUNTY, None);
    let mine = tea("tea_3").without(parties);
    desk.put(vec![
        tea("tea_1"),
        tea("tea_2"),
        mine,
        tea("tea_4").by_two(),
    ])
    .await;
    desk.put(vec![elsewhere]).await;
    let mut orders = Vec::new();
    for n in 1..=5 {
        orders.push(order(desk.id(&format!("tea_{n}")).await, "drink"));
    }
    orders[1].revision = REVISION - 1;
    let results = desk.tasks.decide_many(&cadre, &orders).await.unwrap();
    assert_eq!(
        said(&results),
        ["ok", "changed_meanwhile", "involved", "waits", "absent"]
    );
    let again = desk.tasks.decide_many(&cadre, &orders[..1]).await.unwrap();
    assert_eq!(said(&again), ["changed_meanwhile"], "decided before");

    let twice = [orders[0].clone(), orders[0].clone()];
    let too_many: Vec<_> = (0..101)
        .map(|_| order(TaskId::from_uuid(uuid_of_nothing()), "drink"))
        .collect();
    for refused in [&[][..], &twice, &too_many] {
        assert!(matches!(
            desk.tasks.decide_many(&cadre, refused).await,
            Err(TaskError::Invalid(_))
        ));
    }
}

#[rstest]
#[tokio::test]
async fn what_needs_two_people_waits_for_the_second(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let desk = Desk::open(kind).await;
    let worker = desk.scene.worker().await;
    let grant = Grant::Cadre(area(DISTRICT));
    let first = desk.scene.appoint(worker, grant).await;
    let alias = desk.scene.same_person(&first).await;
    let alias = desk.scene.appoint(alias, grant).await;
    let second = desk.cadre(area(DISTRICT)).await;
    desk.put(vec![tea("tea_1").by_two()]).await;
    let id = desk.id("tea_1").await;
    let mut words = Vec::new();
    for cadre in [&first, &first, &alias, &second] {
        let results = desk.tasks.decide_many(cadre, &[order(id, "drink")]).await;
        words.extend(said(&results.unwrap()));
    }
    let refused = "second_person_needed";
    assert_eq!(words, ["waits", refused, refused, "ok"]);
    let tasks = stored(&desk, id).await;
    let TaskState::Decided {
        first: one,
        outcome,
    } = tasks
    else {
        panic!("{tasks:?}");
    };
    assert_eq!(one.map(|one| one.by), Some(first.account_id));
    assert_eq!(outcome.last.by, second.account_id);
    assert!(outcome.on_time);
    let approvals = "SELECT COUNT(*) FROM audit_entries WHERE action = 'task.approved_once'";
    assert_eq!(desk.scene.count(approvals).await, 1);
}

async fn stored(desk: &Desk, id: TaskId) -> TaskState {
    let mut tx = desk.scene.store.read().await.unwrap();
    let found = tx
        .tasks()
        .find_within(&[id], &Jurisdiction::Everywhere)
        .await;
    found.unwrap().pop().unwrap().state
}

#[rstest]
#[tokio::test]
async fn late_is_late_and_what_is_withdrawn_is_nobodys_to_decide(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let desk = Desk::open(kind).await;
    let cadre = desk.cadre(area(DISTRICT)).await;
    desk.put(vec![tea("tea_1"), tea("tea_2").by_two()]).await;
    let (late, gone) = (desk.id("tea_1").await, desk.id("tea_2").await);
    let half = desk
        .tasks
        .decide_many(&cadre, &[order(gone, "drink")])
        .await;
    assert_eq!(said(&half.unwrap()), ["waits"]);
    desk.scene.clock.advance(TimeDelta::days(30));
    let mut tx = desk.scene.store.begin().await.unwrap();
    let (subjects, now) = (["tea_2".to_owned()], desk.scene.clock.now());
    for closed in [1, 0] {
        let withdrawn = close::withdraw(&mut *tx, TEA, &subjects, now).await;
        assert_eq!(withdrawn.unwrap(), closed);
    }
    tx.commit().await.unwrap();
    let orders = [order(late, "pour_away"), order(gone, "drink")];
    let results = desk.tasks.decide_many(&cadre, &orders).await.unwrap();
    assert_eq!(said(&results), ["ok", "changed_meanwhile"]);
    let TaskState::Decided { outcome, .. } = stored(&desk, late).await else {
        panic!("it is decided");
    };
    assert!(!outcome.on_time && outcome.word == "pour_away");
    assert_eq!(stored(&desk, gone).await, TaskState::Withdrawn { at: now });
    assert!(desk.sees(&cadre, &all()).await.is_empty());
}

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
    let nobody = desk.scene.donor().await;
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
    assert_eq!(desk.scene.count(entries).await, 3);
}
