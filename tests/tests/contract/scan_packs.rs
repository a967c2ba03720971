//! Scan packs on both databases: drawn up by the use case, opened by the module that devices run.

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use chrono::{DateTime, TimeDelta, Utc};
use niangjia_domain::{
    kernel::{AccessError, Actor, Clock, Grant, id::VoucherId, values::local_time},
    store::Store,
    vouchers::{
        batches::batch::Switch,
        offline::{
            OfflineError, SignedPage,
            packs::verify::{OfflineRefusal, OpenedPage, Served, Taken, verdict},
        },
    },
};
use niangjia_tests::{
    canteen::{Canteen, ScanExt, new_id},
    database::Kind,
    outpost::Outpost,
    wish_scene::DISTRICT,
};
use rstest::rstest;

const SCANNER: &str = "scanner-1";

async fn page(outpost: &Outpost) -> SignedPage {
    let station = outpost.canteen.scene.station.id;
    outpost
        .offline
        .scan_pack(outpost.staff(), station, SCANNER, None)
        .await
        .unwrap()
}

fn opened(outpost: &Outpost, page: &SignedPage) -> OpenedPage {
    let key = UnparsedPublicKey::new(&ED25519, outpost.offline.pack_key());
    let is_signed = |document: &[u8]| key.verify(document, &page.signature).is_ok();
    OpenedPage::open(
        &page.document,
        is_signed,
        outpost.canteen.scene.station.id,
        SCANNER,
    )
    .unwrap()
}

async fn judged(
    outpost: &Outpost,
    code: &str,
    at: DateTime<Utc>,
) -> Result<Served, OfflineRefusal> {
    let page = opened(outpost, &page(outpost).await);
    verdict(&[page], &Taken::default(), code, None, at)
}

async fn code_of(canteen: &Canteen, worker: &Actor, voucher: VoucherId) -> String {
    canteen.payload(worker, voucher).await
}

#[rstest]
#[tokio::test]
async fn a_device_verifies_by_its_pack_what_the_server_would(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let outpost = Outpost::open(kind).await;
    outpost.enrolled(SCANNER).await;
    let canteen = &outpost.canteen;
    let batch = canteen.running(canteen.new_batch()).await;
    let (worker, voucher) = canteen.holder(batch).await;
    let now = canteen.scene.clock.now();
    let code = code_of(canteen, &worker, voucher).await;
    let served = judged(&outpost, &code, now).await.unwrap();
    assert_eq!(
        (served.voucher_id, served.payment.amount.get()),
        (voucher, 1_500)
    );

    // A phone's own secret does as well; the one of a phone that was replaced does not.
    let old = canteen
        .vouchers
        .codes
        .deliver_secret(&worker, voucher, "phone-1")
        .await
        .unwrap();
    let new = canteen
        .vouchers
        .codes
        .deliver_secret(&worker, voucher, "phone-2")
        .await
        .unwrap();
    let by = |phone: &niangjia_domain::vouchers::DeliveredSecret| {
        niangjia_domain::vouchers::codes::code::CodeStep::at(voucher, phone.device_no, now)
            .offline_payload(&phone.secret)
    };
    assert!(judged(&outpost, &by(&new), now).await.is_ok());
    assert_eq!(
        judged(&outpost, &by(&old), now).await,
        Err(OfflineRefusal::NotInPack)
    );

    let document = page(&outpost).await.document;
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
    canteen
        .vouchers
        .batches
        .switch(&canteen.maker, batch, Switch::Pause)
        .await
        .unwrap();
    assert_eq!(
        judged(&outpost, &code, now).await,
        Err(OfflineRefusal::NotInPack)
    );
    canteen
        .vouchers
        .batches
        .switch(&canteen.maker, batch, Switch::Resume)
        .await
        .unwrap();
    assert!(judged(&outpost, &code, now).await.is_ok());
    canteen
        .scan(canteen.scan_of(code.as_str()))
        .await
        .accepted();
    assert_eq!(
        judged(&outpost, &code, now).await,
        Err(OfflineRefusal::NotInPack)
    );
}

