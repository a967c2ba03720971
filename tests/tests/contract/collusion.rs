//! Collusion signals: what each statement counts, what is held and what is spared, and the
//! reviewer's decision.

use std::sync::Arc;

use chrono::TimeDelta;
use niangjia_domain::{
    kernel::{
        AccessError, Actor, Clock, Foundation, Grant, Jurisdiction, PageRequest, id::RedemptionId,
    },
    store::Store,
    vouchers::{
        ScanRequest, VoucherError,
        collusion::{
            CollusionService, Finding, Signal, SuspensionDecision, SuspensionDecisionInput,
            SuspensionQuery, SuspensionStatus,
        },
        reconciliation::ReconciliationService,
        wallet::voucher::VoucherState,
    },
};
use niangjia_infra::system::SystemRandom;
use niangjia_tests::{
    canteen::{Canteen, ScanExt, account, new_id, person},
    database::Kind,
    month::{Eaten, Month, reader, revision_of, watching},
};
use rstest::rstest;
use sea_orm::ConnectionTrait;

const FIRST: PageRequest = PageRequest {
    limit: 20,
    after: None,
};

/// What is held after looking at everything, in order, with the signals.
async fn held(month: &Month) -> Vec<(RedemptionId, Signal)> {
    month.watcher().watch_habits().await.unwrap();
    month.watcher().watch_events().await.unwrap();
    month.held().await
}

fn of(signal: Signal, mut ids: Vec<RedemptionId>) -> Vec<(RedemptionId, Signal)> {
    ids.sort_unstable();
    ids.into_iter().map(|id| (id, signal)).collect()
}

#[rstest]
#[tokio::test]
async fn one_staff_member_always_serves_one_holder(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[values(true, false)] others_meet_somebody_else: bool,
) {
    let month = Month::new(kind).await;
    let (staff, colleague, holder) = (account(), account(), person());
    let mut theirs = Vec::new();
    for day in 0..8 {
        theirs.push(month.eat(month.meal(staff, holder, month.ago(day))).await);
        for _ in 0..3 {
            let served_by = if others_meet_somebody_else {
                colleague
            } else {
                staff
            };
            month
                .eat(month.meal(served_by, person(), month.ago(day)))
                .await;
        }
    }
    let expected = if others_meet_somebody_else {
        of(Signal::SamePair, theirs)
    } else {
        Vec::new()
    };
    assert_eq!(held(&month).await, expected);
    assert_eq!(
        month.watcher().watch_habits().await.unwrap(),
        0,
        "each is held once"
    );
}

#[rstest]
#[case::typed_for_two_values(Some([1_500, 1_000]), true)]
#[case::nobody_typed_anything(None, false)]
#[case::typed_prices_vary(Some([1_500, 1_100]), false)]
#[tokio::test]
async fn prices_follow_the_face_value(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[case] typed: Option<[i64; 2]>,
    #[case] expected: bool,
) {
    let month = Month::new(kind).await;
    let cheap = month.till.running(|new| new.face_value_fen = 1_000).await;
    let staff = account();
    let mut theirs = Vec::new();
    for n in 0..20 {
        let which = (n % 2) as usize;
        let batch = [&month.batch, &cheap][which];
        let voucher = month.till.issued(batch, person()).await;
        let at = month.ago(1) + TimeDelta::minutes(n);
        let meal = Eaten {
            price: typed.map(|typed| typed[which]),
            ..month.meal(staff, voucher.person_id, at)
        };
        theirs.push(month.eat_with(&voucher, meal).await);
    }
    let expected = if expected {
        of(Signal::PriceIsFaceValue, theirs)
    } else {
        Vec::new()
    };
    assert_eq!(held(&month).await, expected);
}

#[rstest]
#[case::faster_than_phones_are_shown(10, 2_200, true)]
#[case::a_quick_queue(10, 2_300, false)]
#[case::too_few(9, 100, false)]
#[tokio::test]
async fn a_burst_is_held_as_a_whole(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[case] scans: i64,
    #[case] milliseconds_apart: i64,
    #[case] expected: bool,
) {
    let month = Month::new(kind).await;
    let staff = account();
    let at = |n| month.ago(1) + TimeDelta::milliseconds(n * milliseconds_apart);
    let mut theirs = Vec::new();
    for n in 0..scans {
        theirs.push(month.eat(month.meal(staff, person(), at(n))).await);
    }
    // Before, after, and a colleague in the middle.
    month
        .eat(month.meal(staff, person(), at(0) - TimeDelta::minutes(1)))
        .await;
    month
        .eat(month.meal(staff, person(), at(scans) + TimeDelta::minutes(1)))
        .await;
    month.eat(month.meal(account(), person(), at(1))).await;
    let expected = if expected {
        of(Signal::Burst, theirs)
    } else {
        Vec::new()
    };
    assert_eq!(held(&month).await, expected);
}

