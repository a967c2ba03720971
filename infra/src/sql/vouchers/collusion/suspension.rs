//! A suspension as its statement returns it: the redemption with what was found and ruled.

use niangjia_domain::{
    kernel::{DistrictCode, id::AccountId},
    store::StoreError,
    vouchers::collusion::{Suspension, SuspensionDecision, suspension::Ruling},
};
use sea_orm::{FromQueryResult, QueryResult};

use crate::sql::{
    db::{
        error::store_error,
        rows::{corrupt, parsed},
    },
    vouchers::scans::{entity::redemption, redemptions::redemption as read_redemption},
};

pub(crate) const TABLE: &str = "redemption_suspensions";

pub(crate) fn suspension(row: &QueryResult) -> Result<Suspension, StoreError> {
    let redemption = redemption::Model::from_query_result(row, "").map_err(store_error)?;
    let id = redemption.id;
    let district: String = row.try_get("", "district").map_err(store_error)?;
    let decision: Option<String> = row.try_get("", "decision").map_err(store_error)?;
    let decided = match decision {
        None => None,
        Some(word) => Some(Ruling {
            decision: SuspensionDecision::parse(&word).ok_or_else(|| corrupt(TABLE, id))?,
            by: AccountId::from_uuid(row.try_get("", "decided_by").map_err(store_error)?),
            at: row.try_get("", "decided_at").map_err(store_error)?,
            reason: row.try_get("", "reason").map_err(store_error)?,
        }),
    };
    Ok(Suspension {
        redemption: read_redemption(redemption)?,
        district: parsed("stations", id, DistrictCode::parse(&district))?,
        suspended_at: row.try_get("", "suspended_at").map_err(store_error)?,
        due_at: row.try_get("", "due_at").map_err(store_error)?,
        decided,
        signals: row.try_get("", "signals").map_err(store_error)?,
    })
}
