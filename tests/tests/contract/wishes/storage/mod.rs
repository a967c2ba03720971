//! Contract of the wish repositories.

mod claims;
mod lists;
mod states;

use niangjia_domain::{
    kernel::{
        Actor, Clock, Fen, PageRequest,
        id::{UploadId, WishClaimId, WishId},
    },
    store::Store,
    wishes::{
        claims::wish_claim::Donor,
        handover::pickup::{Pickup, PickupCode},
        moderation::text_check::Verdict,
        wish::{
            MachineOpinion, Taken, Thanks, Wish, WishState, content::WishContent,
            status::WishStatus,
        },
    },
};
use niangjia_infra::system::SystemRandom;
use niangjia_tests::town::Town;

const CODE: &str = "204761";

const FIRST: PageRequest = PageRequest {
    limit: 10,
    after: None,
};

fn taken(town: &Town) -> Taken {
    let now = town.clock.now();
    Taken {
        published_at: now,
        claim_id: WishClaimId::generate(now, &SystemRandom),
    }
}

fn state(town: &Town, status: WishStatus) -> WishState {
    let (now, taken) = (town.clock.now(), taken(town));
    let reason = "请补充尺码".to_owned();
    match status {
        WishStatus::Checking => WishState::Checking,
        WishStatus::Reviewing => WishState::Reviewing {
            due_at: now,
            machine: MachineOpinion {
                verdict: Verdict::Review,
                label: "20001".to_owned(),
            },
        },
        WishStatus::Returned => WishState::Returned { reason },
        WishStatus::Rejected => WishState::Rejected { reason },
        WishStatus::Withdrawn => WishState::Withdrawn,
        WishStatus::Published => WishState::Published { at: now },
        WishStatus::Claimed => WishState::Claimed(taken),
        WishStatus::InTransit => WishState::InTransit(taken),
        WishStatus::AtStation => {
            let pickup = Pickup {
                code: PickupCode::parse(CODE).unwrap(),
                wrong: 3,
                locked_until: Some(now),
            };
            WishState::AtStation {
                taken,
                arrived_at: now,
                pickup,
            }
        }
        WishStatus::HandedOver => WishState::HandedOver { taken, at: now },
        WishStatus::Thanked => {
            let photo_ids = vec![UploadId::generate(now, &SystemRandom)];
            let message = "谢谢您".to_owned();
            let thanks = Thanks {
                message,
                photo_ids,
                face_consent: true,
                passed: false,
                at: now,
            };
            WishState::Thanked {
                taken,
                handed_over_at: now,
                thanks,
            }
        }
    }
}

fn wish(town: &Town, worker: &Actor, status: WishStatus) -> Wish {
    let now = town.clock.now();
    Wish {
        id: WishId::generate(now, &SystemRandom),
        account_id: worker.account_id,
        person_id: worker.person_id.unwrap(),
        station_id: town.station.id,
        district: town.station.district,
        content: WishContent {
            title: "保温杯".to_owned(),
            story: "冬天送餐".to_owned(),
            category: "daily_goods".to_owned(),
            estimate: Fen::new(9_900).unwrap(),
            photo_ids: vec![UploadId::generate(now, &SystemRandom)],
        },
        submitted_at: now,
        state: state(town, status),
        version: 0,
    }
}

async fn insert(town: &Town, wish: &Wish) -> bool {
    let mut tx = town.store.begin().await.unwrap();
    let inserted = tx.wishes().insert(wish).await.unwrap();
    tx.commit().await.unwrap();
    inserted
}

fn donor(actor: &Actor) -> Donor {
    Donor::of(actor)
}
