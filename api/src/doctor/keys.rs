//! Can this installation seal and open?

use std::sync::Arc;

use niangjia_domain::kernel::{Random, ports::random};
use niangjia_infra::crypto::{FieldCipher, field_cipher::Cell};

use super::Finding;
use crate::config::KeysConfig;

const ABOUT: &str = "keys";

/// That every key is there, long enough and unlike the others was checked when the configuration
/// was loaded.
pub(super) fn examine(keys: &KeysConfig, random: &Arc<dyn Random>) -> Finding {
    match round_trip(keys, random.clone()) {
        Some(true) => Finding::ok(
            ABOUT,
            "all there, all different; a sealed value opens again",
        ),
        _ => Finding::fail(
            ABOUT,
            "a sealed value does not open again",
            "NIANGJIA_KEYS_CURRENT must name one of NIANGJIA_KEYS_MASTERS",
        ),
    }
}

fn round_trip(keys: &KeysConfig, random: Arc<dyn Random>) -> Option<bool> {
    let text = random::token(&*random);
    let cell = Cell {
        table: "doctor",
        column: "probe",
        row: uuid::Uuid::nil(),
    };
    let cipher = FieldCipher::new(keys.ring(), random).ok()?;
    let sealed = cipher.seal(cell, &text).ok()?;
    Some(cipher.open(cell, &sealed).ok()? == text)
}
