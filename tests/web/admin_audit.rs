//! `/admin/audit`: the trail, filtered, a page at a time, and no token on it.

use std::time::Duration;

use counterfoil_domain::digest::SecretDigest;
use counterfoil_testkit::{Answer, Visitor, World};
use http::header::LOCATION;

const PATH: &str = "/admin/audit";
/// Longer than a proof is fresh.
const STALE: Duration = Duration::from_mins(16);

async fn signed_in(world: &World) -> Visitor<'_> {
    let root = world.administrator("root").await;
    let browser = world.visitor();
    browser.sign_in(&root).await;
    browser
}

/// The page with this query.
async fn sought(browser: &Visitor<'_>, query: &str) -> Answer {
    let page = browser.get(&format!("{PATH}?{query}")).await;
    page.assert_status(200);
    page
}

/// The words of the trail on a page, in its order.
fn actions(page: &Answer) -> Vec<String> {
    let text = page.text();
    let (_, table) = text.split_once("<tbody>").unwrap_or_default();
    let rows = table.split("<th scope=\"row\"").skip(1);
    let actions = rows.map(|row| {
        let (_, after) = row.split_once("<code>").expect("each row has its word");
        let (action, _) = after.split_once("</code>").expect("it ends");
        action.to_owned()
    });
    actions.collect()
}

/// Where a link of the page with these words leads to.
fn link(page: &Answer, words: &str) -> Option<String> {
    let text = page.text();
    let (before, _) = text.split_once(&format!(">{words}</a>"))?;
    let (_, path) = before.rsplit_once("href=\"")?;
    let (path, _) = path.split_once('"')?;
    Some(path.replace("&#38;", "&").replace("&amp;", "&"))
}

#[tokio::test]
async fn each_event_says_what_happened_who_did_it_to_what_when_and_from_where() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Board").await;
    let made = mona.app_token(&app, &["gist"]).await;
    let browser = signed_in(&world).await;
    let page = sought(&browser, "action=authorization.created").await;
    let text = page.text();
    let digest = SecretDigest::of(&made.token()).to_hex();
    for shown in [
        "A token was issued.",
        "<code>authorization.created</code>",
        "<bdi>mona</bdi>",
        &format!("app <code>{}</code>", app.client_id),
        &format!("token {}", made.id()),
        "<code>scopes</code>: <bdi>gist</bdi>",
        &digest,
        "Request <code>",
        " UTC</time>",
        "from <bdi>",
    ] {
        assert!(text.contains(shown), "{shown}: {text}");
    }
    assert!(!text.contains(&made.token()));
    let text = sought(&browser, "action=user.created&user=mona")
        .await
        .text();
    assert!(text.contains("A user was made."), "{text}");
    assert!(
        text.contains("<bdi>tester</bdi> at the command line"),
        "{text}"
    );
}

#[tokio::test]
async fn a_page_has_the_newest_events_and_a_link_to_older_ones_until_there_are_none() {
    let world = World::for_browsers().await;
    let browser = signed_in(&world).await;
    for number in 0..60 {
        world.user(&format!("user-{number}")).await;
    }
    let total = world.audit_actions().await.len();
    let mut page = browser.get(PATH).await;
    assert_eq!(actions(&page).len(), 25);
    assert_eq!(link(&page, "Newest events"), None);
    let mut seen = actions(&page);
    // What comes later is on no page of a list that has begun.
    world.user("late").await;
    while let Some(path) = link(&page, "Older events") {
        page = browser.get(&path).await;
        page.assert_status(200);
        assert_eq!(link(&page, "Newest events").as_deref(), Some(PATH));
        seen.extend(actions(&page));
    }
    let mut expected = world.audit_actions().await;
    expected.truncate(total);
    expected.reverse();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn every_filter_of_the_command_leaves_the_events_that_it_names() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Board").await;
    world.organization("acme").await;
    world.next_second();
    let before = world.authority.now();
    let made = mona.app_token(&app, &["gist"]).await;
    let request = made.headers["x-github-request-id"].to_str().expect("text");
    let request = request.to_owned();
    world.advance(Duration::from_secs(5));
    let browser = signed_in(&world).await;
    let made = ["authorization.created"];
    for (query, expected) in [
        ("user=mona&action=user.created", &["user.created"][..]),
        ("actor=mona&action=authorization.created", &made),
        ("actor=root&action=authorization.created", &[]),
        (
            "actor=os_user:tester&action=organization.created&organization=acme",
            &["organization.created"],
        ),
        (
            &*format!(
                "app={}&action=authorization.created,token.ended",
                app.client_id
            ),
            &made,
        ),
        (
            &*format!("request={request}&action=authorization.created"),
            &made,
        ),
        (
            &*format!("since={before}&until=2s&action=authorization.created,session.started"),
            &made,
        ),
        ("since=2s&action=authorization.created", &[]),
        ("address=203.0.113.99", &[]),
        (
            "address=192.0.2.1&action=session.started",
            &["session.started"],
        ),
    ] {
        let page = sought(&browser, query).await;
        assert_eq!(actions(&page), expected, "{query}");
    }
    let none = sought(&browser, "address=203.0.113.99").await.text();
    assert!(none.contains("No event fits."), "{none}");
}

