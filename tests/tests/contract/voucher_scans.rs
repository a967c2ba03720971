//! The use cases of meal vouchers over both databases, with a clock that a test moves.

use chrono::TimeDelta;
use niangjia_domain::{
    kernel::{AccessError, Actor, Clock, Grant, PageRequest, id::VoucherBatchId},
    store::Store,
    vouchers::{
        DecisionInput, ScanAnswer, ScanRequest, VoucherError,
        batches::{
            batch::{BatchStatus, Switch},
            rules::{NewBatch, eligibility::Condition},
        },
        codes::code::CodeStep,
        scans::refusal::Refusal,
        wallet::voucher::VoucherState,
    },
};
use niangjia_tests::{
    canteen::{Canteen, ScanExt, bearer, meal, new_id},
    database::Kind,
    wish_scene::once,
};
use rstest::rstest;

const FIRST: PageRequest = PageRequest {
    limit: 20,
    after: None,
};

async fn open(kind: Kind) -> (Canteen, VoucherBatchId) {
    let canteen = Canteen::open(kind).await;
    let batch = canteen.running(canteen.new_batch()).await;
    (canteen, batch)
}

#[rstest]
#[tokio::test]
async fn a_batch_needs_two_people(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let canteen = Canteen::open(kind).await;
    let vouchers = &canteen.vouchers;
    let draft = vouchers
        .batches
        .draft(&canteen.maker, canteen.new_batch())
        .await
        .unwrap();
    assert_eq!(draft.status, BatchStatus::Draft);
    let id = draft.batch.id;
    let early = vouchers
        .batches
        .decide(&canteen.checker, id, DecisionInput::Approve)
        .await;
    assert!(matches!(
        early,
        Err(VoucherError::BatchState(BatchStatus::Draft))
    ));
    vouchers.batches.submit(&canteen.maker, id).await.unwrap();
    let own = vouchers
        .batches
        .decide(&canteen.maker, id, DecisionInput::Approve)
        .await;
    assert!(matches!(own, Err(VoucherError::SamePerson)));
    let speechless = vouchers
        .batches
        .decide(&canteen.checker, id, DecisionInput::Return { reason: None })
        .await;
    assert!(matches!(speechless, Err(VoucherError::Invalid(_))));
    let back = DecisionInput::Return {
        reason: Some("请核对预算".to_owned()),
    };
    assert_eq!(
        vouchers
            .batches
            .decide(&canteen.checker, id, back)
            .await
            .unwrap()
            .status,
        BatchStatus::Draft
    );
    let mended = NewBatch {
        quota: 40,
        ..canteen.new_batch()
    };
    assert_eq!(
        vouchers
            .batches
            .redraft(&canteen.maker, id, mended)
            .await
            .unwrap()
            .budget
            .quota,
        40
    );
    vouchers.batches.submit(&canteen.maker, id).await.unwrap();
    let running = vouchers
        .batches
        .decide(&canteen.checker, id, DecisionInput::Approve)
        .await
        .unwrap();
    assert_eq!(
        (running.status, running.budget.open),
        (BatchStatus::Running, true)
    );
    let notices = canteen.scene.inbox(&canteen.maker).await;
    assert_eq!(notices.len(), 2, "returned, approved: {notices:?}");

    let stranger = canteen.scene.cadre("370812");
    assert!(matches!(
        vouchers.batches.batch(&stranger, id).await,
        Err(VoucherError::Access(AccessError::NotFound))
    ));
    assert!(matches!(
        vouchers.batches.submit(&stranger, id).await,
        Err(VoucherError::Access(AccessError::NotFound))
    ));
    let trespass = vouchers.batches.draft(&stranger, canteen.new_batch()).await;
    assert!(matches!(
        trespass,
        Err(VoucherError::Access(AccessError::Forbidden))
    ));
}

