//! Contract of the voucher repositories, without people behind the rows.

use chrono::{DateTime, TimeDelta, Utc};
use niangjia_domain::{
    kernel::{DistrictCode, Fen, Jurisdiction, PageRequest, id::PersonId, values::local_time},
    store::{Store, StoreError},
    vouchers::{
        RefusedScan,
        batches::{
            batch::{Batch, BatchState, BatchStatus, Officer},
            rules::{NewBatch, meal::Meal},
        },
        codes::code::{CodeSecret, CodeStep},
        ports::{AcceptOutcome, IssueOutcome, NewSecret},
        scans::{
            redemption::{NewRedemption, Redemption, RedemptionState},
            refusal::Refusal,
        },
        wallet::voucher::{Voucher, VoucherState},
    },
};
use niangjia_infra::system::SystemRandom;
use niangjia_tests::{
    canteen::{Till, account, new_id, person},
    database::{Kind, TestDatabase},
};
use rstest::rstest;
use sea_orm::{ConnectionTrait, Statement};

const FIRST: PageRequest = PageRequest {
    limit: 20,
    after: None,
};

async fn till(kind: Kind) -> (TestDatabase, Till) {
    let database = TestDatabase::new(kind).await;
    let till = Till::new(database.store().await).await;
    (database, till)
}

async fn issue(till: &Till, batch: &Batch, vouchers: &[Voucher]) -> Vec<IssueOutcome> {
    issue_on(till, batch, vouchers, till.now).await
}

async fn issue_on(
    till: &Till,
    batch: &Batch,
    vouchers: &[Voucher],
    at: DateTime<Utc>,
) -> Vec<IssueOutcome> {
    let mut tx = till.store.begin().await.unwrap();
    let outcomes = tx
        .vouchers()
        .issue(batch, local_time::date_of(at), vouchers)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    outcomes
}

async fn accept(till: &Till, redemptions: &[NewRedemption]) -> Vec<AcceptOutcome> {
    let mut tx = till.store.begin().await.unwrap();
    let outcomes = tx.redemptions().accept(redemptions).await.unwrap();
    tx.commit().await.unwrap();
    outcomes
}

async fn annul(till: &Till, redemption: &Redemption) -> bool {
    let annulled = redemption
        .clone()
        .annul(account(), "扫错".to_owned(), till.now)
        .unwrap();
    let mut tx = till.store.begin().await.unwrap();
    let done = tx.redemptions().annul(&annulled).await.unwrap();
    tx.commit().await.unwrap();
    done
}

async fn state_of(till: &Till, voucher: &Voucher) -> VoucherState {
    let found = till
        .store
        .read()
        .await
        .unwrap()
        .vouchers()
        .find_many(&[voucher.id])
        .await
        .unwrap();
    found[0].state
}

async fn count(till: &Till, sql: &str) -> i64 {
    let statement = Statement::from_string(till.store.writer().get_database_backend(), sql);
    let row = till
        .store
        .writer()
        .query_one_raw(statement)
        .await
        .unwrap()
        .unwrap();
    row.try_get_by_index(0).unwrap()
}

async fn refused_by_the_table(till: &Till, sql: &str) {
    assert!(
        till.store.writer().execute_unprepared(sql).await.is_err(),
        "{sql}"
    );
}

