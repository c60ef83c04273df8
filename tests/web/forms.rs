//! Forms: nothing is done by one that no page of ours gave to the browser that sends it. Every row
//! of the table that takes a form is tried.

use counterfoil_server::routes::{Credential, PAGES, Route};
use counterfoil_testkit::{Answer, UserActor, Visitor, World};
use http::Method;

use super::passkeys;

/// Tables in which somebody could have done something.
const TABLES: [&str; 12] = [
    "accounts",
    "audit_events",
    "authorizations",
    "emails",
    "half_sign_ins",
    "passkey_challenges",
    "passkeys",
    "recovery_codes",
    "sessions",
    "sign_in_failures",
    "spent_forms",
    "totp_seeds",
];

/// What is in the tables, but for what a read writes.
fn state(world: &World) -> Vec<Vec<Vec<Option<String>>>> {
    let rows = |table: &&str| {
        let mut rows = world.database().rows(&format!("SELECT * FROM {table}"));
        rows.sort();
        rows
    };
    TABLES.iter().map(rows).collect()
}

pub(super) fn rows_with_forms() -> impl Iterator<Item = &'static Route> {
    PAGES
        .routes
        .iter()
        .filter(|route| route.method == Some(Method::POST))
}

/// The path of a row with something in the place of its parameters.
pub(super) fn path(route: &Route) -> String {
    let segments = route.path.split('/').map(|segment| {
        if segment == "{client_id}" {
            "0123456789abcdef0123"
        } else if segment.starts_with('{') {
            "1"
        } else {
            segment
        }
    });
    segments.collect::<Vec<_>>().join("/")
}

/// What would do something if it were sent with the right token.
fn typed(user: &UserActor<'_>) -> Vec<(&'static str, String)> {
    vec![
        ("login", user.account.login.as_str().to_owned()),
        ("password", user.password.clone()),
        ("new_password", "another good password".to_owned()),
        ("code", "123456".to_owned()),
        ("session", "1".to_owned()),
        ("name", "laptop".to_owned()),
    ]
}

struct Scene<'w> {
    world: &'w World,
    mona: UserActor<'w>,
    browser: Visitor<'w>,
    other: Visitor<'w>,
}

impl<'w> Scene<'w> {
    async fn new(world: &'w World) -> Self {
        let mona = world.administrator("mona").await;
        let (browser, other) = (world.visitor(), world.visitor());
        browser.sign_in(&mona).await;
        other.sign_in(&mona).await;
        Self {
            world,
            mona,
            browser,
            other,
        }
    }

    /// Tokens that are none of this row's: none, one that is cut, one of another form and one of
    /// another browser.
    async fn wrong_tokens(&self, route: &Route) -> Vec<Option<String>> {
        let page = |visitor: &'_ Answer| visitor.clone();
        let list = page(&self.browser.get("/settings/sessions").await);
        let of_another_form = if path(route) == "/logout" {
            list.form("/settings/sessions/end-others").hidden[0]
                .1
                .clone()
        } else {
            list.form("/logout").hidden[0].1.clone()
        };
        let theirs = self.other.get("/settings/sessions").await;
        let forms = theirs.forms();
        let own = forms.iter().find(|form| form.action == path(route));
        let of_another_browser = own.map(|form| form.hidden[0].1.clone());
        let of_a_stranger = self.world.visitor().get("/login").await.hidden("csrf");
        let cut = of_another_form[4..].to_owned();
        [
            Some(vec![
                None,
                Some(String::new()),
                Some(cut),
                Some(of_another_form),
            ]),
            Some(vec![Some(of_a_stranger)]),
            of_another_browser.map(|token| vec![Some(token)]),
        ]
        .into_iter()
        .flatten()
        .flatten()
        .collect()
    }

    async fn send(&self, route: &Route, token: Option<&str>, site: &str) -> Answer {
        let mut fields: Vec<(&str, &str)> = Vec::new();
        let typed = typed(&self.mona);
        fields.extend(typed.iter().map(|(name, value)| (*name, value.as_str())));
        fields.extend(token.map(|token| ("csrf", token)));
        let form = self.browser.form(&path(route), &fields);
        form.header("sec-fetch-site", site).send_unchecked().await
    }
}

#[tokio::test]
async fn no_form_does_anything_without_the_token_of_its_own_page() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let mut tried = 0;
    for route in rows_with_forms() {
        let tokens = scene.wrong_tokens(route).await;
        let before = state(&world);
        for token in &tokens {
            let answer = scene.send(route, token.as_deref(), "same-origin").await;
            answer.assert_status(403);
            assert_eq!(state(&world), before, "{} with {token:?}", route.path);
            tried += 1;
        }
    }
    assert!(tried >= 4 * rows_with_forms().count(), "{tried}");
}