#[rstest]
#[tokio::test]
async fn drafts_are_refused_for_unknown_stations(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let canteen = Canteen::open(kind).await;
    let mut new = canteen.new_batch();
    new.station_ids = vec![new_id()];
    let Err(VoucherError::Invalid(invalid)) =
        canteen.vouchers.batches.draft(&canteen.maker, new).await
    else {
        panic!("the station does not exist")
    };
    assert_eq!(invalid.errors[0].field, "stationIds[0]");
}

#[rstest]
#[tokio::test]
async fn a_claim_is_answered_once_and_counted_per_person(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (canteen, batch) = open(kind).await;
    let worker = canteen.scene.worker().await;
    let request = once(&worker);
    let first = canteen
        .vouchers
        .claims
        .claim(bearer(&worker), request.clone(), batch)
        .await
        .unwrap();
    let again = canteen
        .vouchers
        .claims
        .claim(bearer(&worker), request.clone(), batch)
        .await
        .unwrap();
    assert_eq!(
        (first.value.voucher.id, again.replayed),
        (again.value.voucher.id, true)
    );
    assert_eq!(first.value.stations[0].id, canteen.scene.station.id);

    // The same person behind another account.
    let other_account = canteen.scene.same_person(&worker).await;
    canteen.claim(&other_account, batch).await.unwrap();
    for actor in [&worker, &other_account] {
        assert!(matches!(
            canteen.claim(actor, batch).await,
            Err(VoucherError::PersonLimitReached)
        ));
    }
    assert_eq!(canteen.balanced(batch).await.issued, 2);
    let mine = canteen
        .vouchers
        .wallet
        .my_vouchers(&worker, Some(VoucherState::Issued), FIRST)
        .await
        .unwrap();
    assert_eq!(mine.items.len(), 2);
    let stranger = canteen.scene.worker().await;
    let theirs = canteen
        .vouchers
        .wallet
        .my_voucher(&stranger, first.value.voucher.id)
        .await;
    assert!(matches!(
        theirs,
        Err(VoucherError::Access(AccessError::NotFound))
    ));
    assert_eq!(canteen.scene.inbox(&worker).await[0].0, "voucher_issued");
}

#[rstest]
#[tokio::test]
async fn whoever_cannot_claim_is_told_what_is_missing(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let canteen = Canteen::open(kind).await;
    let mut new = canteen.new_batch();
    (new.quota, new.per_person_limit, new.occupations) = (1, 1, vec!["courier".to_owned()]);
    let batch = canteen.running(new).await;
    let missing = async |actor: &Actor| {
        let offers = canteen.vouchers.claims.offers(actor, FIRST).await.unwrap();
        offers
            .items
            .into_iter()
            .find(|offer| offer.batch.id == batch)
            .unwrap()
            .missing
    };
    let stranger = canteen.scene.donor().await;
    assert_eq!(missing(&stranger).await, [Condition::Membership]);
    let refused = canteen.claim(&stranger, batch).await;
    assert!(
        matches!(refused, Err(VoucherError::StandingInsufficient(missing)) if missing == [Condition::Membership])
    );
    let (worker, other) = (canteen.scene.worker().await, canteen.scene.worker().await);
    assert!(missing(&worker).await.is_empty());
    canteen.claim(&worker, batch).await.unwrap();
    assert_eq!(
        missing(&worker).await,
        [Condition::PersonLimit, Condition::Quota]
    );
    assert_eq!(missing(&other).await, [Condition::Quota]);
    assert!(matches!(
        canteen.claim(&other, batch).await,
        Err(VoucherError::BatchExhausted)
    ));
}

