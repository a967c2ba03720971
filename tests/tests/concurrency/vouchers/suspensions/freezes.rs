//! A suspension against a freeze: a redemption is suspended or settled, never both.

use niangjia_domain::kernel::id::RedemptionId;
use niangjia_infra::sql::SqlStore;
use niangjia_tests::servers::database::Kind;
use rstest::rstest;
use sea_orm::{ConnectionTrait, Statement};

use super::{REVIEWERS, TwoStores, suspension};

/// What freezing does to one redemption.
const FREEZE: &str = "UPDATE redemptions SET state = 'settled' WHERE id = $1 AND state = 'accepted' AND NOT suspended";

async fn freeze(store: SqlStore, sql: &str, id: RedemptionId) -> bool {
    let writer = store.writer();
    let statement =
        Statement::from_sql_and_values(writer.get_database_backend(), sql, [id.uuid().into()]);
    writer.execute_raw(statement).await.unwrap().rows_affected() > 0
}

const BOTH: &str = "SELECT COUNT(*) FROM redemptions WHERE state = 'settled' AND suspended";

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_held_and_settled(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let both = TwoStores::new(kind).await;
    let mut held = 0;
    for _ in 0..REVIEWERS {
        let id = both.redemption().await;
        let holding = tokio::spawn(suspension(both.rows.store.clone(), id, both.rows.now));
        let freezing = tokio::spawn(freeze(both.other.clone(), FREEZE, id));
        let (is_held, is_settled) = (holding.await.unwrap(), freezing.await.unwrap());
        assert!(
            is_held != is_settled,
            "held {is_held}, settled {is_settled}"
        );
        held += i64::from(is_held);
    }
    assert_eq!(both.count(BOTH).await, 0);
    // Whoever lost left nothing behind.
    assert_eq!(
        both.count("SELECT COUNT(*) FROM redemption_suspensions")
            .await,
        held
    );
    assert_eq!(
        both.count("SELECT COUNT(*) FROM suspension_signals").await,
        held
    );
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn control_freezing_that_looks_for_holds_first_settles_what_is_held(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let both = TwoStores::new(kind).await;
    let id = both.redemption().await;
    assert_eq!(
        both.count("SELECT COUNT(*) FROM redemption_suspensions")
            .await,
        0,
        "looked: nothing is held"
    );
    assert!(suspension(both.rows.store.clone(), id, both.rows.now).await);
    let careless = "UPDATE redemptions SET state = 'settled' WHERE id = $1 AND state = 'accepted'";
    assert!(freeze(both.other.clone(), careless, id).await);
    assert_eq!(both.count(BOTH).await, 1);
}
