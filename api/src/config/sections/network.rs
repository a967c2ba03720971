//! An address or a network of addresses, as proxies are trusted by.

use std::{fmt, net::IpAddr, str::FromStr};

/// `10.0.0.7`, `10.0.0.0/8`, `fd00::/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u32,
}

impl Network {
    /// Whether `other` lies inside. An IPv4 address that arrives on an IPv6 socket is still that
    /// IPv4 address.
    pub fn covers(&self, other: IpAddr) -> bool {
        match (self.address, other.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let shift = 32 - self.prefix;
                u32::from(own).checked_shr(shift) == u32::from(other).checked_shr(shift)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let shift = 128 - self.prefix;
                u128::from(own).checked_shr(shift) == u128::from(other).checked_shr(shift)
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

/// Neither an address nor a network.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("write an address (10.0.0.7) or a network (10.0.0.0/8)")]
pub struct NetworkError;

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let (address, prefix) = text
            .split_once('/')
            .map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.parse().map_err(|_| NetworkError)?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix
            .map_or(Ok(most), str::parse)
            .map_err(|_| NetworkError)?;
        if prefix > most {
            Err(NetworkError)
        } else {
            Ok(Self { address, prefix })
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("10.0.0.7", "10.0.0.7", true)]
    #[case("10.0.0.7", "10.0.0.8", false)]
    #[case("10.0.0.0/8", "10.255.1.2", true)]
    #[case("10.0.0.0/8", "11.0.0.1", false)]
    #[case("10.0.0.0/8", "::ffff:10.1.2.3", true)]
    #[case("0.0.0.0/0", "8.8.8.8", true)]
    #[case("0.0.0.0/0", "fd00::1", false)]
    #[case("fd00::/8", "fd12::1", true)]
    #[case("::1", "::1", true)]
    fn a_network_covers_its_addresses(
        #[case] network: &str,
        #[case] address: &str,
        #[case] expected: bool,
    ) {
        assert_eq!(
            network
                .parse::<Network>()
                .unwrap()
                .covers(address.parse().unwrap()),
            expected
        );
    }

    #[rstest::rstest]
    #[case("10.0.0.0/33")]
    #[case("10.0.0/8")]
    #[case("proxy.local")]
    #[case("")]
    fn nonsense_is_refused(#[case] text: &str) {
        assert_eq!(text.parse::<Network>(), Err(NetworkError));
    }
}
