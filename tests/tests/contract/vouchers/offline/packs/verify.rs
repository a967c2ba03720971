//! What a device without a network says of a code.

use chrono::TimeDelta;
use niangjia_domain::{
    kernel::{Clock, values::local_time},
    vouchers::{batches::batch::Switch, offline::packs::verify::OfflineRefusal},
};
use niangjia_tests::{
    servers::database::Kind,
    town::{ScanExt, Town},
};
use rstest::rstest;

use super::{SCANNER, code_of, judged, page};

#[rstest]
#[tokio::test]
async fn a_device_verifies_by_its_pack_what_the_server_would(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::at_noon(kind).await;
    town.enrolled(SCANNER).await;
    let batch = town.running(town.new_batch()).await;
    let (worker, voucher) = town.holder(batch).await;
    let now = town.clock.now();
    let code = code_of(&town, &worker, voucher).await;
    let served = judged(&town, &code, now).await.unwrap();
    assert_eq!(
        (served.voucher_id, served.payment.amount.get()),
        (voucher, 1_500)
    );

    // A phone's own secret does as well; the one of a phone that was replaced does not.
    let old = town
        .services
        .vouchers
        .codes
        .deliver_secret(&worker, voucher, "phone-1")
        .await
        .unwrap();
    let new = town
        .services
        .vouchers
        .codes
        .deliver_secret(&worker, voucher, "phone-2")
        .await
        .unwrap();
    let by = |phone: &niangjia_domain::vouchers::DeliveredSecret| {
        niangjia_domain::vouchers::codes::code::CodeStep::at(voucher, phone.device_no, now)
            .offline_payload(&phone.secret)
    };
    assert!(judged(&town, &by(&new), now).await.is_ok());
    assert_eq!(
        judged(&town, &by(&old), now).await,
        Err(OfflineRefusal::NotInPack)
    );

    let document = page(&town).await.document;
    let tomorrow = local_time::start_of(local_time::date_of(now) + TimeDelta::days(1));
    assert!(
        document.contains(&local_time::rfc3339(tomorrow)),
        "void by the end of the day"
    );
    let person = worker.person_id.unwrap();
    for secret in [
        voucher.to_string(),
        voucher.uuid().to_string(),
        person.to_string(),
        new.secret.expose(),
    ] {
        assert!(!document.contains(&secret), "{document}");
    }

    // What may not be used today is not there.
    town.services
        .vouchers
        .batches
        .switch(&town.maker, batch, Switch::Pause)
        .await
        .unwrap();
    assert_eq!(
        judged(&town, &code, now).await,
        Err(OfflineRefusal::NotInPack)
    );
    town.services
        .vouchers
        .batches
        .switch(&town.maker, batch, Switch::Resume)
        .await
        .unwrap();
    assert!(judged(&town, &code, now).await.is_ok());
    town.scan(town.scan_of(code.as_str())).await.accepted();
    assert_eq!(
        judged(&town, &code, now).await,
        Err(OfflineRefusal::NotInPack)
    );
}
