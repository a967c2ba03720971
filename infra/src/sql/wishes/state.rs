//! A wish's state as columns, and back. The pick-up code is sealed to its row.

use niangjia_domain::{
    kernel::id::{UploadId, WishClaimId},
    store::StoreError,
    wishes::{
        handover::pickup::{Pickup, PickupCode},
        moderation::text_check::Verdict,
        wish::{MachineOpinion, Taken, Thanks, Wish, WishState, status::WishStatus},
    },
};
use sea_orm::ActiveValue::Set;
use serde_json::Value;
use uuid::Uuid;

use super::entity::wish::{ActiveModel, Model};
use crate::{
    crypto::{FieldCipher, field_cipher::Cell},
    sql::db::{
        error::unsealable,
        rows::{corrupt, parsed},
    },
};

pub(crate) const TABLE: &str = "wishes";

/// All columns of a state: those it does not have become null.
pub(crate) fn columns(wish: &Wish, cipher: &FieldCipher) -> Result<ActiveModel, StoreError> {
    let mut row = blank(wish);
    if let Some(taken) = wish.taken() {
        row.claim_id = Set(Some(taken.claim_id.uuid()));
    }
    match &wish.state {
        WishState::Checking
        | WishState::Withdrawn
        | WishState::Published { .. }
        | WishState::Claimed(_)
        | WishState::InTransit(_) => {}
        WishState::Reviewing { due_at, machine } => {
            row.review_due_at = Set(Some(*due_at));
            row.machine_verdict = Set(Some(verdict_text(machine.verdict).to_owned()));
            row.machine_label = Set(Some(machine.label.clone()));
        }
        WishState::Returned { reason } | WishState::Rejected { reason } => {
            row.reason = Set(Some(reason.clone()))
        }
        WishState::AtStation {
            arrived_at, pickup, ..
        } => {
            let sealed = cipher
                .seal(cell(wish.id.uuid()), pickup.code.expose())
                .map_err(unsealable(TABLE, wish.id))?;
            row.arrived_at = Set(Some(*arrived_at));
            row.pickup_code = Set(Some(sealed));
            row.pickup_wrong = Set(i32::from(pickup.wrong));
            row.pickup_locked_until = Set(pickup.locked_until);
        }
        WishState::HandedOver { at, .. } => row.handed_over_at = Set(Some(*at)),
        WishState::Thanked {
            handed_over_at,
            thanks,
            ..
        } => {
            row.handed_over_at = Set(Some(*handed_over_at));
            row.thanks_message = Set(Some(thanks.message.clone()));
            row.thanks_photo_ids = Set(Some(ids_json(&thanks.photo_ids)));
            row.thanks_face_consent = Set(Some(thanks.face_consent));
            row.thanks_passed = Set(Some(thanks.passed));
            row.thanked_at = Set(Some(thanks.at));
        }
    }
    Ok(row)
}

fn blank(wish: &Wish) -> ActiveModel {
    ActiveModel {
        version: Set(wish.version + 1),
        status: Set(wish.status().code().to_owned()),
        review_due_at: Set(None),
        machine_verdict: Set(None),
        machine_label: Set(None),
        reason: Set(None),
        published_at: Set(wish.published_at()),
        claim_id: Set(None),
        arrived_at: Set(None),
        pickup_code: Set(None),
        pickup_wrong: Set(0),
        pickup_locked_until: Set(None),
        handed_over_at: Set(None),
        thanks_message: Set(None),
        thanks_photo_ids: Set(None),
        thanks_face_consent: Set(None),
        thanks_passed: Set(None),
        thanked_at: Set(None),
        ..ActiveModel::default()
    }
}

