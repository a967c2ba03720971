//! What a device scanned without a network, sent later in any order. Each scan has an answer of its
//! own, and the same scan id always gets the first one: what adds up becomes a redemption, what
//! does not is parked, nothing is dropped.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Datelike, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::judge::{Item, ItemVerdict, judge_uploads};
use crate::{
    audit::Deed,
    kernel::{
        AccessError, Actor, Answer, Fen, IdempotencyKey, IdempotentRequest, Invalid,
        id::{DisputedScanId, RedemptionId, StationId, VoucherId},
        idempotency::{first_answer, remember},
    },
    store::Tx,
    tasks::open::due_of,
    vouchers::{
        codes::{code::ScannedCode, show::checked_device},
        offline::{
            OfflineError, OfflineService,
            devices::device::StationDevice,
            disputes::{
                dispute::{Claimed, DisputeReason, DisputeState, DisputedScan},
                tell::DISPUTED_SCAN,
            },
        },
        scans::{judge::MAX_CLOCK_SKEW, redeem::MAX_PRICE_FEN, redemption::Payment},
    },
};

/// Scans of one upload; they fit into 64 KiB.
const MAX_SCANS: usize = 200;

/// What a device sends.
#[derive(Debug, Clone)]
pub struct Upload {
    pub station_id: StationId,
    pub device_id: String,
    /// The device holds nothing older any more.
    pub synced_through: Option<DateTime<Utc>>,
    pub scans: Vec<UploadedScan>,
}

#[derive(Debug, Clone)]
pub struct UploadedScan {
    pub scan_id: String,
    pub code: String,
    /// By the device's clock.
    pub scanned_at: DateTime<Utc>,
    pub price_fen: Option<i64>,
}

/// What became of one scan; kept as its first answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemOutcome {
    Accepted {
        redemption_id: RedemptionId,
        voucher_id: VoucherId,
        amount: Fen,
        copay: Fen,
    },
    /// Parked; a cadre decides.
    Disputed { id: DisputedScanId, reason: String },
    /// Not a scan: the field to mend. Nothing is kept.
    Malformed { field: String },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemAnswer {
    /// Absent where it was malformed.
    pub scan_id: Option<String>,
    pub outcome: ItemOutcome,
}

/// One answer for each scan, in the order sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadReport {
    pub scans: Vec<ItemAnswer>,
}