#[rstest]
#[tokio::test]
async fn a_batch_reads_back_in_every_state_inside_its_area_only(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, till) = till(kind).await;
    let draft = till.draft(|_| {});
    let officer = Officer {
        account_id: account(),
        person_id: Some(person()),
    };
    let approved_by = account();
    let states = [
        BatchState::Draft {
            returned: Some("请核对预算".to_owned()),
        },
        BatchState::Submitted { by: officer },
        BatchState::Rejected {
            by: approved_by,
            reason: "重复".to_owned(),
        },
        BatchState::Running { approved_by },
        BatchState::Paused { approved_by },
        BatchState::Stopped { approved_by },
        BatchState::Closed { approved_by },
    ];
    let mut tx = till.store.begin().await.unwrap();
    tx.voucher_batches().add(&draft).await.unwrap();
    let mut before = draft;
    for state in states {
        let after = Batch {
            state,
            ..before.clone()
        };
        assert!(tx.voucher_batches().save(&before, &after).await.unwrap());
        assert_eq!(
            tx.voucher_batches().find_many(&[after.id]).await.unwrap(),
            vec![after.clone()]
        );
        let open = tx.ledger().budgets(&[after.id.into()]).await.unwrap()[0].open;
        assert_eq!(
            open,
            matches!(after.state, BatchState::Running { .. }),
            "the turnstile follows the state"
        );
        before = after;
    }
    let stale = Batch {
        state: BatchState::Running { approved_by },
        ..before.clone()
    };
    assert!(
        !tx.voucher_batches().save(&stale, &before).await.unwrap(),
        "it is not running any more"
    );
    for (area, seen) in [("370811", true), ("370800", true), ("370812", false)] {
        let area = Jurisdiction::District(DistrictCode::parse(area).unwrap());
        assert_eq!(
            tx.voucher_batches()
                .find_within(before.id, &area)
                .await
                .unwrap()
                .is_some(),
            seen
        );
        let listed = tx
            .voucher_batches()
            .list(&area, None, till.now, FIRST)
            .await
            .unwrap();
        assert_eq!(listed.items.len(), usize::from(seen));
    }
}

#[rstest]
#[tokio::test]
async fn batches_are_listed_by_their_status_at_the_moment(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, till) = till(kind).await;
    let running = till.running(|_| {}).await;
    let later = running.rules.valid_to;
    let mut tx = till.store.read().await.unwrap();
    for (status, now, seen) in [
        (BatchStatus::Running, till.now, true),
        (BatchStatus::Ended, till.now, false),
        (BatchStatus::Running, later, false),
        (BatchStatus::Ended, later, true),
        (BatchStatus::Paused, till.now, false),
        (BatchStatus::Draft, till.now, false),
    ] {
        let page = tx
            .voucher_batches()
            .list(&Jurisdiction::Everywhere, Some(status), now, FIRST)
            .await
            .unwrap();
        assert_eq!(!page.items.is_empty(), seen, "{status:?}");
    }
    assert_eq!(
        tx.voucher_batches()
            .list_open(till.now, FIRST)
            .await
            .unwrap()
            .items,
        [running]
    );
    assert!(
        tx.voucher_batches()
            .list_open(later, FIRST)
            .await
            .unwrap()
            .items
            .is_empty()
    );
}

#[rstest]
#[tokio::test]
async fn a_mended_draft_moves_quota_and_budget(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (_database, till) = till(kind).await;
    let draft = till.draft(|_| {});
    let mut mended = draft.clone();
    (mended.rules.quota, mended.rules.budget) = (7, Fen::new(10_500).unwrap());
    let mut tx = till.store.begin().await.unwrap();
    tx.voucher_batches().add(&draft).await.unwrap();
    assert!(tx.voucher_batches().save(&draft, &mended).await.unwrap());
    let budget = tx.ledger().budgets(&[draft.id.into()]).await.unwrap()[0];
    assert_eq!(
        (budget.quota, budget.total.get(), budget.open),
        (7, 10_500, false)
    );
}

#[rstest]
#[tokio::test]
async fn the_quota_is_compared_and_set(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (_database, till) = till(kind).await;
    let batch = till.running(|new| new.quota = 10).await;
    for _ in 0..3 {
        till.issued(&batch, person()).await;
    }
    let mut tx = till.store.begin().await.unwrap();
    for (current, target, done) in [
        (9, 20, false),
        (10, 2, false),
        (10, 3, true),
        (10, 20, false),
        (3, 20, true),
    ] {
        assert_eq!(
            tx.ledger()
                .set_quota(batch.id.into(), current, target)
                .await
                .unwrap(),
            done,
            "{current}→{target}"
        );
    }
}

