//! Every address and every template of one in an answer is served, or belongs to what does not
//! exist here.

use std::collections::BTreeSet;

use counterfoil_domain::organization::{Organization, Role, Team};
use counterfoil_domain::rate_limit::RateLimits;
use counterfoil_server::routes::Credential;
use counterfoil_testkit::{
    Answer, AppActor, GivenToken, REST_ROUTES, RequestBuilder, TokenActor, UserActor, World,
    WorldOptions,
};
use http::Method;
use serde_json::{Value, json};

use Reason::{LaterPage, NoGitContent, NoSocialFeatures};

const ORIGIN: &str = "http://counterfoil.test";

/// Why an address leads nowhere. (Of packages, billing and plans no address speaks.)
#[derive(Clone, Copy, Debug)]
enum Reason {
    /// There are no repositories, gists and keys to reach them by, and what is found, written or
    /// reported in them.
    NoGitContent,
    /// There are no followers, feeds, notifications and public profiles.
    NoSocialFeatures,
    /// It is a page for people that has yet to come.
    LaterPage,
}

/// The addresses that lead nowhere. `*` is any one segment; what stands behind a question mark does
/// not count.
const DEAD: &[(&str, Reason)] = &[
    // Of users and of organizations.
    ("/*", NoSocialFeatures),
    ("/avatars/u/*", NoSocialFeatures),
    ("/api/v3/users/*/events{/privacy}", NoSocialFeatures),
    ("/api/v3/users/*/followers", NoSocialFeatures),
    ("/api/v3/users/*/following{/other_user}", NoSocialFeatures),
    ("/api/v3/users/*/gists{/gist_id}", NoGitContent),
    ("/api/v3/users/*/received_events", NoSocialFeatures),
    ("/api/v3/users/*/repos", NoGitContent),
    ("/api/v3/users/*/starred{/owner}{/repo}", NoSocialFeatures),
    ("/api/v3/users/*/subscriptions", NoSocialFeatures),
    ("/api/v3/orgs/*/events", NoSocialFeatures),
    ("/api/v3/orgs/*/hooks", NoSocialFeatures),
    ("/api/v3/orgs/*/issues", NoGitContent),
    ("/api/v3/orgs/*/repos", NoGitContent),
    // Of teams.
    ("/orgs/*/teams/*", LaterPage),
    ("/api/v3/teams/*/repos", NoGitContent),
    // In the list that the root is.
    ("/api/v3/emojis", NoSocialFeatures),
    ("/api/v3/events", NoSocialFeatures),
    ("/api/v3/feeds", NoSocialFeatures),
    ("/api/v3/gists{/gist_id}", NoGitContent),
    ("/api/v3/gists/public", NoGitContent),
    ("/api/v3/gists/starred", NoGitContent),
    ("/api/v3/hub", NoSocialFeatures),
    ("/api/v3/issues", NoGitContent),
    ("/api/v3/notifications", NoSocialFeatures),
    ("/api/v3/repos/*/*", NoGitContent),
    ("/api/v3/search/code", NoGitContent),
    ("/api/v3/search/commits", NoGitContent),
    ("/api/v3/search/issues", NoGitContent),
    ("/api/v3/search/labels", NoGitContent),
    ("/api/v3/search/repositories", NoGitContent),
    ("/api/v3/search/topics", NoGitContent),
    ("/api/v3/search/users", NoSocialFeatures),
    ("/api/v3/user/followers", NoSocialFeatures),
    ("/api/v3/user/following{/target}", NoSocialFeatures),
    ("/api/v3/user/keys", NoGitContent),
    ("/api/v3/user/repos", NoGitContent),
    ("/api/v3/user/starred{/owner}{/repo}", NoSocialFeatures),
];

/// The page that a refusal names where no route serves a path.
const NO_ROUTE: &str = "https://docs.github.com/enterprise-server@3.19/rest";

/// An address that names somebody who is not there: whoever asks from outside is sent to it.
const NOBODY: &str = "/api/v3/orgs/*/public_members/*";

