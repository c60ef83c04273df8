//! `/settings/tokens`: the whole life of a token in a browser, and everything that is refused
//! there.

mod lists;
mod refused;

use std::time::Duration;

use counterfoil_testkit::{Answer, UserActor, Visitor, World};
use http::header::{CACHE_CONTROL, LOCATION};

const LIST: &str = "/settings/tokens";
const ENDED: &str = "/settings/tokens?tab=ended";
const NEW: &str = "/settings/tokens/new";

const DAY: Duration = Duration::from_hours(24);

pub(super) async fn signed_in<'w>(world: &'w World, user: &UserActor<'_>) -> Visitor<'w> {
    let visitor = world.visitor();
    visitor.sign_in(user).await;
    visitor
}

/// Makes a token on the page, and gives what is answered.
pub(super) async fn make(
    visitor: &Visitor<'_>,
    name: &str,
    scopes: &[&str],
    expires: &str,
) -> Answer {
    let page = visitor.get(NEW).await;
    let mut typed = vec![("name", name), ("expires", expires)];
    typed.extend(scopes.iter().map(|scope| ("scope", *scope)));
    visitor.submit(&page, NEW, &typed).await
}

/// The token that an answer shows.
#[track_caller]
fn token_in(answer: &Answer) -> String {
    let html = answer.assert_status(200).text();
    let after = html.split("readonly").nth(1).expect("a field with a token");
    let after = after.split_once('>').expect("it has an end").1;
    let token = after.split_once('<').expect("it has an end").0.trim();
    assert!(token.starts_with("ghp_"), "{html}");
    token.to_owned()
}

/// The path of the token of this name, as the list links it.
pub(super) async fn path_of(visitor: &Visitor<'_>, name: &str) -> String {
    let html = visitor.get(LIST).await.assert_status(200).text();
    let (before, _) = html
        .split_once(&format!("<bdi>{name}</bdi>"))
        .unwrap_or_else(|| panic!("there is no token {name}: {html}"));
    let link = before.rsplit("<a href=\"").next().expect("a link");
    link.split_once('"').expect("it has an end").0.to_owned()
}

pub(super) async fn accepts(world: &World, token: &str) -> bool {
    let answer = world.anonymous().get_with_token(token, "/user").await;
    match answer.status.as_u16() {
        200 => true,
        401 => false,
        other => panic!("{other}"),
    }
}

/// The scopes that a token has at the API.
async fn scopes_of(world: &World, token: &str) -> String {
    let answer = world.anonymous().get_with_token(token, "/user").await;
    answer.assert_status(200).header("x-oauth-scopes")
}

fn rows_of(answer: &Answer) -> usize {
    answer.text().matches("class=\"stub\"").count()
}

/// What a page says.
pub(super) trait Says {
    fn says(&self, text: &str) -> &Self;
    fn says_not(&self, text: &str) -> &Self;
}

impl Says for Answer {
    #[track_caller]
    fn says(&self, text: &str) -> &Self {
        assert!(self.text().contains(text), "{text}: {}", self.text());
        self
    }

    #[track_caller]
    fn says_not(&self, text: &str) -> &Self {
        assert!(!self.text().contains(text), "{text}: {}", self.text());
        self
    }
}

/// What stands in a field of a form.
#[track_caller]
fn typed_in(answer: &Answer, name: &str) -> String {
    let html = answer.text();
    let (_, after) = html
        .split_once(&format!("<input id=\"{name}\""))
        .unwrap_or_else(|| panic!("there is no field {name}: {html}"));
    let tag = after.split_once('>').expect("it has an end").0;
    let value = tag.split_once(" value=\"").map_or("", |(_, value)| value);
    value.split('"').next().unwrap_or_default().to_owned()
}

fn is_ticked(answer: &Answer, scope: &str) -> bool {
    let ticked = format!("name=\"scope\" value=\"{scope}\" checked");
    answer.text().contains(&ticked)
}

fn offers(answer: &Answer, name: &str, value: &str) -> bool {
    let html = answer.text();
    html.contains(&format!("name=\"{name}\" value=\"{value}\""))
}

