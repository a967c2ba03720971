//! Where to listen, and who stands in front of us. Production refuses to be called by anything but
//! https.

use std::net::SocketAddr;

use serde::Deserialize;

use super::{Network, Profile, Sources, faults::Faults};

#[derive(Debug, Clone)]
pub struct HttpConfig {
    pub listen: SocketAddr,
    /// Without a slash at the end; `None` until the port is known, when it is `http://` and the
    /// address.
    pub public_url: Option<String>,
    pub trusted_proxies: Vec<Network>,
    /// `None` is one per processor.
    pub workers: Option<usize>,
}

#[derive(Deserialize)]
struct Raw {
    listen: String,
    public_url: Option<String>,
    #[serde(default)]
    trusted_proxies: Vec<String>,
    workers: usize,
}

impl HttpConfig {
    pub(super) fn check(
        sources: &Sources,
        profile: Profile,
        problems: &mut Faults,
    ) -> Option<Self> {
        let raw: Raw = sources.value("http", problems)?;
        let listen = raw
            .listen
            .parse()
            .map_err(|_| "write an address and a port, such as 0.0.0.0:8080");
        let listen = problems.note("http.listen", listen);
        let public_url = problems.note("http.public_url", public_url(raw.public_url, profile));
        let proxies = raw
            .trusted_proxies
            .iter()
            .map(|text| text.trim().parse::<Network>())
            .collect::<Result<_, _>>();
        let proxies = problems.note(
            "http.trusted_proxies",
            proxies.map_err(|error| error.to_string()),
        );
        Some(Self {
            listen: listen?,
            public_url: public_url?,
            trusted_proxies: proxies?,
            workers: Some(raw.workers).filter(|workers| *workers > 0),
        })
    }

    /// What phones call this server, once the port is known.
    pub fn public_url(&self, bound: SocketAddr) -> String {
        self.public_url
            .clone()
            .unwrap_or_else(|| format!("http://{bound}"))
    }
}

fn public_url(url: Option<String>, profile: Profile) -> Result<Option<String>, &'static str> {
    let Some(url) = url else {
        return match profile {
            Profile::Dev => Ok(None),
            Profile::Production => Err("missing: set the https:// address that phones call"),
        };
    };
    let url = url.trim_end_matches('/').to_owned();
    let host = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    match host {
        None => Err("must begin with https://"),
        Some(host) if host.is_empty() || host.contains(['/', '?', '#', '@']) => {
            Err("a host and perhaps a port, no path")
        }
        Some(_) if profile == Profile::Production && !url.starts_with("https://") => {
            Err("http:// is refused in production: phones talk to https:// only")
        }
        Some(_) => Ok(Some(url)),
    }
}