impl OfflineService {
    pub async fn upload(
        &self,
        actor: &Actor,
        request: &IdempotentRequest,
        upload: Upload,
    ) -> Result<Answer<UploadReport>, OfflineError> {
        if !actor.require_staff()?.contains(&upload.station_id) {
            return Err(AccessError::NotFound.into());
        }
        let now = self.foundation.now();
        check(&upload, now)?;
        let device_id = checked_device("deviceId", &upload.device_id)?;
        let parsed: Vec<Result<Item, &'static str>> = upload.scans.iter().map(item).collect();
        let mut tx = self.foundation.begin().await?;
        if let Some(first) =
            first_answer::<UploadReport, OfflineError>(&mut *tx, request, now).await?
        {
            return Ok(first);
        }
        let device = tx
            .station_devices()
            .find_named(upload.station_id, &device_id)
            .await?;
        let device = device.ok_or(OfflineError::DeviceUnknown)?;
        // The first of those with one scan id is the scan.
        let mut items: BTreeMap<&str, &Item> = BTreeMap::new();
        for item in parsed.iter().flatten() {
            items.entry(&item.scan_id).or_insert(item);
        }
        let outcomes = self.answered(&mut *tx, actor, &device, &items).await?;
        if let Some(through) = upload.synced_through {
            tx.station_devices().sync(device.id, through).await?;
        }
        let answer = |item: &Result<Item, &'static str>| match item {
            Err(field) => Some(ItemAnswer {
                scan_id: None,
                outcome: ItemOutcome::Malformed {
                    field: (*field).to_owned(),
                },
            }),
            Ok(item) => {
                let outcome = outcomes.get(&item.scan_id)?.clone();
                Some(ItemAnswer {
                    scan_id: Some(item.scan_id.clone()),
                    outcome,
                })
            }
        };
        let report = UploadReport {
            scans: parsed.iter().filter_map(answer).collect(),
        };
        let answer = remember(&mut *tx, request, report).await?;
        tx.commit().await?;
        Ok(answer)
    }

    /// The first answer to each scan id, given now where there was none.
    async fn answered(
        &self,
        tx: &mut dyn Tx,
        actor: &Actor,
        device: &StationDevice,
        items: &BTreeMap<&str, &Item>,
    ) -> Result<HashMap<String, ItemOutcome>, OfflineError> {
        let now = self.foundation.now();
        let ids: Vec<String> = items.keys().map(|id| (*id).to_owned()).collect();
        let fresh: BTreeSet<String> = tx
            .offline_scans()
            .reserve(device.id, &ids, now)
            .await?
            .into_iter()
            .collect();
        let known: Vec<String> = ids.into_iter().filter(|id| !fresh.contains(id)).collect();
        let first = tx.offline_scans().answers(device.id, &known).await?;
        let mut judging: Vec<&Item> = fresh
            .iter()
            .filter_map(|id| items.get(id.as_str()).copied())
            .collect();
        // The earlier of two that contradict each other is the one that counts.
        judging.sort_by_key(|item| item.at);
        let due_at = due_of(tx, DISPUTED_SCAN, now).await?;
        let verdicts =
            judge_uploads(tx, self.foundation.random(), actor, device, &judging, now).await?;
        let mut given = Vec::with_capacity(judging.len());
        let mut parked = Vec::new();
        for (item, verdict) in judging.iter().zip(verdicts) {
            let outcome = match verdict.result {
                Ok(outcome) => outcome,
                Err(reason) => {
                    let disputed = self.disputed(actor, device, item, reason, &verdict, due_at);
                    let outcome = ItemOutcome::Disputed {
                        id: disputed.id,
                        reason: reason.as_str().to_owned(),
                    };
                    parked.push(disputed);
                    outcome
                }
            };
            given.push((item.scan_id.clone(), outcome));
        }
        tx.disputed_scans().park(&parked).await?;
        tx.offline_scans().record(device.id, &given).await?;
        let place = tx
            .stations()
            .find(device.station_id)
            .await?
            .ok_or(AccessError::NotFound)?;
        let deed = Deed::new("offline_scans.uploaded", device.id).within(place.district);
        let deed = deed.with(json!({ "scans": given.len(), "disputed": parked.len() }));
        tx.audit()
            .append(deed.by(actor, now, self.foundation.random()))
            .await?;
        self.open_tasks(tx, &place, &parked, now).await?;
        Ok(first.into_iter().chain(given).collect())
    }

    fn disputed(
        &self,
        actor: &Actor,
        device: &StationDevice,
        item: &Item,
        reason: DisputeReason,
        verdict: &ItemVerdict,
        due_at: DateTime<Utc>,
    ) -> DisputedScan {
        let now = self.foundation.now();
        let claimed = verdict.voucher.as_ref().map(|voucher| Claimed {
            voucher_id: voucher.id,
            batch_id: voucher.batch_id,
            amount: Payment::of(voucher.face_value, item.price).amount,
        });
        DisputedScan {
            id: DisputedScanId::generate(now, self.foundation.random()),
            device: device.id,
            station_id: device.station_id,
            scan_id: item.scan_id.clone(),
            staff_id: actor.account_id,
            reason,
            scanned_at: item.at,
            code: item.text.clone(),
            price: item.price,
            claimed,
            uploaded_at: now,
            due_at,
            state: DisputeState::Open,
        }
    }
}

fn check(upload: &Upload, now: DateTime<Utc>) -> Result<(), Invalid> {
    if upload.scans.len() > MAX_SCANS {
        return Err(Invalid::field(
            "items",
            "too_many_items",
            "一次最多上传 200 笔，请分批上传",
        ));
    }
    if upload
        .synced_through
        .is_some_and(|through| through > now + MAX_CLOCK_SKEW)
    {
        return Err(Invalid::field(
            "syncedThrough",
            "in_the_future",
            "上传截止时间不能晚于现在，请校准设备时间",
        ));
    }
    Ok(())
}

/// The scan, or the field that is not one.
fn item(sent: &UploadedScan) -> Result<Item, &'static str> {
    let scan_id = IdempotencyKey::parse(&sent.scan_id)
        .ok_or("scanId")?
        .as_str()
        .to_owned();
    // Short codes and everything else that a device cannot check alone never come this way.
    let Some(ScannedCode::Payload(code)) = ScannedCode::parse(&sent.code) else {
        return Err("code");
    };
    let price = |fen: i64| {
        Fen::new(fen)
            .filter(|_| (1..=MAX_PRICE_FEN).contains(&fen))
            .ok_or("priceFen")
    };
    // Of a year with four digits: a clock may be wrong, but not that wrong.
    if !(1970..=9_998).contains(&sent.scanned_at.year()) {
        return Err("scannedAt");
    }
    let price = sent.price_fen.map(price).transpose()?;
    Ok(Item {
        scan_id,
        code,
        text: sent.code.trim().to_owned(),
        at: sent.scanned_at,
        price,
    })
}
