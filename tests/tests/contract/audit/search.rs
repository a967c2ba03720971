//! Searching the trail: by who, what, which object, when and where, each by an index (A2).

use chrono::{DateTime, TimeDelta, Utc};
use niangjia_domain::{
    audit::{Area, AuditEntry, AuditQuery, Deed},
    kernel::{
        Actor, Clock, DistrictCode, Grant, Jurisdiction, PageRequest, Random,
        id::{AccountId, SessionId},
    },
    store::Store,
    vouchers::recall::Whom,
};
use niangjia_infra::{
    sql::SqlStore,
    system::{SystemClock, SystemRandom},
};
use niangjia_tests::{
    servers::database::{Kind, TestDatabase},
    town::{ScanExt, Town},
};
use rstest::rstest;
use sea_orm::{ConnectionTrait, Statement};

const FIRST: PageRequest = PageRequest {
    limit: 100,
    after: None,
};

fn district(code: &str) -> DistrictCode {
    DistrictCode::parse(code).unwrap()
}

fn somebody() -> Actor {
    let random: &dyn Random = &SystemRandom;
    Actor {
        account_id: AccountId::generate(SystemClock.now(), random),
        person_id: None,
        session_id: SessionId::generate(SystemClock.now(), random),
        grants: vec![Grant::Worker],
        request_id: "r-1".to_owned(),
    }
}

async fn write(store: &SqlStore, entries: Vec<AuditEntry>) {
    let mut tx = store.begin().await.unwrap();
    tx.audit().append_all(entries).await.unwrap();
    tx.commit().await.unwrap();
}

/// Subjects of what a reader of `area` finds, newest first.
async fn found(store: &SqlStore, area: Jurisdiction, query: AuditQuery) -> Vec<String> {
    let mut tx = store.read().await.unwrap();
    let page = tx.audit().list(&area, &query, FIRST).await.unwrap();
    page.items.into_iter().map(|line| line.subject).collect()
}

/// Six deeds, a second apart: two people, two actions, a county, its neighbour, the whole platform
/// and an account of its own.
struct Trail {
    _database: TestDatabase,
    store: SqlStore,
    one: Actor,
    start: DateTime<Utc>,
}

impl Trail {
    async fn new(kind: Kind) -> Self {
        let database = TestDatabase::new(kind).await;
        let store = database.store().await;
        let (one, two, start) = (somebody(), somebody(), SystemClock.now());
        let at = |seconds| start + TimeDelta::seconds(seconds);
        let deed = |action, subject, area: Area| Deed::new(action, subject).within(area);
        let (here, there) = (Area::from(district("370811")), district("370812").into());
        let published = "wish.published";
        write(
            &store,
            vec![
                deed(published, "wish_1", here).by(&one, at(0), &SystemRandom),
                deed("wish.claimed", "wish_1", here).by(&two, at(1), &SystemRandom),
                deed(published, "wish_2", there).by(&one, at(2), &SystemRandom),
                deed("roster.imported", "roster", Area::Everywhere).by_system(
                    "cli",
                    at(3),
                    &SystemRandom,
                ),
                deed("notice.read", "notice_1", Area::OwnAccount).by(&two, at(4), &SystemRandom),
                deed(published, "wish_3", here).by(&two, at(5), &SystemRandom),
            ],
        )
        .await;
        Self {
            _database: database,
            store,
            one,
            start,
        }
    }

    async fn everywhere(&self, query: AuditQuery) -> Vec<String> {
        found(&self.store, Jurisdiction::Everywhere, query).await
    }
}

#[rstest]
#[tokio::test]
async fn each_condition_narrows_and_several_narrow_together(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let trail = Trail::new(kind).await;
    let any = AuditQuery::default;
    let after = |seconds| Some(trail.start + TimeDelta::seconds(seconds));
    let all = ["wish_3", "notice_1", "roster", "wish_2", "wish_1", "wish_1"];
    assert_eq!(trail.everywhere(any()).await, all, "newest first");

    let account = Some(trail.one.account_id);
    let who = AuditQuery { account, ..any() };
    assert_eq!(trail.everywhere(who.clone()).await, ["wish_2", "wish_1"]);
    let action = Some("wish.published".to_owned());
    let what = AuditQuery { action, ..any() };
    assert_eq!(
        trail.everywhere(what.clone()).await,
        ["wish_3", "wish_2", "wish_1"]
    );
    let subject = Some("wish_1".to_owned());
    let object = AuditQuery { subject, ..any() };
    assert_eq!(trail.everywhere(object).await, ["wish_1", "wish_1"]);
    let when = AuditQuery {
        from: after(2),
        to: after(4),
        ..any()
    };
    assert_eq!(
        trail.everywhere(when.clone()).await,
        ["roster", "wish_2"],
        "the first instant belongs to it, the last one does not"
    );
    for (code, there) in [
        ("370811", vec!["wish_3", "wish_1", "wish_1"]),
        ("370800", vec!["wish_3", "wish_2", "wish_1", "wish_1"]),
        ("370900", vec![]),
    ] {
        let district = Some(district(code));
        let place = AuditQuery { district, ..any() };
        assert_eq!(trail.everywhere(place).await, there, "{code}");
    }
    let together = AuditQuery {
        district: Some(district("370811")),
        account,
        to: after(3),
        ..what
    };
    assert_eq!(trail.everywhere(together).await, ["wish_1"]);
    let before_all = AuditQuery {
        to: Some(DateTime::UNIX_EPOCH - TimeDelta::days(1)),
        ..any()
    };
    assert!(trail.everywhere(before_all).await.is_empty());
}

