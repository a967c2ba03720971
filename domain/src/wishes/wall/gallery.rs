//! Stations and photo URLs for a handful of wishes, loaded together.

use std::collections::HashMap;

use super::views::{PhotoView, StationCard, ThanksView, WishCard};
use crate::{
    kernel::{
        distinct,
        id::{StationId, UploadId},
    },
    store::StoreError,
    wishes::{
        error::WishError,
        service::WishService,
        wish::{Thanks, Wish, WishState},
    },
};

pub(crate) struct Gallery {
    stations: HashMap<StationId, StationCard>,
    photos: HashMap<UploadId, PhotoView>,
}

impl WishService {
    pub(crate) async fn gallery(&self, wishes: &[Wish]) -> Result<Gallery, WishError> {
        let station_ids = distinct(wishes.iter().map(|wish| wish.station_id));
        let stations = self
            .foundation
            .read()
            .await?
            .stations()
            .find_many(&station_ids)
            .await?;
        let photo_ids: Vec<_> = wishes.iter().flat_map(photos_of).collect();
        let photos = self.uploads.photo_urls(&photo_ids).await?;
        Ok(Gallery {
            stations: stations
                .into_iter()
                .map(|station| (station.id, StationCard::from(station)))
                .collect(),
            photos: photos
                .into_iter()
                .map(|photo| {
                    (
                        photo.id,
                        PhotoView {
                            url: photo.url,
                            thumbnail_url: photo.thumbnail_url,
                        },
                    )
                })
                .collect(),
        })
    }
}

impl Gallery {
    pub(crate) fn card(&self, wish: &Wish) -> Result<WishCard, StoreError> {
        let station = self.stations.get(&wish.station_id);
        let station = station.ok_or_else(|| StoreError::Corrupt {
            table: "wishes",
            id: wish.id.to_string(),
        })?;
        Ok(WishCard {
            id: wish.id,
            title: wish.content.title.clone(),
            story: wish.content.story.clone(),
            category: wish.content.category.clone(),
            estimate: wish.content.estimate,
            station: station.clone(),
            status: wish.status(),
            published_at: wish.published_at(),
            photos: self.photos(&wish.content.photo_ids),
        })
    }

    /// For everybody but the worker: words that passed, photos with consent.
    pub(crate) fn shown_thanks(&self, wish: &Wish) -> Option<ThanksView> {
        let thanks = thanks_of(wish)?;
        let message = thanks.passed.then(|| thanks.message.clone());
        let photos = if thanks.face_consent {
            self.photos(&thanks.photo_ids)
        } else {
            Vec::new()
        };
        (message.is_some() || !photos.is_empty()).then_some(ThanksView { message, photos })
    }

    /// For the worker who wrote them.
    pub(crate) fn own_thanks(&self, wish: &Wish) -> Option<ThanksView> {
        let thanks = thanks_of(wish)?;
        Some(ThanksView {
            message: Some(thanks.message.clone()),
            photos: self.photos(&thanks.photo_ids),
        })
    }

    fn photos(&self, ids: &[UploadId]) -> Vec<PhotoView> {
        ids.iter()
            .filter_map(|id| self.photos.get(id).cloned())
            .collect()
    }
}

fn thanks_of(wish: &Wish) -> Option<&Thanks> {
    if let WishState::Thanked { thanks, .. } = &wish.state {
        Some(thanks)
    } else {
        None
    }
}

fn photos_of(wish: &Wish) -> Vec<UploadId> {
    let thanks = thanks_of(wish)
        .map(|thanks| thanks.photo_ids.as_slice())
        .unwrap_or_default();
    wish.content
        .photo_ids
        .iter()
        .chain(thanks)
        .copied()
        .collect()
}
