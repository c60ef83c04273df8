//! `counterfoil serve --seed`

use counterfoil_testkit::process::{ApiClient, Connection, FIRST_APPS, Person, Running, basic};
use serde_json::json;

use super::{Desk, code_now, text};

const PERSONAL: &str = "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";
const OF_APP: &str = "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";

/// A folder with the example of the documentation as `seed.toml`.
fn desk() -> Desk {
    let desk = Desk::empty();
    let page = include_str!("../../docs/run/seed.md");
    let (_, rest) = page.split_once("```toml\n").expect("an example");
    let (example, _) = rest.split_once("```").expect("its end");
    desk.folder_file("seed.toml", example);
    desk
}

fn status(server: &Running, token: &str) -> u16 {
    ApiClient::with_token(&server.base_url, token)
        .expect("a connection")
        .must("GET", "/user", None)
        .status
}

#[test]
fn the_documented_example_gives_users_apps_and_tokens_that_work() {
    let desk = desk();
    let server = desk.program.start_serve(&["--seed", "seed.toml"]);
    assert_eq!(status(&server, PERSONAL), 200);
    assert_eq!(status(&server, OF_APP), 200);
    let code = code_now("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP");
    let authorization = basic("mona", "correct horse battery staple");
    let headers = [
        ("authorization", authorization.as_str()),
        ("x-github-otp", code.as_str()),
    ];
    let mut connection = Connection::open(&server.base_url).unwrap();
    let user = connection
        .ask("GET", "/api/v3/user", &headers, None)
        .unwrap();
    assert_eq!(user.json()["name"], "Mona Lisa");
    assert_eq!(user.json()["site_admin"], true);
    let ci_bot = Person::new("ci-bot", "another good password");
    let mut ci_bot = ci_bot.connect(&server.base_url).unwrap();
    let secret = "0123456789abcdef0123456789abcdef01234567";
    ci_bot
        .must(
            "PUT",
            "/authorizations/clients/1234567890abcdef1234",
            Some(&json!({"client_secret": secret})),
        )
        .assert_status(201);
    let tokens = desk.json(&["token", "list", "--all"], "");
    assert_eq!(tokens[0]["made_by"], "import");
    let dashboard = desk.json(&["app", "show", "1234567890abcdef1234"], "");
    assert_eq!(dashboard["exact_match"], true);
    assert_eq!(dashboard["standard_errors"], false);
    let acme = desk.json(&["org", "show", "acme"], "");
    assert_eq!(acme["members"][0]["role"], "admin");
    let team = ["team", "member", "list", "acme", "site-reliability"];
    assert_eq!(desk.json(&team, "")[0]["login"], "ci-bot");
    let said = server.stderr();
    assert!(
        said.contains("the seed file was applied")
            && !said.contains(secret)
            && !said.contains(PERSONAL),
        "{said}"
    );
}

#[test]
fn a_seed_file_is_applied_once_whatever_became_of_what_it_made() {
    let desk = desk();
    let server = desk.program.start_serve(&["--seed", "seed.toml"]);
    desk.done(&["token", "revoke", "--token-stdin"], PERSONAL);
    desk.done(&["user", "delete", "mona", "--yes"], "");
    server.terminate();
    let before = desk.events();
    let server = desk.program.start_serve(&["--seed", "seed.toml"]);
    assert_eq!(status(&server, PERSONAL), 401);
    assert_eq!(status(&server, OF_APP), 401);
    server.terminate();
    assert_eq!(desk.events(), before);
    let seeded = before
        .iter()
        .filter(|event| event["action"] == "installation.seeded");
    assert_eq!(seeded.count(), 1);
}