#[rstest]
#[tokio::test]
async fn a_reader_of_a_district_sees_it_all_and_no_other_area(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let trail = Trail::new(kind).await;
    let county = Jurisdiction::District(district("370811"));
    let seen = found(&trail.store, county, AuditQuery::default()).await;
    assert_eq!(seen, ["wish_3", "wish_1", "wish_1"]);
    let elsewhere = AuditQuery {
        district: Some(district("370812")),
        ..AuditQuery::default()
    };
    assert!(
        found(&trail.store, county, elsewhere).await.is_empty(),
        "asking for another district opens none"
    );
}

#[rstest]
#[tokio::test]
async fn pages_follow_each_other_inside_a_condition(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let trail = Trail::new(kind).await;
    let query = AuditQuery {
        action: Some("wish.published".to_owned()),
        ..AuditQuery::default()
    };
    let (mut page, mut seen) = (PageRequest { limit: 2, ..FIRST }, Vec::new());
    loop {
        let mut tx = trail.store.read().await.unwrap();
        let lines = tx
            .audit()
            .list(&Jurisdiction::Everywhere, &query, page)
            .await
            .unwrap();
        seen.extend(lines.items.into_iter().map(|line| line.subject));
        if lines.next.is_none() {
            break;
        }
        page.after = lines.next;
    }
    assert_eq!(seen, ["wish_3", "wish_2", "wish_1"]);
}

/// What the database would do for one condition among many lines.
async fn plan(store: &SqlStore, condition: &str) -> String {
    let db = store.writer();
    let explain = match db.get_database_backend() {
        sea_orm::DbBackend::Postgres => "EXPLAIN",
        _ => "EXPLAIN QUERY PLAN",
    };
    let sql = format!(
        "{explain} SELECT * FROM audit_entries WHERE {condition} ORDER BY id DESC LIMIT 51"
    );
    let column = match db.get_database_backend() {
        sea_orm::DbBackend::Postgres => "QUERY PLAN",
        _ => "detail",
    };
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let rows = db.query_all_raw(statement).await.unwrap();
    let lines = rows
        .iter()
        .map(|row| row.try_get::<String>("", column).unwrap());
    lines.collect::<Vec<_>>().join("\n")
}

#[rstest]
#[tokio::test]
async fn each_condition_has_an_index_that_keeps_the_order(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    let people: Vec<_> = (0..400).map(|_| somebody()).collect();
    let start = SystemClock.now();
    let entry = |n: usize| {
        let actions = ["wish.published", "voucher.issued", "notice.read"];
        let area = district(&format!("37{:02}11", n / 100 % 40 + 10));
        Deed::new(actions[n * 7 % 300 % 3], format!("wish_{n}"))
            .within(area)
            .by(
                &people[n % 400],
                start + TimeDelta::seconds(i64::try_from(n).unwrap()),
                &SystemRandom,
            )
    };
    write(&store, (0..4_000).map(entry).collect()).await;
    store.writer().execute_unprepared("ANALYZE").await.unwrap();

    let one = people[0].account_id.uuid().simple().to_string();
    let (account, times, clock) = match kind {
        Kind::Sqlite => (
            format!("account_id = x'{one}'"),
            "id >= x'01900000000000000000000000000000' AND id < x'01900000000100000000000000000000'",
            "sqlite_autoindex_audit_entries_1",
        ),
        Kind::Postgres => (
            format!("account_id = '{one}'"),
            "id >= '01900000-0000-0000-0000-000000000000' AND id < '01900000-0001-0000-0000-000000000000'",
            "audit_entries_pkey",
        ),
    };
    for (condition, index) in [
        (account.as_str(), "audit_entries_account"),
        ("subject = 'wish_7'", "audit_entries_subject"),
        ("area = '371111'", "audit_entries_area"),
        ("action = 'station.added'", "audit_entries_action"),
        (times, clock),
    ] {
        let plan = plan(&store, condition).await;
        assert!(plan.contains(index), "{condition}: {plan}");
        assert!(
            !plan.contains("TEMP B-TREE") && !plan.contains("Seq Scan"),
            "{condition}: {plan}"
        );
    }
}

/// F16: none of these had a district before.
#[rstest]
#[tokio::test]
async fn the_districts_auditor_sees_what_happens_to_its_vouchers(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::at_noon(kind).await;
    let mut brief = town.new_batch();
    brief.valid_to = town.clock.now() + TimeDelta::hours(1);
    let batch = town.running(brief).await;
    let (worker, eaten) = town.holder(batch).await;
    let codes = &town.services.vouchers.codes;
    codes
        .deliver_secret(&worker, eaten, "phone-1")
        .await
        .unwrap();
    let scanned = town.redeem(&worker, eaten).await.accepted();
    town.services
        .vouchers
        .scans
        .annul(&town.staff, scanned.redemption_id, "扫错了人")
        .await
        .unwrap();
    let (other, _) = town.holder(batch).await;
    let whom = Whom::Person(other.person_id.unwrap());
    let recalls = &town.services.recalls;
    recalls
        .order(&town.maker, batch, whom, "发放有误")
        .await
        .unwrap();
    town.clock.advance(TimeDelta::hours(2));
    town.services
        .vouchers
        .wallet
        .expire_unused(100)
        .await
        .unwrap();
    recalls.run_open(100).await.unwrap();

    let here = Jurisdiction::District(district("370811"));
    let neighbour = Jurisdiction::District(district("370812"));
    for action in [
        "voucher.secret_delivered",
        "redemption.annulled",
        "voucher.recalled",
        "voucher_recall.finished",
        "voucher.expired",
    ] {
        let query = AuditQuery {
            action: Some(action.to_owned()),
            ..AuditQuery::default()
        };
        let store = &town.store;
        assert_eq!(found(store, here, query.clone()).await.len(), 1, "{action}");
        assert!(found(store, neighbour, query).await.is_empty(), "{action}");
    }
}
