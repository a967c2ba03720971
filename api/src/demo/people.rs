//! Who takes part in the demo.

use niangjia_domain::{
    identity::{IdentityError, Username},
    imports::NewImport,
    kernel::{
        Actor, DistrictCode, Grant, Jurisdiction,
        id::{AccountId, SessionId, StationId},
    },
    membership::ROSTER,
};
use niangjia_infra::seed;
use secrecy::SecretString;

use super::Failure;
use crate::wiring::Services;

/// Rencheng, where the demo's cadres work.
const HOME_DISTRICT: &str = "370811";
pub(super) const ADMIN: &str = "admin";
const CADRE: &str = "cadre";
const CHECKER: &str = "checker";

/// The demo's officers, as actors of use cases.
pub(super) struct Cast {
    pub(super) home: DistrictCode,
    /// Two different people who may act in the whole city: what one makes the other checks.
    pub(super) admin: Actor,
    pub(super) city_checker: Actor,
    pub(super) cadre: Actor,
}

/// Districts and unions of Jining, and the demo's own with their roster.
pub(super) async fn seed_unions(services: &Services) -> Result<(), Failure> {
    let membership = &services.membership;
    membership
        .seed(&seed::districts()?, &seed::unions()?)
        .await?;
    membership.seed(&[], &seed::demo_unions()?).await?;
    let roster = NewImport {
        kind: ROSTER.code.to_owned(),
        dry_run: false,
        file_name: "demo-roster.csv".to_owned(),
        file: seed::demo_roster(),
    };
    let mut import = services.imports.receive_from("demo", roster).await?;
    while import.is_open() {
        import = services.imports.carry_on(import.id).await?;
    }
    Ok(())
}

impl Cast {
    pub(super) async fn gather(
        services: &Services,
        password: &SecretString,
        station: StationId,
    ) -> Result<Self, Failure> {
        let home = DistrictCode::parse(HOME_DISTRICT)?;
        let local = Grant::Cadre(Jurisdiction::District(home));
        let admin = officer(services, ADMIN, password, Grant::Admin).await?;
        let cadre = officer(services, CADRE, password, local).await?;
        let checker = officer(services, CHECKER, password, local).await?;
        for (openid, nickname, grants) in [
            ("worker-1", "演示骑手一号", vec![]),
            ("worker-2", "演示骑手二号", vec![]),
            ("donor-1", "演示爱心人士", vec![]),
            ("staff-1", "演示站长", vec![Grant::StationStaff(station)]),
        ] {
            services
                .identity
                .ensure_wechat_account(openid, nickname, &grants)
                .await?;
        }
        Ok(Self {
            home,
            admin: actor(services, admin, Grant::Admin),
            city_checker: actor(services, checker, Grant::Cadre(Jurisdiction::Everywhere)),
            cadre: actor(services, cadre, local),
        })
    }
}

/// The account of this name, made where it is missing.
async fn officer(
    services: &Services,
    username: &str,
    password: &SecretString,
    grant: Grant,
) -> Result<AccountId, Failure> {
    match services
        .identity
        .create_back_office_account(username, password.clone(), &[grant])
        .await
    {
        Err(IdentityError::UsernameTaken) => Ok(account_of(services, username)
            .await?
            .ok_or("the account is there")?),
        made => Ok(made?),
    }
}

/// The back-office account of this name.
pub(super) async fn account_of(
    services: &Services,
    username: &str,
) -> Result<Option<AccountId>, Failure> {
    let username = Username::parse(username)?;
    let found = services
        .foundation
        .store
        .read()
        .await?
        .credentials()
        .find_by_username(&username)
        .await?;
    Ok(found.map(|credential| credential.account_id))
}

/// The seed acts for an account, with the rights that this step of the demo needs.
pub(super) fn actor(services: &Services, account_id: AccountId, grant: Grant) -> Actor {
    Actor {
        account_id,
        person_id: None,
        session_id: SessionId::generate(
            services.foundation.clock.now(),
            &*services.foundation.random,
        ),
        grants: vec![grant],
        request_id: "demo seed".to_owned(),
    }
}
