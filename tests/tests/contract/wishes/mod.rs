//! The use cases of wishes on both databases, from submission to thanks, with every refusal on the
//! way.

mod claims;
mod handover;
mod life;
mod moderation;
mod storage;
mod submission;

use niangjia_domain::{
    kernel::AccessError,
    wishes::{ThanksForm, WishError, ports::WallFilter, wish::status::WishStatus},
};

const FIRST: niangjia_domain::kernel::PageRequest = niangjia_domain::kernel::PageRequest {
    limit: 10,
    after: None,
};

fn wall() -> WallFilter {
    WallFilter {
        district: None,
        category: None,
        status: WishStatus::Published,
    }
}

fn is_not_found(error: &WishError) -> bool {
    matches!(error, WishError::Access(AccessError::NotFound))
}

fn thanks(message: &str) -> ThanksForm {
    ThanksForm {
        message: message.to_owned(),
        photo_ids: Vec::new(),
        face_consent: false,
    }
}

fn other_than(code: &str) -> String {
    if code == "000000" {
        "000001".to_owned()
    } else {
        "000000".to_owned()
    }
}
