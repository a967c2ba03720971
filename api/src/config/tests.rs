use niangjia_infra::system::SystemRandom;
use rstest::rstest;

use super::*;

const GOOD_SECRET: &str = "c9f0f895fb98ab9159f51fd0297e236d";
const KEYS: [&str; 4] = [
    "9VgXA1UzkAWC0fPvRVFMBdDfCzfcy9NmcZ5Cr6mT2gQ=",
    "m7G0sJgk0o2OAhVWZ1hbFu+YFoYwK1xTzT1aXkqfV1s=",
    "1dXqEJm4yTq0P9o3qDbXn9i5JpEwq8Qz2h0cVn4lZxA=",
    "Zk0u9T8bQeY3mVwHc5tXr2LpAa7sDf1GjKi6NoBvUy4=",
];

fn sources(pairs: &[(&str, &str)]) -> Sources {
    let environment = pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    Sources::gather(&Inputs { environment, ..Inputs::default() })
}

/// Everything that production needs.
fn production() -> Vec<(&'static str, String)> {
    let pairs = [
        ("NIANGJIA_PROFILE", "production"),
        ("NIANGJIA_PUBLIC_URL", "https://union.example.org"),
        ("NIANGJIA_WECHAT_MODE", "http"),
        ("NIANGJIA_WECHAT_APP_ID", "wx0000000000000000"),
        ("NIANGJIA_WECHAT_SECRET", GOOD_SECRET),
        ("NIANGJIA_TEXT_CHECK_MODE", "wechat"),
        ("NIANGJIA_KEYS_INDEX", KEYS[0]),
        ("NIANGJIA_KEYS_CODES", KEYS[1]),
    ];
    let mut pairs = pairs.map(|(name, value)| (name, value.to_owned())).to_vec();
    pairs.push(("NIANGJIA_KEYS_MASTERS", format!("1:{}", KEYS[2])));
    pairs.push(("NIANGJIA_KEYS_TOKENS", format!("2026:{}", KEYS[3])));
    pairs
}