/// Proves anew who it is, as a page asks for.
pub(super) async fn confirm(visitor: &Visitor<'_>, asked: &Answer, user: &UserActor<'_>) -> Answer {
    let typed = [("password", user.password.as_str())];
    visitor.submit(asked, "/login/confirm", &typed).await
}

#[tokio::test]
async fn a_token_lives_its_whole_life_on_the_pages() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let visitor = signed_in(&world, &mona).await;
    let none = visitor.get(LIST).await;
    none.assert_status(200);
    none.says("No tokens yet. A token lets a script use the API as you.");
    // Made, and used at the API: what others include is left out.
    let made = make(
        &visitor,
        "deploy-bot",
        &["repo", "repo:status", "read:org"],
        "30",
    )
    .await;
    let first = token_in(&made);
    assert_eq!(scopes_of(&world, &first).await, "read:org, repo");
    // Until the end of the thirtieth day.
    let used = world.anonymous().get_with_token(&first, "/user").await;
    let expires = used.header("github-authentication-token-expiration");
    assert!(expires.contains("23:59:59"), "{expires}");
    let path = path_of(&visitor, "deploy-bot").await;
    // Edited: the token stays the same.
    let page = visitor.get(&path).await;
    page.says("Changes count at once; the token stays the same.");
    let typed = [("name", "deploy-bot on ci-3"), ("scope", "repo")];
    let done = visitor.submit(&page, &path, &typed).await;
    let list = visitor.follow(&done).await;
    list.says("“deploy-bot on ci-3” was saved.");
    assert_eq!(scopes_of(&world, &first).await, "repo");
    // What was done is told once.
    visitor.get(LIST).await.says_not("was saved.");
    // Regenerated: the old value is refused at once, name, scopes and place stay.
    let again = format!("{path}/regenerate");
    let page = visitor.get(&again).await;
    page.says("The old value stops working at once.");
    let shown = visitor.submit(&page, &again, &[("expires", "7")]).await;
    let second = token_in(&shown);
    assert!(!accepts(&world, &first).await);
    assert_eq!(scopes_of(&world, &second).await, "repo");
    assert_eq!(path_of(&visitor, "deploy-bot on ci-3").await, path);
    let list = visitor.get(LIST).await;
    list.says("Expires in 7 days");
    world.advance(DAY);
    let list = visitor.get(LIST).await;
    list.says("One token expires within a week.");
    list.says(&format!("{path}/regenerate"));
    // Expired: shown as ended with its reason.
    world.advance(DAY * 7);
    assert!(!accepts(&world, &second).await);
    let visitor = signed_in(&world, &mona).await;
    visitor.get(LIST).await.says("No tokens yet.");
    let ended = visitor.get(ENDED).await;
    for said in ["Expired", "Regenerated", "deploy-bot on ci-3"] {
        ended.says(said);
    }
    for token in [&first, &second] {
        ended.says(&token[token.len() - 8..]);
    }
    visitor.get(&path).await.assert_status(404);
}

#[tokio::test]
async fn a_token_is_deleted_after_a_page_that_says_what_stops() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let visitor = signed_in(&world, &mona).await;
    let token = token_in(&make(&visitor, "laptop", &[], "none").await);
    assert!(accepts(&world, &token).await);
    let path = path_of(&visitor, "laptop").await;
    let delete = format!("{path}/delete");
    let page = visitor.get(&delete).await;
    page.says("Delete <bdi>laptop</bdi>?");
    page.says("Whatever uses it is refused at once. This cannot be undone.");
    let done = visitor.submit(&page, &delete, &[]).await;
    visitor.follow(&done).await.says("“laptop” was deleted.");
    assert!(!accepts(&world, &token).await);
    visitor.get(ENDED).await.says("Deleted by you");
    // A second click finds nothing.
    visitor.submit(&page, &delete, &[]).await.assert_status(404);
}

