//! Meal vouchers: batch by maker and checker, claim, rotating code, scan, second scan, annulment.

use serde_json::json;

use super::{Cast, chapter, require, say};
use crate::client::{Reply, Surprise};

pub async fn play(cast: &Cast) -> Result<(), Surprise> {
    chapter("A meal voucher");
    let batch = issue(cast).await?;
    let voucher = claim(cast, &batch).await?;
    let redemption = scan(cast, &voucher).await?;
    annul(cast, &voucher, &redemption).await
}

async fn issue(cast: &Cast) -> Result<String, Surprise> {
    let id = cast.town.submitted(cast.town.draft_of(10)).await?;
    let path = format!("/admin/voucher-batches/{id}/decisions");
    let own = cast
        .town
        .cadre
        .post(&path, json!({ "decision": "approve" }))
        .await;
    require(
        own.status == 403 || own.status == 409,
        "the maker could approve their own batch",
    )?;
    cast.town
        .checker
        .post(&path, json!({ "decision": "approve" }))
        .await
        .expect_status(200)?;
    say("a cadre makes a batch of 10 × ¥15, another one approves it; the maker alone could not");
    Ok(id)
}

async fn claim(cast: &Cast, batch: &str) -> Result<String, Surprise> {
    let path = format!("/voucher-batches/{batch}/claims");
    let voucher = cast
        .worker
        .post_once(&path, json!({}))
        .await
        .expect_status(201)?;
    cast.worker
        .post_once(&path, json!({}))
        .await
        .expect_problem(409, "person_limit_reached")?;
    say("the worker takes one; a second one is refused");
    Ok(voucher.id()?.to_owned())
}

async fn code(cast: &Cast, voucher: &str) -> Result<Reply, Surprise> {
    cast.worker
        .get(&format!("/vouchers/{voucher}/code"))
        .await
        .expect_status(200)
}

async fn scan(cast: &Cast, voucher: &str) -> Result<String, Surprise> {
    let payload = code(cast, voucher).await?;
    let scan = json!({
        "code": payload.text("payload")?, "stationId": cast.town.station, "deviceId": "tour-scanner", "priceFen": 1_800,
    });
    let key = crate::client::fresh_key();
    let accepted = cast
        .town
        .staff
        .post_with_key("/redemptions", scan.clone(), &key)
        .await
        .expect_status(201)?;
    require(
        accepted.body["amountFen"] == 1_500 && accepted.body["copayFen"] == 300,
        "the amounts are wrong",
    )?;
    say(&format!(
        "accepted: ¥15 from the union, ¥3 co-pay, holder {}",
        accepted.body["holder"]["nameMasked"]
    ));
    let again = cast
        .town
        .staff
        .post_with_key("/redemptions", scan, &key)
        .await
        .expect_status(201)?;
    require(
        again.header("idempotency-replayed") == Some("true"),
        "the same scan was not recognised",
    )?;
    require(
        again.body == accepted.body,
        "the same scan got another answer",
    )?;
    say("the same scan again: the first answer");

    let next = code(cast, voucher).await?;
    let second = json!({ "code": next.text("shortCode")?, "stationId": cast.town.station, "deviceId": "tour-scanner" });
    let refused = cast
        .town
        .staff
        .post_once("/redemptions", second)
        .await
        .expect_problem(409, "already_redeemed")?;
    say(&format!(
        "a second scan is refused: {}",
        refused.text("detail")?
    ));
    Ok(accepted.id()?.to_owned())
}

async fn annul(cast: &Cast, voucher: &str, redemption: &str) -> Result<(), Surprise> {
    let reason = json!({ "reason": "扫错了人" });
    cast.town
        .staff
        .post(&format!("/redemptions/{redemption}/annulment"), reason)
        .await
        .expect_status(200)?;
    let back = cast
        .worker
        .get(&format!("/vouchers/{voucher}"))
        .await
        .expect_status(200)?;
    require(
        back.body["status"] == "issued",
        "the voucher did not come back",
    )?;
    say("staff annul the mistaken scan: the voucher is back");
    Ok(())
}
