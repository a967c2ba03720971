//! Joining: the form, the application, its one place, and the decision on it.

pub mod application;
pub mod review;

pub(crate) mod admit;
pub(crate) mod decide;
pub(crate) mod identify;
pub(crate) mod join;
pub(crate) mod list;
pub(crate) mod send;
pub(crate) mod show_form;
