//! What people are told by mail of what happens to their accounts, and in which words.

use std::time::Duration;

use counterfoil_authority::Letter;
use counterfoil_domain::account::{AccountChange, NewEmail, Verification};
use counterfoil_domain::email::EmailAddress;
use counterfoil_domain::id::{AuthorizationId, GrantId};
use counterfoil_domain::language::Language;
use counterfoil_domain::login::Login;
use counterfoil_domain::mail::{MailKind, MailWords};
use counterfoil_domain::password::Password;
use counterfoil_domain::scope::Standing;
use counterfoil_store::RevokeTokens;
use counterfoil_testkit::{Authenticator, UserActor, Visitor, World};
use serde_json::json;

use crate::links::{sent, with_mail};

const PROFILE: &str = "/settings/profile";
const TWO_FACTOR: &str = "/settings/security/two-factor";
const CODES: &str = "/settings/security/recovery-codes";

/// What the mails that wait are about, with whom they go to. They go.
async fn told(world: &World) -> Vec<(MailKind, String)> {
    let letters = sent(world).await;
    let kind = |letter: &Letter| match letter.words {
        MailWords::OfKind(kind) => kind,
        MailWords::AddressTaken => panic!("no address is taken"),
    };
    let told = letters.iter();
    told.map(|letter| (kind(letter), letter.to.as_str().to_owned()))
        .collect()
}

fn to_mona(kind: MailKind) -> Vec<(MailKind, String)> {
    vec![(kind, "mona@example.com".to_owned())]
}

#[tokio::test]
async fn a_person_is_told_of_what_administrators_and_operators_do() {
    let world = with_mail().await;
    let mona = world.user("mona").await;
    let (authority, operator) = (&world.authority, World::operator());
    let login = &mona.account.login;
    let set = authority.set_password(
        login,
        Password::typed("a long new password"),
        RevokeTokens::Keep,
        &operator,
    );
    set.await.expect("it is long enough");
    assert_eq!(told(&world).await, to_mona(MailKind::PasswordChanged));
    let change = |standing| AccountChange {
        standing: Some(standing),
        ..AccountChange::default()
    };
    for standing in [Standing::SiteAdministrator, Standing::Ordinary] {
        let changed = authority.change_account(login, change(standing), &operator);
        changed.await.expect("mona is there");
        assert_eq!(told(&world).await, to_mona(MailKind::StandingChanged));
    }
    authority.suspend_account(login, &operator).await.unwrap();
    assert_eq!(told(&world).await, to_mona(MailKind::Suspended));
    authority.unsuspend_account(login, &operator).await.unwrap();
    assert_eq!(told(&world).await, to_mona(MailKind::Unsuspended));
    // What was so already is told to nobody.
    authority.unsuspend_account(login, &operator).await.unwrap();
    assert_eq!(told(&world).await, []);
    let other = Login::parse("lisa").expect("a login");
    authority
        .rename_account(login, other, &operator)
        .await
        .unwrap();
    assert_eq!(told(&world).await, to_mona(MailKind::Renamed));
}

#[tokio::test]
async fn a_person_is_told_of_tokens_that_an_operator_revokes() {
    let world = with_mail().await;
    let mona = world.user("mona").await;
    let (authority, operator) = (&world.authority, World::operator());
    let login = &mona.account.login;
    let all = authority.revoke_tokens_of_user(login, &operator).await;
    assert_eq!(all.expect("mona is there"), 0);
    assert_eq!(told(&world).await, []);

    let laptop = mona.personal_token("laptop", &["repo"]).await.id();
    let one = authority.revoke_any_token(AuthorizationId(laptop), &operator);
    one.await.expect("it is live");
    assert_eq!(told(&world).await, to_mona(MailKind::TokensRevoked));

    for name in ["desk", "phone"] {
        mona.personal_token(name, &["repo"]).await;
    }
    let all = authority.revoke_tokens_of_user(login, &operator).await;
    assert_eq!(all.expect("mona is there"), 2);
    assert_eq!(told(&world).await, to_mona(MailKind::TokensRevoked));

    let app = world.app(&mona, "Deployer").await;
    mona.app_token(&app, &["repo"]).await;
    let grant = mona.ids("/applications/grants").await[0];
    let ended = authority.revoke_any_grant(GrantId(grant), &operator).await;
    assert_eq!(ended.expect("it is live"), 1);
    assert_eq!(told(&world).await, to_mona(MailKind::TokensRevoked));

    // What they revoke themselves they know.
    let own = mona.personal_token("own", &["repo"]).await.id();
    let path = format!("/authorizations/{own}");
    mona.delete(&path).await.assert_status(204);
    assert_eq!(told(&world).await, []);
}

