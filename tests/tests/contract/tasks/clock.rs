//! The clock of tasks: the holiday calendar, reminders before the due time, escalation after it.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use niangjia_domain::{
    kernel::{Actor, Jurisdiction, values::local_time},
    store::Store,
    tasks::{Assignment, Calendar, CalendarDay, calendar, task::Parties},
};
use niangjia_tests::{
    places::DISTRICT,
    servers::database::Kind,
    town::desk::{Desk, area, tea},
};
use rstest::rstest;

use super::PREFECTURE;

fn shanghai(date: &str) -> DateTime<Utc> {
    local_time::instant_of(date.parse().unwrap(), "09:00:00".parse().unwrap())
}

async fn set(desk: &Desk, rows: &[(&str, &str, &str)]) -> u64 {
    let days: Vec<_> = rows
        .iter()
        .map(|(date, kind, name)| CalendarDay::parse(date, kind, name).unwrap())
        .collect();
    let mut tx = desk.town.store.begin().await.unwrap();
    let written = calendar::set_days(&mut *tx, &days).await.unwrap();
    tx.commit().await.unwrap();
    written
}

/// Messages about tasks, by topic, that wait for somebody.
async fn heard(desk: &Desk, who: &Actor, topic: &str) -> Vec<String> {
    let inbox = desk.town.inbox(who).await.into_iter();
    inbox
        .filter(|(of, _)| of == topic)
        .map(|(_, body)| body)
        .collect()
}

#[rstest]
#[tokio::test]
async fn the_calendar_is_data_that_can_be_mended(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let desk = Desk::open(kind).await;
    let holiday = [
        ("2026-10-01", "off", "国庆节"),
        ("2026-10-02", "off", "国庆节"),
        ("2026-10-10", "working", "国庆调休"),
    ];
    assert_eq!(set(&desk, &holiday).await, 3);
    assert_eq!(set(&desk, &[("2026-10-02", "working", "更正")]).await, 1);
    let day = |day| NaiveDate::from_ymd_opt(2026, 10, day).unwrap();
    let mut tx = desk.town.store.read().await.unwrap();
    let calendar = tx.calendar().between(day(1), day(9)).await.unwrap();
    let working: Vec<_> = (1..=10).filter(|n| calendar.is_working(day(*n))).collect();
    assert_eq!(working, [2, 5, 6, 7, 8, 9], "the 10th was not asked for");
    let calendar: Calendar = tx.calendar().between(day(10), day(10)).await.unwrap();
    assert!(calendar.is_working(day(10)));
}

#[rstest]
#[tokio::test]
async fn due_times_leave_holidays_out(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let desk = Desk::open(kind).await;
    let off = ["01", "02", "03", "04", "05", "06", "07"].map(|day| format!("2026-10-{day}"));
    let mut rows: Vec<_> = off
        .iter()
        .map(|day| (day.as_str(), "off", "国庆节"))
        .collect();
    rows.push(("2026-10-10", "working", "国庆调休"));
    set(&desk, &rows).await;
    desk.town.clock.set(shanghai("2026-09-29"));
    desk.put(vec![tea("tea_1")]).await;
    let task = desk.task("tea_1").await.unwrap();
    // 30 September, 8, 9, 10 and 12 October.
    assert_eq!(task.due_at, shanghai("2026-10-12"));
    assert_eq!(task.remind_at, shanghai("2026-10-10"));
}

#[rstest]
#[tokio::test]
async fn those_who_may_decide_are_reminded_once_before_it_is_due(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let desk = Desk::open(kind).await;
    desk.town.clock.set(shanghai("2026-11-02"));
    let cadre = desk.cadre(area(DISTRICT)).await;
    let busy = desk.cadre(area(DISTRICT)).await;
    let involved = desk.cadre(area(DISTRICT)).await;
    let above = desk.cadre(area(PREFECTURE)).await;
    let parties = Parties::new([involved.account_id], []);
    desk.put(vec![
        tea("tea_1").without(parties),
        tea("tea_2"),
        tea("tea_3"),
    ])
    .await;
    let to_busy = Assignment {
        current: None,
        target: Some(busy.account_id),
    };
    let id = desk.id("tea_3").await;
    desk.tasks.assign(&cadre, id, to_busy).await.unwrap();
    desk.town.clock.set(shanghai("2026-11-05"));
    assert_eq!(desk.tasks.remind(10).await.unwrap(), 0, "not yet");
    desk.town.clock.set(shanghai("2026-11-06"));
    assert_eq!(desk.tasks.remind(10).await.unwrap(), 3);
    assert_eq!(desk.tasks.remind(10).await.unwrap(), 0, "each once");
    let all = "370811茶馆有 2 件茶叶品鉴将于11月9日到期，请及时处理。";
    let one = "370811茶馆有 1 件茶叶品鉴将于11月9日到期，请及时处理。";
    assert_eq!(heard(&desk, &cadre, "tasks_due_soon").await, [all]);
    let of_busy = heard(&desk, &busy, "tasks_due_soon").await;
    assert_eq!(
        of_busy.len(),
        2,
        "what is their own, and what is everybody's"
    );
    assert!(of_busy.iter().any(|body| body == one));
    for silent in [&involved, &above] {
        assert!(heard(&desk, silent, "tasks_due_soon").await.is_empty());
    }
}

#[rstest]
#[tokio::test]
async fn what_is_overdue_goes_to_the_area_above_once(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let desk = Desk::open(kind).await;
    let cadre = desk.cadre(area(DISTRICT)).await;
    let above = desk.cadre(area(PREFECTURE)).await;
    let everywhere = desk.cadre(Jurisdiction::Everywhere).await;
    desk.put((1..=3).map(|n| tea(&format!("tea_{n}"))).collect())
        .await;
    desk.put(vec![
        tea("tea_4").without(Parties::new([above.account_id], [])),
    ])
    .await;
    assert_eq!(desk.tasks.escalate(10).await.unwrap(), 0, "not due");
    desk.town.clock.advance(TimeDelta::days(10));
    assert_eq!(desk.tasks.remind(10).await.unwrap(), 0, "too late for that");
    // In bounded steps; the two messages are about different tasks.
    for taken in [2, 2, 0] {
        assert_eq!(desk.tasks.escalate(2).await.unwrap(), taken);
    }
    let bodies = heard(&desk, &above, "tasks_overdue").await;
    assert_eq!(
        bodies,
        ["370811茶馆有 2 件茶叶品鉴逾期未办，请督促办理或直接处理。"],
        "not of the step with the task that they had a part in"
    );
    assert_eq!(heard(&desk, &everywhere, "tasks_overdue").await.len(), 1);
    assert!(heard(&desk, &cadre, "tasks_overdue").await.is_empty());
    let entries = "SELECT COUNT(*) FROM audit_entries WHERE action = 'task.escalated'";
    assert_eq!(desk.town.count(entries).await, 4);
}
