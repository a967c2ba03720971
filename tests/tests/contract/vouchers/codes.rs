//! Codes that phones make and that people type.

use niangjia_domain::{
    kernel::{AccessError, Clock},
    vouchers::{VoucherError, codes::code::CodeStep, scans::refusal::Refusal},
};
use niangjia_tests::{
    actors::once,
    servers::database::Kind,
    town::{ScanExt, bearer},
};
use rstest::rstest;

use super::open;

#[rstest]
#[tokio::test]
async fn phones_make_their_own_codes_and_a_new_phone_replaces_the_old(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (town, batch) = open(kind).await;
    let (worker, voucher) = town.holder(batch).await;
    let deliver = async |device: &str| {
        town.services
            .vouchers
            .codes
            .deliver_secret(&worker, voucher, device)
            .await
    };
    let old = deliver("phone-1").await.unwrap();
    assert!(matches!(
        deliver("phone-1").await,
        Err(VoucherError::CodeSecretDelivered)
    ));
    let new = deliver("phone-2").await.unwrap();
    let now = town.clock.now();
    let by_old = CodeStep::at(voucher, old.device_no, now).payload(&old.secret);
    assert_eq!(
        town.scan(town.scan_of(by_old)).await.refused(),
        Refusal::InvalidCode
    );
    let forged = CodeStep::at(voucher, new.device_no, now).payload(&old.secret);
    assert_eq!(
        town.scan(town.scan_of(forged)).await.refused(),
        Refusal::InvalidCode
    );
    let by_new = CodeStep::at(voucher, new.device_no, now).payload(&new.secret);
    town.scan(town.scan_of(by_new)).await.accepted();
    for n in 3..=5 {
        deliver(&format!("phone-{n}")).await.unwrap();
    }
    assert!(matches!(
        deliver("phone-6").await,
        Err(VoucherError::TooManyDevices)
    ));
    let stranger = town.worker().await;
    let theirs = town
        .services
        .vouchers
        .codes
        .deliver_secret(&stranger, voucher, "phone-1")
        .await;
    assert!(matches!(
        theirs,
        Err(VoucherError::Access(AccessError::NotFound))
    ));
}

#[rstest]
#[tokio::test]
async fn eight_digits_do_as_well_and_guessing_is_throttled(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (town, batch) = open(kind).await;
    let (worker, voucher) = town.holder(batch).await;
    let shown = town
        .services
        .vouchers
        .codes
        .show_code(&worker, voucher)
        .await
        .unwrap();
    assert_eq!(shown.short_code.len(), 8);
    let accepted = town
        .scan(town.scan_of(shown.short_code.as_str()))
        .await
        .accepted();
    town.services
        .vouchers
        .scans
        .annul(&town.staff, accepted.redemption_id, "扫错了人")
        .await
        .unwrap();
    // The payload of the same step was used up with it.
    assert_eq!(
        town.scan(town.scan_of(shown.payload)).await.refused(),
        Refusal::CodeReplayed
    );
    let mut throttled = false;
    for guess in 0..12 {
        let (staff, scan) = (&town.staff, town.scan_of(format!("{guess:08}")));
        let answer = town
            .services
            .vouchers
            .scans
            .redeem(bearer(staff), once(staff), scan)
            .await;
        throttled |= matches!(answer, Err(VoucherError::Throttled(_)));
    }
    assert!(throttled, "ten typed codes, then wait");
}
