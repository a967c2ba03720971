//! A scan at a station. The same scan id always gets the first answer, refusals included (invariants V7, V8).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    VoucherError, VoucherService,
    code::{CodeStep, ScannedCode},
    judge::{Facts, is_clock_skewed, judge},
    meal::{Meal, meal_at},
    ports::AcceptOutcome,
    redemption::{NewRedemption, Payment, Redemption, RedemptionState},
    refusal::Refusal,
    show_code::checked_device,
    voucher::Voucher,
};
use crate::{
    audit::Deed,
    kernel::{
        Actor, Answer, Fen, IdempotentRequest, Invalid,
        cache::Quota,
        id::{AccountId, PersonId, RedemptionId, RefusedScanId, StationId, VoucherId},
        idempotency::{first_answer, remember},
    },
    outbox::OutboxEvent,
    stations::station::Station,
    store::{StoreError, Tx},
};

/// Typed codes can be guessed: each try counts, right or wrong.
const TYPED_CODES: Quota = Quota { burst: 10, per_minute: 10 };
/// Wrong payloads cannot be guessed right; this stops the noise.
const WRONG_CODES: Quota = Quota { burst: 20, per_minute: 10 };
const MAX_PRICE_FEN: i64 = 1_000_000;

/// What staff sent.
#[derive(Debug, Clone)]
pub struct ScanRequest {
    pub code: String,
    pub station_id: StationId,
    pub device_id: String,
    /// By the station's clock; absent: now.
    pub scanned_at: Option<DateTime<Utc>>,
    pub price_fen: Option<i64>,
}

/// The answer as it is kept: no personal data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScanOutcome {
    Accepted(AcceptedScan),
    Refused { reason: Refusal, used: Option<PriorUse> },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AcceptedScan {
    pub redemption_id: RedemptionId,
    pub voucher_id: VoucherId,
    pub person_id: PersonId,
    pub amount: Fen,
    pub copay: Fen,
    pub accepted_at: DateTime<Utc>,
}

/// When and where a voucher was used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PriorUse {
    pub at: DateTime<Utc>,
    pub station_id: StationId,
    pub station_name: String,
}

/// The answer as it is given.
#[derive(Debug, Clone)]
pub enum ScanAnswer {
    Accepted {
        scan: AcceptedScan,
        /// `张**`; absent when the person is gone.
        holder_masked: Option<String>,
    },
    Refused {
        reason: Refusal,
        used: Option<PriorUse>,
    },
}

/// One line of the append-only log of refusals.
#[derive(Debug, Clone)]
pub struct RefusedScan {
    pub id: RefusedScanId,
    pub at: DateTime<Utc>,
    pub scanned_at: DateTime<Utc>,
    pub station_id: StationId,
    pub staff_id: AccountId,
    pub device_id: String,
    pub scan_id: String,
    pub reason: Refusal,
    /// Known once the code was authentic.
    pub voucher_id: Option<VoucherId>,
}

/// A request that is well formed.
struct Scan<'a> {
    actor: &'a Actor,
    scan_id: &'a str,
    code: Option<ScannedCode>,
    station_id: StationId,
    device_id: String,
    at: DateTime<Utc>,
    now: DateTime<Utc>,
    price: Option<Fen>,
}

/// Why not, and as much as is known.
struct Refused {
    reason: Refusal,
    voucher_id: Option<VoucherId>,
    used: Option<PriorUse>,
}

impl From<Refusal> for Refused {
    fn from(reason: Refusal) -> Self {
        Self { reason, voucher_id: None, used: None }
    }
}

/// What a judgement is about, once the code proved authentic.
struct Subject {
    code: CodeStep,
    voucher: Voucher,
    station: Station,
}

impl VoucherService {
    pub async fn redeem(
        &self,
        actor: &Actor,
        request: &IdempotentRequest,
        scan: ScanRequest,
    ) -> Result<Answer<ScanAnswer>, VoucherError> {
        actor.require_staff()?;
        let scan = self.checked(actor, request, scan)?;
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

    fn checked<'a>(
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

/// Who scans, when, and which voucher: without these there is nothing to judge.
async fn recognise(tx: &mut dyn Tx, scan: &Scan<'_>) -> Result<Result<Subject, Refusal>, VoucherError> {
    let station = match scan.actor.stations().contains(&scan.station_id) {
        true => tx.stations().find(scan.station_id).await?,
        false => None,
    };
    let Some(station) = station else { return Ok(Err(Refusal::StaffNotBound)) };
    if is_clock_skewed(scan.at, scan.now) {
        return Ok(Err(Refusal::ClockSkew));
    }
    let Some(code) = authentic(tx, scan).await? else { return Ok(Err(Refusal::InvalidCode)) };
    let voucher = tx.vouchers().find_many(&[code.voucher_id]).await?.into_iter().next();
    Ok(voucher.map(|voucher| Subject { code, voucher, station }).ok_or(Refusal::InvalidCode))
}

/// The step that the code proves to be of; `None` for anything we did not hand out.
async fn authentic(tx: &mut dyn Tx, scan: &Scan<'_>) -> Result<Option<CodeStep>, VoucherError> {
    match &scan.code {
        None => Ok(None),
        Some(ScannedCode::Short(digits)) => {
            Ok(tx.voucher_codes().steps_of(std::slice::from_ref(digits)).await?.into_iter().next().map(|(_, step)| step))
        }
        Some(ScannedCode::Payload(candidate)) => {
            let of = (candidate.step.voucher_id, candidate.step.device_no);
            let secret = tx.voucher_codes().secrets(&[of]).await?.into_iter().next();
            Ok(secret.filter(|(_, secret)| candidate.is_authentic(secret)).map(|_| candidate.step))
        }
    }
}

async fn judged(tx: &mut dyn Tx, scan: &Scan<'_>, subject: &Subject) -> Result<Result<Meal, Refusal>, VoucherError> {
    let lost = || StoreError::Corrupt { table: "vouchers", id: subject.voucher.id.to_string() };
    let voucher = tx.vouchers().find_many(&[subject.voucher.id]).await?.into_iter().next().ok_or_else(lost)?;
    let batch = tx.voucher_batches().find_many(&[voucher.batch_id]).await?.into_iter().next().ok_or_else(lost)?;
    let standing = tx.memberships().standing_of(voucher.person_id).await?;
    let burnt = tx.voucher_codes().burnt(&[subject.code]).await?;
    let taken = match meal_at(&batch.rules.meals, scan.at) {
        Some(meal) => tx.redemptions().meals_taken(&[(voucher.person_id, meal)]).await?,
        None => Vec::new(),
    };
    Ok(judge(&Facts {
        at: scan.at,
        code: subject.code,
        code_is_burnt: !burnt.is_empty(),
        voucher: &voucher,
        batch: &batch,
        station: &subject.station,
        standing: standing.as_ref(),
        meal_is_taken: !taken.is_empty(),
    }))
}

/// A used voucher says when and where.
async fn explained(tx: &mut dyn Tx, reason: Refusal, subject: &Subject) -> Result<Refused, VoucherError> {
    let voucher_id = Some(subject.voucher.id);
    if reason != Refusal::AlreadyRedeemed {
        return Ok(Refused { reason, voucher_id, used: None });
    }
    let live = tx.redemptions().live_of(&[subject.voucher.id]).await?.into_iter().next();
    let used = match live {
        None => None,
        Some(live) => tx.stations().find(live.station_id).await?.map(|station| PriorUse {
            at: live.scanned_at,
            station_id: station.id,
            station_name: station.name,
        }),
    };
    Ok(Refused { reason, voucher_id, used })
}