#[rstest]
#[case::eleven_kilometres_in_four_minutes(4, true)]
#[case::eleven_kilometres_in_six_minutes(6, false)]
#[tokio::test]
async fn nobody_is_at_two_places(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[case] minutes: i64,
    #[case] expected: bool,
) {
    let month = Month::new(kind).await;
    let (far, holder) = (month.station(35.51).await, person());
    month.eat(month.meal(account(), holder, month.ago(2))).await;
    let here = month.eat(month.meal(account(), holder, month.ago(1))).await;
    let at = month.ago(1) + TimeDelta::minutes(minutes);
    let there = month
        .eat(Eaten {
            station: far,
            ..month.meal(account(), holder, at)
        })
        .await;
    // Somebody else there is no traveller.
    month
        .eat(Eaten {
            station: far,
            ..month.meal(account(), person(), at)
        })
        .await;
    let expected = if expected {
        of(Signal::ImpossibleTravel, vec![here, there])
    } else {
        Vec::new()
    };
    assert_eq!(held(&month).await, expected);
}

/// A canteen with one redemption that two signals may speak about.
struct Held {
    canteen: Canteen,
    collusion: CollusionService,
    batch: niangjia_domain::kernel::id::VoucherBatchId,
    holder: Actor,
    voucher: niangjia_domain::kernel::id::VoucherId,
    redemption: RedemptionId,
}

impl Held {
    async fn new(kind: Kind) -> Self {
        let canteen = Canteen::open(kind).await;
        let batch = canteen.running(canteen.new_batch()).await;
        let (holder, voucher) = canteen.holder(batch).await;
        let code = canteen.payload(&holder, voucher).await;
        let scan = ScanRequest {
            price_fen: Some(1_200),
            ..canteen.scan_of(code)
        };
        let redemption = canteen.scan(scan).await.accepted().redemption_id;
        let collusion = watching(canteen.scene.store.clone(), canteen.scene.clock.clone());
        let held = Self {
            canteen,
            collusion,
            batch,
            holder,
            voucher,
            redemption,
        };
        assert_eq!(held.suspension(Signal::Burst).await, 1);
        held
    }

    async fn suspension(&self, signal: Signal) -> usize {
        let now = self.canteen.scene.clock.now();
        let evidence = serde_json::json!({ "scans": 10 });
        let finding = Finding {
            signal,
            redemption_id: self.redemption,
            evidence,
        };
        let mut tx = self.canteen.scene.store.begin().await.unwrap();
        let held = tx
            .suspensions()
            .suspend(&[finding], now, now + TimeDelta::days(3))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        held.len()
    }

    async fn decide(
        &self,
        by: &Actor,
        decision: SuspensionDecision,
    ) -> Result<SuspensionStatus, VoucherError> {
        let input = SuspensionDecisionInput {
            decision,
            reason: "已与驿站核对监控".to_owned(),
        };
        let revision = revision_of(&self.collusion, self.redemption).await;
        Ok(self
            .collusion
            .decide(by, self.redemption, input, revision)
            .await?
            .suspension
            .status())
    }

    async fn listed(&self, query: SuspensionQuery) -> usize {
        self.collusion
            .suspensions(&self.canteen.checker, query, FIRST)
            .await
            .unwrap()
            .items
            .len()
    }

    async fn is_held(&self) -> bool {
        self.canteen
            .scene
            .count("SELECT COUNT(*) FROM redemptions WHERE held")
            .await
            == 1
    }

    /// The books are right, and say so themselves.
    async fn balanced(&self) {
        self.canteen.balanced(self.batch).await;
        let (store, clock) = (
            self.canteen.scene.store.clone(),
            self.canteen.scene.clock.clone(),
        );
        let report = ReconciliationService {
            foundation: Foundation {
                store,
                clock,
                random: Arc::new(SystemRandom),
            },
        }
        .check()
        .await
        .unwrap();
        assert_eq!(report.differences, []);
    }
}

