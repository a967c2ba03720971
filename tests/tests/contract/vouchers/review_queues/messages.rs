//! Who hears of what is held, and when.

use chrono::TimeDelta;
use niangjia_domain::{
    kernel::{Grant, Jurisdiction},
    vouchers::collusion::CollusionPolicy,
};
use niangjia_tests::{places::DISTRICT, servers::database::Kind, town::Town};
use rstest::rstest;

use super::{PREFECTURE, area, cadre, heard, hears_nothing, jobs};

#[rstest]
#[tokio::test]
async fn one_message_a_station_tells_those_who_may_decide_and_warns_nobody(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::at_noon(kind).await;
    let batch = town.running(town.new_batch()).await;
    let (one, other) = (
        cadre(&town, area(DISTRICT)).await,
        cadre(&town, area(DISTRICT)).await,
    );
    let mut silent = vec![
        cadre(&town, area(PREFECTURE)).await,
        cadre(&town, area("370812")).await,
    ];
    silent.push(cadre(&town, Jurisdiction::Everywhere).await);
    silent.push(
        town.appoint(town.donor().await, Grant::Auditor(area(DISTRICT)))
            .await,
    );
    silent.push(town.appoint(town.donor().await, Grant::Admin).await);
    // Who scans, and who eats, may be a cadre too.
    silent.push(
        town.appoint(town.staff.clone(), Grant::Cadre(area(DISTRICT)))
            .await,
    );
    let (eater, voucher) = town.holder(batch).await;
    silent.push(
        town.appoint(town.same_person(&eater).await, Grant::Cadre(area(DISTRICT)))
            .await,
    );
    town.burst(batch).await;
    town.redeem(&eater, voucher).await;
    assert_eq!(jobs(&town).watch_events().await.unwrap(), 10);
    for hearer in [&one, &other] {
        let (count, body) = heard(&town, hearer, "redemptions_suspended").await;
        assert!(
            count == 1 && body.contains("演示驿站有 10 笔"),
            "{count} {body}"
        );
    }
    // The last one was the eater of another meal, not involved in these.
    let unrelated = silent.pop().unwrap();
    assert_eq!(heard(&town, &unrelated, "redemptions_suspended").await.0, 1);
    for somebody in &silent {
        assert!(hears_nothing(&town, somebody).await, "{somebody:?}");
    }

    // Another signal about the same redemptions is no news, about one more it is; whoever ate that
    // one is not warned.
    let mut strict = jobs(&town);
    strict.policy = CollusionPolicy {
        price_typed: 10,
        price_typed_alone: 10,
        ..strict.policy
    };
    assert_eq!(strict.watch_habits().await.unwrap(), 10);
    assert_eq!(heard(&town, &one, "redemptions_suspended").await.0, 1);
    let hurried = CollusionPolicy {
        burst_scans: 1,
        burst_within: TimeDelta::seconds(1),
        ..CollusionPolicy::default()
    };
    strict.policy = hurried;
    let newly = strict.watch_events().await.unwrap();
    assert_eq!(newly, 1, "the eleventh");
    let (count, body) = heard(&town, &one, "redemptions_suspended").await;
    assert!(count == 2 && body.contains("有 1 笔"), "{count} {body}");
    assert_eq!(
        heard(&town, &unrelated, "redemptions_suspended").await.0,
        1,
        "it was their own meal"
    );
}

#[rstest]
#[tokio::test]
async fn where_nobody_is_free_to_decide_the_district_around_hears(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[values(PREFECTURE, "370000", "everywhere")] next: &str,
) {
    let town = Town::at_noon(kind).await;
    town.appoint(town.staff.clone(), Grant::Cadre(area(DISTRICT)))
        .await;
    let next = if next == "everywhere" {
        Jurisdiction::Everywhere
    } else {
        area(next)
    };
    let hearer = cadre(&town, next).await;
    town.burst(town.running(town.new_batch()).await).await;
    jobs(&town).watch_events().await.unwrap();
    assert_eq!(heard(&town, &hearer, "redemptions_suspended").await.0, 1);
    assert!(hears_nothing(&town, &town.staff).await);
}

/// The message is part of the transaction: without it nothing is held.
#[rstest]
#[tokio::test]
async fn nothing_is_held_in_silence(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let town = Town::at_noon(kind).await;
    let local = cadre(&town, area(DISTRICT)).await;
    town.burst(town.running(town.new_batch()).await).await;
    town.execute("ALTER TABLE outbox_events RENAME TO gone", [])
        .await;
    assert!(jobs(&town).watch_events().await.is_err());
    assert_eq!(
        town.count("SELECT COUNT(*) FROM redemptions WHERE suspended")
            .await,
        0
    );
    assert_eq!(
        town.count("SELECT COUNT(*) FROM suspension_signals").await,
        0
    );
    town.execute("ALTER TABLE gone RENAME TO outbox_events", [])
        .await;
    assert_eq!(jobs(&town).watch_events().await.unwrap(), 10);
    assert_eq!(heard(&town, &local, "redemptions_suspended").await.0, 1);
}