#[rstest]
#[tokio::test]
async fn nothing_is_claimed_from_a_batch_that_does_not_run(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (canteen, batch) = open(kind).await;
    let worker = canteen.scene.worker().await;
    let draft = canteen
        .vouchers
        .batches
        .draft(&canteen.maker, canteen.new_batch())
        .await
        .unwrap()
        .batch
        .id;
    let hidden = canteen.claim(&worker, draft).await;
    assert!(
        matches!(hidden, Err(VoucherError::Access(AccessError::NotFound))),
        "drafts are nobody's business"
    );
    canteen
        .vouchers
        .batches
        .switch(&canteen.maker, batch, Switch::Pause)
        .await
        .unwrap();
    assert!(matches!(
        canteen.claim(&worker, batch).await,
        Err(VoucherError::BatchNotRunning)
    ));
    canteen
        .vouchers
        .batches
        .switch(&canteen.maker, batch, Switch::Resume)
        .await
        .unwrap();
    let (holder, voucher) = canteen.holder(batch).await;
    canteen
        .vouchers
        .batches
        .switch(&canteen.maker, batch, Switch::Pause)
        .await
        .unwrap();
    assert_eq!(
        canteen.eat(&holder, voucher).await.refused(),
        Refusal::BatchPaused
    );
    canteen
        .vouchers
        .batches
        .switch(&canteen.maker, batch, Switch::Stop)
        .await
        .unwrap();
    assert!(matches!(
        canteen.claim(&worker, batch).await,
        Err(VoucherError::BatchNotRunning)
    ));
    canteen.eat(&holder, voucher).await.accepted();
    assert!(
        canteen
            .vouchers
            .claims
            .offers(&worker, FIRST)
            .await
            .unwrap()
            .items
            .is_empty()
    );
    canteen.scene.clock.advance(TimeDelta::days(40));
    assert_eq!(
        canteen
            .vouchers
            .batches
            .batch(&canteen.maker, batch)
            .await
            .unwrap()
            .status,
        BatchStatus::Stopped
    );
}

#[rstest]
#[tokio::test]
async fn the_quota_changes_only_from_what_is_in_force(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (canteen, batch) = open(kind).await;
    canteen.holder(batch).await;
    canteen.holder(batch).await;
    let change = async |current, target| {
        canteen
            .vouchers
            .batches
            .change_quota(&canteen.maker, batch, current, target)
            .await
    };
    assert!(matches!(
        change(90, 200).await,
        Err(VoucherError::QuotaChanged { in_force: 100 })
    ));
    assert!(matches!(
        change(100, 1).await,
        Err(VoucherError::QuotaBelowIssued { issued: 2 })
    ));
    assert!(matches!(
        change(100, 0).await,
        Err(VoucherError::Invalid(_))
    ));
    assert_eq!(change(100, 2).await.unwrap().budget.quota, 2);
    let worker = canteen.scene.worker().await;
    assert!(matches!(
        canteen.claim(&worker, batch).await,
        Err(VoucherError::BatchExhausted)
    ));
}

#[rstest]
#[tokio::test]
async fn the_same_scan_id_always_gets_the_first_answer(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (canteen, batch) = open(kind).await;
    let (worker, voucher) = canteen.holder(batch).await;
    let code = canteen.payload(&worker, voucher).await;
    let (id, scan) = (
        once(&canteen.staff),
        ScanRequest {
            price_fen: Some(1_800),
            ..canteen.scan_of(code)
        },
    );
    let first = canteen.scan_again(&id, scan.clone()).await;
    let ScanAnswer::Accepted { holder_masked, .. } = &first.value else {
        panic!("{first:?}")
    };
    assert!(
        holder_masked.as_deref().unwrap().starts_with('测')
            && holder_masked.as_deref().unwrap().ends_with('*')
    );
    let accepted = first.value.accepted();
    assert_eq!((accepted.amount.get(), accepted.copay.get()), (1_500, 300));

    let new = once(&canteen.staff);
    for replayed in [false, true] {
        let again = canteen.scan_again(&new, scan.clone()).await;
        assert_eq!(again.replayed, replayed);
        let ScanAnswer::Refused {
            reason: Refusal::AlreadyRedeemed,
            used: Some(used),
        } = again.value
        else {
            panic!("{again:?}")
        };
        assert_eq!(
            (used.at, used.station_name),
            (accepted.accepted_at, canteen.scene.station.name.clone())
        );
    }
    // Long after, and with the voucher back: still the first answers.
    canteen
        .vouchers
        .scans
        .annul(&canteen.staff, accepted.redemption_id, "扫错了人")
        .await
        .unwrap();
    canteen.scene.clock.advance(TimeDelta::hours(3));
    assert_eq!(
        canteen.scan_again(&id, scan.clone()).await.value.accepted(),
        accepted
    );
    assert_eq!(
        canteen.scan_again(&new, scan).await.value.refused(),
        Refusal::AlreadyRedeemed
    );
    assert_eq!(
        canteen
            .scene
            .count("SELECT COUNT(*) FROM refused_scans")
            .await,
        1
    );
    canteen.balanced(batch).await;
}