fn load_production(changes: &[(&'static str, &str)]) -> Result<Config, ConfigError> {
    let mut pairs = production();
    for (name, value) in changes {
        pairs.retain(|(own, _)| own != name);
        pairs.push((name, (*value).to_owned()));
    }
    let pairs = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>();
    Config::load(&sources(&pairs), &SystemRandom)
}

fn load_dev(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let mut all = vec![("NIANGJIA_DATA_DIR", folder.path().to_str().unwrap())];
    all.extend(pairs);
    Config::load(&sources(&all), &SystemRandom)
}

#[test]
fn nothing_at_all_is_a_usable_dev_configuration() {
    let config = load_dev(&[]).unwrap();
    assert_eq!(config.profile, Profile::Dev);
    assert_eq!(config.http.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.http.public_url(config.http.listen), "http://127.0.0.1:8080");
    assert_eq!(config.database.sqlite_file().unwrap(), config.data_dir.join("niangjia.db"));
    assert!(config.redis.url.is_none());
    assert_eq!(config.log.format, LogFormat::Compact);
}

#[test]
fn later_layers_win_and_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("own.toml");
    let text = "[http]\nlisten = '0.0.0.0:1'\nworkers = 3\n[log]\nlevel = 'warn'\n[database]\nmax_connections = 7\n";
    std::fs::write(&file, text).unwrap();
    let sources = Sources::gather(&Inputs {
        file: Some(file.clone()),
        environment: vec![
            ("NIANGJIA_LISTEN".to_owned(), "0.0.0.0:2".to_owned()),
            ("NIANGJIA_WORKERS".to_owned(), "4".to_owned()),
            ("NIANGJIA_LOG_LEVEL".to_owned(), "  ".to_owned()),
            ("NIANGJIA_DATA_DIR".to_owned(), folder.path().display().to_string()),
        ],
        flags: vec![("http.listen", "0.0.0.0:3".to_owned())],
    });
    let config = Config::load(&sources, &SystemRandom).unwrap();
    assert_eq!(config.http.listen.port(), 3);
    assert_eq!(config.http.workers, Some(4));
    assert_eq!(config.log.level, "warn", "an empty variable counts as absent");
    let shown = show(&sources);
    for line in [
        "listen = \"0.0.0.0:3\"  # flag".to_owned(),
        "workers = 4  # NIANGJIA_WORKERS".to_owned(),
        format!("max_connections = 7  # {}", file.display()),
        "format = \"auto\"  # default".to_owned(),
    ] {
        assert!(shown.contains(&line), "{line} in\n{shown}");
    }
}

#[test]
fn text_that_looks_like_a_number_stays_text() {
    use secrecy::ExposeSecret;
    let config = load_dev(&[("NIANGJIA_DEMO_PASSWORD", "12345678")]).unwrap();
    assert_eq!(config.demo.password.unwrap().expose_secret(), "12345678");
}

#[test]
fn dev_keys_survive_a_restart_and_are_for_the_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let sources = sources(&[("NIANGJIA_DATA_DIR", data.to_str().unwrap())]);
    let first = Config::load(&sources, &SystemRandom).unwrap().keys;
    let second = Config::load(&sources, &SystemRandom).unwrap().keys;
    assert_eq!(first.ring().index, second.ring().index);
    assert_eq!(first.derived("codes"), second.derived("codes"));
    let mode = std::fs::metadata(data.join("dev-keys.toml")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(std::fs::read_dir(&data).unwrap().count(), 1, "nothing is left aside");
}

#[test]
fn processes_that_start_at_once_agree_on_the_dev_keys() {
    let folder = tempfile::tempdir().unwrap();
    let sources = sources(&[("NIANGJIA_DATA_DIR", folder.path().to_str().unwrap())]);
    let start = || Config::load(&sources, &SystemRandom).unwrap().keys.ring().index;
    let keys = std::thread::scope(|scope| {
        let starts = (0..8).map(|_| scope.spawn(start)).collect::<Vec<_>>();
        starts.into_iter().map(|one| one.join().unwrap()).collect::<Vec<_>>()
    });
    assert!(keys.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn a_complete_production_configuration_is_accepted() {
    let config = load_production(&[]).unwrap();
    assert_eq!(config.log.format, LogFormat::Json);
    assert!(config.database.sqlite_file().is_some(), "a county with one small server");
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
#[case::unnumbered_master("keys.masters", "NIANGJIA_KEYS_MASTERS", "a:9VgXA1UzkAWC0fPvRVFMBdDfCzfcy9NmcZ5Cr6mT2gQ=")]
#[case::no_index_key("keys.index", "NIANGJIA_KEYS_INDEX", "")]
#[case::short_key("keys.index", "NIANGJIA_KEYS_INDEX", "c2hvcnQ=")]
#[case::uniform_key("keys.index", "NIANGJIA_KEYS_INDEX", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
#[case::twin_keys("keys.codes", "NIANGJIA_KEYS_CODES", KEYS[0])]
#[case::no_token_keys("keys.tokens", "NIANGJIA_KEYS_TOKENS", "")]
#[case::absent_current("keys.token_current", "NIANGJIA_KEYS_TOKEN_CURRENT", "2027")]
#[case::weak_database("database.url", "NIANGJIA_DATABASE_URL", "postgres://union:union@db/niangjia")]
#[case::odd_database("database.url", "NIANGJIA_DATABASE_URL", "mysql://db/niangjia")]
#[case::weak_redis("redis.url", "NIANGJIA_REDIS_URL", "redis://:redis@cache")]
#[case::demo_users("demo.password", "NIANGJIA_DEMO_PASSWORD", GOOD_SECRET)]
#[case::no_roster("roster.seed_file", "NIANGJIA_ROSTER_SEED_FILE", "/nowhere/roster.csv")]
#[case::odd_number("http.workers", "NIANGJIA_WORKERS", "many")]
#[case::odd_proxy("http.trusted_proxies", "NIANGJIA_TRUSTED_PROXIES", "10.0.0.0/8,nginx")]
#[case::odd_filter("log.level", "NIANGJIA_LOG_LEVEL", "info,=,=")]
fn production_refuses_by_name(#[case] setting: &str, #[case] variable: &'static str, #[case] value: &str) {
    let error = load_production(&[(variable, value)]).unwrap_err();
    assert!(error.0.iter().any(|problem| problem.setting == setting), "{error}");
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
    let error = Config::load(&sources(&[("NIANGJIA_PROFILE", "production")]), &SystemRandom).unwrap_err();
    let names = error.0.iter().map(|problem| problem.setting.as_str()).collect::<Vec<_>>();
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

#[test]
fn typing_mistakes_in_the_file_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("own.toml");
    std::fs::write(&file, "listen = '0.0.0.0:1'\n[wechat]\nappsecret = 'x'\n").unwrap();
    let inputs = Inputs { file: Some(file), ..Inputs::default() };
    let error = Config::load(&Sources::gather(&inputs), &SystemRandom).unwrap_err();
    let names = error.0.iter().map(|problem| problem.setting.as_str()).collect::<Vec<_>>();
    assert!(names.contains(&"listen") && names.contains(&"wechat.appsecret"), "{names:?}");
}

#[test]
fn a_file_that_is_asked_for_must_be_there() {
    let inputs = Inputs { file: Some("/nowhere/niangjia.toml".into()), ..Inputs::default() };
    let error = Config::load(&Sources::gather(&inputs), &SystemRandom).unwrap_err();
    assert!(error.to_string().contains("/nowhere/niangjia.toml"));
}

#[test]
fn secrets_never_show() {
    let secrets = [
        ("NIANGJIA_WECHAT_SECRET", "canary-wechat"),
        ("NIANGJIA_OBJECTS_ACCESS_KEY_SECRET", "canary-oss"),
        ("NIANGJIA_DEMO_PASSWORD", "canary-demo"),
        ("NIANGJIA_KEYS_INDEX", "canary-index"),
        ("NIANGJIA_KEYS_CODES", "canary-codes"),
        ("NIANGJIA_KEYS_MASTERS", "1:canary-master"),
        ("NIANGJIA_KEYS_TOKENS", "canary-token-without-an-id"),
        ("NIANGJIA_DATABASE_URL", "postgres://u:canary-db@h/n?password=canary-query"),
        ("NIANGJIA_REDIS_URL", "redis://:canary-redis@h"),
    ];
    let sources = sources(&secrets);
    let shown = show(&sources);
    assert!(!shown.contains("canary"), "{shown}");
    assert!(shown.contains("masters = { 1 = \"(hidden)\" }"), "{shown}");
    let error = load_production(&secrets).unwrap_err();
    assert!(!error.to_string().contains("canary"), "{error}");
}

#[test]
fn secrets_without_quotes_or_in_broken_files_never_show() {
    let folder = tempfile::tempdir().unwrap();
    for text in ["[wechat]\nsecret = 777777777\n", "[wechat]\nsecret = 777777777'\n"] {
        let file = folder.path().join("own.toml");
        std::fs::write(&file, text).unwrap();
        let sources = Sources::gather(&Inputs { file: Some(file), ..Inputs::default() });
        let error = Config::load(&sources, &SystemRandom).unwrap_err();
        assert!(!format!("{error} {}", show(&sources)).contains("777"), "{error}");
    }
}

#[test]
fn debug_output_holds_no_secrets() {
    let text = format!(
        "{:?}",
        load_production(&[("NIANGJIA_DATABASE_URL", &format!("postgres://u:{GOOD_SECRET}@h/n"))]).unwrap()
    );
    assert!(!text.contains(GOOD_SECRET), "{text}");
}

#[test]
fn the_environment_example_is_true_to_the_code() {
    let written = include_str!("../../../.env.example");
    assert_eq!(written, env_example(), "run `niangjia config --env-example > .env.example`");
}

#[test]
fn the_default_file_names_every_setting_and_no_other() {
    let text = include_str!("../../../deploy/niangjia.toml");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("niangjia.toml");
    // Uncommented, every line must be a setting.
    let all = text.lines().map(|line| line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line));
    std::fs::write(&file, all.collect::<Vec<_>>().join("\n")).unwrap();
    let sources = Sources::gather(&Inputs { file: Some(file.clone()), ..Inputs::default() });
    assert_eq!(sources.unknown_keys().unwrap(), Vec::<String>::new());
    for setting in settings::ALL {
        assert_eq!(sources.origin(setting), file.display().to_string(), "{}", setting.key);
    }
}