#[rstest]
#[tokio::test]
async fn many_requests_in_one_call_each_get_their_own_outcome(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, till) = till(kind).await;
    let batch = till
        .running(|new| (new.quota, new.per_person_limit) = (5, 1))
        .await;
    let greedy = person();
    let mut vouchers = vec![till.voucher(&batch, greedy), till.voucher(&batch, greedy)];
    vouchers.extend((0..6).map(|_| till.voucher(&batch, person())));
    let outcomes = issue(&till, &batch, &vouchers).await;
    // The greedy one's second request does not cost anybody else a voucher.
    let (yes, no, over) = (
        IssueOutcome::Issued,
        IssueOutcome::PersonLimit,
        IssueOutcome::Exhausted,
    );
    assert_eq!(outcomes, [yes, no, yes, yes, yes, yes, over, over]);
    let tally = till.tally(&batch).await;
    assert_eq!(
        (tally.issued, tally.live, tally.slots, tally.reserved_fen),
        (5, 5, 5, 7_500)
    );
    assert_eq!(issue(&till, &batch, &vouchers[6..]).await, [over, over]);
    assert!(issue(&till, &batch, &[]).await.is_empty());
}

#[rstest]
#[case::budget(|new: &mut NewBatch| new.budget_fen = 4_000, 2, IssueOutcome::Exhausted)]
#[case::today(|new: &mut NewBatch| new.daily_quota = Some(3), 3, IssueOutcome::ExhaustedToday)]
#[case::person(|new: &mut NewBatch| new.per_person_limit = 2, 2, IssueOutcome::PersonLimit)]
#[tokio::test]
async fn every_limit_stops_at_its_own_number(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[case] limit: fn(&mut NewBatch),
    #[case] allowed: usize,
    #[case] then: IssueOutcome,
) {
    let (_database, till) = till(kind).await;
    let batch = till.running(limit).await;
    let same = person();
    let who = |n: usize| {
        if then == IssueOutcome::PersonLimit || n == 0 {
            same
        } else {
            person()
        }
    };
    for n in 0..=allowed {
        let outcome = issue(&till, &batch, &[till.voucher(&batch, who(n))]).await;
        assert_eq!(
            outcome,
            [if n < allowed {
                IssueOutcome::Issued
            } else {
                then
            }],
            "request {n}"
        );
    }
    let tally = till.tally(&batch).await;
    assert_eq!(tally.issued, allowed as i64);
    let tomorrow = till.now + TimeDelta::days(1);
    let next = issue_on(&till, &batch, &[till.voucher(&batch, person())], tomorrow).await;
    assert_eq!(
        next == [IssueOutcome::Issued],
        then != IssueOutcome::Exhausted,
        "a new day, a new person"
    );
    till.tally(&batch).await;
}

#[rstest]
#[tokio::test]
async fn a_shut_turnstile_lets_nobody_pass(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (_database, till) = till(kind).await;
    let running = till.running(|_| {}).await;
    let BatchState::Running { approved_by } = running.state else {
        panic!("it runs")
    };
    let paused = Batch {
        state: BatchState::Paused { approved_by },
        ..running.clone()
    };
    let mut tx = till.store.begin().await.unwrap();
    assert!(tx.voucher_batches().save(&running, &paused).await.unwrap());
    tx.commit().await.unwrap();
    // The caller still believes that it runs.
    assert_eq!(
        issue(&till, &running, &[till.voucher(&running, person())]).await,
        [IssueOutcome::Shut]
    );
    assert_eq!(till.tally(&running).await.issued, 0);
}

