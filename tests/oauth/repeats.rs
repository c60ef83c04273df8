//! A code that is brought twice, one after the other and at once.

use counterfoil_domain::oauth::CodeReplay;
use counterfoil_testkit::{RequestBuilder, World, WorldOptions};
use futures_util::future::join_all;

use super::{CALLBACK, CHALLENGE, Scene, VERIFIER, error_in, token_in};

/// What an app brings with a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Brought {
    Right,
    WrongVerifier,
    WrongRedirect,
    WrongSecret,
}

use Brought::{Right, WrongRedirect, WrongSecret, WrongVerifier};

const ASKED: &str = "&scope=repo&prompt=select_account&code_challenge_method=S256&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

impl<'w> Scene<'w> {
    fn bring(&self, code: &str, brought: Brought) -> RequestBuilder<'w> {
        let secret = match brought {
            WrongSecret => "wrong",
            _ => self.app.client_secret.as_str(),
        };
        let verifier = match brought {
            WrongVerifier => CHALLENGE,
            _ => VERIFIER,
        };
        let redirect = match brought {
            WrongRedirect => "https://app.example.com/callback/other",
            _ => CALLBACK,
        };
        self.exchange_of(&[
            ("client_id", self.app.client_id.as_str()),
            ("client_secret", secret),
            ("code", code),
            ("code_verifier", verifier),
            ("redirect_uri", redirect),
        ])
    }
}

/// How many tokens live after both.
const PAIRS: &[(Brought, Brought, usize)] = &[
    (Right, Right, 1),
    (Right, WrongVerifier, 0),
    (WrongVerifier, Right, 0),
    (Right, WrongRedirect, 0),
    (WrongRedirect, Right, 0),
    (Right, WrongSecret, 1),
    (WrongSecret, Right, 1),
    (WrongVerifier, WrongVerifier, 0),
    (WrongSecret, WrongSecret, 0),
];

#[tokio::test]
async fn a_second_redemption_ends_the_token_only_if_its_proof_is_wrong() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    for (first, second, live) in PAIRS {
        let before = scene.live().await;
        let code = scene.code(ASKED).await;
        let given = scene.bring(&code, *first).send_unchecked().await;
        let again = scene.bring(&code, *second).send_unchecked().await;
        assert_eq!(
            scene.live().await - before,
            *live,
            "{first:?} then {second:?}"
        );
        if *first == Right {
            assert_eq!(scene.accepts(&token_in(&given)).await, *live == 1);
            let expected = if *second == WrongSecret {
                "incorrect_client_credentials"
            } else {
                "bad_verification_code"
            };
            assert_eq!(error_in(&again), expected, "{second:?}");
        }
    }
    let actions = world.audit_actions().await;
    let repeated = actions.iter().filter(|action| *action == "code.repeated");
    assert_eq!(repeated.count(), 3);
}

#[tokio::test]
async fn where_repetitions_are_not_tolerated_a_right_one_ends_the_token_too() {
    let mut options = WorldOptions::for_browsers();
    options.settings.code_replay = CodeReplay::Strict;
    let world = World::with(options).await;
    let scene = Scene::new(&world).await;
    let before = scene.code(ASKED).await;
    let before = token_in(&scene.bring(&before, Right).send_unchecked().await);
    for (second, live) in [(Right, false), (WrongVerifier, false), (WrongSecret, true)] {
        let code = scene.code(ASKED).await;
        let token = token_in(&scene.bring(&code, Right).send_unchecked().await);
        let again = scene.bring(&code, second).send_unchecked().await;
        let expected = if live {
            "incorrect_client_credentials"
        } else {
            "bad_verification_code"
        };
        assert_eq!(error_in(&again), expected, "{second:?}");
        assert_eq!(scene.accepts(&token).await, live, "{second:?}");
    }
    // The code is over, and its token lives on whatever comes.
    let code = scene.code(ASKED).await;
    let token = token_in(&scene.bring(&code, Right).send_unchecked().await);
    world.advance(std::time::Duration::from_mins(10));
    scene.bring(&code, Right).send_unchecked().await;
    assert!(scene.accepts(&token).await && scene.accepts(&before).await);
}

#[tokio::test]
async fn a_repetition_means_nothing_once_the_code_is_over() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let code = scene.code(ASKED).await;
    let token = token_in(&scene.bring(&code, Right).send_unchecked().await);
    world.advance(std::time::Duration::from_mins(10));
    for brought in [WrongVerifier, WrongRedirect, Right] {
        let answer = scene.bring(&code, brought).send_unchecked().await;
        assert_eq!(error_in(&answer), "bad_verification_code");
    }
    assert!(scene.accepts(&token).await);
}

#[tokio::test]
async fn of_many_who_bring_a_code_at_once_one_gets_a_token_and_a_wrong_one_takes_it_away() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    for round in 0..12 {
        let before = scene.live().await;
        let code = scene.code(ASKED).await;
        let bad = [Right, WrongVerifier, WrongSecret, WrongRedirect][round % 4];
        let mut all = vec![Right; 4];
        all.insert(round % 5, bad);
        let asked = all.iter().map(|brought| scene.bring(&code, *brought));
        let asked: Vec<_> = asked.collect();
        let answers = join_all(asked.iter().map(RequestBuilder::send_unchecked)).await;
        let tokens: Vec<_> = answers
            .iter()
            .filter(|answer| answer.json()["access_token"].is_string())
            .collect();
        let leaves_one = matches!(bad, Right | WrongSecret);
        assert!(tokens.len() <= 1, "{bad:?}");
        assert_eq!(
            scene.live().await - before,
            usize::from(leaves_one),
            "{bad:?}"
        );
    }
}
