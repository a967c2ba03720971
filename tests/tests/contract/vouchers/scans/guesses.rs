//! Wrong and typed codes: who waits, and what is written down.

use niangjia_domain::{
    kernel::Actor,
    vouchers::{ScanRequest, VoucherError, scans::refusal::Refusal},
};
use niangjia_tests::{
    actors::once,
    servers::database::Kind,
    town::{ScanExt, Town, bearer},
};
use rstest::rstest;
use sea_orm::ConnectionTrait;

#[rstest]
#[tokio::test]
async fn wrong_codes_make_their_author_wait_and_nobody_else(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::at_noon(kind).await;
    let batch = town.running(town.new_batch()).await;
    let (worker, voucher) = town.holder(batch).await;
    let attempt = async |staff: &Actor, device: &str, code: String| {
        let scan = ScanRequest {
            device_id: device.to_owned(),
            ..town.scan_of(code)
        };
        town.services
            .vouchers
            .scans
            .redeem(bearer(staff), once(staff), scan)
            .await
    };
    let noise = "NJ1.AZAAAAAAcACAAAAAAAAAAQ.1.60000000.AAAAAAAAAAAAAAAA".to_owned();
    let mut throttled = 0;
    for _ in 0..30 {
        let answer = attempt(&town.staff, "noisy", noise.clone()).await;
        throttled += usize::from(matches!(answer, Err(VoucherError::Throttled(_))));
    }
    // Twenty at a time, and one more every six seconds that this test takes.
    assert!((5..=10).contains(&throttled), "{throttled}");
    assert_eq!(
        town.count("SELECT COUNT(*) FROM refused_scans").await,
        30,
        "each is on record"
    );
    // The device is known under whatever name somebody works at it; another device is not to blame.
    let colleague = town.another_staff().await;
    let mut known = false;
    for _ in 0..3 {
        known |= matches!(
            attempt(&colleague, "noisy", noise.clone()).await,
            Err(VoucherError::Throttled(_))
        );
    }
    assert!(known);
    assert_eq!(
        attempt(&colleague, "quiet", noise)
            .await
            .unwrap()
            .value
            .refused(),
        Refusal::InvalidCode
    );
    let sound = town.payload(&worker, voucher).await;
    attempt(&town.staff, "noisy", sound)
        .await
        .unwrap()
        .value
        .accepted();
}

#[rstest]
#[tokio::test]
async fn typed_codes_are_counted_before_they_are_looked_up(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::at_noon(kind).await;
    let batch = town.running(town.new_batch()).await;
    let (worker, voucher) = town.holder(batch).await;
    let (staff, colleague) = (town.staff.clone(), town.another_staff().await);
    let guess = async |staff: &Actor, device: &str, digits: String| {
        let scan = ScanRequest {
            device_id: device.to_owned(),
            ..town.scan_of(digits)
        };
        town.services
            .vouchers
            .scans
            .redeem(bearer(staff), once(staff), scan)
            .await
    };
    let mut looked_up = 0;
    for n in 0..20 {
        // Whatever the device, and right or wrong.
        match guess(&staff, &format!("scanner-{n}"), format!("{n:08}")).await {
            Ok(answer) => looked_up += i64::from(answer.value.refused() == Refusal::InvalidCode),
            Err(error) => assert!(matches!(error, VoucherError::Throttled(_)), "{error:?}"),
        }
    }
    assert!((10..16).contains(&looked_up), "{looked_up}");
    assert_eq!(
        town.count("SELECT COUNT(*) FROM refused_scans").await,
        looked_up
    );
    let sound = town
        .services
        .vouchers
        .codes
        .show_code(&worker, voucher)
        .await
        .unwrap()
        .short_code;
    guess(&colleague, "scanner-21", sound)
        .await
        .unwrap()
        .value
        .accepted();
}

#[rstest]
#[tokio::test]
async fn refused_scans_can_only_be_added(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let town = Town::at_noon(kind).await;
    assert_eq!(
        town.scan(town.scan_of("nonsense")).await.refused(),
        Refusal::InvalidCode
    );
    let tables = town.store.writer();
    for change in [
        "UPDATE refused_scans SET reason = 'accepted'",
        "DELETE FROM refused_scans",
    ] {
        let refused = tables
            .execute_unprepared(change)
            .await
            .unwrap_err()
            .to_string();
        assert!(refused.contains("append-only"), "{change}: {refused}");
    }
    assert_eq!(town.count("SELECT COUNT(*) FROM refused_scans").await, 1);
}
