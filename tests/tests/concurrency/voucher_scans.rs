//! Races over scans, by the use cases of two processes and by two real processes, each limit with a
//! control without its guard. The races of the repositories alone are in `vouchers.rs`.

use std::sync::Arc;

use chrono::TimeDelta;
use futures_util::future::join_all;
use niangjia_domain::{
    kernel::{Clock, id::VoucherId},
    vouchers::{
        ScanAnswer, VoucherServices,
        codes::code::{CodeSecret, CodeStep},
        scans::refusal::Refusal,
    },
};
use niangjia_infra::system::SystemClock;
use niangjia_tests::{
    canteen::{Canteen, bearer},
    client::{Client, Reply, fresh_key},
    database::Kind,
    lunch::Lunch,
    process::TwoProcesses,
    wish_scene::once,
};
use rstest::rstest;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use tokio::sync::Barrier;

/// Scans all codes at once, every other one at the second process.
async fn storm(
    canteen: &Canteen,
    processes: &[VoucherServices; 2],
    codes: Vec<String>,
) -> Vec<ScanAnswer> {
    let start = Arc::new(Barrier::new(codes.len()));
    let scans = codes.into_iter().enumerate().map(|(n, code)| {
        let (process, staff) = (processes[n % 2].clone(), bearer(&canteen.staff));
        let (request, scan, start) = (once(&canteen.staff), canteen.scan_of(code), start.clone());
        tokio::spawn(async move {
            start.wait().await;
            process
                .scans
                .redeem(staff, request, scan)
                .await
                .unwrap()
                .value
        })
    });
    join_all(scans)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect()
}