#[test]
fn of_a_changed_file_only_what_is_new_is_made() {
    let desk = desk();
    desk.program
        .start_serve(&["--seed", "seed.toml"])
        .terminate();
    let file = desk.folder.path().join("seed.toml");
    let more = std::fs::read_to_string(&file)
        .unwrap()
        .replace("another good password", "a third good password");
    desk.folder_file(
        "seed.toml",
        &format!("{more}\n[[users]]\nlogin = \"lisa\"\npassword = \"correct horse\"\n"),
    );
    let server = desk.program.start_serve(&["--seed", "seed.toml"]);
    let status = |login: &str, password: &str| {
        let person = Person::new(login, password);
        person
            .connect(&server.base_url)
            .unwrap()
            .must("GET", "/user", None)
            .status
    };
    assert_eq!(status("lisa", "correct horse"), 200);
    assert_eq!(status("ci-bot", "another good password"), 200);
    assert_eq!(
        desk.json(&["token", "list", "--all"], "")
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[test]
fn a_seed_file_is_refused_where_other_machines_may_connect() {
    let desk = desk();
    let sentence = desk.mistyped(
        &["serve", "--seed", "seed.toml", "--listen", "0.0.0.0:0"],
        "",
    );
    assert!(
        sentence.ends_with("other machines may reach 0.0.0.0:0; listen on loopback only"),
        "{sentence}"
    );
    desk.folder_file(
        "counterfoil.toml",
        "listen = [\"127.0.0.1:0\", \"[::]:0\"]\npublic_url = \"http://a.example\"\ninsecure_http = true\n",
    );
    let sentence = desk.mistyped(&["serve", "--seed", "seed.toml"], "");
    assert!(
        sentence.ends_with("other machines may reach [::]:0; listen on loopback only"),
        "{sentence}"
    );
    assert!(!desk.folder.path().join("counterfoil-data").exists());
}

#[test]
fn a_seed_file_with_a_mistake_makes_nothing() {
    let desk = desk();
    let serve = ["serve", "--seed", "broken.toml", "--listen", "127.0.0.1:0"];
    for (broken, sentence) in [
        (
            "[[users]]\nlogin = \"mona\"\n",
            "broken.toml: line 1: missing field `password`",
        ),
        (
            "[[user]]\n",
            "broken.toml: line 1: unknown field `user`, expected one of `users`, `organizations`, `teams`, `apps`, `tokens`",
        ),
        (
            "[[tokens]]\nlogin = \"mona\"\ntoken = \"x\"\nnote = \"n\"\nscopes = []\n",
            "broken.toml: tokens[0].token: must be a known prefix such as ghp_",
        ),
        (
            "[[users]]\nlogin = \"demo\"\npassword = \"correct horse\"\n",
            "broken.toml: users[0].login: demo is the user",
        ),
        (
            "[[users]]\nlogin = \"mona\"\npassword = \"Password1!\"\n",
            "broken.toml: users[0].password: this password is one of the commonest",
        ),
        (
            "[[users]]\nlogin = \"octo-cat\"\npassword = \"octo-cat\"\n",
            "broken.toml: users[0].password: this password is made of the user's own login",
        ),
    ] {
        desk.folder_file("broken.toml", broken);
        let said = desk.refused(&serve, "");
        assert!(said.starts_with(sentence), "{said}");
    }
    assert_eq!(
        desk.refused(
            &["serve", "--seed", "nothing.toml", "--listen", "127.0.0.1:0"],
            ""
        ),
        "cannot read the seed file nothing.toml: No such file or directory (os error 2)"
    );
    assert!(!desk.folder.path().join("counterfoil-data").exists());
}

/// The first entries of such a file must not be there afterwards: nobody would look for half of it.
#[test]
fn of_a_file_with_an_entry_that_lacks_something_nothing_is_made() {
    let desk = desk();
    let serve = ["serve", "--seed", "seed.toml", "--listen", "127.0.0.1:0"];
    let example = std::fs::read_to_string(desk.folder.path().join("seed.toml")).unwrap();
    for (whole, lacking, sentence) in [
        (
            "login = \"ci-bot\"\ntoken",
            "login = \"nobody\"\ntoken",
            "tokens[0]: its user is not there; add the user to the file",
        ),
        (
            "app = \"1234567890abcdef1234\"",
            "app = \"1234567890abcdef9999\"",
            "tokens[1]: its app is not there; add the app to the file",
        ),
        (
            "scopes = [\"repo\", \"read:org\"]",
            "scopes = [\"site_admin\"]",
            "tokens[0]: only a site administrator's token may have site_admin; set `admin = true` for its user, or leave the \
             scopes out",
        ),
        (
            "owner = \"mona\"",
            "owner = \"nobody\"",
            "app 1234567890abcdef1234: its owner is no user; add the owner to the file",
        ),
        (
            "organization = \"acme\"",
            "organization = \"nothing\"",
            "team Site Reliability: nothing is no organization; add the organization to the file",
        ),
        (
            "name = \"Site Reliability\"                   # in paths: site-reliability\nmembers = [\"ci-bot\"]",
            "name = \"Site Reliability\"\nmembers = [\"nobody\"]",
            "team Site Reliability: nobody is no member of acme",
        ),
        (
            "admins = [\"mona\"]",
            "admins = [\"nobody\"]",
            "organization acme: nobody is no user; add the user to the file",
        ),
    ] {
        assert!(example.contains(whole), "{whole}");
        desk.folder_file("seed.toml", &example.replace(whole, lacking));
        let said = desk.refused(&serve, "");
        assert_eq!(said, format!("the seed file was not applied: {sentence}"));
        assert_eq!(desk.json(&["user", "list"], ""), json!([]), "{sentence}");
    }
    desk.folder_file("seed.toml", &example);
    let server = desk.program.start_serve(&["--seed", "seed.toml"]);
    assert_eq!(status(&server, PERSONAL), 200);
}

#[test]
fn more_grants_than_fit_on_a_page_are_all_listed() {
    let desk = Desk::empty();
    let user =
        |login: &str| format!("[[users]]\nlogin = \"{login}\"\npassword = \"correct horse\"\n");
    // One user may own a hundred apps.
    let app = |number: u32| {
        let owner = if number < 60 { "mona" } else { "lisa" };
        format!(
            "[[apps]]\nowner = \"{owner}\"\nname = \"App {number}\"\nurl = \"http://a.example\"\n\
             callback_urls = [\"http://a.example\"]\nclient_id = \"{:020}\"\nclient_secret = \"{number:040}\"\n",
            number + 1
        )
    };
    let apps = 0..120;
    let file = [user("mona"), user("lisa")]
        .into_iter()
        .chain(apps.clone().map(app));
    let file: String = file.collect();
    desk.folder_file("seed.toml", &file);
    let server = desk.program.start_serve(&["--seed", "seed.toml"]);
    let mona = Person::new("mona", "correct horse");
    let mut mona = mona.connect(&server.base_url).unwrap();
    let listed = desk.json(&["app", "list"], "");
    for app in &listed.as_array().unwrap()[FIRST_APPS.len()..] {
        let number: u32 = text(&app["name"])[4..].parse().unwrap();
        let path = format!("/authorizations/clients/{}", text(&app["client_id"]));
        let body = json!({"client_secret": format!("{number:040}")});
        mona.must("PUT", &path, Some(&body)).assert_status(201);
    }
    let grants = desk.json(&["grant", "list", "mona"], "");
    assert_eq!(grants.as_array().unwrap().len(), apps.len());
    let tokens = desk.json(&["token", "list", "mona"], "");
    assert_eq!(tokens.as_array().unwrap().len(), apps.len());
}

#[test]
fn a_seed_gives_scopes_for_administrators_to_administrators_alone() {
    let documented = desk();
    let example = documented.folder.path().join("seed.toml");
    let example = std::fs::read_to_string(example).unwrap();
    let given = example.replace("\"user:email\"", "\"user:email\", \"site_admin\"");
    assert_ne!(given, example);
    let desk = Desk::empty();
    desk.folder_file("seed.toml", &given.replace("admin = true", "admin = false"));
    let sentence = desk.refused(&["serve", "--seed", "seed.toml"], "");
    assert!(
        sentence.contains("only a site administrator's token may have site_admin"),
        "{sentence}"
    );
    let desk = Desk::empty();
    desk.folder_file("seed.toml", &given);
    let server = desk.program.start_serve(&["--seed", "seed.toml"]);
    let mut holder = ApiClient::with_token(&server.base_url, OF_APP).unwrap();
    holder.must("GET", "/admin/tokens", None).assert_status(200);
}
