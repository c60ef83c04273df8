//! Links that work once, forgotten passwords and e-mail addresses, as people meet them.

use counterfoil_authority::{
    Invite, Letter, LinkDelivery, LinkTo, MailError, MailServerState, Mailer,
};
use counterfoil_domain::email::EmailAddress;
use counterfoil_domain::link::LinkCode;
use counterfoil_domain::login::Login;
use counterfoil_domain::mail::{MailBounds, MailKind, MailWords};
use counterfoil_domain::scope::Standing;
use counterfoil_testkit::{Answer, Visitor, World, WorldOptions};
use futures_util::future::BoxFuture;
use http::Method;
use parking_lot::Mutex;

const PASSWORD: &str = "a long new password";
/// Where people see to their addresses.
const PATH: &str = "/settings/profile/addresses";

/// A mail server that keeps what it is given.
#[derive(Default)]
struct Kept(Mutex<Vec<Letter>>);

impl Mailer for Kept {
    fn send(&self, letter: Letter) -> BoxFuture<'static, Result<(), MailError>> {
        self.0.lock().push(letter);
        Box::pin(async { Ok(()) })
    }
}

/// A world that sends mail.
pub(crate) async fn with_mail() -> World {
    let mut options = WorldOptions::for_browsers();
    options.settings.mail = Some(MailBounds::default());
    World::with(options).await
}

/// Sends what waits.
pub(crate) async fn sent(world: &World) -> Vec<Letter> {
    let (kept, mut server) = (Kept::default(), MailServerState::default());
    let sent = world.authority.send_due(&kept, &mut server).await;
    sent.expect("the outbox can be read");
    kept.0.into_inner()
}

/// The one letter that waits.
async fn letter(world: &World) -> Letter {
    let mut letters = sent(world).await;
    assert_eq!(letters.len(), 1, "{letters:?}");
    letters.remove(0)
}

pub(crate) fn code(letter: &Letter) -> LinkCode {
    letter.link.as_ref().expect("it has a link").code.clone()
}

/// Opens a link as it stands in a mail, and gives the page that asks.
pub(crate) async fn open(visitor: &Visitor<'_>, code: &LinkCode) -> Answer {
    let moved = visitor.get(&format!("/link/{}", code.expose())).await;
    assert_eq!(moved.header("location"), "/link");
    visitor.follow(&moved).await
}

fn login(text: &str) -> Login {
    Login::parse(text).expect("a login")
}

async fn signs_in(world: &World, login: &str, password: &str) -> bool {
    let visitor = world.visitor();
    let page = visitor.get("/login").await;
    let typed = [("login", login), ("password", password)];
    let answer = visitor.submit(&page, "/login", &typed).await;
    answer.status == 303
}

