//! Contract of the notices repositories.

use chrono::TimeDelta;
use niangjia_domain::{
    kernel::{
        Clock, PageRequest,
        id::{AccountId, NoticeId},
    },
    notices::Notice,
    store::Store,
};
use niangjia_infra::system::{SystemClock, SystemRandom};
use niangjia_tests::servers::database::{Kind, TestDatabase};
use rstest::rstest;

#[rstest]
#[tokio::test]
async fn an_inbox_is_its_owners_and_keeps_one_copy(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    let now = SystemClock.now();
    let [owner, stranger] = [0, 1].map(|_| AccountId::generate(now, &SystemRandom));
    let notice = |seconds| {
        let at = now + TimeDelta::seconds(seconds);
        Notice {
            id: NoticeId::generate(at, &SystemRandom),
            recipient: owner,
            topic: "topic".to_owned(),
            title: "标题".to_owned(),
            body: "正文".to_owned(),
            subject: None,
            created_at: at,
            read_at: None,
        }
    };
    let (old, new) = (notice(0), notice(1));

    let mut tx = store.begin().await.unwrap();
    assert_eq!(
        tx.notices()
            .deliver(std::slice::from_ref(&old))
            .await
            .unwrap(),
        1
    );
    assert_eq!(
        tx.notices()
            .deliver(&[old.clone(), new.clone()])
            .await
            .unwrap(),
        1,
        "one for the second time"
    );
    let page = PageRequest {
        limit: 1,
        after: None,
    };
    let first = tx.notices().list_of(owner, page).await.unwrap();
    assert_eq!(first.items, vec![new.clone()], "newest first");
    let rest = tx
        .notices()
        .list_of(
            owner,
            PageRequest {
                after: first.next,
                ..page
            },
        )
        .await
        .unwrap();
    assert_eq!((rest.items, rest.next), (vec![old.clone()], None));
    assert!(
        tx.notices()
            .list_of(stranger, page)
            .await
            .unwrap()
            .items
            .is_empty()
    );
    assert_eq!(tx.notices().find_of(stranger, old.id).await.unwrap(), None);

    assert!(!tx.notices().mark_read(stranger, old.id, now).await.unwrap());
    assert!(tx.notices().mark_read(owner, old.id, now).await.unwrap());
    assert!(
        !tx.notices()
            .mark_read(owner, old.id, now + TimeDelta::hours(1))
            .await
            .unwrap(),
        "read before"
    );
    let read = tx.notices().find_of(owner, old.id).await.unwrap().unwrap();
    assert_eq!(read.read_at, Some(now));
    assert_eq!(
        tx.notices()
            .deliver(std::slice::from_ref(&old))
            .await
            .unwrap(),
        0
    );
    assert_eq!(
        tx.notices().find_of(owner, old.id).await.unwrap(),
        Some(read),
        "a redelivery leaves it read"
    );
}
