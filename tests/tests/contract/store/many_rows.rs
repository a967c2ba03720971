//! Many rows through one statement: what is written is what was meant, however odd, and however
//! many.

use niangjia_domain::{
    audit::{Area, AuditQuery, Deed},
    kernel::{Clock, Jurisdiction, PageRequest},
    store::Store,
};
use niangjia_infra::system::{SystemClock, SystemRandom};
use niangjia_tests::servers::database::{Kind, TestDatabase};
use rstest::rstest;
use serde_json::{Value, json};

const ODD: [&str; 8] = [
    "",
    "NULL",
    "{}",
    "a,b",
    r#"quote " and \ backslash"#,
    "李·四 🍜",
    " spaces ",
    "'); --",
];

#[rstest]
#[tokio::test]
async fn odd_texts_and_absent_values_arrive_as_they_are(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    let details = [
        Value::Null,
        json!({ "a": [1, null, "x\"y\\z"] }),
        json!("text"),
        json!(7),
    ];
    let entry = |subject: &&str, detail: &Value| {
        Deed::new("test.odd", subject)
            .within(Area::Everywhere)
            .with(detail.clone())
            .by_system("test", SystemClock.now(), &SystemRandom)
    };
    let written: Vec<_> = ODD
        .iter()
        .zip(details.iter().cycle())
        .map(|(odd, detail)| entry(odd, detail))
        .collect();
    let mut tx = store.begin().await.unwrap();
    tx.audit().append_all(vec![]).await.unwrap();
    tx.audit().append_all(written.clone()).await.unwrap();
    tx.commit().await.unwrap();
    let page = PageRequest {
        limit: 100,
        after: None,
    };
    let read = store
        .read()
        .await
        .unwrap()
        .audit()
        .list(&Jurisdiction::Everywhere, &AuditQuery::default(), page)
        .await
        .unwrap()
        .items;
    for entry in written {
        let line = read.iter().find(|line| line.id == entry.id).unwrap();
        assert_eq!(
            (&line.subject, &line.detail, line.at),
            (&entry.subject, &entry.detail, entry.at)
        );
        assert_eq!(
            (line.account_id, &line.role, line.area.as_str()),
            (None, &None, "everywhere")
        );
    }
}

#[rstest]
#[tokio::test]
async fn a_thousand_rows_go_in_one_statement(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    let deed = |n: usize| {
        Deed::new("test.many", n)
            .within(Area::Everywhere)
            .by_system("test", SystemClock.now(), &SystemRandom)
    };
    let mut tx = store.begin().await.unwrap();
    tx.audit()
        .append_all((0..1_000).map(deed).collect())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(
        store
            .read()
            .await
            .unwrap()
            .audit()
            .unsealed(2_000)
            .await
            .unwrap()
            .len(),
        1_000
    );
}