fn refusals(answers: &[ScanAnswer]) -> Vec<Refusal> {
    let refused = |answer: &ScanAnswer| match answer {
        ScanAnswer::Refused { reason, .. } => Some(*reason),
        ScanAnswer::Accepted { .. } => None,
    };
    answers.iter().filter_map(refused).collect()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_voucher_with_three_good_codes_is_redeemed_once(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let canteen = Canteen::open(kind).await;
    let batch = canteen.running(canteen.new_batch()).await;
    let processes = [canteen.vouchers.clone(), canteen.another_process().await];
    for _ in 0..4 {
        let (worker, voucher) = canteen.holder(batch).await;
        let phone = canteen
            .vouchers
            .codes
            .deliver_secret(&worker, voucher, "phone-1")
            .await
            .unwrap();
        // The codes of three steps are good at once: the used code alone would not decide.
        let code = |n: usize| {
            let at = canteen.scene.clock.now() + TimeDelta::seconds(30) * (n as i32 % 3 - 1);
            CodeStep::at(voucher, phone.device_no, at).payload(&phone.secret)
        };
        let answers = storm(&canteen, &processes, (0..18).map(code).collect()).await;
        assert_eq!(refusals(&answers), [Refusal::AlreadyRedeemed; 17]);
    }
    assert_eq!(canteen.balanced(batch).await.redeemed, 4);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn one_person_eats_once_with_two_vouchers(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let canteen = Canteen::open(kind).await;
    let (one, two) = (
        canteen.running(canteen.new_batch()).await,
        canteen.running(canteen.new_batch()).await,
    );
    let processes = [canteen.vouchers.clone(), canteen.another_process().await];
    for _ in 0..6 {
        let (worker, first) = canteen.holder(one).await;
        let second = canteen.claim(&worker, two).await.unwrap().voucher.id;
        let codes = vec![
            canteen.payload(&worker, first).await,
            canteen.payload(&worker, second).await,
        ];
        let answers = storm(&canteen, &processes, codes).await;
        assert_eq!(refusals(&answers), [Refusal::PersonMealLimit]);
    }
    let redeemed = canteen.balanced(one).await.redeemed + canteen.balanced(two).await.redeemed;
    assert_eq!(redeemed, 6);
}

/// Without the primary key over (person, day, meal), looking first does not help.
#[tokio::test(flavor = "multi_thread")]
async fn control_without_the_meals_key_a_person_eats_twice() {
    let canteen = Canteen::open(Kind::Postgres).await;
    let tables = canteen.scene.store.writer().clone();
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
    let eaten = canteen
        .scene
        .count("SELECT COUNT(*) FROM person_meals")
        .await;
    assert_eq!(eaten, 2, "the control no longer races");
}

/// Scans, annulments and releases take rows that others hold: nobody may wait in a ring.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn scans_annulments_and_releases_never_wait_in_a_ring(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let canteen = Arc::new(Canteen::open(kind).await);
    let batches = [
        canteen.running(canteen.new_batch()).await,
        canteen.running(canteen.new_batch()).await,
    ];
    let processes = [canteen.vouchers.clone(), canteen.another_process().await];
    let mut holders = Vec::new();
    for n in 0..12 {
        holders.push(canteen.holder(batches[n % 2]).await);
    }
    for _ in 0..4 {
        // Ripe remainders, scans that may be annulled, and new ones, all at once.
        canteen.scene.clock.advance(TimeDelta::minutes(7));
        let mut codes = Vec::new();
        for (worker, voucher) in &holders {
            codes.push(canteen.payload(worker, *voucher).await);
        }
        let eaters = codes.into_iter().enumerate().map(|(n, code)| {
            let (canteen, process) = (canteen.clone(), processes[n % 2].clone());
            tokio::spawn(async move {
                let scan = niangjia_domain::vouchers::ScanRequest {
                    price_fen: Some(900),
                    ..canteen.scan_of(code)
                };
                let answer = process
                    .scans
                    .redeem(bearer(&canteen.staff), once(&canteen.staff), scan)
                    .await
                    .unwrap();
                if let ScanAnswer::Accepted { scan, .. } = answer.value {
                    process
                        .scans
                        .annul(&canteen.staff, scan.redemption_id, "扫错了人")
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
        assert_eq!(canteen.balanced(batch).await.redeemed, 0);
    }
}

/// A holder's phone: it makes its codes itself.
struct Phone {
    voucher: VoucherId,
    device_no: u16,
    secret: CodeSecret,
}

impl Phone {
    async fn of(lunch: &Lunch, batch: &str) -> Self {
        let (worker, voucher) = lunch.holder(batch).await;
        let told = worker
            .post(
                &format!("/vouchers/{voucher}/code-secret"),
                json!({ "deviceId": "phone-1" }),
            )
            .await;
        let told = told.expect_status(201).unwrap();
        let device_no = u16::try_from(told.body["deviceNo"].as_u64().unwrap()).unwrap();
        let secret = CodeSecret::parse(told.text("secret").unwrap()).unwrap();
        Self {
            voucher: voucher.parse().unwrap(),
            device_no,
            secret,
        }
    }

    /// A scan that says when it was made: asked again later, it is still of that moment.
    fn scan(&self, lunch: &Lunch) -> Value {
        let now = SystemClock.now();
        let mut scan =
            lunch.scan_of(&CodeStep::at(self.voucher, self.device_no, now).payload(&self.secret));
        scan["scannedAt"] = json!(niangjia_domain::kernel::values::local_time::rfc3339(now));
        scan
    }
}

async fn answer(staff: &Client, scan: &Value, key: &str) -> Option<Reply> {
    // A killed process gives no answer, and that makes the client panic.
    let (staff, scan, key) = (staff.clone(), scan.clone(), key.to_owned());
    tokio::spawn(async move { staff.post_with_key("/redemptions", scan, &key).await })
        .await
        .ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_process_left_unknown_is_told_by_the_other() {
    let mut processes = TwoProcesses::start().await;
    let lunch = Lunch::at(&processes.one.base).await;
    let mut draft = lunch.draft();
    (draft["quota"], draft["budgetFen"]) = (json!(40), json!(60_000));
    let batch = lunch.running(draft).await;
    let mut phones = Vec::new();
    for _ in 0..40 {
        phones.push(Phone::of(&lunch, &batch).await);
    }
    let scans: Vec<(Value, String)> = phones
        .iter()
        .map(|phone| (phone.scan(&lunch), fresh_key()))
        .collect();
    let staff = lunch.staff.clone();
    // The process dies while scans are in flight: as soon as the first of them was answered.
    let (first, dies) = tokio::sync::oneshot::channel::<()>();
    let first = Arc::new(std::sync::Mutex::new(Some(first)));
    let all = scans.iter().map(|(scan, key)| {
        let (staff, scan, key, first) = (staff.clone(), scan.clone(), key.clone(), first.clone());
        tokio::spawn(async move {
            let reply = answer(&staff, &scan, &key).await;
            first.lock().unwrap().take().map(|first| first.send(()));
            reply
        })
    });
    let all: Vec<_> = all.collect();
    dies.await.unwrap();
    processes.one.kill();
    let seen: Vec<Option<Reply>> = join_all(all)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();

    let other = Client::new(&processes.two.base).with_token(staff.token().unwrap());
    let mut redemptions = std::collections::BTreeSet::new();
    for ((scan, key), seen) in scans.iter().zip(seen) {
        let told = other
            .post_with_key("/redemptions", scan.clone(), key)
            .await
            .expect_status(201)
            .unwrap();
        if let Some(seen) = seen {
            assert_eq!(
                (seen.status, &seen.body),
                (201, &told.body),
                "an answer that was given is given again"
            );
            assert_eq!(told.header("idempotency-replayed"), Some("true"));
        }
        assert!(redemptions.insert(told.id().unwrap().to_owned()));
    }
    let cadre = Client::new(&processes.two.base).with_token(lunch.checker.token().unwrap());
    let tally = cadre
        .get(&format!("/admin/voucher-batches/{batch}/conservation"))
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(
        (&tally.body["balanced"], &tally.body["redeemed"]),
        (&json!(true), &json!(40))
    );
}
