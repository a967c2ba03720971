//! What every repository leans on: the schema, many rows at once, first answers.

mod closed_lists;
mod idempotency;
mod many_rows;
mod migrations;
