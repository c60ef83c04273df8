//! The settings as an operator meets them: a file, variables and flags in, settings or one sentence
//! out.

use std::collections::HashMap;
use std::env::temp_dir;
use std::fs;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

mod acme;
mod bad_values;
mod example;
mod renamed;

use super::section::Section;
use super::*;

/// What an operator has given.
#[derive(Default)]
struct Given {
    file: Option<&'static str>,
    variables: HashMap<&'static str, &'static str>,
    overrides: Overrides,
}

impl Given {
    fn load(&self) -> Result<Settings, ConfigError> {
        let environment = |name: &str| self.variables.get(name).map(|&value| value.to_owned());
        let file = self.file.map(WrittenFile::holding);
        let file = file.as_ref().map(|file| SettingsFile::named(&file.0));
        Settings::load(file.as_ref(), &environment, &self.overrides)
    }
}

/// A settings file of the test's own, removed when dropped.
struct WrittenFile(PathBuf);

impl WrittenFile {
    fn holding(text: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = temp_dir().join(format!("counterfoil-{}-{number}.toml", process::id()));
        fs::write(&path, text).unwrap();
        Self(path)
    }
}

impl Drop for WrittenFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn file(text: &'static str) -> Given {
    Given {
        file: Some(text),
        ..Given::default()
    }
}

fn variable(name: &'static str, value: &'static str) -> Given {
    Given {
        variables: HashMap::from([(name, value)]),
        ..Given::default()
    }
}

/// The sentence about a file, without the file's name.
fn complaint(text: &'static str) -> String {
    let sentence = file(text).load().unwrap_err().to_string();
    match sentence.split_once(".toml: ") {
        Some((_, rest)) => rest.to_owned(),
        None => sentence,
    }
}

#[test]
fn nothing_given_means_the_defaults() {
    let settings = Given::default().load().unwrap();
    assert_eq!(settings.general, General::default());
    assert_eq!(settings.limits, Limits::default());
    assert!(settings.environment_key.is_none());
}

#[test]
fn a_file_sets_what_it_names_and_leaves_the_rest() {
    let settings = file(
        "listen = [\"[::1]:9000\", \"unix:/run/a.sock\"]\n[limits]\nbody_bytes = 2048\n[logging]\nformat = \"json\"",
    )
    .load()
    .unwrap();
    let listen: Vec<_> = settings
        .general
        .listen
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(listen, ["[::1]:9000", "unix:/run/a.sock"]);
    assert_eq!(
        settings.limits,
        Limits {
            body_bytes: 2048,
            ..Limits::default()
        }
    );
    assert_eq!(settings.logging.format, LogFormat::Json);
}

#[test]
fn flags_beat_variables_and_variables_beat_the_file() {
    let mut given = file(
        "public_url = \"https://file.example\"\ndata_dir = \"file\"\nenterprise_version = \"1.0.0\"",
    );
    given.variables = HashMap::from([
        ("COUNTERFOIL_PUBLIC_URL", "https://variable.example"),
        ("COUNTERFOIL_DATA_DIR", "variable"),
    ]);
    given.overrides.data_dir = Some("flag".into());
    let settings = given.load().unwrap();
    assert_eq!(settings.general.data_dir, PathBuf::from("flag"));
    assert_eq!(
        settings.origins(1).first().origin(),
        "https://variable.example"
    );
    assert_eq!(settings.general.enterprise_version, "1.0.0");
}

#[test]
fn a_variable_is_named_after_its_key() {
    let given = Given {
        variables: HashMap::from([
            ("COUNTERFOIL_SIGN_IN__FAILURES_PER_ADDRESS", "7"),
            ("COUNTERFOIL_TRUSTED_PROXIES", "10.0.0.0/8, unix"),
            ("COUNTERFOIL_INSECURE_HTTP", "true"),
            ("COUNTERFOIL_LOGGING__LEVEL", ""),
        ]),
        ..Given::default()
    };
    let settings = given.load().unwrap();
    assert_eq!(settings.sign_in.failures_per_address, 7);
    assert_eq!(settings.general.trusted_proxies.len(), 2);
    assert!(settings.general.insecure_http);
    assert_eq!(settings.logging, Logging::default());
}

