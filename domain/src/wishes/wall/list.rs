//! Lists for people who are signed in: my wishes, my claims, my area's queue.

use std::collections::HashMap;

use super::views::{DonorCard, OwnClaim, OwnWish, QueueWish};
use crate::{
    kernel::{Actor, Page, PageRequest, id::WishClaimId},
    store::StoreError,
    wishes::{
        claims::wish_claim::WishClaim,
        error::WishError,
        ports::QueueFilter,
        service::WishService,
        wish::{Wish, WishState},
    },
};

impl WishService {
    pub async fn list_own(
        &self,
        actor: &Actor,
        page: PageRequest,
    ) -> Result<Page<OwnWish>, WishError> {
        let wishes = self
            .foundation
            .read()
            .await?
            .wishes()
            .list_own(actor.account_id, page)
            .await?;
        Ok(Page {
            next: wishes.next,
            items: self.own_views(wishes.items).await?,
        })
    }

    pub(crate) async fn own_views(&self, wishes: Vec<Wish>) -> Result<Vec<OwnWish>, WishError> {
        let gallery = self.gallery(&wishes).await?;
        let ids: Vec<_> = wishes
            .iter()
            .filter_map(|wish| wish.taken())
            .map(|taken| taken.claim_id)
            .collect();
        let claims = self
            .foundation
            .read()
            .await?
            .wish_claims()
            .find_many(&ids)
            .await?;
        let claims: HashMap<WishClaimId, _> =
            claims.into_iter().map(|claim| (claim.id, claim)).collect();
        let view = |wish: &Wish| {
            Ok(OwnWish {
                card: gallery.card(wish)?,
                submitted_at: wish.submitted_at,
                review_due_at: due_at(wish),
                reason: reason(wish),
                claim: wish
                    .taken()
                    .and_then(|taken| claims.get(&taken.claim_id))
                    .map(donor_card),
                pickup_code: match &wish.state {
                    WishState::AtStation { pickup, .. } => Some(pickup.code.clone()),
                    _ => None,
                },
                thanks: gallery.own_thanks(wish),
            })
        };
        wishes.iter().map(view).collect()
    }

    pub async fn list_own_claims(
        &self,
        actor: &Actor,
        page: PageRequest,
    ) -> Result<Page<OwnClaim>, WishError> {
        let mut tx = self.foundation.read().await?;
        let claims = tx.wish_claims().list_own(actor.account_id, page).await?;
        let ids: Vec<_> = claims.items.iter().map(|claim| claim.wish_id).collect();
        let wishes = tx.wishes().find_many(&ids).await?;
        drop(tx);
        let gallery = self.gallery(&wishes).await?;
        let wishes: HashMap<_, _> = wishes.into_iter().map(|wish| (wish.id, wish)).collect();
        let view = |claim: WishClaim| -> Result<OwnClaim, WishError> {
            let wish = wishes.get(&claim.wish_id);
            let wish = wish.ok_or_else(|| StoreError::Corrupt {
                table: "wish_claims",
                id: claim.id.to_string(),
            })?;
            // Thanks are for the donor whose claim was fulfilled, not for an earlier one.
            let fulfilled = wish.taken().is_some_and(|taken| taken.claim_id == claim.id);
            let thanks = if fulfilled {
                gallery.shown_thanks(wish)
            } else {
                None
            };
            Ok(OwnClaim {
                card: gallery.card(wish)?,
                thanks,
                claim,
            })
        };
        Ok(Page {
            next: claims.next,
            items: claims
                .items
                .into_iter()
                .map(view)
                .collect::<Result<_, _>>()?,
        })
    }

    /// Wishes of the reader's area, with how long they may wait and what speaks against them.
    pub async fn list_queue(
        &self,
        actor: &Actor,
        filter: &QueueFilter,
        page: PageRequest,
    ) -> Result<Page<QueueWish>, WishError> {
        let area = actor.require_reader()?;
        let mut tx = self.foundation.read().await?;
        let wishes = tx.wishes().list_queue(&area, filter, page).await?;
        let ids: Vec<_> = wishes.items.iter().map(|wish| wish.id).collect();
        let reports = tx.wishes().count_reports(&ids).await?;
        drop(tx);
        let gallery = self.gallery(&wishes.items).await?;
        let view = |wish: &Wish| -> Result<QueueWish, WishError> {
            Ok(QueueWish {
                card: gallery.card(wish)?,
                revision: wish.version,
                submitted_at: wish.submitted_at,
                review_due_at: due_at(wish),
                machine: match &wish.state {
                    WishState::Reviewing { machine, .. } => Some(machine.clone()),
                    _ => None,
                },
                reason: reason(wish),
                reports: reports.get(&wish.id).copied().unwrap_or_default(),
            })
        };
        Ok(Page {
            next: wishes.next,
            items: wishes.items.iter().map(view).collect::<Result<_, _>>()?,
        })
    }
}

fn due_at(wish: &Wish) -> Option<chrono::DateTime<chrono::Utc>> {
    if let WishState::Reviewing { due_at, .. } = wish.state {
        Some(due_at)
    } else {
        None
    }
}

fn reason(wish: &Wish) -> Option<String> {
    match &wish.state {
        WishState::Returned { reason } | WishState::Rejected { reason } => Some(reason.clone()),
        _ => None,
    }
}

fn donor_card(claim: &WishClaim) -> DonorCard {
    DonorCard {
        display_name: claim.display_name.clone(),
        status: claim.status(),
        claimed_at: claim.claimed_at,
        lapses_at: claim.lapses_at,
    }
}
