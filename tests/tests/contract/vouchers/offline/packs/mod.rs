//! Scan packs on both databases: drawn up by the use case, opened by the module that devices run.

mod pages;
mod verify;

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use chrono::{DateTime, Utc};
use niangjia_domain::{
    kernel::{Actor, id::VoucherId},
    vouchers::offline::{
        SignedPage,
        packs::verify::{OfflineRefusal, OpenedPage, Served, Taken, verdict},
    },
};
use niangjia_tests::town::Town;

const SCANNER: &str = "scanner-1";

async fn page(town: &Town) -> SignedPage {
    let station = town.station.id;
    town.services
        .offline
        .scan_pack(&town.staff, station, SCANNER, None)
        .await
        .unwrap()
}

fn opened(town: &Town, page: &SignedPage) -> OpenedPage {
    let key = UnparsedPublicKey::new(&ED25519, town.services.offline.pack_key());
    let is_signed = |document: &[u8]| key.verify(document, &page.signature).is_ok();
    OpenedPage::open(&page.document, is_signed, town.station.id, SCANNER).unwrap()
}

async fn judged(town: &Town, code: &str, at: DateTime<Utc>) -> Result<Served, OfflineRefusal> {
    let page = opened(town, &page(town).await);
    verdict(&[page], &Taken::default(), code, None, at)
}

async fn code_of(town: &Town, worker: &Actor, voucher: VoucherId) -> String {
    town.payload(worker, voucher).await
}
