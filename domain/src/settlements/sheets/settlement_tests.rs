use rstest::rstest;
use uuid::Uuid;

use super::*;
use crate::{
    settlements::sheets::line::Totals,
    vouchers::testing::{NOW, officer, station},
};

const MAKER: u128 = 1;
const FREEZER: u128 = 2;
const MERCHANT: u128 = 3;
const CHECKER: u128 = 4;
const ADJUSTER: u128 = 5;

fn signed(n: u128) -> Signature {
    Signature {
        by: officer(n),
        at: NOW,
    }
}

fn objection() -> Objection {
    Objection {
        signature: signed(MERCHANT),
        reason: "少了三笔".to_owned(),
    }
}

fn sheet() -> Sheet {
    Sheet {
        frozen: signed(FREEZER),
        totals: Totals::default(),
        hash: "00".to_owned(),
    }
}

fn payment() -> Payment {
    Payment {
        signature: signed(MAKER),
        reference: "2026-07-001".to_owned(),
    }
}

fn in_state(status: SettlementStatus) -> Settlement {
    let (sheet, payment) = (sheet(), payment());
    let (confirmed, approved, closed) = (signed(MERCHANT), signed(CHECKER), signed(MAKER));
    let stage = match status {
        SettlementStatus::Open => Stage::Open { sent_back: None },
        SettlementStatus::Frozen => Stage::Frozen { sheet },
        SettlementStatus::Confirmed => Stage::Confirmed { sheet, confirmed },
        SettlementStatus::Approved => Stage::Approved {
            sheet,
            confirmed,
            approved,
        },
        SettlementStatus::Paid => Stage::Paid {
            sheet,
            confirmed,
            approved,
            payment,
        },
        SettlementStatus::Closed => Stage::Closed {
            sheet,
            confirmed,
            approved,
            payment,
            closed,
        },
        SettlementStatus::Rejected => Stage::Rejected {
            objection: objection(),
        },
        SettlementStatus::Cancelled => Stage::Cancelled {
            objection: objection(),
        },
    };
    let station = station();
    let day = |text: &str| text.parse().unwrap();
    Settlement {
        id: SettlementId::from_uuid(Uuid::from_u128(1)),
        station_id: station.id,
        district: station.district,
        period: Period::new(day("2026-05-01"), day("2026-05-31")).unwrap(),
        made_by: officer(MAKER),
        created_at: NOW,
        stage,
        revision: 0,
    }
}

#[derive(Clone, Copy, Debug)]
enum Action {
    Freeze,
    Confirm,
    Dispute,
    Approve,
    Return,
    Reject,
    Pay,
    Close,
    Cancel,
}

fn act(settlement: Settlement, action: Action) -> Option<SettlementStatus> {
    let decide = |settlement: Settlement, decision| {
        settlement.decide(decision, signed(CHECKER), &[officer(ADJUSTER)])
    };
    let after = match action {
        Action::Freeze => settlement.freeze(sheet()),
        Action::Confirm => settlement.confirm(signed(MERCHANT)),
        Action::Dispute => settlement.dispute(objection()),
        Action::Approve => decide(settlement, BatchDecision::Approve),
        Action::Return => decide(settlement, BatchDecision::Return("请核对".to_owned())),
        Action::Reject => decide(settlement, BatchDecision::Reject("重复".to_owned())),
        Action::Pay => settlement.pay(payment()),
        Action::Close => settlement.close(signed(MAKER)),
        Action::Cancel => settlement.cancel(objection()),
    };
    after.ok().map(|settlement| settlement.status())
}

/// Every state × action; what is not listed is refused.
#[rstest]
#[case(Action::Freeze, &[(SettlementStatus::Open, SettlementStatus::Frozen)])]
#[case(Action::Confirm, &[(SettlementStatus::Frozen, SettlementStatus::Confirmed)])]
#[case(Action::Dispute, &[(SettlementStatus::Frozen, SettlementStatus::Open)])]
#[case(Action::Approve, &[(SettlementStatus::Confirmed, SettlementStatus::Approved)])]
#[case(Action::Return, &[(SettlementStatus::Confirmed, SettlementStatus::Open)])]
#[case(Action::Reject, &[(SettlementStatus::Confirmed, SettlementStatus::Rejected)])]
#[case(Action::Pay, &[(SettlementStatus::Approved, SettlementStatus::Paid)])]
#[case(Action::Close, &[(SettlementStatus::Paid, SettlementStatus::Closed)])]
#[case(Action::Cancel, &[
    (SettlementStatus::Open, SettlementStatus::Cancelled), (SettlementStatus::Frozen, SettlementStatus::Cancelled)
])]
fn the_whole_transition_table(
    #[case] action: Action,
    #[case] allowed: &[(SettlementStatus, SettlementStatus)],
) {
    for &from in SettlementStatus::ALL {
        let expected = allowed
            .iter()
            .find(|(state, _)| *state == from)
            .map(|(_, to)| *to);
        assert_eq!(act(in_state(from), action), expected, "{from:?} {action:?}");
    }
}

#[rstest]
#[case::maker(MAKER)]
#[case::freezer(FREEZER)]
fn makers_never_confirm_for_the_merchant(#[case] by: u128) {
    let refused = in_state(SettlementStatus::Frozen).confirm(signed(by));
    assert_eq!(refused.unwrap_err(), StepRefused::SamePerson);
}

#[rstest]
#[case::maker(officer(MAKER))]
#[case::freezer(officer(FREEZER))]
#[case::merchant(officer(MERCHANT))]
#[case::adjuster(officer(ADJUSTER))]
#[case::maker_by_another_account(Officer { person_id: officer(MAKER).person_id, ..officer(9) })]
fn nobody_checks_their_own_work(#[case] by: Officer) {
    let by = Signature { by, at: NOW };
    let refused = in_state(SettlementStatus::Confirmed).decide(
        BatchDecision::Approve,
        by,
        &[officer(ADJUSTER)],
    );
    assert_eq!(refused.unwrap_err(), StepRefused::SamePerson);
}

#[test]
fn only_frozen_sheets_have_lines_and_void_ones_give_their_days_back() {
    for &status in SettlementStatus::ALL {
        let settlement = in_state(status);
        let without = matches!(status, SettlementStatus::Open) || status.is_void();
        assert_eq!(settlement.sheet().is_none(), without, "{status:?}");
    }
}
