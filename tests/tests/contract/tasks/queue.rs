//! Who sees which task, and in what order.

use chrono::TimeDelta;
use niangjia_domain::{
    kernel::{Actor, Clock, Grant, Jurisdiction, PageRequest, id::UnionId},
    tasks::{
        Assignment, KindCount, TaskError,
        ports::{AssigneeFilter, TaskFilter, TaskOrder},
    },
};
use niangjia_infra::system::SystemRandom;
use niangjia_tests::{
    places::{DISTRICT, district},
    servers::database::Kind,
    town::desk::{Desk, REVISION, TEA, area, subjects, tea, tea_in},
};
use rstest::rstest;

use super::{OTHER_COUNTY, PREFECTURE, all, uuid_of_nothing};

#[rstest]
#[tokio::test]
async fn the_queue_is_the_areas_and_what_is_due_first_comes_first(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let desk = Desk::open(kind).await;
    for subject in ["tea_1", "tea_2", "tea_3"] {
        desk.put(vec![tea(subject)]).await;
        desk.town.clock.advance(TimeDelta::days(1));
    }
    desk.put(vec![tea_in("tea_4", OTHER_COUNTY, None)]).await;
    let here = desk.cadre(area(DISTRICT)).await;
    let above = desk.cadre(area(PREFECTURE)).await;
    let auditor = Grant::Auditor(area(OTHER_COUNTY));
    let auditor = desk.town.appoint(desk.town.donor().await, auditor).await;
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
    let outsider = desk.town.donor().await;
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

#[rstest]
#[tokio::test]
async fn filters_narrow_the_queue_and_counts_speak_of_every_kind(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let desk = Desk::open(kind).await;
    desk.put(vec![tea("tea_1")]).await;
    desk.town.clock.advance(TimeDelta::days(14));
    desk.put(vec![tea("tea_2"), tea_in("tea_3", OTHER_COUNTY, None)])
        .await;
    let cadre = desk.cadre(area(PREFECTURE)).await;
    let assignment = Assignment {
        current: None,
        target: Some(cadre.account_id),
    };
    let id = desk.id("tea_2").await;
    desk.tasks.assign(&cadre, id, assignment).await.unwrap();

    let due_before = Some(desk.town.clock.now());
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
        district: Some(district(code)),
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
    let another = UnionId::generate(desk.town.clock.now(), &SystemRandom);
    let stranger = Actor {
        grants: vec![Grant::Cadre(Jurisdiction::Union(another))],
        ..desk.town.donor().await
    };
    assert!(desk.sees(&stranger, &all()).await.is_empty());
}

/// A county's union, and a grass-roots union below it.
async fn unions(desk: &Desk) -> (UnionId, UnionId) {
    let new = || UnionId::generate(desk.town.clock.now(), &SystemRandom);
    let (county, shop) = (new(), new());
    let hex = |id: UnionId| id.uuid().simple().to_string();
    let sql = "INSERT INTO unions (id, parent_id, path, name, kind, district) \
               SELECT $1, id, $2, '县总工会', 'county', '370811' FROM unions WHERE kind = 'city'";
    let path = format!("/0/{}/", hex(county));
    desk.town
        .execute(sql, [county.uuid().into(), path.clone().into()])
        .await;
    let sql = "INSERT INTO unions (id, parent_id, path, name, kind, district) \
               VALUES ($1, $2, $3, '基层工会', 'grassroots', '370811')";
    let path = format!("{path}{}/", hex(shop));
    let values = [shop.uuid().into(), county.uuid().into(), path.into()];
    desk.town.execute(sql, values).await;
    (county, shop)
}
