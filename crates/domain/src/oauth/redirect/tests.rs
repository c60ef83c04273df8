//! What fits a callback and what does not, and what is done with it.

use super::*;

fn choose(asked: &str, callbacks: &[&str]) -> Option<String> {
    choose_as(AppSwitches::default(), asked, callbacks)
}

fn choose_exactly(asked: &str, callbacks: &[&str]) -> Option<String> {
    let exact = AppSwitches::default().with(AppSwitch::ExactMatch, true);
    choose_as(exact, asked, callbacks)
}

fn choose_as(switches: AppSwitches, asked: &str, callbacks: &[&str]) -> Option<String> {
    let callbacks: Vec<_> = callbacks
        .iter()
        .map(|url| AppUrl::from_stored((*url).to_owned()))
        .collect();
    let chosen = RedirectUri::choose(Some(asked), &callbacks, switches).ok()?;
    Some(chosen.uri.as_str().to_owned())
}

#[test]
fn a_url_fits_that_is_the_callback_or_lies_below_it() {
    let callback = ["https://app.example.org/cb"];
    for (asked, sent) in [
        ("https://app.example.org/cb", "https://app.example.org/cb"),
        ("https://app.example.org/cb/", "https://app.example.org/cb/"),
        (
            "https://app.example.org/cb/a/b",
            "https://app.example.org/cb/a/b",
        ),
        (
            "https://APP.example.org:443/cb",
            "https://app.example.org/cb",
        ),
        (
            "HTTPS://app.example.org/cb?x=1&y",
            "https://app.example.org/cb?x=1&y",
        ),
        (
            "https://app.example.org/cb/%ED%95%9C",
            "https://app.example.org/cb/%ED%95%9C",
        ),
    ] {
        assert_eq!(choose(asked, &callback).as_deref(), Some(sent), "{asked}");
    }
    assert!(
        choose(
            "https://b.example/x/y",
            &["https://a.example/", "https://b.example"]
        )
        .is_some()
    );
    let own_query = "https://app.example.org/cb?tenant=1";
    assert_eq!(choose(own_query, &[own_query]).as_deref(), Some(own_query));
}

#[test]
fn tricks_of_spelling_fit_nothing() {
    let long = format!("https://app.example.org/cb/{}", "a".repeat(2048));
    for asked in [
        "",
        "/cb",
        "//app.example.org/cb",
        "http://app.example.org/cb",
        "https://app.example.org",
        "https://app.example.org/",
        "https://app.example.org/cb2",
        "https://app.example.org/CB",
        "https://app.example.org/cb%2Fx",
        "https://app.example.org/cb/%2e%2e/x",
        "https://app.example.org/cb/../x",
        "https://app.example.org/cb/./x",
        "https://app.example.org/cb/..",
        "https://app.example.org/cb/..;/x",
        "https://app.example.org/cb/a;b",
        "https://app.example.org/cb//x",
        "https://app.example.org/cb//",
        "https://app.example.org/cb/%5cx",
        "https://app.example.org/cb/%252e",
        "https://app.example.org/cb/%00",
        "https://app.example.org/cb/%ff",
        "https://app.example.org/cb#x",
        "https://app.example.org/cb#",
        "https://app.example.org/cb?code=x",
        "https://app.example.org/cb?x=1&st%61te=2",
        "https://app.example.org/cb?iss=https://evil.example",
        "https://app.example.org/cb?error=x",
        "https://app.example.org:8443/cb",
        "https://app.example.org./cb",
        "https://evil.app.example.org/cb",
        "https://app.example.org.evil.example/cb",
        "https://app.example.orgevil.example/cb",
        "https://app.example.org@evil.example/cb",
        "https://x@app.example.org/cb",
        "https://x:y@app.example.org/cb",
        "https://app.example.org\\@evil.example/cb",
        "https://evil.example\\.app.example.org/cb",
        "https:app.example.org/cb",
        "https:///app.example.org/cb",
        "https:\\\\app.example.org/cb",
        "https://app.example.org/cb x",
        " https://app.example.org/cb",
        "https://app.example.org/cb\t",
        "https://app.example.org/\ncb",
        "https://app.ex\u{e4}mple.org/cb",
        "https://app%2eexample.org/cb",
        "javascript:alert(1)",
        "data:text/html,x",
        &long,
    ] {
        assert_eq!(
            choose(asked, &["https://app.example.org/cb"]),
            None,
            "{asked}"
        );
    }
}

#[test]
fn a_port_is_free_on_the_same_computer_and_under_the_same_name_alone() {
    let callbacks = ["http://127.0.0.1/callback", "http://localhost/"];
    for (asked, fits) in [
        ("http://127.0.0.1:53271/callback", true),
        ("http://127.0.0.1/callback/x", true),
        ("http://localhost:8080/", true),
        ("http://localhost:8080/any", true),
        ("http://127.0.0.1:8080/", false),
        ("http://[::1]:8080/callback", false),
        ("http://127.0.0.2:8080/callback", false),
        ("https://127.0.0.1:8080/callback", false),
        ("http://localhost.evil.example:8080/", false),
        ("http://127.1:8080/callback", false),
    ] {
        assert_eq!(choose(asked, &callbacks).is_some(), fits, "{asked}");
    }
    assert_eq!(
        choose("https://localhost:2/", &["https://localhost:1/"]),
        None
    );
    assert!(choose("http://[::1]:9/", &["http://[::1]/"]).is_some());
}