#[tokio::test]
async fn the_first_administrator_is_made_in_a_browser_and_nobody_after() {
    let world = World::for_browsers().await;
    let not_yet = "The set-up link is in the server";
    let welcome = world.visitor().get("/").await;
    assert!(welcome.text().contains(not_yet), "{}", welcome.text());
    let link = world.authority.offer_set_up_at_start().await.unwrap();
    let code = link.expect("there is no administrator").code;
    let visitor = world.visitor();
    // Scanners open links, by HEAD too.
    let path = format!("/link/{}", code.expose());
    let head = visitor.request(Method::HEAD, &path).send_unchecked().await;
    head.assert_status(303);
    let page = open(&world.visitor(), &code).await;
    page.assert_status(200);
    assert!(page.text().contains("You will be the first administrator."));
    assert!(
        !page.text().contains(code.expose()),
        "the page repeats the code"
    );
    let page = open(&visitor, &code).await;
    let refused = visitor.submit(&page, "/link", &[("login", "mona")]).await;
    refused.assert_status(422);
    assert!(
        refused.text().contains("value=\"mona\""),
        "what was typed stays"
    );
    let typed = [
        ("login", "mona"),
        ("email", "mona@example.com"),
        ("password", PASSWORD),
    ];
    let done = visitor.submit(&refused, "/link", &typed).await;
    let said = visitor.follow(&done).await;
    assert!(
        said.text().contains("You are the administrator."),
        "{}",
        said.text()
    );
    assert!(signs_in(&world, "mona@example.com", PASSWORD).await);
    let welcome = world.visitor().get("/").await;
    assert!(!welcome.text().contains(not_yet), "{}", welcome.text());
    let again = open(&world.visitor(), &code).await;
    again.assert_status(404);
    assert!(again.text().contains("This link was used or has expired."));
    assert!(
        world
            .authority
            .offer_set_up_at_start()
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn a_set_up_link_makes_nobody_once_an_operator_has_made_an_administrator() {
    let typed = [
        ("login", "mona"),
        ("email", "mona@example.com"),
        ("password", PASSWORD),
    ];
    let prepared = async |world: &World| {
        let link = world.authority.offer_set_up_at_start().await.unwrap();
        link.expect("there is no administrator").code
    };
    // The form was open when somebody was made at the command line.
    let world = World::for_browsers().await;
    let (code, visitor) = (prepared(&world).await, world.visitor());
    let page = open(&visitor, &code).await;
    world.administrator("root").await;
    let events = world.events().await.len();
    let late = visitor.submit(&page, "/link", &typed).await;
    late.assert_status(404);
    assert!(late.text().contains("This link was used or has expired."));
    assert_eq!(world.events().await.len(), events);
    assert!(!signs_in(&world, "mona", PASSWORD).await);
    // And at the same time one of them is the first, the operator's in any case made.
    for _ in 0..4 {
        let world = World::for_browsers().await;
        let (code, visitor) = (prepared(&world).await, world.visitor());
        let page = open(&visitor, &code).await;
        let (sent, root) = tokio::join!(
            visitor.submit(&page, "/link", &typed),
            world.administrator("root")
        );
        let mona = "SELECT id FROM accounts WHERE login = 'mona'";
        if let Some(mona) = world.database().look_up(mona) {
            sent.assert_status(303);
            let mona: i64 = mona.parse().expect("an id");
            assert!(mona < root.account.id.0, "she was the first");
        } else {
            sent.assert_status(404);
        }
        assert!(signs_in(&world, "root", &root.password).await);
    }
}

#[tokio::test]
async fn the_page_of_a_dead_set_up_link_says_where_the_live_one_is() {
    let world = World::for_browsers().await;
    let dead = world
        .authority
        .offer_set_up_at_start()
        .await
        .unwrap()
        .expect("one");
    world
        .authority
        .offer_set_up_at_start()
        .await
        .unwrap()
        .expect("another");
    let page = open(&world.visitor(), &dead.code).await;
    page.assert_status(404);
    assert!(
        page.text().contains("The set-up link is in the server"),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn who_is_invited_chooses_a_password_and_signs_in_by_address_from_then_on() {
    let world = with_mail().await;
    let invite = Invite {
        login: login("mona"),
        email: Some(EmailAddress::parse("mona@example.com").expect("an address")),
        name: None,
        standing: Standing::Ordinary,
    };
    let operator = World::operator();
    let invited = world
        .authority
        .invite(invite, LinkTo::MailOrShow, &operator);
    let (_, delivery) = invited.await.expect("the login is free");
    assert!(matches!(delivery, LinkDelivery::Mailed));
    let letter = letter(&world).await;
    assert_eq!(letter.to.as_str(), "mona@example.com");
    let visitor = world.visitor();
    let page = open(&visitor, &code(&letter)).await;
    assert!(
        page.text().contains("An administrator invited you."),
        "{}",
        page.text()
    );
    for (password, said) in [
        ("", "Enter a password"),
        ("short", "Enter 8 characters or more"),
        ("mona@example.com", "Choose a password that is not made of"),
    ] {
        let refused = visitor
            .submit(&page, "/link", &[("password", password)])
            .await;
        refused.assert_status(422);
        assert!(
            refused.text().contains(said),
            "{password}: {}",
            refused.text()
        );
    }
    let done = visitor
        .submit(&page, "/link", &[("password", PASSWORD)])
        .await;
    done.assert_status(303);
    assert!(signs_in(&world, "mona@example.com", PASSWORD).await);
    // The form that was open is of no use any more.
    let again = visitor
        .submit(&page, "/link", &[("password", "another long password")])
        .await;
    again.assert_status(404);
    assert!(!signs_in(&world, "mona", "another long password").await);
}

/// What a request leaves behind, as far as somebody could measure it.
async fn work_of_asking(world: &World, typed: &str) -> (u64, Option<String>, String) {
    let visitor = world.visitor();
    let page = visitor.get("/login/forgotten").await;
    let before = world.store.stats().writes;
    let answer = visitor
        .submit(&page, "/login/forgotten", &[("login", typed)])
        .await;
    let writes = world.store.stats().writes - before;
    let said = visitor.follow(&answer).await;
    let rows = "SELECT kind || ' ' || CAST(asked AS TEXT) || ' ' || coalesce(CAST(account_id AS TEXT), 'nobody') FROM outbox ORDER BY id DESC LIMIT 1";
    (writes, world.database().look_up(rows), said.text())
}

#[tokio::test]
async fn a_forgotten_password_is_answered_alike_whoever_has_what_was_typed() {
    let world = with_mail().await;
    world.user("mona").await;
    world.unverified_user("bert").await;
    let known = work_of_asking(&world, "mona").await;
    assert_eq!(known.1.as_deref(), Some("reset_asked 1 nobody"));
    assert!(known.2.contains("If an account has this as a verified address, a link is on its way. It works for 60 minutes."));
    for typed in [
        "mona@example.com",
        "bert",
        "nobody",
        "nobody@example.com",
        "?",
    ] {
        assert_eq!(work_of_asking(&world, typed).await, known, "{typed}");
    }
    let letters = sent(&world).await;
    let to: Vec<_> = letters.iter().map(|letter| letter.to.as_str()).collect();
    assert_eq!(to, ["mona@example.com"; 2]);
}

#[tokio::test]
async fn where_no_mail_is_sent_the_page_says_so() {
    let world = World::for_browsers().await;
    let page = world.visitor().get("/login/forgotten").await;
    page.assert_status(200);
    assert!(
        page.text()
            .contains("This server sends no mail. Ask an administrator for a link.")
    );
    assert_eq!(page.forms(), []);
}

#[tokio::test]
async fn a_mailed_link_gives_another_password_and_ends_the_sessions_that_there_are() {
    let world = with_mail().await;
    let mona = world.user("mona").await;
    let token = mona.personal_token("laptop", &["repo"]).await;
    let elsewhere = world.visitor();
    elsewhere.sign_in(&mona).await;
    elsewhere.get("/settings/sessions").await.assert_status(200);
    let visitor = world.visitor();
    let page = visitor.get("/login/forgotten").await;
    visitor
        .submit(&page, "/login/forgotten", &[("login", "mona")])
        .await;
    let letter = letter(&world).await;
    assert_eq!(letter.words, MailWords::OfKind(MailKind::ResetAsked));
    let page = open(&visitor, &code(&letter)).await;
    assert!(page.text().contains("All sessions end."), "{}", page.text());
    let typed = [("password", PASSWORD), ("revoke", "on")];
    visitor
        .submit(&page, "/link", &typed)
        .await
        .assert_status(303);
    assert!(signs_in(&world, "mona", PASSWORD).await);
    assert!(!signs_in(&world, "mona", &mona.password).await);
    elsewhere.get("/settings/sessions").await.assert_status(303);
    let (stranger, token) = (world.anonymous(), token.token());
    let refused = stranger.get_with_token(&token, "/user").await;
    refused.assert_status(401);
    // The person is told.
    let told = sent(&world).await;
    let told: Vec<_> = told.iter().map(|letter| letter.words).collect();
    assert_eq!(told, [MailWords::OfKind(MailKind::PasswordChanged)]);
}

#[tokio::test]
async fn an_unverified_address_is_named_on_the_start_page_and_verified_from_there() {
    let world = with_mail().await;
    let bert = world.unverified_user("bert").await;
    let visitor = world.visitor();
    visitor.sign_in(&bert).await;
    let named = "The e-mail address <bdi>bert@example.com</bdi> is not verified.";
    let start = visitor.get("/").await;
    assert!(start.text().contains(named), "{}", start.text());
    assert!(start.text().contains(&format!("href=\"{PATH}\"")));
    let profile = visitor.get("/settings/profile").await;
    assert!(profile.text().contains("bert@example.com"));
    assert!(profile.text().contains("Unverified"), "{}", profile.text());
    assert!(profile.text().contains(&format!("href=\"{PATH}\"")));
    let page = visitor.get(PATH).await;
    assert!(page.text().contains("href=\"/settings/profile\""));
    let asked = visitor.submit(&page, PATH, &[]).await;
    asked.assert_status(303);
    let letter = letter(&world).await;
    assert_eq!(letter.to.as_str(), "bert@example.com");
    let page = open(&visitor, &code(&letter)).await;
    visitor.submit(&page, "/link", &[]).await.assert_status(303);
    let start = visitor.get("/").await;
    assert!(!start.text().contains(named), "{}", start.text());
    let profile = visitor.get("/settings/profile").await;
    assert!(!profile.text().contains("Unverified"), "{}", profile.text());
}

/// Sends one of the forms beside an address, which must be done.
async fn change(visitor: &Visitor<'_>, what: &str, address: &str) {
    let page = visitor.get(PATH).await;
    let action = format!("{PATH}/{what}");
    let typed = [("address", address)];
    let changed = visitor.submit(&page, &action, &typed).await;
    changed.assert_status(303);
}

#[tokio::test]
async fn an_address_is_added_by_its_link_and_the_change_is_taken_back_by_the_one_before() {
    let world = with_mail().await;
    let mona = world.user("mona").await;
    world.user("bert").await;
    let visitor = world.visitor();
    visitor.sign_in(&mona).await;
    let page = visitor.get(PATH).await;
    page.assert_status(200);
    // Somebody else's address is answered like any other.
    let mut said = Vec::new();
    for address in ["bert@example.com", "new@example.com"] {
        let asked = visitor.submit(&page, PATH, &[("address", address)]).await;
        said.push(visitor.follow(&asked).await.text());
    }
    assert!(
        said[0].contains("A link is on its way to the address."),
        "{}",
        said[0]
    );
    assert_eq!(
        said[0].matches("@example.com").count(),
        said[1].matches("@example.com").count()
    );
    // The newer request ended the older one.
    let asked = letter(&world).await;
    assert_eq!(asked.to.as_str(), "new@example.com");
    let elsewhere = world.visitor();
    let ask = open(&elsewhere, &code(&asked)).await;
    assert!(ask.text().contains("Verify address"), "{}", ask.text());
    elsewhere
        .submit(&ask, "/link", &[])
        .await
        .assert_status(303);
    let told = letter(&world).await;
    assert_eq!(told.to.as_str(), "mona@example.com");
    change(&visitor, "choose", "new@example.com").await;
    sent(&world).await;
    change(&visitor, "remove", "mona@example.com").await;
    // Whoever removed it stays signed in.
    let page = visitor.get(PATH).await;
    page.assert_status(200);
    assert!(!page.text().contains("mona@example.com"), "{}", page.text());
    // Whoever had the address takes it back, and sets another password.
    let owner = world.visitor();
    let ask = open(&owner, &code(&told)).await;
    assert!(ask.text().contains("all sessions end"), "{}", ask.text());
    let undone = owner.submit(&ask, "/link", &[]).await;
    let reset = owner.follow(&undone).await;
    assert!(reset.text().contains("New password"), "{}", reset.text());
    owner
        .submit(&reset, "/link", &[("password", PASSWORD)])
        .await
        .assert_status(303);
    visitor.get(PATH).await.assert_status(303);
    assert!(signs_in(&world, "mona@example.com", PASSWORD).await);
    assert!(!signs_in(&world, "new@example.com", PASSWORD).await);
}
