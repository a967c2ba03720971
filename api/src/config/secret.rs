//! Secrets: which are too weak to use, and how to show text that may hold one.

use std::collections::BTreeSet;

/// Words that stand in examples and in guesses.
const WELL_KNOWN: &[&str] = &[
    "changeme",
    "change-me",
    "password",
    "secret",
    "example",
    "placeholder",
    "niangjia",
    "123456",
];

/// Why a secret is easy to guess, if it is.
pub(super) fn weakness(secret: &str) -> Option<&'static str> {
    let plain = secret.to_lowercase();
    if secret.len() < 16 {
        Some("shorter than 16 characters: use a longer, random one")
    } else if secret.chars().collect::<BTreeSet<_>>().len() < 8 {
        Some("too uniform: use a random one")
    } else if WELL_KNOWN.iter().any(|word| plain.contains(word)) {
        Some("looks like an example: use a random one")
    } else {
        None
    }
}

/// The password inside a URL.
pub(super) fn password_of(url: &str) -> Option<&str> {
    let (user, _) = authority(url)?.rsplit_once('@')?;
    let (_, password) = user.split_once(':')?;
    Some(password).filter(|password| !password.is_empty())
}

/// The URL without user, password and query.
pub(super) fn without_credentials(url: &str) -> String {
    let bare = url.split('?').next().unwrap_or(url);
    match authority(bare).and_then(|authority| authority.rsplit_once('@')) {
        Some((user, _)) => bare.replacen(&format!("{user}@"), "***@", 1),
        None => bare.to_owned(),
    }
}

fn authority(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let end = rest.rfind('@').map_or(0, |at| at + 1);
    let end = rest[end..]
        .find('/')
        .map_or(rest.len(), |slash| end + slash);
    Some(&rest[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_secrets_are_told_from_random_ones() {
        assert!(weakness("short").is_some());
        assert!(weakness("aaaaaaaaaaaaaaaaaaaaaaaa").is_some());
        assert!(weakness("my-very-own-Password-9!").is_some());
        assert!(weakness("c9f0f895fb98ab9159f51fd0297e236d").is_none());
    }

    #[test]
    fn urls_are_shown_without_credentials() {
        let url = "postgres://union:p@ss/w:rd@db.local:5432/niangjia?sslpassword=x";
        assert_eq!(
            without_credentials(url),
            "postgres://***@db.local:5432/niangjia"
        );
        assert_eq!(password_of(url), Some("p@ss/w:rd"));
        assert_eq!(
            without_credentials("sqlite://./data/niangjia.db"),
            "sqlite://./data/niangjia.db"
        );
        assert_eq!(
            without_credentials("redis://:hidden@cache/0"),
            "redis://***@cache/0"
        );
        assert_eq!(password_of("redis://cache/0"), None);
    }
}
