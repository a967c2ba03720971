//! Wishes of workers, at whatever point of their way a test needs them.

use niangjia_domain::{
    kernel::{
        Actor, Clock, PageRequest,
        id::{UploadId, WishId},
    },
    store::Store,
    uploads::{PhotoType, Purpose, Upload, UploadState, object_key::ObjectToken},
    wishes::{ClaimForm, ClaimReceipt, WishDecision, WishError, WishForm, WishReceipt, wish::Wish},
};
use niangjia_infra::system::SystemRandom;

use super::Town;
use crate::actors::once;

impl Town {
    /// A photo of theirs that has passed its checks.
    pub async fn photo(&self, owner: &Actor) -> UploadId {
        let now = self.clock.now();
        let upload = Upload {
            id: UploadId::generate(now, &SystemRandom),
            owner: owner.account_id,
            purpose: Purpose::WishPhoto,
            content_type: PhotoType::Jpeg,
            token: ObjectToken::generate(&SystemRandom),
            created_at: now,
            state: UploadState::Ready {
                at: now,
                width: 640,
                height: 480,
            },
        };
        let mut tx = self.store.begin().await.unwrap();
        tx.uploads().insert(&upload).await.unwrap();
        tx.commit().await.unwrap();
        upload.id
    }

    pub fn wish_form(&self) -> WishForm {
        WishForm {
            title: "想要一个保温杯".to_owned(),
            story: "冬天跑单想喝口热水。".to_owned(),
            category: "daily_goods".to_owned(),
            estimate_fen: 8_800,
            photo_ids: Vec::new(),
            station_id: self.station.id,
        }
    }

    pub async fn submitted_wish(&self, worker: &Actor) -> WishId {
        let (request, form) = (once(worker), self.wish_form());
        let submitted = self.services.wishes.submit(worker, &request, &form);
        submitted.await.unwrap().value.id
    }

    pub async fn published_wish(&self, worker: &Actor) -> WishId {
        let id = self.submitted_wish(worker).await;
        let decided = self.decide_on_wish(&self.maker, id, WishDecision::Publish);
        decided.await.unwrap();
        id
    }

    /// About the wish as it is now.
    pub async fn decide_on_wish(
        &self,
        cadre: &Actor,
        id: WishId,
        decision: WishDecision,
    ) -> Result<WishReceipt, WishError> {
        let revision = self.stored_wish(id).await.version;
        let wishes = &self.services.wishes;
        wishes.decide(cadre, id, decision, revision).await
    }

    pub async fn claim_wish(&self, donor: &Actor, wish: WishId) -> Result<ClaimReceipt, WishError> {
        let (request, form) = (once(donor), ClaimForm::default());
        let claimed = self.services.wishes.claim(donor, &request, wish, &form);
        Ok(claimed.await?.value)
    }

    /// At the station, waiting to be collected; returns the pick-up code.
    pub async fn wish_at_station(&self, worker: &Actor, donor: &Actor) -> (WishId, String) {
        let wish = self.published_wish(worker).await;
        let claim = self.claim_wish(donor, wish).await.unwrap();
        let request = once(&self.staff);
        let arrived = self.services.wishes.arrive(&self.staff, &request, claim.id);
        arrived.await.unwrap();
        (wish, self.pickup_code(worker).await.unwrap())
    }

    /// As the worker reads it under "my wishes".
    pub async fn pickup_code(&self, worker: &Actor) -> Option<String> {
        let newest = PageRequest {
            limit: 1,
            after: None,
        };
        let mine = self.services.wishes.list_own(worker, newest).await.unwrap();
        let code = mine.items.first()?.pickup_code.as_ref();
        code.map(|code| code.expose().to_owned())
    }

    pub async fn stored_wish(&self, id: WishId) -> Wish {
        let mut tx = self.store.read().await.unwrap();
        tx.wishes().find(id).await.unwrap().unwrap()
    }
}
