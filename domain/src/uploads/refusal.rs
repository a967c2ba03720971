//! Why an original was refused, and what the person can do about it.

use serde::{Deserialize, Serialize};

use super::objects::PhotoError;

use crate::kernel::coded::coded;

coded! {
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    Refusal {
        NotAPicture "not_a_picture",
        TooLarge "too_large",
        Damaged "damaged",
    }
}

impl Refusal {
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
