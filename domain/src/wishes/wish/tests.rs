//! Every state × every action: the table below is the whole truth, anything else is refused.

use chrono::TimeDelta;
use rstest::rstest;
use uuid::Uuid;

use super::*;
use crate::kernel::Fen;

const CODE: &str = "204761";

fn now() -> DateTime<Utc> {
    DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(20_000)
}

fn taken() -> Taken {
    Taken {
        published_at: now(),
        claim_id: WishClaimId::from_uuid(Uuid::from_u128(7)),
    }
}

fn thanks() -> Thanks {
    Thanks {
        message: "谢谢".to_owned(),
        photo_ids: Vec::new(),
        face_consent: false,
        passed: true,
        at: now(),
    }
}

fn pickup() -> Pickup {
    Pickup::new(PickupCode::parse(CODE).unwrap())
}

fn state(status: WishStatus) -> WishState {
    let reason = String::new;
    match status {
        WishStatus::Checking => WishState::Checking,
        WishStatus::Reviewing => WishState::Reviewing {
            due_at: now(),
            machine: MachineOpinion {
                verdict: Verdict::Pass,
                label: "100".to_owned(),
            },
        },
        WishStatus::Returned => WishState::Returned { reason: reason() },
        WishStatus::Rejected => WishState::Rejected { reason: reason() },
        WishStatus::Withdrawn => WishState::Withdrawn,
        WishStatus::Published => WishState::Published { at: now() },
        WishStatus::Claimed => WishState::Claimed(taken()),
        WishStatus::InTransit => WishState::InTransit(taken()),
        WishStatus::AtStation => WishState::AtStation {
            taken: taken(),
            arrived_at: now(),
            pickup: pickup(),
        },
        WishStatus::HandedOver => WishState::HandedOver {
            taken: taken(),
            at: now(),
        },
        WishStatus::Thanked => WishState::Thanked {
            taken: taken(),
            handed_over_at: now(),
            thanks: thanks(),
        },
    }
}

fn wish(status: WishStatus) -> Wish {
    Wish {
        id: WishId::from_uuid(Uuid::from_u128(1)),
        account_id: AccountId::from_uuid(Uuid::from_u128(2)),
        person_id: PersonId::from_uuid(Uuid::from_u128(3)),
        station_id: StationId::from_uuid(Uuid::from_u128(4)),
        district: DistrictCode::parse("370811").unwrap(),
        content: WishContent {
            title: "保温杯".to_owned(),
            story: "冬天送餐".to_owned(),
            category: "生活用品".to_owned(),
            estimate: Fen::new(9_900).unwrap(),
            photo_ids: Vec::new(),
        },
        submitted_at: now(),
        state: state(status),
        version: 1,
    }
}

fn verdict(verdict: Verdict) -> TextVerdict {
    TextVerdict {
        verdict,
        label: "100".to_owned(),
        trace_id: None,
    }
}

#[derive(Debug, Clone, Copy)]
enum Action {
    Pass,
    Doubt,
    Refuse,
    Publish,
    SendBack,
    Reject,
    Withdraw,
    Claim,
    Lapse,
    Release,
    Dispatch,
    Arrive,
    RightCode,
    WrongCode,
    Thank,
}

fn act(wish: Wish, action: Action) -> Option<WishStatus> {
    let stranger = Donor {
        account_id: AccountId::from_uuid(Uuid::from_u128(9)),
        person_id: None,
    };
    let moved = match action {
        Action::Pass => wish.judged(&verdict(Verdict::Pass), now()),
        Action::Doubt => wish.judged(&verdict(Verdict::Review), now()),
        Action::Refuse => wish.judged(&verdict(Verdict::Risky), now()),
        Action::Publish => wish.publish(now()),
        Action::SendBack => wish.send_back("请补充尺码".to_owned()),
        Action::Reject => wish.reject("不属于帮扶范围".to_owned()),
        Action::Withdraw => wish.withdraw(),
        Action::Claim => {
            return wish
                .claim(taken().claim_id, &stranger)
                .ok()
                .map(|wish| wish.status());
        }
        Action::Lapse => wish.lapse(),
        Action::Release => wish.release(),
        Action::Dispatch => wish.dispatch(),
        Action::Arrive => wish.arrive(PickupCode::parse(CODE).unwrap(), now()),
        Action::RightCode => return handed(wish.hand_over(CODE, now())),
        Action::WrongCode => return handed(wish.hand_over("000000", now())),
        Action::Thank => wish.thank(thanks()),
    };
    moved.ok().map(|wish| wish.status())
}

