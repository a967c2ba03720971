use niangjia_infra::system::SystemRandom;

use super::*;

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
        (
            "NIANGJIA_DATABASE_URL",
            "postgres://u:canary-db@h/n?password=canary-query",
        ),
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
    for text in [
        "[wechat]\nsecret = 777777777\n",
        "[wechat]\nsecret = 777777777'\n",
    ] {
        let file = folder.path().join("own.toml");
        std::fs::write(&file, text).unwrap();
        let sources = Sources::gather(&Inputs {
            file: Some(file),
            ..Inputs::default()
        });
        let error = Config::load(&sources, &SystemRandom).unwrap_err();
        assert!(
            !format!("{error} {}", show(&sources)).contains("777"),
            "{error}"
        );
    }
}

#[test]
fn debug_output_holds_no_secrets() {
    let text = format!(
        "{:?}",
        load_production(&[(
            "NIANGJIA_DATABASE_URL",
            &format!("postgres://u:{GOOD_SECRET}@h/n")
        )])
        .unwrap()
    );
    assert!(!text.contains(GOOD_SECRET), "{text}");
}