#[tokio::test]
async fn a_token_is_in_the_one_answer_that_shows_it_and_nowhere_else() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let visitor = signed_in(&world, &mona).await;
    let form = visitor.get(NEW).await;
    let typed = [("name", "laptop"), ("expires", "30"), ("scope", "gist")];
    let made = visitor.submit(&form, NEW, &typed).await;
    let token = token_in(&made);
    assert_eq!(made.text().matches(&token).count(), 1);
    made.says("$TOKEN");
    assert_eq!(made.headers[CACHE_CONTROL], "no-store");
    assert!(!made.headers.contains_key(LOCATION));
    // Sent again, as by loading the answer anew: nothing is made, and nothing shown.
    let again = visitor.submit(&form, NEW, &typed).await;
    again.assert_status(409);
    again.says("This was shown before and cannot be shown again.");
    again.says_not(&token);
    assert_eq!(rows_of(&visitor.get(LIST).await), 1);
    // The same for another value.
    let path = path_of(&visitor, "laptop").await;
    let regenerate = format!("{path}/regenerate");
    let form = visitor.get(&regenerate).await;
    let expires = [("expires", "30")];
    let value = token_in(&visitor.submit(&form, &regenerate, &expires).await);
    let again = visitor.submit(&form, &regenerate, &expires).await;
    again.assert_status(409);
    assert!(accepts(&world, &value).await);
    for page in [LIST, ENDED, &path, &regenerate, &format!("{path}/delete")] {
        let shown = visitor.get(page).await;
        shown.assert_status(200);
        shown.says_not(&token);
        shown.says_not(&value);
    }
    let tables = [
        "authorizations",
        "token_digests",
        "audit_events",
        "sessions",
        "spent_forms",
    ];
    for table in tables {
        let rows = world.database().rows(&format!("SELECT * FROM {table}"));
        let text = format!("{rows:?}");
        assert!(text.len() > 10, "{table} is empty");
        assert!(!text.contains(&token) && !text.contains(&value), "{table}");
    }
}

#[tokio::test]
async fn who_proved_too_long_ago_who_they_are_is_asked_and_the_form_survives() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let visitor = signed_in(&world, &mona).await;
    world.advance(Duration::from_mins(16));
    let asked = make(&visitor, "laptop", &["gist"], "60").await;
    asked.says("Confirm that it is you");
    assert_eq!(rows_of(&visitor.get(LIST).await), 0);
    let made = confirm(&visitor, &asked, &mona).await;
    made.says("laptop");
    assert_eq!(scopes_of(&world, &token_in(&made)).await, "gist");
}

#[tokio::test]
async fn a_link_fills_in_the_form_and_ticks_nothing_for_administrators() {
    let world = World::for_browsers().await;
    let admin = world.administrator("admin").await;
    let visitor = signed_in(&world, &admin).await;
    let link = format!("{NEW}?description=ci%20bot&scopes=gist,read:org,site_admin,nothing");
    let form = visitor.get(&link).await;
    assert_eq!(typed_in(&form, "name"), "ci bot");
    for (scope, expected) in [("gist", true), ("read:org", true), ("site_admin", false)] {
        assert_eq!(is_ticked(&form, scope), expected, "{scope}");
    }
    assert_eq!(rows_of(&visitor.get(LIST).await), 0);
}

#[tokio::test]
async fn the_pages_speak_korean() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let visitor = world.visitor().speaking("ko");
    visitor.sign_in(&mona).await;
    let list = visitor.get(LIST).await;
    list.says("개인용 액세스 토큰");
    list.says("아직 토큰이 없습니다.");
    let made = make(&visitor, "노트북", &["repo"], "30").await;
    made.says("지금 새 토큰을 복사하세요. 다시 표시되지 않습니다");
    let path = path_of(&visitor, "노트북").await;
    let delete = format!("{path}/delete");
    let page = visitor.get(&delete).await;
    let done = visitor.submit(&page, &delete, &[]).await;
    visitor
        .follow(&done)
        .await
        .says("‘노트북’ 토큰을 삭제했습니다.");
}