#[rstest]
#[tokio::test]
async fn vouchers_are_found_by_their_holder_and_state(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, till) = till(kind).await;
    let batch = till.running(|_| {}).await;
    let holder = person();
    let voucher = till.issued(&batch, holder).await;
    let mut tx = till.store.read().await.unwrap();
    assert_eq!(
        tx.vouchers().find_of(voucher.id, holder).await.unwrap(),
        Some(voucher.clone())
    );
    assert_eq!(
        tx.vouchers().find_of(voucher.id, person()).await.unwrap(),
        None
    );
    assert_eq!(
        tx.vouchers().slots_used(holder, &[batch.id]).await.unwrap(),
        [(batch.id, 1)]
    );
    assert_eq!(
        tx.vouchers()
            .slots_used(person(), &[batch.id])
            .await
            .unwrap(),
        []
    );
    for (state, now, seen) in [
        (None, till.now, true),
        (Some(VoucherState::Issued), till.now, true),
        (Some(VoucherState::Expired), till.now, false),
        (Some(VoucherState::Issued), voucher.valid_to, false),
        (Some(VoucherState::Expired), voucher.valid_to, true),
        (Some(VoucherState::Redeemed), till.now, false),
    ] {
        let page = tx
            .vouchers()
            .list_of(holder, state, now, FIRST)
            .await
            .unwrap();
        assert_eq!(!page.items.is_empty(), seen, "{state:?}");
    }
}

#[rstest]
#[tokio::test]
async fn a_redemption_spends_and_its_annulment_gives_everything_back(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, till) = till(kind).await;
    let batch = till.running(|_| {}).await;
    let voucher = till.issued(&batch, person()).await;
    let first = till.redemption(&voucher, "午餐", 1, 1_800);
    assert_eq!(
        accept(&till, std::slice::from_ref(&first)).await,
        [AcceptOutcome::Accepted]
    );
    assert_eq!(state_of(&till, &voucher).await, VoucherState::Redeemed);
    let tally = till.tally(&batch).await;
    assert_eq!(
        (tally.redeemed, tally.reserved_fen, tally.spent_fen),
        (1, 0, 1_500)
    );

    let mut tx = till.store.read().await.unwrap();
    let live = tx.redemptions().live_of(&[voucher.id]).await.unwrap();
    assert_eq!(live, vec![first.redemption.clone()]);
    assert_eq!(
        tx.redemptions()
            .find_at(live[0].id, &[till.station])
            .await
            .unwrap()
            .as_ref(),
        live.first()
    );
    assert_eq!(
        tx.redemptions()
            .find_at(live[0].id, &[new_id()])
            .await
            .unwrap(),
        None,
        "another station's"
    );
    let day = first.redemption.meal.day;
    assert_eq!(
        tx.redemptions()
            .list_at(till.station, day, FIRST)
            .await
            .unwrap()
            .items,
        live
    );
    assert!(
        tx.redemptions()
            .list_at(till.station, day.succ_opt().unwrap(), FIRST)
            .await
            .unwrap()
            .items
            .is_empty()
    );
    drop(tx);

    assert!(annul(&till, &first.redemption).await);
    assert!(!annul(&till, &first.redemption).await, "once");
    assert_eq!(state_of(&till, &voucher).await, VoucherState::Issued);
    let tally = till.tally(&batch).await;
    assert_eq!(
        (tally.live, tally.reserved_fen, tally.spent_fen),
        (1, 1_500, 0)
    );
    let mut tx = till.store.read().await.unwrap();
    assert!(
        tx.redemptions()
            .live_of(&[voucher.id])
            .await
            .unwrap()
            .is_empty()
    );
    let annulled = tx
        .redemptions()
        .find_at(first.redemption.id, &[till.station])
        .await
        .unwrap()
        .unwrap();
    assert!(
        matches!(annulled.state, RedemptionState::Annulled { .. }),
        "history is never deleted"
    );
    drop(tx);

    let replay = till.redemption(&voucher, "午餐", 1, 1_800);
    assert_eq!(
        accept(&till, &[replay]).await,
        [AcceptOutcome::Lost],
        "the code stays used"
    );
    let fresh = till.redemption(&voucher, "午餐", 2, 1_800);
    assert_eq!(
        accept(&till, &[fresh]).await,
        [AcceptOutcome::Accepted],
        "the meal is free again"
    );
    assert_eq!(
        count(&till, "SELECT COUNT(*) FROM ledger_postings").await,
        4,
        "reserve, spend, reverse, spend"
    );
    till.tally(&batch).await;
}

