use niangjia_infra::system::SystemRandom;

use super::*;

#[test]
fn typing_mistakes_in_the_file_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("own.toml");
    std::fs::write(
        &file,
        "listen = '0.0.0.0:1'\n[wechat]\nappsecret = 'x'\n[htpp]\n",
    )
    .unwrap();
    let inputs = Inputs {
        file: Some(file),
        ..Inputs::default()
    };
    let error = Config::load(&Sources::gather(&inputs), &SystemRandom).unwrap_err();
    let names = error
        .0
        .iter()
        .map(|problem| problem.setting.as_str())
        .collect::<Vec<_>>();
    assert!(
        ["listen", "wechat.appsecret", "htpp"]
            .iter()
            .all(|name| names.contains(name)),
        "{names:?}"
    );
}

#[test]
fn a_file_that_is_asked_for_must_be_there() {
    let inputs = Inputs {
        file: Some("/nowhere/niangjia.toml".into()),
        ..Inputs::default()
    };
    let error = Config::load(&Sources::gather(&inputs), &SystemRandom).unwrap_err();
    assert!(error.to_string().contains("/nowhere/niangjia.toml"));
}

#[test]
fn the_environment_example_is_true_to_the_code() {
    let written = include_str!("../../../../.env.example");
    assert_eq!(
        written,
        env_example(),
        "run `niangjia config --env-example > .env.example`"
    );
}

#[test]
fn the_default_file_names_every_setting_and_no_other() {
    let text = include_str!("../../../../deploy/niangjia.toml");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("niangjia.toml");
    // Uncommented, every line must be a setting.
    let all = text.lines().map(|line| {
        line.strip_prefix('#')
            .filter(|rest| !rest.starts_with(' '))
            .unwrap_or(line)
    });
    std::fs::write(&file, all.collect::<Vec<_>>().join("\n")).unwrap();
    let sources = Sources::gather(&Inputs {
        file: Some(file.clone()),
        ..Inputs::default()
    });
    assert_eq!(sources.unknown_keys().unwrap(), Vec::<String>::new());
    for setting in settings::ALL {
        assert_eq!(
            sources.origin(setting),
            file.display().to_string(),
            "{}",
            setting.key
        );
    }
}

#[test]
fn the_default_file_needs_only_what_is_secret_or_local() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("niangjia.toml");
    std::fs::write(&file, include_str!("../../../../deploy/niangjia.toml")).unwrap();
    let secrets = production().into_iter().filter(|(name, _)| {
        ![
            "NIANGJIA_PROFILE",
            "NIANGJIA_WECHAT_MODE",
            "NIANGJIA_TEXT_CHECK_MODE",
        ]
        .contains(name)
    });
    let environment = secrets
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    let sources = Sources::gather(&Inputs {
        file: Some(file),
        environment,
        ..Inputs::default()
    });
    let config = Config::load(&sources, &SystemRandom).unwrap();
    assert_eq!(config.profile, Profile::Production);
}
