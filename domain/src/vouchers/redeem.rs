//! A scan at a station. The same scan id always gets the first answer, refusals included (invariants V7, V8).

use super::{
    VoucherError, VoucherService,
    code::ScannedCode,
    meal::Meal,
    ports::AcceptOutcome,
    recognise::{explained, judged, recognise},
    redemption::{NewRedemption, Payment, Redemption, RedemptionState},
    refusal::Refusal,
    scan::{AcceptedScan, Refused, RefusedScan, Scan, ScanAnswer, ScanOutcome, ScanRequest, Subject},
    show_code::checked_device,
};
use crate::{
    audit::Deed,
    kernel::{
        Actor, Answer, Fen, IdempotentRequest, Invalid,
        cache::Quota,
        id::{RedemptionId, RefusedScanId},
        idempotency::{first_answer, remember},
    },
    outbox::OutboxEvent,
    store::{StoreError, Tx},
};

/// Typed codes can be guessed: each try counts, right or wrong.
const TYPED_CODES: Quota = Quota { burst: 10, per_minute: 10 };
/// Wrong payloads cannot be guessed right; this stops the noise.
const WRONG_CODES: Quota = Quota { burst: 20, per_minute: 10 };
const MAX_PRICE_FEN: i64 = 1_000_000;

impl VoucherService {
    pub async fn redeem(
        &self,
        actor: &Actor,
        request: &IdempotentRequest,
        scan: ScanRequest,
    ) -> Result<Answer<ScanAnswer>, VoucherError> {
        actor.require_staff()?;
        let scan = self.well_formed(actor, request, scan)?;
        self.throttle_typed(&scan).await?;
        let mut tx = self.store.begin().await?;
        if let Some(first) = first_answer::<ScanOutcome, VoucherError>(&mut *tx, request, scan.now).await? {
            drop(tx);
            return self.told(first).await;
        }
        let outcome = match self.settle(&mut *tx, &scan).await? {
            Ok(accepted) => ScanOutcome::Accepted(accepted),
            Err(refused) => {
                tx.redemptions().refuse(&[self.log_line(&scan, &refused)]).await?;
                ScanOutcome::Refused { reason: refused.reason, used: refused.used }
            }
        };
        let answer = remember(&mut *tx, request, outcome).await?;
        tx.commit().await?;
        self.throttle_wrong(&scan, &answer.value).await?;
        self.told(answer).await
    }

