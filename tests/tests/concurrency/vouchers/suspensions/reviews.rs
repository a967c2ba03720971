//! Reviewers against one another.

use niangjia_domain::vouchers::collusion::SuspensionDecision;
use niangjia_tests::{rows::account, servers::database::Kind};
use rstest::rstest;
use sea_orm::{ConnectionTrait, Statement};

use super::{REVIEWERS, TwoStores, decide, suspension};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_many_reviewers_one_decides(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let both = TwoStores::new(kind).await;
    let id = both.redemption().await;
    assert!(suspension(both.other.clone(), id, both.rows.now).await);
    let reviews: Vec<_> = (0..REVIEWERS)
        .map(|n| {
            let store = if n % 2 == 0 {
                both.rows.store.clone()
            } else {
                both.other.clone()
            };
            let decision = if n % 3 == 0 {
                SuspensionDecision::Lift
            } else {
                SuspensionDecision::Reject
            };
            tokio::spawn(decide(store, id, account(), decision))
        })
        .collect();
    let mut decided = 0;
    for review in reviews {
        decided += usize::from(review.await.unwrap());
    }
    assert_eq!(decided, 1);
    let consistent = "SELECT COUNT(*) FROM redemptions r JOIN redemption_suspensions h ON h.redemption_id = r.id \
                      WHERE (h.decision = 'lifted' AND r.state = 'accepted' AND NOT r.suspended) \
                         OR (h.decision = 'rejected' AND r.state = 'annulled' AND r.suspended)";
    assert_eq!(both.count(consistent).await, 1);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn control_without_compare_and_set_every_reviewer_decides(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let both = TwoStores::new(kind).await;
    let id = both.redemption().await;
    assert!(suspension(both.other.clone(), id, both.rows.now).await);
    let looked = both
        .count("SELECT COUNT(*) FROM redemption_suspensions WHERE decision IS NULL")
        .await;
    let mut decided = 0;
    for _ in 0..REVIEWERS {
        let sql = "UPDATE redemption_suspensions SET decision = 'lifted', decided_at = suspended_at, decided_by = $2, \
                   reason = 'x' WHERE redemption_id = $1";
        let writer = both.rows.store.writer();
        let values = [id.uuid().into(), account().uuid().into()];
        let statement = Statement::from_sql_and_values(writer.get_database_backend(), sql, values);
        decided += writer.execute_raw(statement).await.unwrap().rows_affected();
    }
    assert_eq!(
        (looked, decided),
        (1, REVIEWERS as u64),
        "all of them looked before the first one acted"
    );
}