#[test]
fn a_bad_value_is_one_sentence_with_the_key_the_value_and_what_it_may_be() {
    for (text, sentence) in [
        (
            "[limits]\nbody_bytes = \"lots\"",
            "limits.body_bytes is \"lots\"; it must be a whole number of bytes between 1024 and 16777216.",
        ),
        (
            "[limits]\nbody_bytes = 1",
            "limits.body_bytes is 1; it must be a whole number of bytes between 1024 and 16777216.",
        ),
        (
            "[limits]\nheaders = -1",
            "limits.headers is -1; it must be a whole number of headers between 16 and 1000.",
        ),
        (
            "insecure_http = \"yes\"",
            "insecure_http is \"yes\"; it must be true or false.",
        ),
        (
            "[logging]\nformat = \"xml\"",
            "logging.format is \"xml\"; it must be \"text\" or \"json\".",
        ),
        ("data_dir = \"\"", "data_dir is \"\"; it must be a path."),
        ("data_dir = [1]", "data_dir is a list; it must be a path."),
        (
            "listen = \"127.0.0.1:8080\"",
            "listen is \"127.0.0.1:8080\"; it must be a list, each entry host:port, [IPv6]:port, unix:PATH or systemd.",
        ),
        (
            "listen = [\"127.0.0.1:8080\", \"8080\"]",
            "listen has an entry that is \"8080\"; it must be a list, each entry host:port, [IPv6]:port, unix:PATH or \
             systemd.",
        ),
        (
            "trusted_proxies = [\"10.0.0.1/8\"]",
            "trusted_proxies has an entry that is \"10.0.0.1/8\"; it must be a list, each entry an IP address, a network \
             such as 10.0.0.0/8, or unix.",
        ),
        (
            "public_url = \"https://a.example/path\"",
            "public_url is \"https://a.example/path\"; it must be http:// or https:// with a host and perhaps a port, \
             without a path.",
        ),
        (
            "enterprise_version = \"3.19\"",
            "enterprise_version is \"3.19\"; it must be three numbers with dots between them, such as 3.19.0.",
        ),
        (
            "[tokens]\npersonal_prefix = \"acme\"",
            "tokens.personal_prefix is \"acme\"; it must be 2 to 16 lower-case letters, digits and underscores, the last \
             an underscore.",
        ),
    ] {
        assert_eq!(complaint(text), sentence);
    }
}

#[test]
fn a_bad_value_is_blamed_on_the_file_variable_or_flag_it_came_from() {
    let from_file = file("[limits]\nheaders = 0")
        .load()
        .unwrap_err()
        .to_string();
    assert!(
        from_file.contains(".toml: limits.headers is 0; it must be"),
        "{from_file}"
    );

    let from_variable = variable("COUNTERFOIL_LIMITS__HEADERS", "+20")
        .load()
        .unwrap_err()
        .to_string();
    assert!(
        from_variable.starts_with("COUNTERFOIL_LIMITS__HEADERS is \"+20\"; it must be"),
        "{from_variable}"
    );

    let mut given = Given::default();
    given.overrides.listen = vec!["nowhere".to_owned()];
    let from_flag = given.load().unwrap_err().to_string();
    assert!(
        from_flag.starts_with("--listen is \"nowhere\"; it must be"),
        "{from_flag}"
    );
}

#[test]
fn a_sqlite_file_is_named_by_its_path() {
    let must = "it must be sqlite:PATH, the path of a file, or postgres://USER@HOST:PORT/DATABASE.";
    assert!(complaint("database_url = \"sqlite::memory:\"").ends_with(must));
    let settings = file("database_url = \"sqlite:///var/x.db\"")
        .load()
        .unwrap();
    assert_eq!(settings.database().file(), Some(Path::new("/var/x.db")));
}

