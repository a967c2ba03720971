//! What a phone says about the photo it is going to post.

use serde::{Deserialize, Serialize};

use crate::kernel::{Invalid, coded::coded};

coded! {
    /// What the photo is for.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    Purpose {
        WishPhoto "wish_photo",
        ThanksPhoto "thanks_photo",
    }
}

impl Purpose {
    pub fn declared(text: &str) -> Result<Self, Invalid> {
        Self::parse(text).ok_or_else(|| {
            Invalid::field(
                "purpose",
                "purpose_unknown",
                "请选择照片用途：wish_photo 或 thanks_photo",
            )
        })
    }
}

coded! {
    /// A type that a phone may declare. What the bytes really are is found out later.
    PhotoType {
        Jpeg "image/jpeg",
        Png "image/png",
        Webp "image/webp",
    }
}

impl PhotoType {
    pub fn declared(text: &str) -> Result<Self, Invalid> {
        Self::parse(text).ok_or_else(|| {
            Invalid::field(
                "contentType",
                "content_type_unsupported",
                "请选择 JPEG、PNG 或 WebP 照片",
            )
        })
    }
}