#[test]
fn another_scheme_is_compared_as_a_whole() {
    let callback = ["com.example.app:/cb"];
    assert!(choose("com.example.app:/cb", &callback).is_some());
    for asked in [
        "com.example.app:/cb/x",
        "com.example.app:/cb?x",
        "com.example.apps:/cb",
        "com.example.app:/CB",
        "COM.example.app:/cb",
        "com.example.app://cb",
        "com.example.app:/%63b",
        "https://com.example.app/cb",
    ] {
        assert_eq!(choose(asked, &callback), None, "{asked}");
        assert_eq!(choose_exactly(asked, &callback), None, "{asked}");
    }
    // A scheme is no host: nothing of the web fits it, and it fits nothing of the web.
    assert_eq!(
        choose("com.example.app:/cb", &["https://com.example.app/cb"]),
        None
    );
    let with_code = "com.example.app:/cb?code=mine";
    assert_eq!(choose(with_code, &[with_code]), None);
}

#[test]
fn an_exact_callback_is_the_whole_address_with_its_query() {
    let callbacks = [
        "https://app.example.org/cb?tenant=1",
        "https://app.example.org/cb",
    ];
    for callback in callbacks {
        let sent = choose_exactly(callback, &callbacks);
        assert_eq!(sent.as_deref(), Some(callback));
    }
    for asked in [
        "https://app.example.org/cb/",
        "https://app.example.org/cb/x",
        "https://app.example.org/cb?",
        "https://app.example.org/cb?x=1",
        "https://app.example.org/cb?tenant=2",
        "https://app.example.org/cb?tenant=1&x=1",
        "https://app.example.org/cb?tenant=%31",
        "https://app.example.org/cb?TENANT=1",
        "https://app.example.org/c%62",
        "https://APP.example.org/cb",
        "HTTPS://app.example.org/cb",
        "https://app.example.org:443/cb",
        "https://app.example.org/cb#",
        "https://app.example.org/x/../cb",
    ] {
        assert_eq!(choose_exactly(asked, &callbacks), None, "{asked}");
    }
    // What no address may have is no callback either, however it was registered.
    let with_code = "https://app.example.org/cb?code=mine";
    assert_eq!(choose_exactly(with_code, &[with_code]), None);
}

#[test]
fn an_exact_callback_on_the_same_computer_has_any_port_and_nothing_else_of_its_own() {
    let callbacks = ["http://127.0.0.1/cb?x=1", "http://[::1]:1/cb"];
    for (asked, fits) in [
        ("http://127.0.0.1/cb?x=1", true),
        ("http://127.0.0.1:53271/cb?x=1", true),
        ("http://[::1]/cb", true),
        ("http://[::1]:2/cb", true),
        ("http://127.0.0.1:53271/cb", false),
        ("http://127.0.0.1:53271/cb?x=2", false),
        ("http://127.0.0.1:53271/cb/y?x=1", false),
        ("http://localhost:53271/cb?x=1", false),
        ("HTTP://127.0.0.1:53271/cb?x=1", false),
        ("https://127.0.0.1:53271/cb?x=1", false),
        ("http://127.0.0.1.evil.example:1/cb?x=1", false),
    ] {
        let chosen = choose_exactly(asked, &callbacks);
        assert_eq!(chosen.is_some(), fits, "{asked}");
    }
    let encrypted = ["https://localhost:1/"];
    assert_eq!(choose_exactly("https://localhost:2/", &encrypted), None);
}

#[test]
fn nothing_asked_for_is_the_first_callback() {
    let callbacks = ["https://a.example/cb?x=1", "https://b.example/"]
        .map(|url| AppUrl::from_stored(url.to_owned()));
    let switches = AppSwitches::default();
    let chosen = RedirectUri::choose(None, &callbacks, switches).expect("there is one");
    assert_eq!(chosen.uri.as_str(), "https://a.example/cb?x=1");
    let none = RedirectUri::choose(None, &[], switches);
    assert_eq!(none, Err(RedirectMismatch));
}

#[test]
fn an_answer_stands_behind_the_query_that_is_there() {
    for (uri, sent) in [
        ("https://a.example/", "https://a.example/?code=c"),
        ("https://a.example/?", "https://a.example/?code=c"),
        ("https://a.example/?x=1", "https://a.example/?x=1&code=c"),
        ("https://a.example/?x&", "https://a.example/?x&code=c"),
        ("com.example:/cb", "com.example:/cb?code=c"),
    ] {
        let uri = RedirectUri::from_stored(uri.to_owned());
        assert_eq!(uri.with_answer("code=c"), sent);
    }
}

#[test]
fn people_are_told_the_host_or_that_it_is_their_computer() {
    for (uri, host, is_encrypted) in [
        ("https://a.example/x", Some("a.example"), true),
        ("http://a.example:81?x", Some("a.example:81"), false),
        ("http://localhost:1/", None, false),
        ("http://[::1]:1/", None, false),
        ("https://127.0.0.1/", None, false),
        ("com.example:/cb", None, false),
    ] {
        let uri = RedirectUri::from_stored(uri.to_owned());
        let expected = host.map_or(Destination::ThisComputer, |name| Destination::Host {
            name,
            is_encrypted,
        });
        assert_eq!(uri.destination(), expected);
    }
}

#[test]
fn the_same_url_may_be_named_in_another_spelling_that_is_plain() {
    let uri = RedirectUri::from_stored("https://a.example/cb".to_owned());
    assert!(uri.is_named_by("https://A.example:443/cb"));
    for other in [
        "https://a.example/cb/",
        "https://a.example/x/../cb",
        "https://u@a.example/cb",
        "x",
    ] {
        assert!(!uri.is_named_by(other), "{other}");
    }
}
