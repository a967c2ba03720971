//! Harness of the black-box suites: throwaway servers, fresh databases, the real application,
//! clients, stand-ins, and the tour. Nothing here is shipped.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

/// `make bench`: the storms against the real release binary, beside their references.
pub mod bench;
/// Batches, holders and scans around one station.
pub mod canteen;
/// Settlements of the canteen's station.
pub mod cashier;
/// A small world for health checks.
pub mod checkup_scene;
/// Builders of health checks.
pub mod checkups;
/// A phone talking to the API.
pub mod client;
/// A clock that only tests move.
pub mod clock;
/// People of the demo and new ones, signed in to the real binary.
pub mod crew;
/// Fresh, migrated databases of both kinds.
pub mod database;
/// Tasks about tea, decided at a desk.
pub mod desk;
/// Identity with a clock that moves, as a service and over HTTP.
pub mod identity;
/// Meal vouchers over HTTP against the demo's people.
pub mod lunch;
/// A station's month of scans, written at once.
pub mod month;
/// A union's office without HTTP.
pub mod office;
/// Aliyun OSS as a server of our own, signatures and all.
pub mod oss_stand_in;
/// A station without a network.
pub mod outpost;
/// Invented people with valid numbers.
pub mod people;
/// Photos as phones send them.
pub mod photo;
/// A throwaway PostgreSQL for this test process.
pub mod postgres;
/// The real binary as child processes.
pub mod process;
/// A throwaway Redis of a test's own.
pub mod redis_server;
/// Draws, grants and recalls over a canteen's world.
pub mod releases;
/// Tables of expected members, as offices hand them in.
pub mod rosters;
/// A database in which nobody else can write for a while.
pub mod standstill;
/// Child servers that cannot outlive the test process.
pub mod throwaway;
/// The main job, played against a running server.
pub mod tour;
/// The demo's cadres and staff, and what they make over HTTP.
pub mod town;
/// Uploads on a database and an object store of their own, as a service and over HTTP.
pub mod uploads;
/// A WeChat that can be told to misbehave.
pub mod wechat_stand_in;
/// Members, donors, staff and a cadre around one station.
pub mod wish_scene;
/// The wishes API over HTTP, for callers of a test's choice.
pub mod wish_server;