#[test]
fn an_unknown_key_is_named_with_the_one_that_was_meant() {
    for (text, sentence) in [
        ("lisen = []", "there is no key lisen; did you mean listen?"),
        (
            "[limits]\nbody_byte = 1",
            "there is no key limits.body_byte; did you mean limits.body_bytes?",
        ),
        (
            "[limit]\nbody_bytes = 1",
            "there is no key limit; did you mean limits?",
        ),
        (
            "body_bytes = 1",
            "there is no key body_bytes; did you mean limits.body_bytes?",
        ),
        (
            "[tls]\nlisten = 1",
            "there is no key tls.listen; did you mean listen?",
        ),
        (
            "[tls]\nnonsense = 1",
            "there is no key tls.nonsense; [tls] has cert, key, self_signed.",
        ),
        (
            "nonsense = 1",
            "there is no key nonsense; `counterfoil config example` shows all keys.",
        ),
        (
            "limits = 3",
            "limits is a value; it must be a section, [limits].",
        ),
    ] {
        assert_eq!(complaint(text), sentence);
    }
}

#[test]
fn a_file_that_is_not_toml_is_named_with_the_line() {
    let sentence = complaint("listen = []\n\n[limits\n");
    assert!(sentence.starts_with("line 3 is not TOML: "), "{sentence}");
    assert!(!sentence.contains('\n'));
}

#[test]
fn a_file_that_is_named_must_exist() {
    let missing = SettingsFile::named("/nonexistent/counterfoil.toml");
    let error = Settings::load(Some(&missing), &|_| None, &Overrides::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "/nonexistent/counterfoil.toml cannot be read."
    );
}

#[test]
fn the_environment_may_hold_the_key_and_an_error_does_not_repeat_it() {
    let key = "0123abcd:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let settings = variable(KEY_VARIABLE, key).load().unwrap();
    assert_eq!(
        settings.environment_key.as_ref().unwrap().id().as_str(),
        "0123abcd"
    );
    assert!(!format!("{settings:?}").contains("AAAA"));

    let sentence = variable(KEY_VARIABLE, "s3cret")
        .load()
        .unwrap_err()
        .to_string();
    assert_eq!(
        sentence,
        "COUNTERFOIL_KEY does not hold a key; it must be ID:BASE64, as a line of the key file is."
    );
}

#[test]
fn the_public_url_must_be_given_where_it_cannot_be_guessed() {
    for listen in [
        "0.0.0.0:8080",
        "[::]:8080",
        "192.0.2.1:8080",
        "a.example:8080",
        "systemd",
        "unix:/a.sock",
    ] {
        let mut given = Given::default();
        given.overrides.listen = vec![listen.to_owned()];
        given.overrides.insecure_http = true;
        let sentence = given.load().unwrap_err().to_string();
        assert!(
            sentence.starts_with("public_url is not set; it must be the origin"),
            "{sentence}"
        );
        given.overrides.public_url = Some("https://a.example/".to_owned());
        assert_eq!(
            given.load().unwrap().origins(1).first().origin(),
            "https://a.example"
        );
    }
}

#[test]
fn plain_http_off_loopback_is_refused_unless_somebody_answers_for_it() {
    let exposed = |more: &'static str| {
        let mut given = file(more);
        given.overrides.listen = vec!["127.0.0.1:1".to_owned(), "0.0.0.0:8080".to_owned()];
        given.overrides.public_url = Some("https://a.example".to_owned());
        given.load()
    };
    let sentence = exposed("").unwrap_err().to_string();
    assert!(sentence.starts_with(
        "listen has \"0.0.0.0:8080\", where passwords would arrive unencrypted; it must be"
    ));
    for accepted in [
        "insecure_http = true",
        "trusted_proxies = [\"10.0.0.0/8\"]",
        "[tls]\nself_signed = true",
        "[tls]\ncert = \"a\"\nkey = \"b\"",
    ] {
        assert!(exposed(accepted).is_ok(), "{accepted}");
    }
}