#[rstest]
#[tokio::test]
async fn every_reason_reaches_the_station(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (canteen, batch) = open(kind).await;
    let (worker, voucher) = canteen.holder(batch).await;
    let code = canteen.payload(&worker, voucher).await;
    let scan = canteen.scan_of(code.clone());

    let elsewhere = ScanRequest {
        station_id: new_id(),
        ..scan.clone()
    };
    assert_eq!(
        canteen.scan(elsewhere).await.refused(),
        Refusal::StaffNotBound
    );
    let now = canteen.scene.clock.now();
    let skewed = ScanRequest {
        scanned_at: Some(now - TimeDelta::minutes(6)),
        ..scan.clone()
    };
    assert_eq!(canteen.scan(skewed).await.refused(), Refusal::ClockSkew);
    for nonsense in [
        "",
        "hello",
        "00000000",
        "NJ1.AZAAAAAAcACAAAAAAAAAAQ.1.60000000.AAAAAAAAAAAAAAAA",
    ] {
        assert_eq!(
            canteen.scan(canteen.scan_of(nonsense)).await.refused(),
            Refusal::InvalidCode,
            "{nonsense}"
        );
    }
    canteen.scene.clock.advance(TimeDelta::seconds(90));
    assert_eq!(
        canteen.scan(scan.clone()).await.refused(),
        Refusal::CodeExpired
    );
    let in_time = ScanRequest {
        scanned_at: Some(now),
        ..scan
    };
    canteen.scan(in_time).await.accepted();

    // Another voucher of the same person on the same day.
    let second = canteen.claim(&worker, batch).await.unwrap().voucher.id;
    assert_eq!(
        canteen.eat(&worker, second).await.refused(),
        Refusal::PersonMealLimit
    );
    canteen.scene.clock.advance(TimeDelta::days(1));
    let mut dinner = canteen.new_batch();
    (dinner.name, dinner.meals) = ("晚餐券".to_owned(), vec![meal("晚餐", "17:00", "19:00")]);
    dinner.valid_from = canteen.scene.clock.now() + TimeDelta::days(1);
    let dinner = canteen.running(dinner).await;
    let (eater, early) = canteen.holder(dinner).await;
    assert_eq!(
        canteen.eat(&eater, early).await.refused(),
        Refusal::OutsideMealWindow
    );
    canteen.scene.clock.advance(TimeDelta::hours(6));
    assert_eq!(
        canteen.eat(&eater, early).await.refused(),
        Refusal::NotYetValid
    );
    canteen
        .scene
        .execute("UPDATE memberships SET status = 'withdrawn'", [])
        .await;
    assert_eq!(
        canteen.eat(&eater, early).await.refused(),
        Refusal::NotYetValid,
        "waiting is easier than joining"
    );
    canteen.scene.clock.advance(TimeDelta::days(1));
    assert_eq!(
        canteen.eat(&eater, early).await.refused(),
        Refusal::StandingInsufficient,
        "read live"
    );
}