#[tokio::test]
async fn a_person_is_told_when_an_operator_lifts_a_lock() {
    let world = with_mail().await;
    let mona = world.user("mona").await;
    let app = world.enable_two_factor(&mona).await;
    sent(&world).await;
    lock_out(&world, &mona, &app).await;
    assert_eq!(told(&world).await, to_mona(MailKind::WrongCodes));
    let login = &mona.account.login;
    for (is_locked, expected) in [(true, to_mona(MailKind::Unlocked)), (false, Vec::new())] {
        let operator = World::operator();
        let lifted = world.authority.unlock_account(login, &operator).await;
        assert_eq!(lifted.expect("mona is there") > 0, is_locked);
        assert_eq!(told(&world).await, expected);
    }
}

#[tokio::test]
async fn the_address_of_an_account_is_told_that_it_was_deleted() {
    let world = with_mail().await;
    let (mona, bert) = (
        world.user("mona").await,
        world.unverified_user("bert").await,
    );
    let visitor = world.visitor();
    visitor.sign_in(&mona).await;
    let page = visitor.get(PROFILE).await;
    let typed = [("language", "ko"), ("time_zone", "Asia/Seoul")];
    visitor.submit(&page, PROFILE, &typed).await;
    for user in [&mona, &bert] {
        let (login, operator) = (&user.account.login, World::operator());
        let deleted = world.authority.delete_account(login, &operator).await;
        deleted.expect("the user is there");
    }
    // Nobody showed to have the address of bert.
    let letters = sent(&world).await;
    let [letter] = &letters[..] else {
        panic!("one letter, not {letters:?}");
    };
    assert_eq!(letter.words, MailWords::OfKind(MailKind::Deleted));
    assert_eq!(letter.to.as_str(), "mona@example.com");
    assert_eq!(letter.login, mona.account.login);
    assert_eq!(letter.preferences.language, Some(Language::Korean));
}

#[tokio::test]
async fn the_address_before_is_told_when_an_operator_gives_another_one() {
    let world = with_mail().await;
    let (mona, bert) = (
        world.user("mona").await,
        world.unverified_user("bert").await,
    );
    for user in [&mona, &bert] {
        let address = format!("{}@example.net", user.account.login);
        let change = AccountChange {
            email: Some(NewEmail {
                address: EmailAddress::parse(&address).expect("an address"),
                verification: Verification::Verified,
            }),
            ..AccountChange::default()
        };
        let (login, operator) = (&user.account.login, World::operator());
        let changed = world.authority.change_account(login, change, &operator);
        changed.await.expect("the address is free");
    }
    // Nobody showed to have the one of bert.
    assert_eq!(told(&world).await, to_mona(MailKind::AddressSet));
}

#[tokio::test]
async fn a_person_is_told_when_an_administrator_can_act_as_them() {
    let world = with_mail().await;
    let (root, _) = (world.administrator("root").await, world.user("mona").await);
    let token = root.personal_token("admin", &["site_admin"]).await.token();
    let given = vec![(MailKind::AdministratorScopes, "root@example.com".to_owned())];
    assert_eq!(told(&world).await, given);
    let path = "/admin/users/mona/authorizations";
    let by = world.anonymous().with_token(&token);
    by.post(path, json!({ "scopes": ["repo"] }))
        .await
        .assert_status(201);
    assert_eq!(told(&world).await, to_mona(MailKind::Impersonated));
    // The same one with another token is none that begins.
    by.post(path, json!({ "scopes": ["repo"] }))
        .await
        .assert_status(200);
    assert_eq!(told(&world).await, []);
}

#[tokio::test]
async fn an_administrator_is_told_when_a_token_gets_more_of_an_administrators_scopes() {
    let world = with_mail().await;
    let (root, mona) = (world.administrator("root").await, world.user("mona").await);
    let made = root.personal_token("plain", &["repo"]).await;
    let path = format!("/authorizations/{}", made.json()["id"]);
    assert_eq!(told(&world).await, []);
    let given = [(MailKind::AdministratorScopes, "root@example.com".to_owned())];
    for (change, expected) in [
        (json!({ "add_scopes": ["gist"] }), &[][..]),
        (json!({ "add_scopes": ["site_admin"] }), &given[..]),
        (json!({ "note": "another name" }), &[]),
        (json!({ "scopes": ["repo", "site_admin"] }), &[]),
        (json!({ "scopes": ["repo"] }), &[]),
    ] {
        root.patch(&path, change.clone()).await.assert_status(200);
        assert_eq!(told(&world).await, expected, "{change}");
    }
    // Whoever is none gets nothing that counts.
    mona.personal_token("vain", &["site_admin"]).await;
    assert_eq!(told(&world).await, []);
}

