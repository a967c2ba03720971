use niangjia_infra::system::SystemRandom;
use rstest::rstest;

use super::*;

#[test]
fn a_complete_production_configuration_is_accepted() {
    let config = load_production(&[]).unwrap();
    assert_eq!(config.log.format, LogFormat::Json);
    assert!(
        config.database.sqlite_file().is_some(),
        "a county with one small server"
    );
}

#[rstest]
#[case::no_public_url("http.public_url", "NIANGJIA_PUBLIC_URL", "")]
#[case::plain_public_url("http.public_url", "NIANGJIA_PUBLIC_URL", "http://union.example.org")]
#[case::loopback_public_url("http.public_url", "NIANGJIA_PUBLIC_URL", "http://127.0.0.1:8080")]
#[case::dev_wechat("wechat.mode", "NIANGJIA_WECHAT_MODE", "dev")]
#[case::no_app_id("wechat.app_id", "NIANGJIA_WECHAT_APP_ID", "")]
#[case::no_secret("wechat.secret", "NIANGJIA_WECHAT_SECRET", "")]
#[case::short_secret("wechat.secret", "NIANGJIA_WECHAT_SECRET", "hunter2")]
#[case::well_known_secret("wechat.secret", "NIANGJIA_WECHAT_SECRET", "changeme-changeme-1234")]
#[case::plain_wechat("wechat.base_url", "NIANGJIA_WECHAT_BASE_URL", "http://127.0.0.1:9000")]
#[case::dev_text_check("text_check.mode", "NIANGJIA_TEXT_CHECK_MODE", "dev")]
#[case::no_bucket("objects.bucket", "NIANGJIA_OBJECTS_STORE", "oss_v4")]
#[case::no_masters("keys.masters", "NIANGJIA_KEYS_MASTERS", "")]
#[case::unnumbered_master(
    "keys.masters",
    "NIANGJIA_KEYS_MASTERS",
    "a:9VgXA1UzkAWC0fPvRVFMBdDfCzfcy9NmcZ5Cr6mT2gQ="
)]
#[case::no_index_key("keys.index", "NIANGJIA_KEYS_INDEX", "")]
#[case::short_key("keys.index", "NIANGJIA_KEYS_INDEX", "c2hvcnQ=")]
#[case::uniform_key(
    "keys.index",
    "NIANGJIA_KEYS_INDEX",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
)]
#[case::twin_keys("keys.codes", "NIANGJIA_KEYS_CODES", KEYS[0])]
#[case::no_token_keys("keys.tokens", "NIANGJIA_KEYS_TOKENS", "")]
#[case::absent_current("keys.token_current", "NIANGJIA_KEYS_TOKEN_CURRENT", "2027")]
#[case::weak_database(
    "database.url",
    "NIANGJIA_DATABASE_URL",
    "postgres://union:union@db/niangjia"
)]
#[case::odd_database("database.url", "NIANGJIA_DATABASE_URL", "mysql://db/niangjia")]
#[case::weak_redis("redis.url", "NIANGJIA_REDIS_URL", "redis://:redis@cache")]
#[case::demo_users("demo.password", "NIANGJIA_DEMO_PASSWORD", GOOD_SECRET)]
#[case::odd_number("http.workers", "NIANGJIA_WORKERS", "many")]
#[case::odd_proxy("http.trusted_proxies", "NIANGJIA_TRUSTED_PROXIES", "10.0.0.0/8,nginx")]
#[case::odd_filter("log.level", "NIANGJIA_LOG_LEVEL", "info,=,=")]
fn production_refuses_by_name(
    #[case] setting: &str,
    #[case] variable: &'static str,
    #[case] value: &str,
) {
    let error = load_production(&[(variable, value)]).unwrap_err();
    assert!(
        error.0.iter().any(|problem| problem.setting == setting),
        "{error}"
    );
    let variable = settings::Setting::find(setting).unwrap().env();
    assert!(error.to_string().contains(&variable), "{error}");
}

#[test]
fn object_stores_need_https_in_production() {
    let oss = [
        ("NIANGJIA_OBJECTS_STORE", "oss_v4"),
        ("NIANGJIA_OBJECTS_BUCKET", "union"),
        ("NIANGJIA_OBJECTS_REGION", "cn-beijing"),
        ("NIANGJIA_OBJECTS_ACCESS_KEY_ID", "LTAI0000000000000000"),
        ("NIANGJIA_OBJECTS_ACCESS_KEY_SECRET", GOOD_SECRET),
    ];
    let config = load_production(&oss).unwrap();
    assert!(
        matches!(config.objects, ObjectsConfig::OssV4(oss) if oss.endpoint == "https://oss-cn-beijing.aliyuncs.com")
    );
    let mut plain = oss.to_vec();
    plain.push(("NIANGJIA_OBJECTS_ENDPOINT", "http://127.0.0.1:9000"));
    let error = load_production(&plain).unwrap_err();
    assert_eq!(error.0.len(), 1);
    assert_eq!(error.0[0].setting, "objects.endpoint");
}

#[test]
fn all_problems_come_at_once() {
    let error = Config::load(
        &sources(&[("NIANGJIA_PROFILE", "production")]),
        &SystemRandom,
    )
    .unwrap_err();
    let names = error
        .0
        .iter()
        .map(|problem| problem.setting.as_str())
        .collect::<Vec<_>>();
    for name in [
        "http.public_url",
        "wechat.mode",
        "wechat.app_id",
        "wechat.secret",
        "text_check.mode",
        "keys.masters",
        "keys.index",
        "keys.tokens",
        "keys.codes",
    ] {
        assert!(names.contains(&name), "{name} in {names:?}");
    }
}