#[rstest]
#[tokio::test]
async fn a_void_voucher_is_refused_without_any_sweep_and_swept_later(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (canteen, batch) = open(kind).await;
    let (worker, voucher) = canteen.holder(batch).await;
    let phone = canteen
        .vouchers
        .codes
        .deliver_secret(&worker, voucher, "phone-1")
        .await
        .unwrap();
    canteen.scene.clock.advance(TimeDelta::days(30));
    let now = canteen.scene.clock.now();
    let code = CodeStep::at(voucher, phone.device_no, now).payload(&phone.secret);
    assert_eq!(
        canteen.scan(canteen.scan_of(code)).await.refused(),
        Refusal::Expired
    );
    let gone = canteen.vouchers.codes.show_code(&worker, voucher).await;
    assert!(matches!(
        gone,
        Err(VoucherError::VoucherNotUsable(VoucherState::Expired))
    ));
    let tally = canteen.balanced(batch).await;
    assert_eq!((tally.expired, tally.reserved_fen), (1, 1_500));
    assert_eq!(
        canteen.vouchers.wallet.expire_unused(100).await.unwrap(),
        0,
        "a late scan may still arrive"
    );
    canteen.scene.clock.advance(TimeDelta::minutes(10));
    assert_eq!(canteen.vouchers.wallet.expire_unused(100).await.unwrap(), 1);
    assert_eq!(canteen.vouchers.wallet.expire_unused(100).await.unwrap(), 0);
    assert_eq!(canteen.balanced(batch).await.reserved_fen, 0);
}

