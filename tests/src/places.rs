//! Where everything happens unless a test says otherwise.

use niangjia_domain::kernel::DistrictCode;

/// Rencheng, where the demo's cadres work.
pub const DISTRICT: &str = "370811";

/// A neighbour of it, in the same prefecture.
pub const QUFU: &str = "370881";

/// A district by its code.
pub fn district(code: &str) -> DistrictCode {
    DistrictCode::parse(code).expect("a district's code")
}
