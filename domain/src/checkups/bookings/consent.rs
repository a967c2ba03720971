//! Consent to the processing of health data (P1): given for the text in force before anything is
//! booked, recorded both with the booking and in the account's append-only record; once withdrawn,
//! nothing further happens with it.

use chrono::{DateTime, Utc};
use serde_json::json;

use crate::{
    audit::{Area, Deed},
    checkups::CheckupError,
    kernel::{
        Actor, Invalid, Random,
        id::{AccountId, ConsentId},
    },
    membership::consents::consent::{Consent, ConsentAct, ConsentPurpose},
    store::Tx,
};

const PURPOSE: ConsentPurpose = ConsentPurpose::HealthData;

/// Version of the text in force.
pub const fn version_in_force() -> &'static str {
    PURPOSE.text().version
}

/// Whether what the worker agreed to is the text in force.
pub(crate) fn require_current(version: &str) -> Result<(), Invalid> {
    if version == version_in_force() {
        return Ok(());
    }
    let detail = "健康信息处理同意书已更新，请阅读最新版本并同意后再预约";
    Err(Invalid::field(
        "healthConsent.version",
        "consent_outdated",
        detail,
    ))
}

/// Records the consent. Agreeing twice to the same text is one consent.
pub(crate) async fn record(
    tx: &mut dyn Tx,
    actor: &Actor,
    now: DateTime<Utc>,
    random: &dyn Random,
) -> Result<(), CheckupError> {
    let version = version_in_force();
    let known = tx.consents().in_force(actor.account_id, PURPOSE).await?;
    if known.is_some_and(|known| known.version == version) {
        return Ok(());
    }
    let consent = Consent {
        id: ConsentId::generate(now, random),
        account_id: actor.account_id,
        purpose: PURPOSE,
        version: version.to_owned(),
        act: ConsentAct::Given,
        at: now,
    };
    tx.consents().append(&consent).await?;
    let deed = Deed::new("consent.given", consent.id)
        .within(Area::own_of(actor))
        .with(json!({ "purpose": PURPOSE.code() }));
    tx.audit().append(deed.by(actor, now, random)).await?;
    Ok(())
}

/// Whether the account that booked still agrees.
pub(crate) async fn require_in_force(
    tx: &mut dyn Tx,
    account: AccountId,
) -> Result<(), CheckupError> {
    let in_force = tx.consents().in_force(account, PURPOSE).await?;
    if in_force.is_some() {
        Ok(())
    } else {
        Err(CheckupError::ConsentWithdrawn)
    }
}
