use niangjia_infra::system::SystemRandom;

use super::*;

#[test]
fn nothing_at_all_is_a_usable_dev_configuration() {
    let config = load_dev(&[]).unwrap();
    assert_eq!(config.profile, Profile::Dev);
    assert_eq!(config.http.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(
        config.http.public_url(config.http.listen),
        "http://127.0.0.1:8080"
    );
    assert_eq!(
        config.database.sqlite_file().unwrap(),
        config.data_dir.join("niangjia.db")
    );
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
            (
                "NIANGJIA_DATA_DIR".to_owned(),
                folder.path().display().to_string(),
            ),
        ],
        flags: vec![("http.listen", "0.0.0.0:3".to_owned())],
    });
    let config = Config::load(&sources, &SystemRandom).unwrap();
    assert_eq!(config.http.listen.port(), 3);
    assert_eq!(config.http.workers, Some(4));
    assert_eq!(
        config.log.level, "warn",
        "an empty variable counts as absent"
    );
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
    let mode = std::fs::metadata(data.join("dev-keys.toml"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(
        std::fs::read_dir(&data).unwrap().count(),
        1,
        "nothing is left aside"
    );
}

#[test]
fn processes_that_start_at_once_agree_on_the_dev_keys() {
    let folder = tempfile::tempdir().unwrap();
    let sources = sources(&[("NIANGJIA_DATA_DIR", folder.path().to_str().unwrap())]);
    let start = || {
        Config::load(&sources, &SystemRandom)
            .unwrap()
            .keys
            .ring()
            .index
    };
    let keys = std::thread::scope(|scope| {
        let starts = (0..8).map(|_| scope.spawn(start)).collect::<Vec<_>>();
        starts
            .into_iter()
            .map(|one| one.join().unwrap())
            .collect::<Vec<_>>()
    });
    assert!(keys.windows(2).all(|pair| pair[0] == pair[1]));
}
