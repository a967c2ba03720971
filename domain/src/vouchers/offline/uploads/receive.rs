//! What a device scanned without a network, sent later in any order. Each scan has an answer of its
//! own, and the same scan id always gets the first one: what adds up becomes a redemption, what
//! does not is parked, nothing is dropped.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{
    item::Item,
    judge::{ItemVerdict, judge_uploads},
    upload::{ItemAnswer, ItemOutcome, Upload, UploadReport},
};
use crate::{
    audit::Deed,
    kernel::{
        AccessError, Actor, Answer, IdempotentRequest,
        id::DisputedScanId,
        idempotency::{first_answer, remember},
    },
    store::Tx,
    tasks::open::due_of,
    vouchers::{
        device_name::checked_device,
        offline::{
            OfflineError, OfflineService,
            devices::device::StationDevice,
            disputes::{
                dispute::{Claimed, DisputeReason, DisputeState, DisputedScan},
                tell::DISPUTED_SCAN,
            },
        },
        scans::redemption::Payment,
    },
};

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
        upload.check(now)?;
        let device_id = checked_device("deviceId", &upload.device_id)?;
        let parsed: Vec<Result<Item, &'static str>> =
            upload.scans.iter().map(Item::parse).collect();
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
