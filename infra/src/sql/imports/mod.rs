//! Imports with their files and reports.

mod file;
mod import;
mod repository;
