//! Where the bucket is.

use std::net::IpAddr;

use niangjia_domain::uploads::{ObjectKey, objects::ObjectError};

use super::OssSettings;

/// `https://{bucket}.{endpoint}`, or `{endpoint}/{bucket}` where the endpoint is an IP address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BucketAddress {
    base: String,
    /// Host and port, as it goes into `Host`.
    pub(super) authority: String,
}

impl BucketAddress {
    pub(super) fn of(settings: &OssSettings) -> Result<Self, ObjectError> {
        let standard = format!("https://oss-{}.aliyuncs.com", settings.region);
        let endpoint = settings
            .endpoint
            .as_deref()
            .unwrap_or(&standard)
            .trim_end_matches('/');
        // Without a scheme nobody can tell whether the secret's signatures travel in clear.
        let missing =
            || ObjectError::Misconfigured("the OSS endpoint needs https:// in front".to_owned());
        let (scheme, host) = endpoint.split_once("://").ok_or_else(missing)?;
        let bucket = &settings.bucket;
        if is_ip(host) {
            Ok(Self {
                base: format!("{scheme}://{host}/{bucket}"),
                authority: host.to_owned(),
            })
        } else {
            Ok(Self {
                base: format!("{scheme}://{bucket}.{host}"),
                authority: format!("{bucket}.{host}"),
            })
        }
    }

    /// Scheme, host and, path-style, the bucket; no slash at the end.
    pub(super) fn base(&self) -> &str {
        &self.base
    }

    pub(super) fn object(&self, key: &ObjectKey) -> String {
        format!("{}/{key}", self.base)
    }

    /// Where forms are posted.
    pub(super) fn form(&self) -> String {
        format!("{}/", self.base)
    }
}

fn is_ip(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, _port)| name);
    name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rstest::rstest;

    use super::*;
    use crate::objects::oss::OssSignature;

    #[rstest]
    #[case(None, "https://b.oss-cn-jinan.aliyuncs.com/tmp/a")]
    #[case(
        Some("https://oss-cn-jinan-internal.aliyuncs.com/"),
        "https://b.oss-cn-jinan-internal.aliyuncs.com/tmp/a"
    )]
    #[case(Some("http://127.0.0.1:9000"), "http://127.0.0.1:9000/b/tmp/a")]
    #[case(Some("http://[::1]:9000"), "http://[::1]:9000/b/tmp/a")]
    fn buckets_are_hosts_except_at_ip_addresses(#[case] endpoint: Option<&str>, #[case] url: &str) {
        let address = BucketAddress::of(&settings(endpoint)).unwrap();
        assert_eq!(address.object(&ObjectKey::parse("tmp/a").unwrap()), url);
    }

    #[test]
    fn an_endpoint_without_scheme_is_refused() {
        let refused = BucketAddress::of(&settings(Some("oss-cn-jinan.aliyuncs.com")));
        assert!(matches!(refused, Err(ObjectError::Misconfigured(_))));
    }

    fn settings(endpoint: Option<&str>) -> OssSettings {
        OssSettings {
            signature: OssSignature::V4,
            bucket: "b".into(),
            region: "cn-jinan".into(),
            endpoint: endpoint.map(str::to_owned),
            access_key_id: "id".into(),
            access_key_secret: "secret".into(),
            attempt_timeout: Duration::from_secs(1),
        }
    }
}
