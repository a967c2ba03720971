//! Values with a `parse`: one that exists is valid.

pub mod district;
pub mod id_number;
pub mod local_time;
pub mod money;
pub mod phone;
pub mod place;
pub mod text;
