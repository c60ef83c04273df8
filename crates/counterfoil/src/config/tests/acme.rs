//! The settings of ordered certificates: what goes together, and what is said where it does not.

use super::*;

/// These keys of the section, with a directory whose terms are agreed to.
const DIRECTORY: &str = "directory_url = \"https://acme.example.org/directory\"\n";

fn with(top: &str, section: &str) -> Given {
    let text = format!("{top}\n[acme]\n{section}");
    file(Box::leak(text.into_boxed_str()))
}

fn agreed(top: &str, section: &str) -> Given {
    with(
        &format!("public_url = \"https://tokens.example.org:8443\"\n{top}"),
        &format!("{DIRECTORY}terms_agreed = true\n{section}"),
    )
}

fn complaint_about(given: &Given) -> String {
    given.load().unwrap_err().to_string()
}

#[test]
fn a_certificate_is_ordered_for_the_host_of_the_public_url_or_the_names_that_are_set() {
    let settings = agreed("", "").load().unwrap();
    assert!(settings.is_encrypted());
    assert_eq!(settings.ordered_names(), ["tokens.example.org"]);
    let settings = agreed("", "names = [\"A.example.org\", \"b.example.org\"]");
    let settings = settings.load().unwrap();
    assert_eq!(settings.ordered_names(), ["a.example.org", "b.example.org"]);
    let Some(counterfoil_server::listen::TlsSource::Ordered(file)) = settings.tls_source() else {
        panic!("it is ordered")
    };
    assert!(file.ends_with("acme/certificate.pem"));
    let settings = Settings::default();
    assert!(!settings.is_encrypted() && settings.tls_source().is_none());
}

#[test]
fn settings_of_orders_that_contradict_others_are_refused() {
    for (given, sentence) in [
        (
            with("", DIRECTORY),
            "acme.terms_agreed is false; it must be true, by which you agree to the terms of the authority at \
             https://acme.example.org/directory.",
        ),
        (
            with("", "terms_agreed = true"),
            "acme.terms_agreed is set and acme.directory_url is not; set both, or leave acme.terms_agreed out.",
        ),
        (
            with("", "names = [\"a.example\"]"),
            "acme.names is set and acme.directory_url is not; set both, or leave acme.names out.",
        ),
        (
            agreed("[tls]\nself_signed = true", ""),
            "acme.directory_url is set and tls.self_signed is true; it must be one or the other.",
        ),
        (
            agreed("[tls]\ncert = \"a\"\nkey = \"b\"", ""),
            "acme.directory_url is set and tls.cert is set; it must be one or the other.",
        ),
        (
            agreed("database_url = \"postgres://mona@localhost/x\"", ""),
            "acme.directory_url is set and database_url is a PostgreSQL database, whose nodes would each order a certificate; leave \
             acme.directory_url out, and give every node the certificate in tls.cert and tls.key, or put a proxy before them.",
        ),
        (
            with(
                "public_url = \"https://192.0.2.1\"",
                &format!("{DIRECTORY}terms_agreed = true"),
            ),
            "acme.names is empty; it must have the names that the certificate is for, since public_url has no host name.",
        ),
        (
            agreed("", "external_account_id = \"kid-1\""),
            "acme.external_account_id is set and acme.external_account_key_file is not; the authority needs both, or neither.",
        ),
    ] {
        assert_eq!(complaint_about(&given), sentence);
    }
}

#[test]
fn a_name_that_no_certificate_is_ordered_for_is_refused() {
    for name in ["*.example.org", "192.0.2.1", "a_b.example"] {
        let given = agreed("", &format!("names = [\"{name}\"]"));
        let said = complaint_about(&given);
        let expected = format!(
            "acme.names has an entry that is {name:?}; it must be a list, each entry a host name such as tokens.example.org, \
             without a wildcard and no IP address."
        );
        assert!(said.ends_with(&expected), "{said}");
    }
    let many: Vec<String> = (0..101)
        .map(|number| format!("\"n{number}.example\""))
        .collect();
    let given = agreed("", &format!("names = [{}]", many.join(", ")));
    assert_eq!(
        complaint_about(&given),
        "acme.names has 101 names; it must have at most 100."
    );
}

#[test]
fn the_key_of_an_account_is_read_as_authorities_give_it_and_never_shown() {
    let with_key = |key: &'static str| {
        let mut given = agreed("", "external_account_id = \"kid-1\"");
        given.variables.insert(ACME_ACCOUNT_KEY_VARIABLE, key);
        given.load()
    };
    // With the padding and without it.
    for key in ["c2VjcmV0IGtleQ", "c2VjcmV0IGtleQ=="] {
        let settings = with_key(key).unwrap();
        let read = settings.acme_account_key.as_ref().and_then(account_key);
        assert_eq!(read.unwrap().as_slice(), b"secret key");
        assert!(!format!("{settings:?}").contains(key));
    }
    let said = with_key("no base64!").unwrap_err().to_string();
    assert_eq!(
        said,
        "the key that acme.external_account_key_file or COUNTERFOIL_ACME_EXTERNAL_ACCOUNT_KEY holds is not base64url; it must be \
         as the authority gave it."
    );
}
