//! Tokens that were moved here from elsewhere.

use counterfoil_domain::token::TokenFormats;
use counterfoil_testkit::{GivenToken, World, WorldOptions};
use data_encoding::BASE64;
use http::Method;

use super::{INVALID_TOKEN, NO_TOKEN, ask, challenge, verify};

const HEXADECIMAL: &str = "0123456789abcdef0123456789abcdef01234567";
const PREFIXED: &str = "acme_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ";
/// The checksum is that of a token published for such comparisons.
const WITH_CHECKSUM: &str = "corp_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17";

async fn world_accepting(formats: &[&str]) -> World {
    let mut options = WorldOptions::default();
    options.settings.token_formats = TokenFormats {
        accepted: formats
            .iter()
            .map(|text| text.parse().expect("a form"))
            .collect(),
        ..TokenFormats::default()
    };
    World::with(options).await
}

#[tokio::test]
async fn tokens_of_other_forms_verify_where_they_are_accepted() {
    let formats = ["hex40", "acme_ 35", "corp_ 41 checksum"];
    let world = world_accepting(&formats).await;
    let mona = world.user("mona").await;
    for token in [HEXADECIMAL, PREFIXED, WITH_CHECKSUM] {
        // Before it is moved here nobody knows it.
        verify(&world, "", token).await.assert_status(401);
        let given = GivenToken {
            text: Some(token),
            ..GivenToken::default()
        };
        world.issue_token(&mona, given).await;
        let basic = format!(
            "Basic {}",
            BASE64.encode(format!("mona:{token}").as_bytes())
        );
        for value in [format!("token {token}"), basic] {
            let answer = ask(&world, "", &[("authorization", &value)]).await;
            assert_eq!(answer.assert_status(200).header("x-auth-login"), "mona");
            let user = world
                .anonymous()
                .request(Method::GET, "/user")
                .header("authorization", &value)
                .send()
                .await;
            assert_eq!(user.assert_status(200).json()["login"], "mona");
        }
    }
}

#[tokio::test]
async fn a_checksum_that_does_not_hold_ends_a_check_where_the_form_has_one() {
    let world = world_accepting(&["corp_ 41 checksum"]).await;
    world.store.close().await;
    let wrong = WITH_CHECKSUM.replace("q17", "q18");
    // Without a database only what needs none can be answered.
    let answer = verify(&world, "", &wrong).await;
    assert_eq!(challenge(answer.assert_status(401)), INVALID_TOKEN);
    verify(&world, "", WITH_CHECKSUM).await.assert_status(503);
}

#[tokio::test]
async fn other_forms_are_no_tokens_unless_they_are_accepted() {
    let world = World::new().await;
    for token in [HEXADECIMAL, PREFIXED, WITH_CHECKSUM] {
        let answer = verify(&world, "", token).await;
        assert_eq!(challenge(answer.assert_status(401)), INVALID_TOKEN);
        let basic = format!(
            "Basic {}",
            BASE64.encode(format!("mona:{token}").as_bytes())
        );
        let answer = ask(&world, "", &[("authorization", &basic)]).await;
        assert_eq!(challenge(answer.assert_status(401)), NO_TOKEN);
    }
}

#[tokio::test]
async fn a_password_of_an_accepted_form_is_taken_for_a_token() {
    let formats: [&[&str]; 2] = [&[], &["hex40"]];
    for (formats, status) in formats.into_iter().zip([200, 401]) {
        let world = world_accepting(formats).await;
        let mona = world.user("mona").await;
        let login = &mona.account.login;
        let password = counterfoil_domain::password::Password::choose(HEXADECIMAL).unwrap();
        let tokens = counterfoil_store::RevokeTokens::Keep;
        world
            .authority
            .set_password(login, password, tokens, &World::operator())
            .await
            .unwrap();
        let user = mona.with_password(HEXADECIMAL).get("/user").await;
        user.assert_status(status);
    }
}