#[rstest]
#[tokio::test]
async fn losers_in_a_call_leave_nothing_behind(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (_database, till) = till(kind).await;
    let batch = till.running(|_| {}).await;
    let eater = person();
    let (one, two, other) = (
        till.issued(&batch, eater).await,
        till.issued(&batch, eater).await,
        till.issued(&batch, person()).await,
    );
    let scans = [
        till.redemption(&one, "午餐", 1, 1_500),
        // The same person's second lunch.
        till.redemption(&two, "午餐", 1, 1_500),
        // The same voucher again, for dinner, with another code.
        till.redemption(&one, "晚餐", 2, 1_500),
        // A neighbour.
        till.redemption(&other, "午餐", 1, 1_500),
        // The neighbour's code again.
        till.redemption(&other, "晚餐", 1, 1_500),
    ];
    let (yes, no) = (AcceptOutcome::Accepted, AcceptOutcome::Lost);
    assert_eq!(accept(&till, &scans).await, [yes, no, no, yes, no]);
    assert_eq!(till.tally(&batch).await.redeemed, 2);
    assert_eq!(
        count(&till, "SELECT COUNT(*) FROM voucher_used_steps").await,
        2
    );
    assert_eq!(count(&till, "SELECT COUNT(*) FROM person_meals").await, 2);
    // Dinner and its code are still there for the second voucher.
    let dinner = till.redemption(&two, "晚餐", 1, 1_500);
    assert_eq!(accept(&till, &[dinner]).await, [yes]);
    let asked = [
        (eater, meal(&till, "午餐")),
        (eater, meal(&till, "早餐")),
        (person(), meal(&till, "午餐")),
    ];
    let taken = till
        .store
        .read()
        .await
        .unwrap()
        .redemptions()
        .meals_taken(&asked)
        .await
        .unwrap();
    assert_eq!(taken, [asked[0].clone()]);
    assert!(accept(&till, &[]).await.is_empty());
}

fn meal(till: &Till, window: &str) -> Meal {
    Meal {
        day: local_time::date_of(till.now),
        window: window.to_owned(),
    }
}

#[rstest]
#[tokio::test]
async fn void_vouchers_release_their_reserve_once(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, till) = till(kind).await;
    let batch = till.running(|_| {}).await;
    let (unused, used) = (
        till.issued(&batch, person()).await,
        till.issued(&batch, person()).await,
    );
    assert_eq!(
        accept(&till, &[till.redemption(&used, "午餐", 1, 1_500)]).await,
        [AcceptOutcome::Accepted]
    );
    let mut tx = till.store.begin().await.unwrap();
    let before = unused.valid_to - TimeDelta::microseconds(1);
    assert!(
        tx.vouchers()
            .expire(before, before, 10)
            .await
            .unwrap()
            .is_empty(),
        "not void yet"
    );
    let (now, void) = (unused.valid_to, unused.valid_to);
    assert_eq!(
        tx.vouchers().expire(void, now, 10).await.unwrap(),
        [(batch.id, 1)]
    );
    assert!(
        tx.vouchers()
            .expire(void, now, 10)
            .await
            .unwrap()
            .is_empty(),
        "once"
    );
    tx.commit().await.unwrap();
    assert_eq!(state_of(&till, &unused).await, VoucherState::Expired);
    assert_eq!(state_of(&till, &used).await, VoucherState::Redeemed);
    let tally = till.tally(&batch).await;
    assert_eq!(
        (
            tally.expired,
            tally.redeemed,
            tally.reserved_fen,
            tally.spent_fen
        ),
        (1, 1, 0, 1_500)
    );
}