/// Reads the state back; a row that lacks what its status has is corrupt.
pub(crate) fn read(row: &Model, cipher: &FieldCipher) -> Result<WishState, StoreError> {
    let id = row.id;
    let status = WishStatus::parse(&row.status).ok_or_else(|| corrupt(TABLE, id))?;
    Ok(match status {
        WishStatus::Checking => WishState::Checking,
        WishStatus::Reviewing => WishState::Reviewing {
            due_at: needed(id, row.review_due_at)?,
            machine: machine(row)?,
        },
        WishStatus::Returned => WishState::Returned {
            reason: needed(id, row.reason.clone())?,
        },
        WishStatus::Rejected => WishState::Rejected {
            reason: needed(id, row.reason.clone())?,
        },
        WishStatus::Withdrawn => WishState::Withdrawn,
        WishStatus::Published => WishState::Published {
            at: needed(id, row.published_at)?,
        },
        WishStatus::Claimed => WishState::Claimed(taken(row)?),
        WishStatus::InTransit => WishState::InTransit(taken(row)?),
        WishStatus::AtStation => WishState::AtStation {
            taken: taken(row)?,
            arrived_at: needed(id, row.arrived_at)?,
            pickup: pickup(row, cipher)?,
        },
        WishStatus::HandedOver => WishState::HandedOver {
            taken: taken(row)?,
            at: needed(id, row.handed_over_at)?,
        },
        WishStatus::Thanked => WishState::Thanked {
            taken: taken(row)?,
            handed_over_at: needed(id, row.handed_over_at)?,
            thanks: thanks(row)?,
        },
    })
}

fn taken(row: &Model) -> Result<Taken, StoreError> {
    Ok(Taken {
        published_at: needed(row.id, row.published_at)?,
        claim_id: WishClaimId::from_uuid(needed(row.id, row.claim_id)?),
    })
}

fn machine(row: &Model) -> Result<MachineOpinion, StoreError> {
    let verdict = row.machine_verdict.as_deref().and_then(verdict_of);
    Ok(MachineOpinion {
        verdict: needed(row.id, verdict)?,
        label: row.machine_label.clone().unwrap_or_default(),
    })
}

fn pickup(row: &Model, cipher: &FieldCipher) -> Result<Pickup, StoreError> {
    let sealed = needed(row.id, row.pickup_code.as_deref())?;
    let code = cipher
        .open(cell(row.id), sealed)
        .map_err(unsealable(TABLE, row.id))?;
    Ok(Pickup {
        code: parsed(TABLE, row.id, PickupCode::parse(&code))?,
        wrong: parsed(TABLE, row.id, u8::try_from(row.pickup_wrong))?,
        locked_until: row.pickup_locked_until,
    })
}

fn thanks(row: &Model) -> Result<Thanks, StoreError> {
    Ok(Thanks {
        message: needed(row.id, row.thanks_message.clone())?,
        photo_ids: ids(row.id, needed(row.id, row.thanks_photo_ids.clone())?)?,
        face_consent: needed(row.id, row.thanks_face_consent)?,
        passed: needed(row.id, row.thanks_passed)?,
        at: needed(row.id, row.thanked_at)?,
    })
}

pub(crate) fn ids(row: Uuid, json: Value) -> Result<Vec<UploadId>, StoreError> {
    parsed(TABLE, row, serde_json::from_value(json))
}

pub(crate) fn ids_json(ids: &[UploadId]) -> Value {
    Value::Array(ids.iter().map(|id| Value::String(id.to_string())).collect())
}

fn needed<T>(id: Uuid, value: Option<T>) -> Result<T, StoreError> {
    value.ok_or_else(|| corrupt(TABLE, id))
}

fn cell(row: Uuid) -> Cell {
    Cell {
        table: TABLE,
        column: "pickup_code",
        row,
    }
}

const fn verdict_text(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Review => "review",
        Verdict::Risky => "risky",
    }
}

fn verdict_of(text: &str) -> Option<Verdict> {
    [Verdict::Pass, Verdict::Review, Verdict::Risky]
        .into_iter()
        .find(|verdict| verdict_text(*verdict) == text)
}