#[rstest]
#[tokio::test]
async fn packs_are_for_enrolled_devices_of_the_callers_station(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let outpost = Outpost::open(kind).await;
    let (offline, scene) = (&outpost.offline, &outpost.canteen.scene);
    let asked = async |actor: &Actor| {
        offline
            .scan_pack(actor, scene.station.id, SCANNER, None)
            .await
            .map(|_| ())
    };
    assert!(matches!(
        asked(outpost.staff()).await,
        Err(OfflineError::DeviceUnknown)
    ));
    let device = outpost.enrolled(SCANNER).await;
    let elsewhere = Actor {
        grants: vec![Grant::StationStaff(new_id())],
        ..outpost.staff().clone()
    };
    assert!(matches!(
        asked(&elsewhere).await,
        Err(OfflineError::Access(AccessError::NotFound))
    ));
    let cadre = scene.cadre(DISTRICT);
    assert!(matches!(
        asked(&cadre).await,
        Err(OfflineError::Access(AccessError::Forbidden))
    ));
    asked(outpost.staff()).await.unwrap();
    let today = local_time::date_of(scene.clock.now());
    let mut tx = scene.store.read().await.unwrap();
    assert_eq!(
        tx.station_devices()
            .unsynced(scene.station.id, today)
            .await
            .unwrap()[0]
            .packed_through,
        Some(today)
    );
    assert!(
        tx.station_devices()
            .unsynced(scene.station.id, today - TimeDelta::days(1))
            .await
            .unwrap()
            .is_empty()
    );
    drop(tx);
    scene.clock.advance(TimeDelta::days(1));
    asked(outpost.staff()).await.unwrap();
    let mut tx = scene.store.read().await.unwrap();
    let owed = tx
        .station_devices()
        .unsynced(scene.station.id, today)
        .await
        .unwrap();
    assert_eq!(
        owed[0].unsynced_from,
        Some(today),
        "yesterday is owed still"
    );
    drop(tx);
    offline
        .revoke(outpost.staff(), device.id, "手机丢失")
        .await
        .unwrap();
    assert!(matches!(
        asked(outpost.staff()).await,
        Err(OfflineError::DeviceRevoked)
    ));
    assert_eq!(scene.count("SELECT COUNT(*) FROM offline_days").await, 2);
}

#[rstest]
#[tokio::test]
async fn secrets_come_in_pages_without_a_gap(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let outpost = Outpost::open(kind).await;
    let canteen = &outpost.canteen;
    let (one, two) = (
        canteen.running(canteen.new_batch()).await,
        canteen.running(canteen.new_batch()).await,
    );
    let mut expected = vec![];
    for n in 0..5 {
        let (worker, voucher) = canteen.holder(if n % 2 == 0 { one } else { two }).await;
        canteen.scene.clock.advance(TimeDelta::milliseconds(5));
        if n != 3 {
            canteen.payload(&worker, voucher).await;
            canteen
                .vouchers
                .codes
                .deliver_secret(&worker, voucher, "phone")
                .await
                .unwrap();
            expected.extend([(voucher, 0), (voucher, 1)]);
        }
    }
    expected.sort();
    let mut tx = canteen.scene.store.read().await.unwrap();
    let (mut seen, mut after, mut pages) = (vec![], None, 0);
    loop {
        let (page, next) = tx
            .scan_packs()
            .secrets_of(&[one, two], after, 2)
            .await
            .unwrap();
        seen.extend(
            page.iter()
                .map(|secret| (secret.voucher_id, secret.device_no)),
        );
        pages += 1;
        let Some(last) = next else { break };
        after = Some(last);
    }
    assert_eq!((seen, pages), (expected, 3));
    assert!(
        tx.scan_packs()
            .secrets_of(&[], None, 2)
            .await
            .unwrap()
            .0
            .is_empty()
    );
}