#[rstest]
#[tokio::test]
async fn a_released_redemption_is_held_again_only_for_something_new(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let held = Held::new(kind).await;
    assert_eq!(
        held.suspension(Signal::Burst).await,
        0,
        "each signal speaks once"
    );
    held.balanced().await;
    assert_eq!(
        held.decide(&held.canteen.checker, SuspensionDecision::Lift)
            .await
            .unwrap(),
        SuspensionStatus::Lifted
    );
    assert!(!held.is_held().await);
    held.balanced().await;
    assert_eq!(held.suspension(Signal::Burst).await, 0, "released for this");
    let again = held
        .decide(&held.canteen.checker, SuspensionDecision::Reject)
        .await;
    assert!(matches!(again, Err(VoucherError::HoldNotOpen)), "{again:?}");
    assert_eq!(
        held.suspension(Signal::SamePair).await,
        1,
        "but not for that"
    );
    assert!(held.is_held().await);
    let open = held
        .collusion
        .suspensions(&held.canteen.checker, SuspensionQuery::default(), FIRST)
        .await
        .unwrap();
    assert_eq!(
        (
            open.items[0].notices.len(),
            open.items[0].suspension.status()
        ),
        (2, SuspensionStatus::Open)
    );
    held.balanced().await;
}

#[rstest]
#[tokio::test]
async fn a_rejected_redemption_is_never_paid_and_its_voucher_is_void(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[values(false, true)] remainder_is_released: bool,
) {
    let held = Held::new(kind).await;
    if remainder_is_released {
        held.canteen.scene.clock.advance(TimeDelta::minutes(16));
        assert_eq!(
            held.canteen
                .vouchers
                .wallet
                .expire_unused(100)
                .await
                .unwrap(),
            1
        );
    }
    assert_eq!(
        held.decide(&held.canteen.checker, SuspensionDecision::Reject)
            .await
            .unwrap(),
        SuspensionStatus::Rejected
    );
    let tally = held.canteen.balanced(held.batch).await;
    assert_eq!(
        (
            tally.deactivated,
            tally.live_redemptions,
            tally.reserved_fen,
            tally.spent_fen
        ),
        (1, 0, 0, 0)
    );
    held.balanced().await;
    let mine = held
        .canteen
        .vouchers
        .wallet
        .my_voucher(&held.holder, held.voucher)
        .await
        .unwrap();
    assert_eq!(mine.state, VoucherState::Deactivated);
    let told = held.canteen.scene.inbox(&held.holder).await;
    assert!(
        told.iter().any(|(topic, _)| topic == "redemption_rejected"),
        "{told:?}"
    );
    // The meal was never eaten, so another voucher may pay for one.
    let other = held
        .canteen
        .claim(&held.holder, held.batch)
        .await
        .unwrap()
        .voucher
        .id;
    held.canteen.eat(&held.holder, other).await.accepted();
    held.canteen.scene.clock.advance(TimeDelta::minutes(16));
    held.canteen
        .vouchers
        .wallet
        .expire_unused(100)
        .await
        .unwrap();
    held.balanced().await;
}

#[rstest]
#[case::settled("UPDATE redemptions SET state = 'settled', held = FALSE")]
#[case::annulled(
    "UPDATE redemptions SET state = 'annulled', annulled_at = accepted_at, annulled_by = staff_id, \
     annulment_reason = 'x'"
)]
#[tokio::test]
async fn what_is_not_accepted_any_more_cannot_be_held(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[case] meanwhile: &str,
) {
    let held = Held::new(kind).await;
    held.canteen.scene.execute(meanwhile, []).await;
    assert_eq!(held.suspension(Signal::SamePair).await, 0);
    assert_eq!(
        held.canteen
            .scene
            .count("SELECT COUNT(*) FROM suspension_signals")
            .await,
        1
    );
}

#[rstest]
#[tokio::test]
async fn staff_may_still_annul_and_nothing_is_left_to_decide(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let held = Held::new(kind).await;
    held.canteen
        .vouchers
        .scans
        .annul(&held.canteen.staff, held.redemption, "扫错了人")
        .await
        .unwrap();
    let late = held
        .decide(&held.canteen.checker, SuspensionDecision::Reject)
        .await;
    assert!(matches!(late, Err(VoucherError::HoldNotOpen)), "{late:?}");
    assert_eq!(
        held.listed(SuspensionQuery {
            status: Some(SuspensionStatus::Open),
            ..SuspensionQuery::default()
        })
        .await,
        0
    );
    assert_eq!(
        held.listed(SuspensionQuery {
            status: Some(SuspensionStatus::Moot),
            ..SuspensionQuery::default()
        })
        .await,
        1
    );
    held.balanced().await;
}

