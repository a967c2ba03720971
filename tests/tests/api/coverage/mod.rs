//! Every route of the OpenAPI document against the real server: who is let in, who is not, and that
//! nobody reaches what belongs to another person or another district.

mod call;
pub mod cast;
mod districts;
mod fill;
pub mod make;
mod owners;
mod roles;
mod sign_in;
mod table;
