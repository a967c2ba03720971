//! What a phone says about the photo it is going to post.

use serde::{Deserialize, Serialize};

use crate::kernel::Invalid;

/// What the photo is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    WishPhoto,
    ThanksPhoto,
}

impl Purpose {
    pub const ALL: [Self; 2] = [Self::WishPhoto, Self::ThanksPhoto];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WishPhoto => "wish_photo",
            Self::ThanksPhoto => "thanks_photo",
        }
    }

    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let known = Self::ALL
            .into_iter()
            .find(|purpose| purpose.as_str() == text);
        known.ok_or_else(|| {
            Invalid::field(
                "purpose",
                "purpose_unknown",
                "请选择照片用途：wish_photo 或 thanks_photo",
            )
        })
    }
}

/// A type that a phone may declare. What the bytes really are is found out later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhotoType {
    Jpeg,
    Png,
    Webp,
}

impl PhotoType {
    pub const ALL: [Self; 3] = [Self::Jpeg, Self::Png, Self::Webp];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
        }
    }

    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let known = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        known.ok_or_else(|| {
            Invalid::field(
                "contentType",
                "content_type_unsupported",
                "请选择 JPEG、PNG 或 WebP 照片",
            )
        })
    }
}
