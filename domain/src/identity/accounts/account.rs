//! An account is a sign-in: one WeChat openid, or a back-office user name. It may be linked to a
//! person; limits count persons, so several accounts of one person are harmless.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::{
    identity::ports::MembershipSummary,
    kernel::{
        Grant, Invalid, Phone,
        coded::coded,
        id::{AccountId, PersonId},
    },
};

coded! {
    /// How an account signs in.
    AccountKind {
        Wechat "wechat",
        BackOffice "back_office",
    }
}

impl AccountKind {
    /// Roles that come with the account itself and are never stored or taken away.
    pub const fn inborn_grants(self) -> &'static [Grant] {
        match self {
            Self::Wechat => &[Grant::Worker, Grant::Donor],
            Self::BackOffice => &[],
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    pub id: AccountId,
    pub kind: AccountKind,
    /// Back office only.
    pub username: Option<Username>,
    pub nickname: Option<String>,
    pub phone: Option<Phone>,
    /// The verified person behind it.
    pub person_id: Option<PersonId>,
    pub created_at: DateTime<Utc>,
}

/// An account as its holder sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountView {
    pub account: Account,
    /// Inborn and stored ones.
    pub grants: Vec<Grant>,
    pub membership: Option<MembershipSummary>,
}

/// A back-office user name: 2 to 32 of `a-z 0-9 . _ -`, beginning with a letter or digit; upper
/// case is folded.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Username(String);

impl Username {
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let name = text.trim().to_ascii_lowercase();
        let shaped = (2..=32).contains(&name.len())
            && name.starts_with(|c: char| c.is_ascii_alphanumeric())
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
        if shaped {
            Ok(Self(name))
        } else {
            Err(Invalid::field(
                "username",
                "username_shape",
                "用户名为 2 到 32 位小写字母、数字或 . _ -，以字母或数字开头",
            ))
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("admin", Some("admin"))]
    #[case(" Cadre-1 ", Some("cadre-1"))]
    #[case("a", None)]
    #[case("-admin", None)]
    #[case("ad min", None)]
    #[case("管理员", None)]
    #[case("admin\0", None)]
    fn user_names_are_folded_and_checked(#[case] text: &str, #[case] expected: Option<&str>) {
        assert_eq!(
            Username::parse(text).ok().as_ref().map(Username::as_str),
            expected
        );
    }
}
