//! Where photos lie: in files beside the data, or in one private bucket, whose keys and address
//! are checked before anything is sent there.

use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{Profile, Sources, faults::Faults, secret};

#[derive(Debug, Clone)]
pub enum ObjectsConfig {
    /// Files; good for one server with a backup.
    Local {
        folder: PathBuf,
    },
    OssV4(OssConfig),
    OssV1(OssConfig),
}

/// One private bucket.
#[derive(Debug, Clone)]
pub struct OssConfig {
    pub bucket: String,
    /// `cn-beijing`
    pub region: String,
    /// With its scheme, without a slash at the end.
    pub endpoint: String,
    pub access_key_id: String,
    pub access_key_secret: SecretString,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoreKind {
    Local,
    OssV4,
    OssV1,
}

#[derive(Deserialize)]
struct Raw {
    store: StoreKind,
    bucket: Option<String>,
    region: Option<String>,
    endpoint: Option<String>,
    access_key_id: Option<String>,
    access_key_secret: Option<SecretString>,
}

impl ObjectsConfig {
    pub(super) fn check(
        sources: &Sources,
        profile: Profile,
        data_dir: &Path,
        problems: &mut Faults,
    ) -> Option<Self> {
        let raw: Raw = sources.value("objects", problems)?;
        match raw.store {
            StoreKind::Local => Some(Self::Local {
                folder: data_dir.join("objects"),
            }),
            StoreKind::OssV4 => bucket(raw, profile, problems).map(Self::OssV4),
            StoreKind::OssV1 => bucket(raw, profile, problems).map(Self::OssV1),
        }
    }
}

fn bucket(raw: Raw, profile: Profile, problems: &mut Faults) -> Option<OssConfig> {
    let bucket = problems.note(
        "objects.bucket",
        raw.bucket.ok_or("missing: name the private bucket"),
    );
    let region = raw
        .region
        .ok_or("missing: such as cn-beijing, without oss-");
    let region = problems.note("objects.region", region.and_then(check_region));
    let endpoint = raw
        .endpoint
        .or_else(|| Some(format!("https://oss-{}.aliyuncs.com", region.as_deref()?)));
    let endpoint = endpoint.map(|endpoint| endpoint.trim_end_matches('/').to_owned());
    let safe = |url: &String| {
        url.starts_with("https://") || (profile == Profile::Dev && url.starts_with("http://"))
    };
    if endpoint.as_ref().is_some_and(|url| !safe(url)) {
        problems.add(
            "objects.endpoint",
            "must begin with https://: photos and signatures travel there",
        );
    }
    let id = raw
        .access_key_id
        .ok_or("missing: make a RAM user's AccessKey for this bucket");
    let id = problems.note("objects.access_key_id", id);
    let secret = problems.note(
        "objects.access_key_secret",
        check_secret(raw.access_key_secret, profile),
    );
    Some(OssConfig {
        bucket: bucket?,
        region: region?,
        endpoint: endpoint?,
        access_key_id: id?,
        access_key_secret: secret?,
    })
}

fn check_region(region: String) -> Result<String, &'static str> {
    if region.starts_with("oss-") {
        Err("without the oss- prefix, such as cn-beijing")
    } else {
        Ok(region)
    }
}

fn check_secret(secret: Option<SecretString>, profile: Profile) -> Result<SecretString, String> {
    let secret = secret.ok_or("missing: the secret of the AccessKey")?;
    match secret::weakness(secret.expose_secret()) {
        Some(weakness) if profile == Profile::Production => Err(weakness.to_owned()),
        _ => Ok(secret),
    }
}