#[rstest]
#[tokio::test]
async fn what_a_cheap_meal_leaves_stays_reserved_while_it_can_be_annulled(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, till) = till(kind).await;
    let batch = till.running(|new| new.budget_fen = 1_500).await;
    let voucher = till.issued(&batch, person()).await;
    let cheap = till.redemption(&voucher, "午餐", 1, 900);
    assert_eq!(
        accept(&till, std::slice::from_ref(&cheap)).await,
        [AcceptOutcome::Accepted]
    );
    let tally = till.tally(&batch).await;
    assert_eq!(
        (tally.reserved_fen, tally.spent_fen, tally.free_fen()),
        (600, 900, 0)
    );
    let release = async |accepted_before| {
        let mut tx = till.store.begin().await.unwrap();
        let released = tx
            .redemptions()
            .release_remainders(accepted_before, till.now, 10)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        released
    };
    assert!(
        release(till.now).await.is_empty(),
        "it can still be annulled"
    );
    assert_eq!(
        release(till.now + TimeDelta::seconds(1)).await,
        [(batch.id, 1)]
    );
    assert!(
        release(till.now + TimeDelta::seconds(1)).await.is_empty(),
        "once"
    );
    let tally = till.tally(&batch).await;
    assert_eq!(
        (tally.reserved_fen, tally.spent_fen, tally.free_fen()),
        (0, 900, 600)
    );
    assert!(
        !annul(&till, &cheap.redemption).await,
        "the remainder may be somebody else's by now"
    );
}

#[rstest]
#[tokio::test]
async fn secrets_are_told_once_sealed_and_retired(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, till) = till(kind).await;
    let batch = till.running(|_| {}).await;
    let voucher = till.issued(&batch, person()).await.id;
    let secret = |device_no, device: &str| NewSecret {
        id: new_id(),
        voucher_id: voucher,
        device_no,
        device_id: device.to_owned(),
        secret: CodeSecret::generate(&SystemRandom),
        created_at: till.now,
    };
    let (server, phone) = (secret(0, ""), secret(1, "phone"));
    let mut tx = till.store.begin().await.unwrap();
    for (new, added) in [
        (&server, true),
        (&phone, true),
        (&secret(2, "phone"), false),
        (&secret(1, "tablet"), false),
    ] {
        assert_eq!(tx.voucher_codes().add_secret(new).await.unwrap(), added);
    }
    let found = tx.voucher_codes().secrets(&[(voucher, 1)]).await.unwrap();
    assert_eq!(
        (found.len(), found[0].1.expose()),
        (1, phone.secret.expose())
    );
    assert!(tx.voucher_codes().secrets(&[]).await.unwrap().is_empty());
    assert!(
        tx.voucher_codes()
            .add_secret(&secret(2, "tablet"))
            .await
            .unwrap()
    );
    tx.voucher_codes()
        .retire_others(voucher, 2, till.now)
        .await
        .unwrap();
    let all = [(voucher, 0), (voucher, 1), (voucher, 2)];
    let mut alive: Vec<_> = tx
        .voucher_codes()
        .secrets(&all)
        .await
        .unwrap()
        .iter()
        .map(|(of, _)| of.1)
        .collect();
    alive.sort_unstable();
    assert_eq!(alive, [0, 2]);
    assert_eq!(
        tx.voucher_codes().devices(voucher).await.unwrap().len(),
        3,
        "retired ones are remembered"
    );
    tx.commit().await.unwrap();

    let statement = Statement::from_string(
        till.store.writer().get_database_backend(),
        "SELECT secret FROM voucher_secrets",
    );
    for row in till.store.writer().query_all_raw(statement).await.unwrap() {
        let sealed: Vec<u8> = row.try_get_by_index(0).unwrap();
        let clear = phone.secret.expose();
        assert!(
            !sealed
                .windows(8)
                .any(|window| window == &clear.as_bytes()[..8])
        );
    }
}

