//! An invitation binds one role to whoever holds its code: once, and for a limited time.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::kernel::{
    Grant, Random,
    id::{AccountId, InvitationId},
    ports::random,
};

/// Crockford's base 32: no I, L, O, U, so that a code survives being read out.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// 80 bits.
const LENGTH: usize = 16;

#[derive(Debug, Clone, PartialEq)]
pub struct Invitation {
    pub id: InvitationId,
    pub grant: Grant,
    pub created_by: AccountId,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub used_by: Option<AccountId>,
}

/// What stands in the way of using an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unusable {
    Expired,
    /// By somebody else.
    Used,
}

impl Invitation {
    /// Whether `account` may use it. Its own earlier use is no obstacle: the answer may have been
    /// lost.
    pub fn usable_by(&self, account: AccountId, now: DateTime<Utc>) -> Result<(), Unusable> {
        match self.used_by {
            Some(user) if user == account => Ok(()),
            Some(_) => Err(Unusable::Used),
            None if now >= self.expires_at => Err(Unusable::Expired),
            None => Ok(()),
        }
    }
}

/// Shown once, stored as a keyed hash.
#[derive(Clone, PartialEq, Eq)]
pub struct InvitationCode(String);

impl InvitationCode {
    pub fn generate(random: &dyn Random) -> Self {
        let letters = random::bytes::<LENGTH>(random)
            .map(|byte| char::from(ALPHABET[usize::from(byte % 32)]));
        Self(letters.iter().collect())
    }

    /// Forgives case, spaces, hyphens, and the letters that look like digits.
    pub fn parse(text: &str) -> Option<Self> {
        let code: String = text
            .chars()
            .filter(|c| !matches!(c, '-' | ' '))
            .map(|c| match c.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            })
            .collect();
        let shaped = code.len() == LENGTH && code.bytes().all(|byte| ALPHABET.contains(&byte));
        shaped.then_some(Self(code))
    }

    /// `7K3M-…`, in groups of four.
    pub fn display(&self) -> String {
        let groups: Vec<&str> = (0..LENGTH)
            .step_by(4)
            .filter_map(|start| self.0.get(start..start + 4))
            .collect();
        groups.join("-")
    }

    /// In clear, without hyphens: for hashing only.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for InvitationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InvitationCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use rstest::rstest;
    use uuid::Uuid;

    use super::*;

    struct Counting;
    impl Random for Counting {
        fn fill(&self, out: &mut [u8]) {
            out.iter_mut()
                .zip(14u8..)
                .for_each(|(byte, value)| *byte = value);
        }
    }

    #[test]
    fn a_code_reads_back_however_it_is_typed() {
        let code = InvitationCode::generate(&Counting);
        assert_eq!(code.display(), "EFGH-JKMN-PQRS-TVWX");
        assert_eq!(InvitationCode::parse(" efgh-jkmn pqrs tvwx "), Some(code));
        assert_eq!(
            InvitationCode::parse("OIL0-0000-0000-0000")
                .unwrap()
                .expose(),
            "0110000000000000"
        );
        assert_eq!(InvitationCode::parse("EFGH"), None);
        assert_eq!(InvitationCode::parse("UFGH-JKMN-PQRS-TVWX"), None);
    }

    const ME: u128 = 1;
    const OTHER: u128 = 2;

    #[rstest]
    #[case::fresh(None, 0, Ok(()))]
    #[case::at_its_end(None, 60, Err(Unusable::Expired))]
    #[case::mine_already(Some(ME), 0, Ok(()))]
    #[case::mine_already_and_late(Some(ME), 60, Ok(()))]
    #[case::anothers(Some(OTHER), 0, Err(Unusable::Used))]
    fn an_invitation_serves_one_account(
        #[case] used_by: Option<u128>,
        #[case] second: i64,
        #[case] expected: Result<(), Unusable>,
    ) {
        let account = |n| AccountId::from_uuid(Uuid::from_u128(n));
        let invitation = Invitation {
            id: InvitationId::from_uuid(Uuid::from_u128(9)),
            grant: Grant::Admin,
            created_by: account(3),
            created_at: DateTime::UNIX_EPOCH,
            expires_at: DateTime::UNIX_EPOCH + TimeDelta::seconds(60),
            used_by: used_by.map(account),
        };
        let now = DateTime::UNIX_EPOCH + TimeDelta::seconds(second);
        assert_eq!(invitation.usable_by(account(ME), now), expected);
    }
}