#[rstest]
#[tokio::test]
async fn phones_make_their_own_codes_and_a_new_phone_replaces_the_old(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (canteen, batch) = open(kind).await;
    let (worker, voucher) = canteen.holder(batch).await;
    let deliver = async |device: &str| {
        canteen
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
    let now = canteen.scene.clock.now();
    let by_old = CodeStep::at(voucher, old.device_no, now).payload(&old.secret);
    assert_eq!(
        canteen.scan(canteen.scan_of(by_old)).await.refused(),
        Refusal::InvalidCode
    );
    let forged = CodeStep::at(voucher, new.device_no, now).payload(&old.secret);
    assert_eq!(
        canteen.scan(canteen.scan_of(forged)).await.refused(),
        Refusal::InvalidCode
    );
    let by_new = CodeStep::at(voucher, new.device_no, now).payload(&new.secret);
    canteen.scan(canteen.scan_of(by_new)).await.accepted();
    for n in 3..=5 {
        deliver(&format!("phone-{n}")).await.unwrap();
    }
    assert!(matches!(
        deliver("phone-6").await,
        Err(VoucherError::TooManyDevices)
    ));
    let stranger = canteen.scene.worker().await;
    let theirs = canteen
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
    let (canteen, batch) = open(kind).await;
    let (worker, voucher) = canteen.holder(batch).await;
    let shown = canteen
        .vouchers
        .codes
        .show_code(&worker, voucher)
        .await
        .unwrap();
    assert_eq!(shown.short_code.len(), 8);
    let accepted = canteen
        .scan(canteen.scan_of(shown.short_code.as_str()))
        .await
        .accepted();
    canteen
        .vouchers
        .scans
        .annul(&canteen.staff, accepted.redemption_id, "扫错了人")
        .await
        .unwrap();
    // The payload of the same step was used up with it.
    assert_eq!(
        canteen.scan(canteen.scan_of(shown.payload)).await.refused(),
        Refusal::CodeReplayed
    );
    let mut throttled = false;
    for guess in 0..12 {
        let (staff, scan) = (&canteen.staff, canteen.scan_of(format!("{guess:08}")));
        let answer = canteen
            .vouchers
            .scans
            .redeem(bearer(staff), once(staff), scan)
            .await;
        throttled |= matches!(answer, Err(VoucherError::Throttled(_)));
    }
    assert!(throttled, "ten typed codes, then wait");
}

#[rstest]
#[tokio::test]
async fn a_scan_is_annulled_at_its_station_within_fifteen_minutes(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (canteen, batch) = open(kind).await;
    let (worker, voucher) = canteen.holder(batch).await;
    let scan = canteen.eat(&worker, voucher).await.accepted();
    let vouchers = &canteen.vouchers;
    let stranger = Actor {
        grants: vec![],
        ..canteen.staff.clone()
    };
    let refused = vouchers
        .scans
        .annul(&stranger, scan.redemption_id, "扫错了人")
        .await;
    assert!(matches!(
        refused,
        Err(VoucherError::Access(AccessError::Forbidden))
    ));
    let elsewhere = Grant::StationStaff(new_id());
    let elsewhere = Actor {
        grants: vec![elsewhere],
        ..canteen.staff.clone()
    };
    let refused = vouchers
        .scans
        .annul(&elsewhere, scan.redemption_id, "扫错了人")
        .await;
    assert!(matches!(
        refused,
        Err(VoucherError::Access(AccessError::NotFound))
    ));
    canteen.scene.clock.advance(TimeDelta::minutes(15));
    vouchers
        .scans
        .annul(&canteen.staff, scan.redemption_id, "扫错了人")
        .await
        .unwrap();
    let again = vouchers
        .scans
        .annul(&canteen.staff, scan.redemption_id, "扫错了人")
        .await;
    assert!(matches!(again, Err(VoucherError::AlreadyAnnulled)));
    assert_eq!(
        vouchers
            .wallet
            .my_voucher(&worker, voucher)
            .await
            .unwrap()
            .state,
        VoucherState::Issued
    );
    // The inbox is in order of time, and this clock stands still by itself.
    canteen.scene.clock.advance(TimeDelta::seconds(1));
    let late = canteen.eat(&worker, voucher).await.accepted();
    canteen
        .scene
        .clock
        .advance(TimeDelta::minutes(15) + TimeDelta::seconds(1));
    let too_late = vouchers
        .scans
        .annul(&canteen.staff, late.redemption_id, "扫错了人")
        .await;
    assert!(matches!(too_late, Err(VoucherError::AnnulmentTooLate)));
    let today = vouchers
        .scans
        .redemptions_at(&canteen.staff, canteen.scene.station.id, None, FIRST)
        .await
        .unwrap();
    assert_eq!(today.items.len(), 2, "history is never deleted");
    let not_mine = vouchers
        .scans
        .redemptions_at(&elsewhere, canteen.scene.station.id, None, FIRST)
        .await;
    assert!(matches!(
        not_mine,
        Err(VoucherError::Access(AccessError::NotFound))
    ));
    assert_eq!(canteen.balanced(batch).await.redeemed, 1);
    let topics: Vec<_> = canteen
        .scene
        .inbox(&worker)
        .await
        .into_iter()
        .map(|(topic, _)| topic)
        .collect();
    assert_eq!(
        topics,
        [
            "voucher_issued",
            "voucher_redeemed",
            "redemption_annulled",
            "voucher_redeemed"
        ]
    );
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn one_code_scanned_by_many_devices_at_once_is_accepted_once(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (canteen, batch) = open(kind).await;
    let (worker, voucher) = canteen.holder(batch).await;
    let code = canteen.payload(&worker, voucher).await;
    let services = [canteen.vouchers.clone(), canteen.another_process().await];
    let scans: Vec<_> = (0..16)
        .map(|n| {
            let (service, staff, scan) = (
                services[n % 2].clone(),
                canteen.staff.clone(),
                canteen.scan_of(code.clone()),
            );
            tokio::spawn(async move {
                service
                    .scans
                    .redeem(bearer(&staff), once(&staff), scan)
                    .await
                    .unwrap()
                    .value
            })
        })
        .collect();
    let mut accepted = 0;
    for scan in scans {
        match scan.await.unwrap() {
            ScanAnswer::Accepted { .. } => accepted += 1,
            ScanAnswer::Refused { reason, used } => {
                assert_eq!(
                    (reason, used.is_some()),
                    (Refusal::AlreadyRedeemed, true),
                    "losers learn when and where"
                );
            }
        }
    }
    assert_eq!(accepted, 1);
    canteen.balanced(batch).await;
    let mut tx = canteen.scene.store.read().await.unwrap();
    assert_eq!(tx.redemptions().live_of(&[voucher]).await.unwrap().len(), 1);
}