/// The address without what a template may add to its query, and without its query.
fn place(address: &str) -> &str {
    let ends = ["?", "{?"].map(|mark| address.find(mark).unwrap_or(address.len()));
    &address[..ends[0].min(ends[1])]
}

fn is_of(pattern: &str, address: &str) -> bool {
    // The slash of an optional segment is a part of that segment.
    let plain = |text: &str| text.replace("{/", "{");
    let (pattern, address) = (plain(pattern), plain(place(address)));
    let (wanted, given): (Vec<_>, Vec<_>) =
        (pattern.split('/').collect(), address.split('/').collect());
    wanted.len() == given.len()
        && wanted
            .iter()
            .zip(given)
            .all(|(wanted, given)| *wanted == "*" || *wanted == given)
}

#[test]
fn patterns_match_addresses_and_templates() {
    for (pattern, address, expected) in [
        (
            "/users/*/gists{/gist_id}",
            "/users/mona/gists{/gist_id}",
            true,
        ),
        ("/users/*/gists{/gist_id}", "/users/mona/gists", false),
        ("/avatars/u/*", "/avatars/u/7?", true),
        ("/search/code", "/search/code?q={query}{&page,sort}", true),
        ("/orgs/*/repos", "/orgs/{org}/repos{?type,page}", true),
        ("/*", "/mona", true),
        ("/*", "/mona/more", false),
    ] {
        assert_eq!(is_of(pattern, address), expected, "{pattern} {address}");
    }
}

/// What a template comes to (RFC 6570): with everything that may be left out, or without. Values
/// are of what is there.
fn expanded(template: &str, whole: bool) -> String {
    let value = |name: &str| match name {
        "org" => "acme",
        "user" | "member" | "username" => "mona",
        _ => "1",
    };
    let pair = |name: &str| format!("{name}={}", value(name));
    let mut parts = template.split('{');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (expression, rest) = part.split_once('}').expect("an expression has an end");
        let names = |list: &str| list.split(',').map(pair).collect::<Vec<_>>().join("&");
        match expression.split_at(1) {
            ("/" | "?" | "&", _) if !whole => {}
            ("/", name) => text.extend(["/", value(name)]),
            (mark @ ("?" | "&"), list) => text.extend([mark, &names(list)]),
            _ => text.push_str(value(expression)),
        }
        text.push_str(rest);
    }
    text
}

#[test]
fn templates_are_expanded() {
    let template = "/orgs/{org}/x{/id}?q={q}{&a,b}";
    assert_eq!(expanded(template, true), "/orgs/acme/x/1?q=1&a=1&b=1");
    assert_eq!(expanded(template, false), "/orgs/acme/x?q=1");
    assert_eq!(expanded("/plain{?a}", true), "/plain?a=1");
}

/// A user with the ids of what is theirs.
struct Person<'w> {
    user: UserActor<'w>,
    authorization: i64,
    grant: i64,
}

/// acme with an owner and a member, who are in a team, a stranger, and who administers the
/// installation; each has a personal token and one for an app.
struct Scene<'w> {
    world: &'w World,
    app: AppActor,
    acme: Organization,
    team: Team,
    owner: Person<'w>,
    member: Person<'w>,
    stranger: Person<'w>,
    root: UserActor<'w>,
    administrator: TokenActor<'w>,
}

async fn world() -> World {
    // Limits that nobody reaches, so that there is something to tell about them.
    let plenty = 1_000_000;
    World::with(WorldOptions {
        rate_limits: Some(RateLimits {
            anonymous: plenty,
            authenticated: plenty,
            per_minute: plenty,
            at_a_time: plenty,
        }),
        ..WorldOptions::default()
    })
    .await
}

