use rstest::rstest;
use uuid::Uuid;

use super::*;

fn at(hours: i64) -> DateTime<Utc> {
    DateTime::<Utc>::UNIX_EPOCH + TimeDelta::hours(hours)
}

fn claim(status: ClaimStatus) -> WishClaim {
    let donor = Donor {
        account_id: AccountId::from_uuid(Uuid::from_u128(1)),
        person_id: None,
    };
    let open = WishClaim::open(
        WishClaimId::from_uuid(Uuid::from_u128(2)),
        WishId::from_uuid(Uuid::from_u128(3)),
        &donor,
        None,
        at(0),
    );
    let state = match status {
        ClaimStatus::Active => ClaimState::Active,
        ClaimStatus::Dispatched => ClaimState::Dispatched {
            at: at(1),
            parcel: Parcel::default(),
        },
        ClaimStatus::Fulfilled => ClaimState::Fulfilled { at: at(1) },
        ClaimStatus::Cancelled => ClaimState::Cancelled {
            at: at(1),
            reason: None,
        },
        ClaimStatus::Lapsed => ClaimState::Lapsed { at: at(1) },
    };
    WishClaim { state, ..open }
}

#[derive(Debug, Clone, Copy)]
enum Action {
    Dispatch,
    Arrive,
    Fulfil,
    Cancel,
    Lapse,
}

fn act(claim: WishClaim, action: Action) -> Option<ClaimStatus> {
    let moved = match action {
        Action::Dispatch => claim.dispatch(Parcel::default(), at(80)),
        Action::Arrive => claim.arrive(at(80)),
        Action::Fulfil => claim.fulfil(at(80)),
        Action::Cancel => claim.cancel(None, at(80)),
        Action::Lapse => claim.lapse(at(80)),
    };
    moved.ok().map(|claim| claim.status())
}

use ClaimStatus as S;

#[rstest]
#[case(Action::Dispatch, &[(S::Active, S::Dispatched)])]
#[case(Action::Arrive, &[(S::Active, S::Dispatched), (S::Dispatched, S::Dispatched)])]
#[case(Action::Fulfil, &[(S::Dispatched, S::Fulfilled)])]
#[case(Action::Cancel, &[(S::Active, S::Cancelled), (S::Dispatched, S::Cancelled)])]
#[case(Action::Lapse, &[(S::Active, S::Lapsed)])]
fn each_action_works_in_its_states_only(#[case] action: Action, #[case] allowed: &[(S, S)]) {
    for &from in S::ALL {
        let expected = allowed
            .iter()
            .find(|(state, _)| *state == from)
            .map(|(_, to)| *to);
        assert_eq!(
            act(claim(from), action),
            expected,
            "{action:?} while {from}"
        );
    }
}

#[rstest]
#[case(71, false)]
#[case(72, true)]
fn a_claim_lapses_after_seventy_two_hours(#[case] hours: i64, #[case] lapses: bool) {
    assert_eq!(claim(S::Active).lapse(at(hours)).is_ok(), lapses);
}

#[test]
fn arrival_keeps_what_the_donor_said_about_the_parcel() {
    let parcel = Parcel {
        carrier: Some("顺丰".to_owned()),
        tracking_no: None,
    };
    let sent = claim(S::Active).dispatch(parcel.clone(), at(1)).unwrap();
    assert_eq!(
        sent.arrive(at(9)).unwrap().state,
        ClaimState::Dispatched { at: at(1), parcel }
    );
}
