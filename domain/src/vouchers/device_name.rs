//! What phones and the stations' tablets call themselves.

use crate::kernel::{Invalid, values::text};

/// The name, or `field` to mend.
pub(super) fn checked_device(field: &str, device_id: &str) -> Result<String, Invalid> {
    text::line(field, device_id, 1, 64)
}
