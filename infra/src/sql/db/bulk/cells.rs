//! A column's cells as each database takes them: an array, or items of a JSON text that are read
//! back out of it.

use chrono::{DateTime, SecondsFormat, Utc};
use sea_orm::{Value, prelude::Json};
use serde_json::json;
use uuid::Uuid;

const NIL: &str = "'00000000-0000-0000-0000-000000000000'";

/// The cells of one column. The PostgreSQL driver binds no NULL inside an array: the optional ones
/// travel as an empty value and become NULL again in the statement.
pub(crate) enum Cells {
    Uuids(Vec<Uuid>),
    MaybeUuids(Vec<Option<Uuid>>),
    Texts(Vec<String>),
    MaybeTexts(Vec<Option<String>>),
    Bytes(Vec<Vec<u8>>),
    Numbers(Vec<i64>),
    Flags(Vec<bool>),
    Times(Vec<DateTime<Utc>>),
    Documents(Vec<Json>),
}

impl Cells {
    pub(super) fn count(&self) -> usize {
        match self {
            Self::Uuids(cells) => cells.len(),
            Self::MaybeUuids(cells) => cells.len(),
            Self::Texts(cells) => cells.len(),
            Self::MaybeTexts(cells) => cells.len(),
            Self::Bytes(cells) => cells.len(),
            Self::Numbers(cells) => cells.len(),
            Self::Flags(cells) => cells.len(),
            Self::Times(cells) => cells.len(),
            Self::Documents(cells) => cells.len(),
        }
    }

    /// The array's element type, and how the n-th column reads out of it.
    pub(super) fn postgres(&self, n: usize) -> (&'static str, String) {
        match self {
            Self::Uuids(_) => ("uuid", format!("c{n}")),
            Self::MaybeUuids(_) => ("uuid", format!("NULLIF(c{n}, {NIL}::uuid)")),
            Self::Texts(_) => ("text", format!("c{n}")),
            Self::MaybeTexts(_) => ("text", format!("NULLIF(c{n}, '')")),
            Self::Bytes(_) => ("bytea", format!("c{n}")),
            Self::Numbers(_) => ("bigint", format!("c{n}")),
            Self::Flags(_) => ("boolean", format!("c{n}")),
            Self::Times(_) => ("timestamptz", format!("c{n}")),
            Self::Documents(_) => ("text", format!("c{n}::jsonb")),
        }
    }

    pub(super) fn array(self) -> Value {
        match self {
            Self::Uuids(cells) => cells.into(),
            Self::MaybeUuids(cells) => cells
                .into_iter()
                .map(Option::unwrap_or_default)
                .collect::<Vec<Uuid>>()
                .into(),
            Self::Texts(cells) => cells.into(),
            Self::MaybeTexts(cells) => cells
                .into_iter()
                .map(Option::unwrap_or_default)
                .collect::<Vec<String>>()
                .into(),
            Self::Bytes(cells) => cells.into(),
            Self::Numbers(cells) => cells.into(),
            Self::Flags(cells) => cells.into(),
            Self::Times(cells) => cells.into(),
            Self::Documents(cells) => cells.iter().map(Json::to_string).collect::<Vec<_>>().into(),
        }
    }

    pub(super) fn sqlite(&self, n: usize) -> String {
        match self {
            // JSON knows no bytes.
            Self::Uuids(_) | Self::MaybeUuids(_) | Self::Bytes(_) => {
                format!("unhex(value ->> {n})")
            }
            Self::Texts(_)
            | Self::MaybeTexts(_)
            | Self::Numbers(_)
            | Self::Flags(_)
            | Self::Times(_)
            | Self::Documents(_) => {
                format!("value ->> {n}")
            }
        }
    }

    pub(super) fn json(&self, row: usize) -> Json {
        match self {
            Self::Uuids(cells) => json!(cells[row].simple().to_string()),
            Self::MaybeUuids(cells) => json!(cells[row].map(|id| id.simple().to_string())),
            Self::Texts(cells) => json!(cells[row]),
            Self::MaybeTexts(cells) => json!(cells[row]),
            Self::Bytes(cells) => json!(hex::encode(&cells[row])),
            Self::Numbers(cells) => json!(cells[row]),
            Self::Flags(cells) => json!(cells[row]),
            // As the driver writes times.
            Self::Times(cells) => json!(cells[row].to_rfc3339_opts(SecondsFormat::AutoSi, false)),
            Self::Documents(cells) => json!(cells[row].to_string()),
        }
    }
}