impl<'w> Scene<'w> {
    async fn new(world: &'w World) -> Self {
        let root = world.administrator("root").await;
        let app = world.app(&root, "Deployer").await;
        let owner = Person::new(world, "mona", &app).await;
        let member = Person::new(world, "hubot", &app).await;
        let stranger = Person::new(world, "stranger", &app).await;
        let acme = world.organization("acme").await;
        world.join(&acme, &owner.user, Role::Admin).await;
        world.join(&acme, &member.user, Role::Member).await;
        let both = [&owner.user, &member.user];
        let given = GivenToken {
            scopes: &["site_admin"],
            ..GivenToken::default()
        };
        let token = world.issue_token(&root, given).await.token;
        Self {
            team: world.team(&acme, "Ops", &both).await,
            administrator: world.anonymous().with_token(token.expose()),
            world,
            app,
            acme,
            owner,
            member,
            stranger,
            root,
        }
    }

    fn people(&self) -> [&Person<'w>; 3] {
        [&self.owner, &self.member, &self.stranger]
    }

    /// The path of a row, with what is there, and of what is somebody's own what is this person's.
    fn path(&self, template: &str, person: &Person<'_>) -> String {
        template
            .replace("{grant_id}", &person.grant.to_string())
            .replace("{authorization_id}", &person.authorization.to_string())
            .replace("{client_id}", &self.app.client_id)
            .replace("{org}", "acme")
            .replace("{org_id}", &self.acme.id.to_string())
            .replace("{team_slug}", "ops")
            .replace("{team_id}", &self.team.id.to_string())
            .replace("{username}", "mona")
            .replace("{account_id}", &self.owner.user.account.id.to_string())
    }

    /// All that is answered when everybody reads every route, a page of one at a time.
    async fn answers_to_reading(&self) -> Vec<Answer> {
        let mut requests: Vec<RequestBuilder<'_>> = Vec::new();
        for route in REST_ROUTES
            .iter()
            .filter(|route| route.method == Method::GET)
        {
            let path = |person| self.path(route.path, person) + "?per_page=1";
            match route.credential {
                Credential::Password | Credential::PasswordOrToken | Credential::Optional => {
                    let people = self.people().into_iter();
                    requests.extend(people.map(|it| it.user.request(Method::GET, &path(it))));
                    let anonymous = self.world.anonymous();
                    requests.push(anonymous.request(Method::GET, &path(&self.owner)));
                }
                Credential::Administrator => {
                    let path = path(&self.owner);
                    requests.push(self.administrator.request(Method::GET, &path));
                }
                // The same as the other routes of apps, where those are not served.
                Credential::AppInPath => {}
                other => panic!("{other:?} reads {}, and nothing is known of it", route.path),
            }
        }
        sent(requests).await
    }

    /// What is answered when something is made or changed, or asked for by `POST`; and of that the
    /// address of a token that acts for somebody else, which is shown to nobody.
    async fn answers_to_writing(&self) -> (Vec<Answer>, String) {
        let mona = &self.owner.user;
        let made = mona.app_token(&self.app, &["repo"]).await;
        let checked = self.app.check(self.world, &made.token()).await;
        let wanted = json!({ "fingerprint": "desk" });
        let given = mona.get_or_create(&self.app, wanted).await;
        self.world.user("early").await;
        let changes = [
            ("/admin/users", json!({ "login": "newcomer" })),
            ("/admin/users/early", json!({ "login": "late" })),
            (
                "/admin/users/stranger/authorizations",
                json!({ "scopes": [] }),
            ),
        ];
        let requests = changes.iter().map(|(path, body)| {
            let request = self.administrator.request(Method::POST, path);
            request.json(body)
        });
        let mut answers = sent(requests).await;
        let acting = answers.last().map(|answer| answer.header("location"));
        let hidden = acting.expect("three were sent").replace(ORIGIN, "");
        answers.extend([made, checked, given]);
        let query = "{viewer{url avatarUrl organizations(first:9){nodes{url avatarUrl}}}}";
        let given = GivenToken {
            scopes: &["read:org"],
            ..GivenToken::default()
        };
        let token = self.world.issue_token(mona, given).await.token;
        let anonymous = self.world.anonymous();
        let request = anonymous.request_anywhere(Method::POST, "/api/graphql");
        let request = request.header("authorization", &format!("bearer {}", token.expose()));
        let asked = request.json(&json!({ "query": query })).send().await;
        answers.push(asked);
        for answer in &answers {
            assert!(answer.status.is_success(), "{}", answer.text());
        }
        (answers, hidden)
    }

