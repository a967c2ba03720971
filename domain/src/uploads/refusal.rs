//! Why an original was refused, and what the person can do about it.

use serde::{Deserialize, Serialize};

use super::objects::PhotoError;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    NotAPicture,
    TooLarge,
    Damaged,
}

impl Refusal {
    pub const ALL: [Self; 3] = [Self::NotAPicture, Self::TooLarge, Self::Damaged];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotAPicture => "not_a_picture",
            Self::TooLarge => "too_large",
            Self::Damaged => "damaged",
        }
    }

    /// What the person can do about it.
    pub const fn advice(self) -> &'static str {
        match self {
            Self::NotAPicture => "这个文件不是 JPEG、PNG 或 WebP 照片，请换一张照片重新上传",
            Self::TooLarge => "照片太大，请选择“压缩”后重新上传",
            Self::Damaged => "照片不完整，请重新上传",
        }
    }
}

impl From<PhotoError> for Refusal {
    fn from(error: PhotoError) -> Self {
        match error {
            PhotoError::NotAPicture => Self::NotAPicture,
            PhotoError::TooLarge => Self::TooLarge,
            PhotoError::Damaged => Self::Damaged,
        }
    }
}