#[rstest]
#[tokio::test]
async fn short_codes_stand_for_one_step_and_are_forgotten(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, till) = till(kind).await;
    let batch = till.running(|_| {}).await;
    let (one, two) = (
        till.issued(&batch, person()).await.id,
        till.issued(&batch, person()).await.id,
    );
    let step = |voucher| CodeStep::at(voucher, 0, till.now);
    let mut tx = till.store.begin().await.unwrap();
    assert!(
        tx.voucher_codes()
            .add_short_code("12345678", step(one))
            .await
            .unwrap()
    );
    assert!(
        !tx.voucher_codes()
            .add_short_code("12345678", step(two))
            .await
            .unwrap(),
        "in use: draw again"
    );
    let asked = ["12345678".to_owned(), "87654321".to_owned()];
    let found = tx.voucher_codes().steps_of(&asked).await.unwrap();
    assert_eq!(found, [(asked[0].clone(), step(one))]);
    let later = CodeStep {
        step: step(one).step + 21,
        ..step(one)
    };
    assert!(
        tx.voucher_codes()
            .add_short_code("11112222", later)
            .await
            .unwrap()
    );
    assert!(
        tx.voucher_codes()
            .steps_of(&asked[..1])
            .await
            .unwrap()
            .is_empty(),
        "stale ones of the voucher are gone"
    );
    assert!(
        tx.voucher_codes()
            .used(&[step(one)])
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        tx.voucher_codes()
            .forget_short_codes(till.now + TimeDelta::hours(1), 10)
            .await
            .unwrap(),
        1
    );
}

#[rstest]
#[tokio::test]
async fn refused_scans_are_noted(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (_database, till) = till(kind).await;
    let scan = RefusedScan {
        id: new_id(),
        at: till.now,
        scanned_at: till.now,
        station_id: till.station,
        staff_id: account(),
        device_id: "scanner-1".to_owned(),
        scan_id: "scan-1".to_owned(),
        reason: Refusal::InvalidCode,
        voucher_id: None,
    };
    let mut tx = till.store.begin().await.unwrap();
    tx.redemptions().refuse(&[scan]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(
        count(
            &till,
            "SELECT COUNT(*) FROM refused_scans WHERE reason = 'invalid_code'"
        )
        .await,
        1
    );
}

/// The invariants as the tables themselves hold them, whoever writes.
#[rstest]
#[tokio::test]
async fn the_tables_refuse_what_must_never_be(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (_database, till) = till(kind).await;
    let batch = till.running(|_| {}).await;
    let voucher = till.issued(&batch, person()).await;
    assert_eq!(
        accept(&till, &[till.redemption(&voucher, "午餐", 1, 1_500)]).await,
        [AcceptOutcome::Accepted]
    );
    for sql in [
        "UPDATE ledger_budgets SET issued = quota + 1",
        "UPDATE ledger_budgets SET quota = issued - 1",
        "UPDATE ledger_budgets SET spent_fen = budget_fen + 1",
        "UPDATE ledger_budgets SET reserved_fen = -1",
        "UPDATE voucher_slots SET n = 0",
        "UPDATE redemptions SET amount_fen = amount_fen + 1",
        "UPDATE redemptions SET state = 'annulled'",
        "UPDATE vouchers SET state = 'lost'",
        "INSERT INTO voucher_slots SELECT batch_id, person_id, n, voucher_id FROM voucher_slots",
        "INSERT INTO ledger_postings SELECT * FROM ledger_postings",
        "INSERT INTO person_meals SELECT * FROM person_meals",
        "INSERT INTO voucher_used_steps SELECT * FROM voucher_used_steps",
    ] {
        refused_by_the_table(&till, sql).await;
    }
}

#[rstest]
#[tokio::test]
async fn a_row_that_makes_no_sense_is_named(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (_database, till) = till(kind).await;
    let batch = till.running(|_| {}).await;
    till.store
        .writer()
        .execute_unprepared("UPDATE voucher_batches SET rules = '{}'")
        .await
        .unwrap();
    let found = till
        .store
        .read()
        .await
        .unwrap()
        .voucher_batches()
        .find_many(&[batch.id])
        .await;
    assert!(
        matches!(
            found,
            Err(StoreError::Corrupt {
                table: "voucher_batches",
                ..
            })
        ),
        "{found:?}"
    );
    let nobody: PersonId = person();
    assert!(
        till.store
            .read()
            .await
            .unwrap()
            .vouchers()
            .slots_used(nobody, &[])
            .await
            .unwrap()
            .is_empty()
    );
}
