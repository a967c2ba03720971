//! Making accounts: at the first WeChat sign-in, from the command line, from seeds.

use chrono::{DateTime, Utc};
use secrecy::SecretString;

use super::account::{Account, AccountKind, Username};
use crate::{
    audit::{Area, Deed},
    identity::{
        IdentityError, IdentityService, sessions::credential::check_password,
        staff::staff_grant::StaffGrant,
    },
    kernel::{
        Grant,
        id::{AccountId, GrantId},
    },
    store::{StoreError, Tx},
};

/// Who signs the audit rows of these accounts.
const COMMAND_LINE: &str = "command-line";

impl IdentityService {
    /// A back-office account; for the command line and seeds.
    pub async fn create_back_office_account(
        &self,
        username: &str,
        password: SecretString,
        grants: &[Grant],
    ) -> Result<AccountId, IdentityError> {
        let username = Username::parse(username)?;
        check_password(&username, &password)?;
        let hash = self.passwords.hash(password).await?;
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        let account = self.blank(AccountKind::BackOffice, Some(username), None, now);
        if !tx.accounts().insert(&account, None).await? {
            return Err(IdentityError::UsernameTaken);
        }
        tx.credentials().insert(account.id, &hash, now).await?;
        self.note_created(&mut *tx, &account, COMMAND_LINE).await?;
        self.add_grants(&mut *tx, account.id, grants, now).await?;
        tx.commit().await?;
        Ok(account.id)
    }

    /// The account of an openid with these roles, made where missing; for seeds.
    pub async fn ensure_wechat_account(
        &self,
        openid: &str,
        nickname: &str,
        grants: &[Grant],
    ) -> Result<AccountId, IdentityError> {
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        let id = self
            .wechat_account(&mut *tx, openid, Some(nickname), COMMAND_LINE)
            .await?;
        self.add_grants(&mut *tx, id, grants, now).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// The account of an openid. Of parallel first sign-ins, the unique index lets one make it.
    pub(crate) async fn wechat_account(
        &self,
        tx: &mut dyn Tx,
        openid: &str,
        nickname: Option<&str>,
        origin: &str,
    ) -> Result<AccountId, StoreError> {
        if let Some(id) = tx.accounts().find_by_openid(openid).await? {
            return Ok(id);
        }
        let account = self.blank(
            AccountKind::Wechat,
            None,
            nickname.map(str::to_owned),
            self.foundation.now(),
        );
        if tx.accounts().insert(&account, Some(openid)).await? {
            self.note_created(tx, &account, origin).await?;
            return Ok(account.id);
        }
        let winner = tx.accounts().find_by_openid(openid).await?;
        winner.ok_or_else(|| StoreError::Corrupt {
            table: "accounts",
            id: account.id.to_string(),
        })
    }

    fn blank(
        &self,
        kind: AccountKind,
        username: Option<Username>,
        nickname: Option<String>,
        now: DateTime<Utc>,
    ) -> Account {
        let id = AccountId::generate(now, self.foundation.random());
        Account {
            id,
            kind,
            username,
            nickname,
            phone: None,
            person_id: None,
            created_at: now,
        }
    }

    async fn note_created(
        &self,
        tx: &mut dyn Tx,
        account: &Account,
        origin: &str,
    ) -> Result<(), StoreError> {
        let deed = Deed::new("account.created", account.id)
            .within(Area::OwnAccount)
            .with(serde_json::json!({ "kind": account.kind.code() }));
        tx.audit()
            .append(deed.by_system(origin, account.created_at, self.foundation.random()))
            .await
    }

    async fn add_grants(
        &self,
        tx: &mut dyn Tx,
        account_id: AccountId,
        grants: &[Grant],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        for grant in grants {
            let id = GrantId::generate(now, self.foundation.random());
            let staff_grant = StaffGrant {
                id,
                account_id,
                grant: *grant,
                granted_at: now,
            };
            if tx.grants().add(&staff_grant).await? {
                let area = self.area_of(tx, grant).await?;
                let deed = staff_grant.deed("grant.added").within(area);
                tx.audit()
                    .append(deed.by_system(COMMAND_LINE, now, self.foundation.random()))
                    .await?;
            }
        }
        Ok(())
    }
}
