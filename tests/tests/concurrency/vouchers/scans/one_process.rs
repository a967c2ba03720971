//! Scans of the use cases of two processes.

use std::sync::Arc;

use chrono::TimeDelta;
use futures_util::future::join_all;
use niangjia_domain::{
    kernel::Clock,
    vouchers::{ScanAnswer, codes::code::CodeStep, scans::refusal::Refusal},
};
use niangjia_tests::{
    actors::once,
    servers::database::Kind,
    town::{Town, bearer},
};
use rstest::rstest;
use sea_orm::ConnectionTrait;
use tokio::sync::Barrier;

use super::{refusals, storm};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_voucher_with_three_good_codes_is_redeemed_once(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::at_noon(kind).await;
    let batch = town.running(town.new_batch()).await;
    let processes = [
        town.services.vouchers.clone(),
        town.another_process().await.vouchers,
    ];
    for _ in 0..4 {
        let (worker, voucher) = town.holder(batch).await;
        let phone = town
            .services
            .vouchers
            .codes
            .deliver_secret(&worker, voucher, "phone-1")
            .await
            .unwrap();
        // The codes of three steps are good at once: the used code alone would not decide.
        let code = |n: usize| {
            let at = town.clock.now() + TimeDelta::seconds(30) * (n as i32 % 3 - 1);
            CodeStep::at(voucher, phone.device_no, at).payload(&phone.secret)
        };
        let answers = storm(&town, &processes, (0..18).map(code).collect()).await;
        assert_eq!(refusals(&answers), [Refusal::AlreadyRedeemed; 17]);
    }
    assert_eq!(town.balanced(batch).await.redeemed, 4);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn one_person_eats_once_with_two_vouchers(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::at_noon(kind).await;
    let (one, two) = (
        town.running(town.new_batch()).await,
        town.running(town.new_batch()).await,
    );
    let processes = [
        town.services.vouchers.clone(),
        town.another_process().await.vouchers,
    ];
    for _ in 0..6 {
        let (worker, first) = town.holder(one).await;
        let second = town.claim(&worker, two).await.unwrap().voucher.id;
        let codes = vec![
            town.payload(&worker, first).await,
            town.payload(&worker, second).await,
        ];
        let answers = storm(&town, &processes, codes).await;
        assert_eq!(refusals(&answers), [Refusal::PersonMealLimit]);
    }
    let redeemed = town.balanced(one).await.redeemed + town.balanced(two).await.redeemed;
    assert_eq!(redeemed, 6);
}

/// Without the primary key over (person, day, meal), looking first does not help.
#[tokio::test(flavor = "multi_thread")]
async fn control_without_the_meals_key_a_person_eats_twice() {
    let town = Town::at_noon(Kind::Postgres).await;
    let tables = town.store.writer().clone();
    tables
        .execute_unprepared("ALTER TABLE person_meals DROP CONSTRAINT person_meals_pkey")
        .await
        .unwrap();
    let looked = Arc::new(Barrier::new(2));
    let careless = (0..2).map(|_| {
        let (tables, looked) = (tables.clone(), looked.clone());
        tokio::spawn(async move {
            let eater = "person_id = '01900000-0000-7000-8000-000000000001' AND day = '2026-06-01' AND meal = '午餐'";
            let look = format!("SELECT 1 FROM person_meals WHERE {eater}");
            let backend = tables.get_database_backend();
            let eaten = tables.query_one_raw(sea_orm::Statement::from_string(backend, look)).await.unwrap();
            looked.wait().await;
            if eaten.is_none() {
                let eat = "INSERT INTO person_meals (person_id, day, meal, redemption_id) VALUES \
                           ('01900000-0000-7000-8000-000000000001', '2026-06-01', '午餐', gen_random_uuid())";
                tables.execute_unprepared(eat).await.unwrap();
            }
        })
    });
    join_all(careless)
        .await
        .into_iter()
        .for_each(Result::unwrap);
    let eaten = town.count("SELECT COUNT(*) FROM person_meals").await;
    assert_eq!(eaten, 2, "the control no longer races");
}

/// Scans, annulments and releases take rows that others hold: nobody may wait in a ring.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn scans_annulments_and_releases_never_wait_in_a_ring(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Arc::new(Town::at_noon(kind).await);
    let batches = [
        town.running(town.new_batch()).await,
        town.running(town.new_batch()).await,
    ];
    let processes = [
        town.services.vouchers.clone(),
        town.another_process().await.vouchers,
    ];
    let mut holders = Vec::new();
    for n in 0..12 {
        holders.push(town.holder(batches[n % 2]).await);
    }
    for _ in 0..4 {
        // Ripe remainders, scans that may be annulled, and new ones, all at once.
        town.clock.advance(TimeDelta::minutes(7));
        let mut codes = Vec::new();
        for (worker, voucher) in &holders {
            codes.push(town.payload(worker, *voucher).await);
        }
        let eaters = codes.into_iter().enumerate().map(|(n, code)| {
            let (town, process) = (town.clone(), processes[n % 2].clone());
            tokio::spawn(async move {
                let scan = niangjia_domain::vouchers::ScanRequest {
                    price_fen: Some(900),
                    ..town.scan_of(code)
                };
                let answer = process
                    .scans
                    .redeem(bearer(&town.staff), once(&town.staff), scan)
                    .await
                    .unwrap();
                if let ScanAnswer::Accepted { scan, .. } = answer.value {
                    process
                        .scans
                        .annul(&town.staff, scan.redemption_id, "扫错了人")
                        .await
                        .unwrap();
                }
            })
        });
        let releases = processes.clone().map(|process| {
            tokio::spawn(async move {
                for _ in 0..4 {
                    process.wallet.expire_unused(100).await.unwrap();
                }
            })
        });
        join_all(eaters.chain(releases))
            .await
            .into_iter()
            .for_each(Result::unwrap);
    }
    for batch in batches {
        assert_eq!(town.balanced(batch).await.redeemed, 0);
    }
}