    /// Whether an address leads somewhere for somebody: there is something; or, where it may name
    /// what is not there, a route that says so.
    async fn leads_somewhere(&self, target: &str, may_name_nothing: bool) -> bool {
        let people = self.people().map(|person| &person.user);
        let everybody = people.into_iter().chain([&self.root]);
        let requests = everybody.map(|user| user.request(Method::GET, ""));
        let administrator = self.administrator.request(Method::GET, "");
        for request in requests.chain([administrator]) {
            let answer = request.to(target).send_unchecked().await;
            let status = answer.status;
            // Among the pages for people there is none of it.
            let is_page = answer.header("content-type").starts_with("text/html");
            let is_known =
                || status == 404 && !is_page && answer.json()["documentation_url"] != NO_ROUTE;
            if status.is_success() || status.is_redirection() || (may_name_nothing && is_known()) {
                return true;
            }
        }
        false
    }
}

impl<'w> Person<'w> {
    async fn new(world: &'w World, login: &str, app: &AppActor) -> Self {
        let user = world.user(login).await;
        let authorization = user.personal_token("laptop", &[]).await.id();
        user.app_token(app, &["gist"]).await;
        let grant = user.ids("/applications/grants").await[0];
        Self {
            user,
            authorization,
            grant,
        }
    }
}

async fn sent(requests: impl IntoIterator<Item = RequestBuilder<'_>>) -> Vec<Answer> {
    let mut answers = Vec::new();
    for request in requests {
        answers.push(request.send().await);
    }
    answers
}

/// The addresses of this installation in an answer, without its origin.
fn addresses(answer: &Answer) -> Vec<String> {
    let mut texts = Vec::new();
    if let Ok(body) = serde_json::from_slice::<Value>(&answer.body) {
        collect(&body, &mut texts);
    }
    texts.push(answer.header("location"));
    let links = answer.header("link");
    let links = links.split(['<', '>']).map(str::to_owned);
    texts.extend(links);
    let own = texts.iter().filter_map(|text| text.strip_prefix(ORIGIN));
    own.map(str::to_owned).collect()
}

fn collect(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) => texts.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| collect(item, texts)),
        Value::Object(members) => members.values().for_each(|item| collect(item, texts)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[tokio::test]
async fn every_address_in_an_answer_is_served_or_on_the_list() {
    let world = world().await;
    let scene = Scene::new(&world).await;
    let (mut answers, hidden) = scene.answers_to_writing().await;
    answers.extend(scene.answers_to_reading().await);
    let found: BTreeSet<String> = answers.iter().flat_map(addresses).collect();
    assert!(found.len() > 100, "there are only {}", found.len());

    let mut wrong = Vec::new();
    let mut needed = BTreeSet::new();
    for address in &found {
        let row = DEAD.iter().position(|(pattern, _)| is_of(pattern, address));
        let may_name_nothing =
            address.contains('{') || is_of(NOBODY, address) || *address == hidden;
        let mut alive = true;
        for whole in [true, false] {
            let target = expanded(address, whole);
            alive &= scene.leads_somewhere(&target, may_name_nothing).await;
        }
        match row {
            None if !alive => wrong.push(format!("{address} leads nowhere and is not listed")),
            Some(row) if alive => wrong.push(format!("{address} is served, but {:?}", DEAD[row])),
            Some(row) => {
                needed.insert(row);
            }
            None => {}
        }
    }
    let needless = (0..DEAD.len()).filter(|row| !needed.contains(row));
    wrong.extend(needless.map(|row| format!("no answer has {:?}", DEAD[row])));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