#[rstest]
#[tokio::test]
async fn reviewers_are_of_the_district_and_had_no_part_in_it(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let held = Held::new(kind).await;
    let (canteen, checker) = (&held.canteen, &held.canteen.checker);
    let release = async |by: &Actor| held.decide(by, SuspensionDecision::Lift).await;
    let stranger = canteen.scene.cadre("370812");
    assert!(matches!(
        release(&stranger).await,
        Err(VoucherError::Access(AccessError::NotFound))
    ));
    assert!(
        held.collusion
            .suspensions(&stranger, SuspensionQuery::default(), FIRST)
            .await
            .unwrap()
            .items
            .is_empty()
    );
    assert!(matches!(
        release(&reader()).await,
        Err(VoucherError::Access(AccessError::Forbidden))
    ));
    assert!(matches!(
        release(&canteen.staff).await,
        Err(VoucherError::Access(AccessError::Forbidden))
    ));
    assert_eq!(
        held.collusion
            .suspensions(&reader(), SuspensionQuery::default(), FIRST)
            .await
            .unwrap()
            .items
            .len(),
        1
    );
    let scanned = Actor {
        account_id: canteen.staff.account_id,
        ..checker.clone()
    };
    let ate = Actor {
        person_id: held.holder.person_id,
        ..checker.clone()
    };
    for involved in [scanned, ate] {
        assert!(matches!(
            release(&involved).await,
            Err(VoucherError::ReviewerInvolved)
        ));
    }
    let input = SuspensionDecisionInput {
        decision: SuspensionDecision::Lift,
        reason: " ".to_owned(),
    };
    let revision = revision_of(&held.collusion, held.redemption).await;
    let speechless = held
        .collusion
        .decide(checker, held.redemption, input, revision)
        .await;
    assert!(matches!(speechless, Err(VoucherError::Invalid(_))));
    assert_eq!(release(checker).await.unwrap(), SuspensionStatus::Lifted);
    let audited = "SELECT COUNT(*) FROM audit_entries WHERE action = 'redemption.suspension_lifted' AND area = '370811'";
    assert_eq!(canteen.scene.count(audited).await, 1);
}

#[rstest]
#[tokio::test]
async fn the_queue_is_narrowed_by_what_reviewers_ask_for(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let held = Held::new(kind).await;
    let (all, now) = (SuspensionQuery::default(), held.canteen.scene.clock.now());
    let here = held.canteen.scene.station.id;
    for (query, expected) in [
        (
            SuspensionQuery {
                signal: Some(Signal::Burst),
                station_id: Some(here),
                ..all
            },
            1,
        ),
        (
            SuspensionQuery {
                signal: Some(Signal::SamePair),
                ..all
            },
            0,
        ),
        (
            SuspensionQuery {
                station_id: Some(new_id()),
                ..all
            },
            0,
        ),
        (
            SuspensionQuery {
                status: Some(SuspensionStatus::Lifted),
                ..all
            },
            0,
        ),
        (
            SuspensionQuery {
                due_before: Some(now),
                ..all
            },
            0,
        ),
        (
            SuspensionQuery {
                due_before: Some(now + TimeDelta::days(4)),
                ..all
            },
            1,
        ),
    ] {
        assert_eq!(held.listed(query).await, expected, "{query:?}");
    }
    held.canteen.scene.clock.advance(TimeDelta::days(3));
    let late = held
        .collusion
        .suspensions(&held.canteen.checker, all, FIRST)
        .await
        .unwrap();
    assert!(late.items[0].is_overdue);
    let behind = PageRequest {
        limit: 20,
        after: Some(held.redemption.uuid()),
    };
    assert!(
        held.collusion
            .suspensions(&held.canteen.checker, all, behind)
            .await
            .unwrap()
            .items
            .is_empty()
    );
}

#[rstest]
#[tokio::test]
async fn a_habit_that_a_reviewer_explained_is_left_alone_for_a_while(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let month = Month::new(kind).await;
    let (staff, holder) = (account(), person());
    for day in 1..9 {
        month.eat(month.meal(staff, holder, month.ago(day))).await;
    }
    let held = held(&month).await;
    assert_eq!(held.len(), 8);
    let cadre = Actor {
        grants: vec![Grant::Cadre(Jurisdiction::Everywhere)],
        ..reader()
    };
    let input = SuspensionDecisionInput {
        decision: SuspensionDecision::Lift,
        reason: "村里只有这一位骑手".to_owned(),
    };
    let revision = revision_of(&month.watcher(), held[0].0).await;
    month
        .watcher()
        .decide(&cadre, held[0].0, input, revision)
        .await
        .unwrap();
    month.eat(month.meal(staff, holder, month.ago(0))).await;
    assert_eq!(month.watcher().watch_habits().await.unwrap(), 0);
    month
        .till
        .store
        .writer()
        .execute_unprepared(
            "UPDATE redemption_suspensions SET decided_at = suspended_at WHERE decision IS NOT NULL",
        )
        .await
        .unwrap();
    let mut impatient = month.watcher();
    impatient.policy.cleared_for = TimeDelta::zero();
    assert_eq!(
        impatient.watch_habits().await.unwrap(),
        1,
        "after that it is looked at again"
    );
}
