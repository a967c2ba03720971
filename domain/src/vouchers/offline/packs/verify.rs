//! What runs on a station's device while there is no network: it opens the signed pages of its pack
//! and says of each code whether to serve the meal. Pure: a client is written against this, and
//! tested with the vectors of `README.md`.
//!
//! It cannot know what happened elsewhere since the pack was made (the voucher used at another
//! station, the person's meal taken on another voucher, a recall): caps bound the loss, and the
//! upload finds out.

use std::collections::BTreeSet;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};

use super::pack::{FORMAT, PackBatch, ScanPack};
use crate::{
    kernel::{
        Fen,
        id::{StationId, VoucherId},
    },
    vouchers::{
        batches::rules::meal::{Meal, MealWindow, meal_at},
        codes::{
            code::{Freshness, ScannedCode},
            day_token::OfflineCode,
        },
        scans::redemption::Payment,
    },
};

/// Why a page of a pack is thrown away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PackRefused {
    #[error("the signature is not the server's")]
    Signature,
    #[error("the document makes no sense")]
    Malformed,
    #[error("made for another station or device")]
    NotMine,
}

/// What the device remembers of the day.
#[derive(Debug, Clone, Default)]
pub struct Taken {
    pub scans: u32,
    pub amount: Fen,
    pub vouchers: BTreeSet<VoucherId>,
}

/// Why no meal is served without a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfflineRefusal {
    /// The pack is of another day.
    PackExpired,
    /// Not a code of ours.
    InvalidCode,
    /// A short code, or one without a token: only the server can tell.
    NeedsNetwork,
    /// Refresh the code; or one of the two clocks is wrong.
    CodeExpired,
    ClockSkew,
    /// Served by this device today.
    AlreadyRedeemed,
    /// Not among the vouchers of the pack: forged, of another station, or newer than the pack.
    NotInPack,
    OutsideMealWindow,
    NotValidNow,
    /// The day's cap in scans or in money.
    CapReached,
}

/// A meal to serve; the scan is to be uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    pub voucher_id: VoucherId,
    pub meal: Meal,
    pub payment: Payment,
}

/// A page whose signature held.
#[derive(Debug, Clone)]
pub struct OpenedPage {
    pack: ScanPack,
    salt: [u8; 16],
}

impl OpenedPage {
    /// `is_signed` checks Ed25519 over the document's bytes, with the server's public key.
    pub fn open(
        document: &str,
        is_signed: impl FnOnce(&[u8]) -> bool,
        station: StationId,
        device_id: &str,
    ) -> Result<Self, PackRefused> {
        if !is_signed(document.as_bytes()) {
            return Err(PackRefused::Signature);
        }
        let pack: ScanPack = serde_json::from_str(document).map_err(|_| PackRefused::Malformed)?;
        let salt = URL_SAFE_NO_PAD
            .decode(&pack.salt)
            .ok()
            .and_then(|salt| salt.try_into().ok());
        let salt = salt
            .filter(|_| pack.format == FORMAT)
            .ok_or(PackRefused::Malformed)?;
        if pack.station_id != station || pack.device_id != device_id {
            return Err(PackRefused::NotMine);
        }
        Ok(Self { pack, salt })
    }

    fn is_live_at(&self, now: DateTime<Utc>) -> bool {
        now < self.pack.expires_at.to_utc()
    }

    fn batch_of(&self, code: &OfflineCode) -> Option<&PackBatch> {
        let anchor = code.token.anchor(&code.step);
        let entry = anchor.entry(&self.salt, code.step.voucher_id, code.step.device_no);
        self.pack
            .batches
            .iter()
            .find(|batch| batch.entries.contains(&entry))
    }
}

/// Serve the meal or not. `pages` are all pages of the device's pack, `now` is the device's clock.
pub fn verdict(
    pages: &[OpenedPage],
    taken: &Taken,
    text: &str,
    price: Option<Fen>,
    now: DateTime<Utc>,
) -> Result<Served, OfflineRefusal> {
    let live: Vec<_> = pages.iter().filter(|page| page.is_live_at(now)).collect();
    let caps = live.first().ok_or(OfflineRefusal::PackExpired)?.pack.caps;
    let code = OfflineCode::parse(text).ok_or_else(|| without_token(text))?;
    match code.step.freshness(now) {
        Freshness::Past => return Err(OfflineRefusal::CodeExpired),
        Freshness::Future => return Err(OfflineRefusal::ClockSkew),
        Freshness::Current => {}
    }
    let batch = live
        .iter()
        .find_map(|page| page.batch_of(&code))
        .ok_or(OfflineRefusal::NotInPack)?;
    if taken.vouchers.contains(&code.step.voucher_id) {
        return Err(OfflineRefusal::AlreadyRedeemed);
    }
    if !batch.is_valid_at(now) {
        return Err(OfflineRefusal::NotValidNow);
    }
    let meal = meal_at(&windows(batch), now).ok_or(OfflineRefusal::OutsideMealWindow)?;
    let payment = Payment::of(batch.face_value_fen, price);
    let total = taken.amount.checked_add(payment.amount);
    if taken.scans >= caps.scans || total.is_none_or(|total| total > caps.amount_fen) {
        return Err(OfflineRefusal::CapReached);
    }
    Ok(Served {
        voucher_id: code.step.voucher_id,
        meal,
        payment,
    })
}