#[tokio::test]
async fn no_form_is_taken_from_a_page_of_somebody_else() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    for route in rows_with_forms() {
        let before = state(&world);
        for site in ["cross-site", "same-site", "none"] {
            let answer = scene.send(route, None, site).await;
            answer.assert_status(403);
            let text = answer.text();
            assert!(text.contains("This form came from another site"), "{text}");
            assert!(
                answer.forms().is_empty(),
                "what was sent is not offered again"
            );
            assert_eq!(state(&world), before, "{} from {site}", route.path);
        }
    }
}

#[tokio::test]
async fn a_form_that_is_too_old_is_sent_again_with_what_was_typed_and_no_secret() {
    let world = World::for_browsers().await;
    world.user("mona").await;
    let visitor = world.visitor();
    visitor.get("/login").await;
    let typed = [
        ("login", "mo\"na<"),
        ("password", "typed secret"),
        ("csrf", "old"),
    ];
    let page = visitor.post("/login", &typed).await;
    page.assert_status(403);
    let text = page.text();
    assert!(
        text.contains("Your entries are still here; send it again."),
        "{text}"
    );
    assert!(!text.contains("typed secret"), "{text}");
    let form = page.form("/login");
    assert!(
        form.hidden
            .contains(&("login".to_owned(), "mo\"na<".to_owned()))
    );
    let again = visitor.submit(&page, "/login", &[]).await;
    again.assert_status(422);
    assert!(again.text().contains("Enter your password"));
}

#[tokio::test]
async fn every_row_of_somebody_signed_in_leads_strangers_to_sign_in() {
    let world = World::for_browsers().await;
    let rows = PAGES.routes.iter().filter(|route| {
        matches!(
            route.credential,
            Credential::Session | Credential::FreshSession | Credential::AdministratorSession
        )
    });
    for route in rows.filter(|route| route.method == Some(Method::GET)) {
        let answer = world.visitor().get(&path(route)).await;
        answer.assert_status(303);
        let to = answer.headers["location"].to_str().expect("a path");
        assert!(to.starts_with("/login?return_to=%2F"), "{to}");
    }
}

#[tokio::test]
async fn a_body_that_is_no_form_or_too_long_is_refused() {
    let world = World::for_browsers().await;
    let visitor = world.visitor();
    visitor.get("/login").await;
    let send = async |body: &[u8]| {
        let form = visitor.form("/login", &[]).bytes(body);
        form.send_unchecked().await.status.as_u16()
    };
    assert_eq!(send(b"login=%ff").await, 400);
    assert_eq!(send(&vec![b'a'; 200 * 1024]).await, 400);
    assert_eq!(send(&vec![b'a'; 2 << 20]).await, 413);
}

/// Where a page leads to itself in Korean.
fn in_korean(page: &Answer) -> String {
    let html = page.text();
    let links = html.split("<a href=\"").skip(1);
    let mut paths = links.filter_map(|link| {
        let (path, rest) = link.split_once('"')?;
        let attributes = rest.split('>').next()?;
        attributes.contains("hreflang=\"ko\"").then_some(path)
    });
    let path = paths.next();
    path.unwrap_or_else(|| panic!("it leads to no other language: {html}"))
        .to_owned()
}

#[tokio::test]
async fn what_answers_a_form_leads_to_a_page_in_another_language() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let rows = PAGES.routes.iter();
    let pages = rows.filter(|route| route.method == Some(Method::GET));
    let pages: Vec<_> = pages.map(path).collect();
    for route in rows_with_forms() {
        let refused = scene.browser.post(&path(route), &[]).await;
        refused.assert_status(403);
        let there = in_korean(&refused);
        let page = there.strip_suffix("?lang=ko").expect("the language");
        assert!(pages.iter().any(|known| known == page), "{there}");
        assert!(path(route).starts_with(page), "{}: {there}", route.path);
    }
}

#[tokio::test]
async fn a_page_that_has_a_browser_ask_is_left_for_one_in_another_language() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let stranger = world.visitor();
    let asked = passkeys::asked_to_sign_in(&stranger).await;
    let browser = world.visitor();
    browser.sign_in(&mona).await;
    let made = passkeys::asked_to_make(&browser, "phone").await;
    let start = "/settings/security/two-factor";
    let begun = browser.get(start).await;
    let begun = browser.submit(&begun, start, &[]).await;
    let confirm = "/settings/security/two-factor/confirm";
    let wrong = [("code", "000000")];
    let wrong = browser.submit(&begun, confirm, &wrong).await;
    wrong.assert_status(422);
    for (visitor, page, expected) in [
        (&stranger, asked, "/login?lang=ko"),
        (&browser, made, "/settings/security/passkeys?lang=ko"),
        (&browser, wrong, "/settings/security/two-factor?lang=ko"),
    ] {
        let there = in_korean(&page);
        assert_eq!(there, expected);
        let page = visitor.get(&there).await;
        page.assert_status(200);
        assert!(page.text().contains("<html lang=\"ko\""), "{there}");
    }
}
