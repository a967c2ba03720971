//! The public wall and single wishes, through the cache. What is not public answers like the
//! absent; its worker sees their own, uncached.

use std::time::Duration;

use super::{
    gallery::Gallery,
    views::{OwnWish, PublicWish, WishCard},
};
use crate::{
    kernel::{
        AccessError, Actor, Invalid, Page, PageRequest,
        id::WishId,
        ports::cache::{Namespace, read_through},
    },
    wishes::{error::WishError, ports::WallFilter, service::WishService, wish::Wish},
};

/// Far shorter than the life of the photo URLs inside.
const KEPT: Duration = Duration::from_secs(60);

/// A wish, as much of it as this reader may see.
#[derive(Debug)]
pub enum Shown {
    Own(Box<OwnWish>),
    Public(Box<PublicWish>),
}

impl WishService {
    pub async fn wall(
        &self,
        filter: &WallFilter,
        page: PageRequest,
    ) -> Result<Page<WishCard>, WishError> {
        if !filter.status.is_public() {
            return Err(
                Invalid::field("status", "status_not_public", "请选择已公开的心愿状态").into(),
            );
        }
        let key = wall_key(filter, page);
        read_through(
            &*self.cache,
            Namespace::Wishes,
            &key,
            KEPT,
            self.load_wall(filter, page),
        )
        .await
    }

    async fn load_wall(
        &self,
        filter: &WallFilter,
        page: PageRequest,
    ) -> Result<Page<WishCard>, WishError> {
        let wishes = self
            .foundation
            .read()
            .await?
            .wishes()
            .list_wall(filter, page)
            .await?;
        let gallery = self.gallery(&wishes.items).await?;
        let items = wishes
            .items
            .iter()
            .map(|wish| gallery.card(wish))
            .collect::<Result<_, _>>()?;
        Ok(Page {
            items,
            next: wishes.next,
        })
    }

    pub async fn show(&self, reader: Option<&Actor>, id: WishId) -> Result<Shown, WishError> {
        if let Some(actor) = reader {
            let own = self
                .foundation
                .read()
                .await?
                .wishes()
                .find_of(id, actor.account_id)
                .await?;
            if let Some(wish) = own {
                let own = self
                    .own_views(vec![wish])
                    .await?
                    .pop()
                    .ok_or(AccessError::NotFound)?;
                return Ok(Shown::Own(Box::new(own)));
            }
        }
        let load = self.load_public(id);
        let wish = read_through(
            &*self.cache,
            Namespace::Wishes,
            &format!("one:{id}"),
            KEPT,
            load,
        )
        .await?;
        Ok(Shown::Public(Box::new(wish)))
    }

    async fn load_public(&self, id: WishId) -> Result<PublicWish, WishError> {
        let wish = self.foundation.read().await?.wishes().find(id).await?;
        let wish = wish
            .filter(|wish| wish.status().is_public())
            .ok_or(AccessError::NotFound)?;
        let gallery = self.gallery(std::slice::from_ref(&wish)).await?;
        public_view(&gallery, &wish)
    }
}

fn public_view(gallery: &Gallery, wish: &Wish) -> Result<PublicWish, WishError> {
    Ok(PublicWish {
        card: gallery.card(wish)?,
        thanks: gallery.shown_thanks(wish),
    })
}

fn wall_key(filter: &WallFilter, page: PageRequest) -> String {
    let district = filter
        .district
        .map(|code| code.to_string())
        .unwrap_or_default();
    let after = page
        .after
        .map(|after| after.to_string())
        .unwrap_or_default();
    let category = filter.category.as_deref().unwrap_or_default();
    // The category is free text, so it comes last.
    format!(
        "wall:{}:{district}:{}:{after}:{category}",
        filter.status, page.limit
    )
}