fn windows(batch: &PackBatch) -> Vec<MealWindow> {
    let parsed = batch
        .meals
        .iter()
        .map(|meal| MealWindow::parse("meals", &meal.name, &meal.from, &meal.to));
    parsed.filter_map(Result::ok).collect()
}

fn without_token(text: &str) -> OfflineRefusal {
    if ScannedCode::parse(text).is_some() {
        OfflineRefusal::NeedsNetwork
    } else {
        OfflineRefusal::InvalidCode
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
    use chrono::{TimeDelta, TimeZone};
    use rstest::rstest;

    use super::*;
    use crate::vouchers::codes::{
        code::{CodeSecret, CodeStep, STEP_SECONDS},
        day_token::DayToken,
    };

    /// The vectors of `README.md`; made by `vectors/make.py`, not with this code.
    const PAGE: &str = include_str!("../vectors/page.json");
    const SIGNATURE: &str =
        "56vYL5by6G4Omc6EoPUIs3m0WMMvnCt-Qho6rpvFZ2hYafOS7rV87KYEt8ybHKUpId_8X-ZMCLbd7OOq4MLyAg";
    const PUBLIC_KEY: &str = "Kay64UG8yvCyLhqU000LxzYeUm0L_hLIl5S8kyKWbdc";
    const STATION: &str = "stn_01j00000007000g00000000005";
    const STEP: i64 = 60_000_000;
    const CODE: &str =
        "NJ2.AZAAAAAAcACAAAAAAAAAAQ.1.60000000.SBfiWa0TqTtgJtHD.mLz-2-JSS5Tn3ZfcnnzUHA";

    fn secret() -> CodeSecret {
        let bytes: [u8; 32] = std::array::from_fn(|index| index as u8);
        CodeSecret::parse(&URL_SAFE_NO_PAD.encode(bytes)).unwrap()
    }

    fn step(device_no: u16, step: i64) -> CodeStep {
        let uuid = 0x0190_0000_0000_7000_8000_0000_0000_0001_u128.to_be_bytes();
        let voucher_id = VoucherId::from_uuid(uuid::Uuid::from_bytes(uuid));
        CodeStep {
            voucher_id,
            device_no,
            step,
        }
    }

    fn now() -> DateTime<Utc> {
        Utc.timestamp_opt(STEP * STEP_SECONDS, 0).unwrap()
    }

    fn is_signed(document: &[u8]) -> bool {
        let key = URL_SAFE_NO_PAD.decode(PUBLIC_KEY).unwrap();
        UnparsedPublicKey::new(&ED25519, key)
            .verify(document, &URL_SAFE_NO_PAD.decode(SIGNATURE).unwrap())
            .is_ok()
    }

    fn open(document: &str, device: &str) -> Result<OpenedPage, PackRefused> {
        OpenedPage::open(document, is_signed, STATION.parse().unwrap(), device)
    }

    fn judged(taken: &Taken, code: &str, at: DateTime<Utc>) -> Result<Served, OfflineRefusal> {
        verdict(
            &[open(PAGE, "scanner-1").unwrap()],
            taken,
            code,
            Fen::new(1_800),
            at,
        )
    }

    #[rstest]
    #[case(1, STEP, CODE)]
    #[case(1, STEP + 9, "NJ2.AZAAAAAAcACAAAAAAAAAAQ.1.60000009.F-uPhjRgE1YOIlgX.mLz-2-JSS5Tn3ZfcnnzUHA")]
    #[case(1, STEP + 10, "NJ2.AZAAAAAAcACAAAAAAAAAAQ.1.60000010.96QwUR_SGNhkyByU.Tf0gG2UoxpqkwRtN0MM6Qw")]
    #[case(
        2,
        STEP,
        "NJ2.AZAAAAAAcACAAAAAAAAAAQ.2.60000000.ZqS13oL3uVpJR1Q8.oq195510KzqVww2CT7DfPw"
    )]
    fn payloads_match_the_published_vectors(
        #[case] device_no: u16,
        #[case] number: i64,
        #[case] expected: &str,
    ) {
        let step = step(device_no, number);
        assert_eq!(step.offline_payload(&secret()), expected);
        let code = OfflineCode::parse(expected).unwrap();
        assert_eq!(
            (code.step, code.token),
            (step, DayToken::new(&secret(), &step))
        );
        assert!(
            matches!(ScannedCode::parse(expected), Some(ScannedCode::Payload(it)) if it.is_authentic(&secret()))
        );
    }

    #[test]
    fn a_code_of_the_pack_is_served() {
        let served = judged(&Taken::default(), CODE, now()).unwrap();
        assert_eq!(served.voucher_id, step(1, STEP).voucher_id);
        assert_eq!(
            (served.payment.amount.get(), served.payment.copay.get()),
            (1_500, 300)
        );
        assert_eq!(served.meal.day.to_string(), "2027-01-15");
    }

    #[test]
    fn only_the_servers_page_for_this_device_is_opened() {
        let forged = PAGE.replace("\"scans\":3", "\"scans\":9");
        assert_eq!(
            open(&forged, "scanner-1").unwrap_err(),
            PackRefused::Signature
        );
        assert_eq!(open(PAGE, "scanner-2").unwrap_err(), PackRefused::NotMine);
        let nonsense = OpenedPage::open("{}", |_| true, STATION.parse().unwrap(), "scanner-1");
        assert_eq!(nonsense.unwrap_err(), PackRefused::Malformed);
    }

    /// Whoever saw a code can neither use it later, nor move it in time, nor pass it for another
    /// voucher's.
    #[test]
    fn a_screenshot_is_worth_nothing_five_minutes_later() {
        let token = CODE.rsplit('.').next().unwrap();
        let later = step(1, STEP + 10).offline_payload(&secret());
        let moved = format!("{}.{token}", later.rsplit_once('.').unwrap().0);
        let at = now() + TimeDelta::minutes(5);
        assert!(judged(&Taken::default(), &later, at).is_ok());
        assert_eq!(
            judged(&Taken::default(), &moved, at),
            Err(OfflineRefusal::NotInPack)
        );
        assert_eq!(
            judged(&Taken::default(), CODE, at),
            Err(OfflineRefusal::CodeExpired)
        );
        assert_eq!(
            judged(&Taken::default(), CODE, now() - TimeDelta::minutes(5)),
            Err(OfflineRefusal::ClockSkew)
        );
        let other = CODE.replace("AAAQ.1", "AAAg.1");
        assert_eq!(
            judged(&Taken::default(), &other, now()),
            Err(OfflineRefusal::NotInPack)
        );
        let other = step(2, STEP).offline_payload(&secret());
        assert_eq!(
            judged(&Taken::default(), &other, now()),
            Err(OfflineRefusal::NotInPack)
        );
    }

    #[rstest]
    #[case("hello", OfflineRefusal::InvalidCode)]
    #[case("12345678", OfflineRefusal::NeedsNetwork)]
    #[case(
        "NJ1.AZAAAAAAcACAAAAAAAAAAQ.1.60000000.SBfiWa0TqTtgJtHD",
        OfflineRefusal::NeedsNetwork
    )]
    #[case(
        "NJ2.AZAAAAAAcACAAAAAAAAAAQ.1.60000000.SBfiWa0TqTtgJtHD",
        OfflineRefusal::InvalidCode
    )]
    #[case(
        "NJ2.AZAAAAAAcACAAAAAAAAAAQ.1.9223372036854775807.SBfiWa0TqTtgJtHD.mLz-2-JSS5Tn3ZfcnnzUHA",
        OfflineRefusal::ClockSkew
    )]
    fn other_text_is_refused(#[case] text: &str, #[case] expected: OfflineRefusal) {
        assert_eq!(judged(&Taken::default(), text, now()), Err(expected));
    }

    #[test]
    fn the_pack_ends_with_the_day_and_the_caps_hold() {
        let late = step(1, STEP + 8 * 120 - 1);
        let at = late.expires_at() - TimeDelta::seconds(60);
        assert!(
            judged(&Taken::default(), &late.offline_payload(&secret()), at).is_ok(),
            "the last step of the day"
        );
        let tomorrow = at + TimeDelta::seconds(30);
        assert_eq!(
            judged(&Taken::default(), CODE, tomorrow),
            Err(OfflineRefusal::PackExpired)
        );
        let of = |scans, fen| Taken {
            scans,
            amount: Fen::new(fen).unwrap(),
            ..Taken::default()
        };
        assert!(judged(&of(2, 2_500), CODE, now()).is_ok());
        assert_eq!(
            judged(&of(3, 0), CODE, now()),
            Err(OfflineRefusal::CapReached)
        );
        assert_eq!(
            judged(&of(1, 2_501), CODE, now()),
            Err(OfflineRefusal::CapReached)
        );
        let vouchers = [step(1, STEP).voucher_id].into();
        let again = judged(
            &Taken {
                vouchers,
                ..Taken::default()
            },
            CODE,
            now(),
        );
        assert_eq!(again, Err(OfflineRefusal::AlreadyRedeemed));
    }
}