/// Turns codes on, on the page.
async fn enrol(world: &World, visitor: &Visitor<'_>) -> Authenticator {
    let page = visitor.get(TWO_FACTOR).await;
    let set_up = visitor.submit(&page, TWO_FACTOR, &[]).await;
    let html = set_up.assert_status(200).text();
    let (_, rest) = html.split_once("id=\"secret\"").expect("a secret");
    let (_, rest) = rest.split_once('>').expect("a tag has an end");
    let (secret, _) = rest.split_once('<').expect("a field has an end");
    let app = Authenticator::of_secret(secret.trim());
    let confirm = format!("{TWO_FACTOR}/confirm");
    let code = app.code(world);
    let done = visitor.submit(&set_up, &confirm, &[("code", &code)]).await;
    done.assert_status(200);
    app
}

#[tokio::test]
async fn a_person_is_told_of_each_change_of_a_second_factor() {
    let world = with_mail().await;
    let mona = world.user("mona").await;
    let visitor = world.visitor();
    visitor.sign_in(&mona).await;
    let app = enrol(&world, &visitor).await;
    assert_eq!(told(&world).await, to_mona(MailKind::TwoFactorOn));
    let page = visitor.get(CODES).await;
    let shown = visitor.submit(&page, CODES, &[]).await;
    shown.assert_status(200);
    assert_eq!(told(&world).await, to_mona(MailKind::RecoveryCodesReplaced));
    let code = shown.hidden("recovery_code");
    let code = code.split(' ').next().expect("sixteen codes");
    mona.with_otp(code).get("/user").await.assert_status(200);
    assert_eq!(told(&world).await, to_mona(MailKind::RecoveryCodeUsed));
    lock_out(&world, &mona, &app).await;
    assert_eq!(told(&world).await, to_mona(MailKind::WrongCodes));
    let off = format!("{TWO_FACTOR}/off");
    let page = visitor.get(&off).await;
    visitor.submit(&page, &off, &[]).await.assert_status(303);
    assert_eq!(told(&world).await, to_mona(MailKind::TwoFactorOff));
}

/// Gives wrong codes beside the right password until the pair is locked.
async fn lock_out(world: &World, user: &UserActor<'_>, app: &Authenticator) {
    let stranger = user.from_address("198.51.100.7");
    let most = world.authority.settings().lockout.per_login_and_address;
    for _ in 0..most {
        let refused = stranger.with_otp(&app.wrong_code(world)).get("/user").await;
        refused.assert_status(401);
    }
    let refused = stranger.with_otp(&app.code(world)).get("/user").await;
    refused.assert_status(403);
}

#[tokio::test]
async fn a_person_is_told_when_no_code_is_accepted_any_more() {
    let world = with_mail().await;
    let mona = world.user("mona").await;
    let app = world.enable_two_factor(&mona).await;
    sent(&world).await;
    let most = world.authority.settings().lockout.wrong_codes;
    for number in 0..most {
        let stranger = mona.from_address(&format!("198.51.{}.7", 100 + number / 5));
        let refused = stranger
            .with_otp(&app.wrong_code(&world))
            .get("/user")
            .await;
        refused.assert_status(401);
        world.advance(Duration::from_secs(1));
    }
    assert_eq!(told(&world).await, to_mona(MailKind::CodesExhausted));
}

#[tokio::test]
async fn a_mail_speaks_the_language_and_tells_the_time_that_its_reader_chose() {
    let world = with_mail().await;
    let (mona, bert) = (world.user("mona").await, world.user("bert").await);
    let visitor = world.visitor();
    visitor.sign_in(&mona).await;
    let page = visitor.get(PROFILE).await;
    let typed = [("language", "ko"), ("time_zone", "Asia/Seoul")];
    let saved = visitor.submit(&page, PROFILE, &typed).await;
    saved.assert_status(303);
    for user in [&mona, &bert] {
        let stranger = world.visitor();
        let page = stranger.get("/login/forgotten").await;
        let typed = [("login", user.account.login.as_str())];
        stranger.submit(&page, "/login/forgotten", &typed).await;
    }
    let letters = sent(&world).await;
    let chosen = letters.into_iter().map(|letter| letter.preferences);
    let chosen = chosen.map(|chosen| {
        let zone = chosen.time_zone.map(|zone| zone.name().to_owned());
        (chosen.language, zone)
    });
    let of_mona = (Some(Language::Korean), Some("Asia/Seoul".to_owned()));
    assert_eq!(chosen.collect::<Vec<_>>(), [of_mona, (None, None)]);
}