fn handed(result: Result<Handover, InvalidTransition>) -> Option<WishStatus> {
    match result.ok()? {
        Handover::Done(wish) | Handover::WrongCode { wish, .. } => Some(wish.status()),
        Handover::Locked { .. } => None,
    }
}

use WishStatus as S;

#[rstest]
#[case(Action::Pass, &[(S::Checking, S::Reviewing)])]
#[case(Action::Doubt, &[(S::Checking, S::Reviewing)])]
#[case(Action::Refuse, &[(S::Checking, S::Returned)])]
#[case(Action::Publish, &[(S::Reviewing, S::Published)])]
#[case(Action::SendBack, &[(S::Reviewing, S::Returned)])]
#[case(Action::Reject, &[(S::Reviewing, S::Rejected)])]
#[case(Action::Withdraw, &[
    (S::Checking, S::Withdrawn),
    (S::Reviewing, S::Withdrawn),
    (S::Returned, S::Withdrawn),
    (S::Published, S::Withdrawn),
])]
#[case(Action::Claim, &[(S::Published, S::Claimed)])]
#[case(Action::Lapse, &[(S::Claimed, S::Published)])]
#[case(Action::Release, &[(S::Claimed, S::Published), (S::InTransit, S::Published)])]
#[case(Action::Dispatch, &[(S::Claimed, S::InTransit)])]
#[case(Action::Arrive, &[(S::Claimed, S::AtStation), (S::InTransit, S::AtStation)])]
#[case(Action::RightCode, &[(S::AtStation, S::HandedOver)])]
#[case(Action::WrongCode, &[(S::AtStation, S::AtStation)])]
#[case(Action::Thank, &[(S::HandedOver, S::Thanked)])]
fn each_action_works_in_its_states_only(#[case] action: Action, #[case] allowed: &[(S, S)]) {
    for &from in S::ALL {
        let expected = allowed
            .iter()
            .find(|(state, _)| *state == from)
            .map(|(_, to)| *to);
        assert_eq!(act(wish(from), action), expected, "{action:?} while {from}");
    }
}

#[rstest]
#[case::same_account(2, None, ClaimRefusal::Own)]
#[case::same_person(9, Some(3), ClaimRefusal::Own)]
fn nobody_claims_their_own_wish(
    #[case] account: u128,
    #[case] person: Option<u128>,
    #[case] why: ClaimRefusal,
) {
    let donor = Donor {
        account_id: AccountId::from_uuid(Uuid::from_u128(account)),
        person_id: person.map(|id| PersonId::from_uuid(Uuid::from_u128(id))),
    };
    assert_eq!(wish(S::Published).claim(taken().claim_id, &donor), Err(why));
    assert_eq!(wish(S::Claimed).claim(taken().claim_id, &donor), Err(why));
    assert_eq!(
        wish(S::Reviewing).claim(taken().claim_id, &donor),
        Err(ClaimRefusal::Hidden)
    );
}

#[test]
fn a_released_wish_keeps_its_day_of_publication() {
    assert_eq!(
        wish(S::InTransit).release().unwrap().state,
        WishState::Published { at: now() }
    );
}

#[test]
fn a_locked_code_hands_nothing_over() {
    let mut wish = wish(S::AtStation);
    for _ in 0..5 {
        let Handover::WrongCode { wish: next, .. } = wish.hand_over("000000", now()).unwrap()
        else {
            panic!()
        };
        wish = next;
    }
    assert!(matches!(
        wish.hand_over(CODE, now()),
        Ok(Handover::Locked { .. })
    ));
}