#[tokio::test]
async fn what_was_typed_stays_in_the_form_and_in_the_links() {
    let world = World::for_browsers().await;
    let browser = signed_in(&world).await;
    for number in 0..30 {
        world.user(&format!("user-{number}")).await;
    }
    let page = sought(&browser, "actor=os_user&action=user.created").await;
    let text = page.text();
    for shown in [
        "name=\"actor\" type=\"text\" autocomplete=\"off\" maxlength=\"255\" aria-describedby=\"actor-hint\" value=\"os_user\"",
        "value=\"user.created\"",
        "<details class=\"group\" open>",
    ] {
        assert!(text.contains(shown), "{shown}: {text}");
    }
    let older = link(&page, "Older events").expect("there are more");
    assert!(
        older.starts_with("/admin/audit?actor=os_user&action=user.created&cursor="),
        "{older}"
    );
    let older = browser.get(&older).await;
    assert!(
        actions(&older)
            .iter()
            .all(|action| action == "user.created")
    );
}

#[tokio::test]
async fn a_filter_that_is_wrong_is_told_beside_its_field_and_nothing_is_listed() {
    let world = World::for_browsers().await;
    let browser = signed_in(&world).await;
    for (query, field, sentence) in [
        (
            "since=yesterday",
            "since",
            "Enter a date such as 2026-12-03",
        ),
        ("until=32", "until", "Enter a date such as 2026-12-03"),
        (
            "actor=team:x",
            "actor",
            "Enter a login, app: with a client ID",
        ),
        (
            "actor=nobody",
            "actor",
            "Enter the login of a user, or the client ID",
        ),
        ("user=-", "user", "Enter a login: letters, digits"),
        (
            "user=nobody",
            "user",
            "Enter the login of a user who is or was here",
        ),
        ("app=x", "app", "Enter a client ID: 20 letters"),
        (
            "app=0123456789abcdef0123",
            "app",
            "Enter the client ID of an app",
        ),
        (
            "organization=root",
            "organization",
            "Enter the login of an organization",
        ),
        ("action=user.flew", "action", "Enter words of the trail"),
        ("address=here", "address", "Enter an IPv4 or IPv6 address"),
        ("request=12", "request", "Enter the 32 hexadecimal digits"),
    ] {
        let page = browser.get(&format!("{PATH}?{query}")).await;
        page.assert_status(422);
        let text = page.text();
        assert!(text.contains("<title>Error: Audit trail"), "{text}");
        let beside = format!("id=\"{field}-error\"");
        let (_, after) = text.split_once(&beside).expect("a sentence at the field");
        let (said, _) = after.split_once("</div>").expect("the field ends");
        assert!(said.contains(sentence), "{query}: {said}");
        assert_eq!(actions(&page), [] as [&str; 0], "{query}");
    }
    let markup = browser.get(&format!("{PATH}?since=%22%3E%3Cb%3E")).await;
    assert!(!markup.text().contains("<b>"));
}

#[tokio::test]
async fn a_token_is_found_by_its_digest_which_is_posted() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Board").await;
    let made = mona.app_token(&app, &["gist"]).await;
    mona.app_token(&app, &["repo"]).await;
    let browser = signed_in(&world).await;
    let page = sought(&browser, "user=mona").await;
    let digest = SecretDigest::of(&made.token()).to_hex();
    let typed = [("token_digest", digest.as_str())];
    let done = browser.submit(&page, PATH, &typed).await;
    let to = done.headers[LOCATION].to_str().expect("a path");
    assert_eq!(to, format!("{PATH}?user=mona&token_digest={digest}"));
    let page = browser.follow(&done).await;
    page.assert_status(200);
    assert_eq!(actions(&page), ["authorization.created"]);
    // Nothing typed takes the filter away again.
    let done = browser.submit(&page, PATH, &[("token_digest", "")]).await;
    let to = done.headers[LOCATION].to_str().expect("a path");
    assert_eq!(to, format!("{PATH}?user=mona"));
}