#[test]
fn settings_that_contradict_each_other_are_refused() {
    for (text, sentence) in [
        (
            "[tls]\ncert = \"a\"",
            "tls.cert is set and tls.key is not; a certificate and its key must be set together.",
        ),
        (
            "[tls]\nkey = \"a\"",
            "tls.key is set and tls.cert is not; a certificate and its key must be set together.",
        ),
        (
            "[tls]\ncert = \"a\"\nkey = \"b\"\nself_signed = true",
            "tls.self_signed is true and tls.cert is set; it must be one or the other.",
        ),
        (
            "listen = []",
            "listen is empty; it must have at least one address, each host:port, [IPv6]:port, unix:PATH or systemd.",
        ),
        (
            "ops_listen = [\"systemd\"]",
            "ops_listen has the entry \"systemd\"; only listen may, since systemd does not say which socket is for what.",
        ),
        (
            "proxy_protocol = true",
            "proxy_protocol is true; trusted_proxies must then name the proxies that speak it.",
        ),
        (
            "[sign_in]\nfailures_per_login = 700",
            "sign_in.failures_per_login_slowed is 600; it must be at least sign_in.failures_per_login, which is 700.",
        ),
        (
            "[sign_in]\nlock = \"1m\"\nlongest_lock = \"30s\"",
            "sign_in.longest_lock is \"30s\"; it must be at least sign_in.lock, which is \"1m\".",
        ),
        (
            "[passwords]\nmemory_kib = 8\nparallelism = 2",
            "passwords.memory_kib is 8; it must be at least 8 times passwords.parallelism, which is 2.",
        ),
        (
            "[tokens]\napp_prefix = \"ghp_\"",
            "tokens.app_prefix is \"ghp_\"; it must differ from tokens.personal_prefix, so that a token shows its kind.",
        ),
        (
            "[tokens]\npersonal_prefix = \"ghr_\"",
            "tokens.personal_prefix is \"ghr_\", which refresh tokens begin with; it must differ from that, so that a token shows its kind.",
        ),
    ] {
        assert_eq!(complaint(text), sentence);
    }
}

#[test]
fn the_file_is_the_one_given_else_the_one_in_the_environment_else_the_first_there_is() {
    let (first, second) = (WrittenFile::holding(""), WrittenFile::holding(""));
    let defaults = [&first, &second].map(|file| file.0.to_str().unwrap());
    let variable = |name: &str| (name == FILE_VARIABLE).then(|| "/variable.toml".to_owned());
    let find = |given: Option<&str>, environment: Environment<'_>| {
        SettingsFile::find(given.map(PathBuf::from), environment, &defaults)
    };
    let found = |path: &Path| {
        Some(SettingsFile {
            path: path.to_owned(),
            was_named: false,
        })
    };
    assert_eq!(
        find(Some("/flag.toml"), &variable),
        Some(SettingsFile::named("/flag.toml"))
    );
    assert_eq!(
        find(None, &variable),
        Some(SettingsFile::named("/variable.toml"))
    );
    assert_eq!(find(None, &|_| None), found(&first.0));
    fs::remove_file(&first.0).unwrap();
    assert_eq!(find(None, &|_| None), found(&second.0));
    fs::remove_file(&second.0).unwrap();
    assert_eq!(find(None, &|_| None), None);
}

#[test]
fn a_database_on_another_machine_is_encrypted_unless_its_url_says_otherwise() {
    let refused = |text| file(text).load().map_err(|error| error.to_string());
    for text in [
        "database_url = \"postgres://mona@localhost/x\"",
        "database_url = \"postgres://mona@127.0.0.1,[::1]/x\"",
        "database_url = \"postgres://mona@%2Frun%2Fpostgresql/x\"",
        "database_url = \"postgres://mona@db.example.org/x?sslmode=require\"",
        "database_url = \"postgres://mona@db.example.org/x?sslmode=disable\"",
        "database_url = \"postgres://mona@db.example.org/x\"\n[database]\ntls_ca_file = \"/ca.crt\"",
    ] {
        assert!(refused(text).is_ok(), "{text}: {:?}", refused(text));
    }
    for (text, key, host) in [
        (
            "database_url = \"postgres://mona@db.example.org/x\"",
            "database_url",
            "db.example.org",
        ),
        (
            "database_url = \"postgres://mona@localhost,192.0.2.1/x\"",
            "database_url",
            "192.0.2.1",
        ),
        (
            "database_url = \"postgres://mona@localhost/x?hostaddr=192.0.2.1\"",
            "database_url",
            "192.0.2.1",
        ),
        (
            "database_url = \"postgres://mona@localhost/x\"\n[database]\nlisten_url = \"postgres://mona@db.example.org/x\"",
            "database.listen_url",
            "db.example.org",
        ),
    ] {
        let sentence = refused(text).unwrap_err();
        let begins = format!("{key} reaches {host} unencrypted, ");
        assert!(sentence.starts_with(&begins), "{text}: {sentence}");
    }
}
