//! Shapes of the tables, private to the repositories.

pub(crate) mod voucher_draw;
pub(crate) mod voucher_draw_entry;
