//! Accounts, credentials with their failures, stored roles, sessions, invitations.

use sea_orm_migration::prelude::*;

use crate::columns::{closed_list, run};

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        closed_list(manager, "account_kinds", &["wechat", "back_office"]).await?;
        let roles = ["station_staff", "cadre", "auditor", "admin"];
        closed_list(manager, "account_roles", &roles).await?;
        run(
            manager,
            &[
                ACCOUNTS,
                "CREATE UNIQUE INDEX accounts_openid ON accounts (openid_index)",
                "CREATE UNIQUE INDEX accounts_username ON accounts (username)",
                "CREATE INDEX accounts_phone ON accounts (phone_index) WHERE phone_index IS NOT NULL",
                "CREATE INDEX accounts_person ON accounts (person_id) WHERE person_id IS NOT NULL",
                CREDENTIALS,
                SIGN_IN_FAILURES,
                "CREATE INDEX sign_in_failures_since ON sign_in_failures (since)",
            ],
        )
        .await?;
        run(
            manager,
            &[&scoped(ACCOUNT_GRANTS), &scoped(INVITATIONS), SESSIONS],
        )
        .await?;
        run(
            manager,
            &[
                // NULLs are distinct in unique indexes, hence one for each kind of scope.
                "CREATE UNIQUE INDEX account_grants_plain ON account_grants (account_id, role)
                    WHERE station_id IS NULL AND district IS NULL AND union_id IS NULL",
                "CREATE UNIQUE INDEX account_grants_station ON account_grants (account_id, role, station_id)
                    WHERE station_id IS NOT NULL",
                "CREATE UNIQUE INDEX account_grants_district ON account_grants (account_id, role, district)
                    WHERE district IS NOT NULL",
                "CREATE UNIQUE INDEX account_grants_union ON account_grants (account_id, role, union_id)
                    WHERE union_id IS NOT NULL",
                "CREATE INDEX account_grants_of_station ON account_grants (station_id) WHERE station_id IS NOT NULL",
                "CREATE UNIQUE INDEX invitations_code ON invitations (code_index)",
                "CREATE INDEX invitations_unused ON invitations (created_by) WHERE used_by IS NULL",
                "CREATE INDEX sessions_account ON sessions (account_id)",
            ],
        )
        .await
    }
}

const ACCOUNTS: &str = "CREATE TABLE accounts (
    id {uuid} PRIMARY KEY,
    kind TEXT NOT NULL REFERENCES account_kinds,
    openid {bytes},
    openid_index {bytes},
    username TEXT,
    nickname TEXT,
    phone {bytes},
    phone_index {bytes},
    person_id {uuid},
    created_at {time} NOT NULL,
    CHECK ((kind = 'wechat') = (openid IS NOT NULL)),
    CHECK ((kind = 'wechat') = (openid_index IS NOT NULL)),
    CHECK ((kind = 'back_office') = (username IS NOT NULL)),
    CHECK ((phone IS NULL) = (phone_index IS NULL))
)";

const CREDENTIALS: &str = "CREATE TABLE credentials (
    account_id {uuid} PRIMARY KEY REFERENCES accounts (id),
    password_hash TEXT NOT NULL,
    password_set_at {time} NOT NULL,
    totp_secret {bytes},
    totp_offered_at {time},
    totp_confirmed_at {time},
    totp_last_step BIGINT,
    CHECK ((totp_secret IS NULL) = (totp_offered_at IS NULL)),
    CHECK (totp_confirmed_at IS NULL OR totp_secret IS NOT NULL)
)";

/// By blind index: what was typed may be anything.
const SIGN_IN_FAILURES: &str = "CREATE TABLE sign_in_failures (
    username_index {bytes} PRIMARY KEY,
    failures INTEGER NOT NULL CHECK (failures > 0),
    since {time} NOT NULL,
    locked_until {time}
)";

const ACCOUNT_GRANTS: &str = "CREATE TABLE account_grants (
    id {uuid} PRIMARY KEY,
    account_id {uuid} NOT NULL REFERENCES accounts (id),
    granted_at {time} NOT NULL,
    {scope}
)";

const INVITATIONS: &str = "CREATE TABLE invitations (
    id {uuid} PRIMARY KEY,
    code_index {bytes} NOT NULL,
    created_by {uuid} NOT NULL REFERENCES accounts (id),
    created_at {time} NOT NULL,
    expires_at {time} NOT NULL,
    used_by {uuid} REFERENCES accounts (id),
    used_at {time},
    {scope},
    CHECK ((used_by IS NULL) = (used_at IS NULL))
)";

const SESSIONS: &str = "CREATE TABLE sessions (
    id {uuid} PRIMARY KEY,
    account_id {uuid} NOT NULL REFERENCES accounts (id),
    generation INTEGER NOT NULL CHECK (generation >= 0),
    rotated_at {time},
    created_at {time} NOT NULL,
    expires_at {time} NOT NULL,
    revoked_at {time}
)";

/// A role and what it is for: staff of a station; cadres and auditors of a district, a union, or
/// everywhere. A role to come passes: CASE is NULL then.
const SCOPE: &str = "role TEXT NOT NULL REFERENCES account_roles,
    station_id {uuid},
    district TEXT CHECK (length(district) = 6),
    union_id {uuid},
    CHECK (CASE
        WHEN role = 'station_staff' THEN station_id IS NOT NULL AND district IS NULL AND union_id IS NULL
        WHEN role IN ('cadre', 'auditor') THEN station_id IS NULL AND (district IS NULL OR union_id IS NULL)
        WHEN role = 'admin' THEN station_id IS NULL AND district IS NULL AND union_id IS NULL
    END)";

fn scoped(table: &str) -> String {
    table.replace("{scope}", SCOPE)
}