    fn well_formed<'a>(
        &self,
        actor: &'a Actor,
        request: &'a IdempotentRequest,
        scan: ScanRequest,
    ) -> Result<Scan<'a>, VoucherError> {
        let price_of = |fen: i64| Fen::new(fen).filter(|_| (1..=MAX_PRICE_FEN).contains(&fen));
        let wrong = || Invalid::field("priceFen", "number_out_of_range", "餐价应大于 0 且不超过 10000 元");
        let price = scan.price_fen.map(|fen| price_of(fen).ok_or_else(wrong)).transpose()?;
        let now = self.clock.now();
        Ok(Scan {
            actor,
            scan_id: request.key.as_str(),
            code: ScannedCode::parse(&scan.code),
            station_id: scan.station_id,
            device_id: checked_device("deviceId", &scan.device_id)?,
            at: scan.scanned_at.unwrap_or(now),
            now,
            price,
        })
    }

    /// Judges and writes. A lost race is judged once more over what the winner left.
    async fn settle(&self, tx: &mut dyn Tx, scan: &Scan<'_>) -> Result<Result<AcceptedScan, Refused>, VoucherError> {
        let subject = match recognise(tx, scan).await? {
            Ok(subject) => subject,
            Err(reason) => return Ok(Err(reason.into())),
        };
        for _ in 0..2 {
            let meal = match judged(tx, scan, &subject).await? {
                Ok(meal) => meal,
                Err(reason) => return Ok(Err(explained(tx, reason, &subject).await?)),
            };
            let new = self.redemption(scan, &subject, meal);
            let outcomes = tx.redemptions().accept(std::slice::from_ref(&new)).await?;
            if outcomes.first() == Some(&AcceptOutcome::Accepted) {
                return Ok(Ok(self.accepted(tx, scan, &subject, new.redemption).await?));
            }
        }
        Err(StoreError::Conflict { constraint: "redemptions".to_owned() }.into())
    }

    fn redemption(&self, scan: &Scan<'_>, subject: &Subject, meal: Meal) -> NewRedemption {
        let voucher = &subject.voucher;
        let redemption = Redemption {
            id: RedemptionId::generate(scan.now, &*self.random),
            voucher_id: voucher.id,
            batch_id: voucher.batch_id,
            person_id: voucher.person_id,
            station_id: subject.station.id,
            staff_id: scan.actor.account_id,
            device_id: scan.device_id.clone(),
            scan_id: scan.scan_id.to_owned(),
            meal,
            payment: Payment::of(voucher.face_value, scan.price),
            scanned_at: scan.at,
            accepted_at: scan.now,
            state: RedemptionState::Accepted,
        };
        NewRedemption { redemption, code: subject.code, face_value: voucher.face_value }
    }

    /// Audit row, notice to the holder, and the answer.
    async fn accepted(
        &self,
        tx: &mut dyn Tx,
        scan: &Scan<'_>,
        subject: &Subject,
        redemption: Redemption,
    ) -> Result<AcceptedScan, VoucherError> {
        let deed = Deed::new("voucher.redeemed", redemption.id).within(subject.station.district);
        tx.audit().append(deed.by(scan.actor, scan.now, &*self.random)).await?;
        let yuan = redemption.payment.amount.get();
        let body = format!("已在{}核销 {}.{:02} 元。", subject.station.name, yuan / 100, yuan % 100);
        let (to, about) = (subject.voucher.account_id, Some(redemption.voucher_id.to_string()));
        let event = OutboxEvent::inbox(to, "voucher_redeemed", "餐券已使用", body, about, scan.now, &*self.random);
        tx.outbox().append(event).await?;
        Ok(AcceptedScan {
            redemption_id: redemption.id,
            voucher_id: redemption.voucher_id,
            person_id: redemption.person_id,
            amount: redemption.payment.amount,
            copay: redemption.payment.copay,
            accepted_at: redemption.accepted_at,
        })
    }

    fn log_line(&self, scan: &Scan<'_>, refused: &Refused) -> RefusedScan {
        RefusedScan {
            id: RefusedScanId::generate(scan.now, &*self.random),
            at: scan.now,
            scanned_at: scan.at,
            station_id: scan.station_id,
            staff_id: scan.actor.account_id,
            device_id: scan.device_id.clone(),
            scan_id: scan.scan_id.to_owned(),
            reason: refused.reason,
            voucher_id: refused.voucher_id,
        }
    }

    async fn throttle_typed(&self, scan: &Scan<'_>) -> Result<(), VoucherError> {
        match scan.code {
            Some(ScannedCode::Short(_)) => self.throttle("voucher-typed", scan, TYPED_CODES).await,
            Some(ScannedCode::Payload(_)) | None => Ok(()),
        }
    }

    /// After the commit: the refusal is on record, its author waits.
    async fn throttle_wrong(&self, scan: &Scan<'_>, outcome: &ScanOutcome) -> Result<(), VoucherError> {
        match outcome {
            ScanOutcome::Refused { reason: Refusal::InvalidCode, .. } => {
                self.throttle("voucher-wrong", scan, WRONG_CODES).await
            }
            _ => Ok(()),
        }
    }

    async fn throttle(&self, what: &str, scan: &Scan<'_>, quota: Quota) -> Result<(), VoucherError> {
        for who in [scan.actor.account_id.to_string(), format!("{}:{}", scan.station_id, scan.device_id)] {
            self.limiter.check(&format!("{what}:{who}"), quota).await.map_err(VoucherError::Throttled)?;
        }
        Ok(())
    }

    /// Adds what is never kept with an answer: the holder's masked name.
    async fn told(&self, answer: Answer<ScanOutcome>) -> Result<Answer<ScanAnswer>, VoucherError> {
        let value = match answer.value {
            ScanOutcome::Refused { reason, used } => ScanAnswer::Refused { reason, used },
            ScanOutcome::Accepted(scan) => {
                let person = self.store.read().await?.persons().find(scan.person_id).await?;
                ScanAnswer::Accepted { scan, holder_masked: person.map(|person| person.name_masked()) }
            }
        };
        Ok(Answer { value, replayed: answer.replayed })
    }
}