#[tokio::test]
async fn a_token_that_is_pasted_is_neither_shown_nor_put_into_an_address() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Board").await;
    let token = mona.app_token(&app, &["gist"]).await.token();
    let browser = signed_in(&world).await;
    let page = sought(&browser, "user=mona").await;
    let said = "That is a token. Search by its SHA-256.";
    let refused = browser
        .submit(&page, PATH, &[("token_digest", &token)])
        .await;
    refused.assert_status(422);
    assert!(refused.text().contains(said), "{}", refused.text());
    assert!(!refused.text().contains(&token));
    assert!(refused.text().contains("value=\"mona\""), "the rest stays");
    let other = browser
        .submit(&page, PATH, &[("token_digest", "zzyzx")])
        .await;
    other.assert_status(422);
    assert!(other.text().contains("Enter the SHA-256 of a token"));
    assert!(!other.text().contains("zzyzx"));
    // By hand, or in another field: the browser is led on to an address without it.
    for field in ["token_digest", "actor", "address", "anything"] {
        let pasted = format!("{PATH}?user=mona&{field}={token}");
        let led_on = browser.get(&pasted).await;
        let to = led_on.headers[LOCATION].to_str().expect("a path");
        assert_eq!(to, format!("{PATH}?user=mona&refused=token"), "{field}");
        assert!(!led_on.text().contains(&token));
        let page = browser.follow(&led_on).await;
        page.assert_status(422);
        let text = page.text();
        assert!(text.contains(said) && !text.contains(&token), "{text}");
    }
}

#[tokio::test]
async fn a_token_that_was_pasted_does_not_wait_on_a_page_that_asks_for_a_proof() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Board").await;
    let token = mona.app_token(&app, &["gist"]).await.token();
    let browser = signed_in(&world).await;
    let page = sought(&browser, "user=mona").await;
    world.advance(STALE);
    let asked = browser
        .submit(&page, PATH, &[("token_digest", &token)])
        .await;
    let text = asked.text();
    assert!(text.contains("name=\"password\""), "{text}");
    assert!(!text.contains(&token), "{text}");
    let digest = SecretDigest::of(&token).to_hex();
    let asked = browser
        .submit(&page, PATH, &[("token_digest", &digest)])
        .await;
    assert!(asked.text().contains(&digest), "a digest is no secret");
    // Nor on the page of a form that is too old.
    let fields = [("token_digest", token.as_str()), ("csrf", "old")];
    let old = browser.post(PATH, &fields).await;
    old.assert_status(403);
    assert!(!old.text().contains(&token), "{}", old.text());
}

#[tokio::test]
async fn a_place_that_is_not_in_the_list_any_more_is_told() {
    let world = World::for_browsers().await;
    let browser = signed_in(&world).await;
    for number in 0..30 {
        world.user(&format!("user-{number}")).await;
    }
    let page = browser.get(PATH).await;
    let older = link(&page, "Older events").expect("there are more");
    let restored = "UPDATE installation SET generation = (SELECT substr(check_value, 1, 16) FROM installation_keys)";
    world.database().run(restored);
    for path in [older.as_str(), "/admin/audit?cursor=AAAA"] {
        let page = browser.get(path).await;
        page.assert_status(422);
        let text = page.text();
        assert!(
            text.contains("This place in the list is not there any more."),
            "{text}"
        );
        assert_eq!(link(&page, "Show all events").as_deref(), Some(PATH));
    }
}

#[tokio::test]
async fn an_event_of_a_newer_form_is_listed_and_not_read() {
    let world = World::for_browsers().await;
    world.user("mona").await;
    let browser = signed_in(&world).await;
    let newer =
        "UPDATE audit_events SET format = 9, action = 'user.flew' WHERE action = 'user.created'";
    world.database().run(newer);
    let page = sought(&browser, "user=mona").await;
    let text = page.text();
    for shown in [
        "Something that this program does not know",
        "<code>user.flew</code>",
        "user <bdi>mona</bdi>",
        "Its details are of form 9, which this program does not know. They were not read.",
    ] {
        assert!(text.contains(shown), "{shown}: {text}");
    }
}

#[tokio::test]
async fn a_rare_event_costs_a_bounded_look_and_the_list_goes_on_where_it_stopped() {
    let world = World::for_browsers().await;
    let browser = signed_in(&world).await;
    let before = world.store.stats().statements;
    sought(&browser, "address=203.0.113.99").await;
    let few = world.store.stats().statements - before;
    // As many as a page looks at and some more, all older than what is there.
    let many = "INSERT INTO audit_events (writer_id, writer_number, format, bytes, happened_at, action, actor, personal_salt)
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50100)
        SELECT e.writer_id, -n.i, e.format, e.bytes, n.i, e.action, e.actor, e.personal_salt
        FROM n, (SELECT * FROM audit_events ORDER BY id LIMIT 1) e";
    world.database().run(many);
    let page = sought(&browser, "address=203.0.113.99").await;
    let text = page.text();
    assert!(text.contains("Older ones may fit too."), "{text}");
    let older = link(&page, "Older events").expect("it goes on");
    let last = browser.get(&older).await;
    last.assert_status(200);
    assert_eq!(link(&last, "Older events"), None);
    let before = world.store.stats().statements;
    sought(&browser, "address=203.0.113.99").await;
    let many = world.store.stats().statements - before;
    assert!(many <= few + 30, "{few} {many}");
}
