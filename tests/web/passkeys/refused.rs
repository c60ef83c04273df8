//! What is no right passkey, and is refused.

use super::*;

#[tokio::test]
async fn what_does_not_fit_is_refused_in_the_same_words() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let device = device_of(&world, &mona).await;
    let honest = Tampering::default();
    let wrong = [
        Tampering {
            origin: Some("https://counterfoil.test.evil.example"),
            ..honest
        },
        Tampering {
            origin: Some("http://counterfoil.test"),
            ..honest
        },
        Tampering {
            rp_id: Some("evil.example"),
            ..honest
        },
        Tampering {
            kind: Some("webauthn.create"),
            ..honest
        },
        Tampering {
            challenge: Some("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
            ..honest
        },
        Tampering {
            is_unverified: true,
            ..honest
        },
        Tampering {
            is_of_something_else: true,
            ..honest
        },
        Tampering {
            is_unknown: true,
            ..honest
        },
    ];
    for (number, wrong) in wrong.into_iter().enumerate() {
        // Refused ones count for their address.
        let visitor = world
            .visitor()
            .from_address(&format!("198.51.100.{number}"));
        let asked = asked_to_sign_in(&visitor).await;
        let given = device.give_with(&asked, wrong);
        let refused = visitor.submit(&asked, SIGN_IN_ANSWER, &typed(&given)).await;
        assert_refused(&refused);
        assert!(!is_signed_in(&visitor).await, "{wrong:?}");
    }
    let visitor = world.visitor();
    let asked = asked_to_sign_in(&visitor).await;
    assert_refused(&visitor.submit(&asked, SIGN_IN_ANSWER, &[]).await);
    signs_in(&visitor, &device).await.assert_status(303);
}

#[tokio::test]
async fn what_does_not_fit_is_not_added() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let (visitor, device) = (world.visitor(), PasskeyDevice::default());
    visitor.sign_in(&mona).await;
    let honest = Tampering::default();
    for wrong in [
        Tampering {
            origin: Some("https://evil.example"),
            ..honest
        },
        Tampering {
            rp_id: Some("evil.example"),
            ..honest
        },
        Tampering {
            kind: Some("webauthn.get"),
            ..honest
        },
        Tampering {
            is_unverified: true,
            ..honest
        },
    ] {
        let asked = asked_to_make(&visitor, "phone").await;
        let made = device.make_with(&asked, wrong);
        let refused = visitor.submit(&asked, ADD, &typed(&made)).await;
        refused.assert_status(422);
        let text = refused.text();
        assert!(
            text.contains("No passkey was added. Try again"),
            "{wrong:?}: {text}"
        );
        assert!(text.contains("You have no passkeys."), "{wrong:?}");
    }
    // An answer counts once.
    let asked = asked_to_make(&visitor, "phone").await;
    let made = device.make(&asked);
    visitor
        .submit(&asked, ADD, &typed(&made))
        .await
        .assert_status(200);
    let asked = asked_to_make(&visitor, "again").await;
    visitor
        .submit(&asked, ADD, &typed(&made))
        .await
        .assert_status(422);
}

#[tokio::test]
async fn an_answer_counts_once_and_for_five_minutes() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let device = device_of(&world, &mona).await;
    let visitor = world.visitor();
    let asked = asked_to_sign_in(&visitor).await;
    let given = device.give(&asked);
    visitor
        .submit(&asked, SIGN_IN_ANSWER, &typed(&given))
        .await
        .assert_status(303);
    // The same browser sends the same answer once more.
    assert_refused(&visitor.submit(&asked, SIGN_IN_ANSWER, &typed(&given)).await);
    let late = world.visitor();
    let old = asked_to_sign_in(&late).await;
    world.advance(Duration::from_secs(5 * 60 + 1));
    let given = device.give(&old);
    assert_refused(&late.submit(&old, SIGN_IN_ANSWER, &typed(&given)).await);
}

#[tokio::test]
async fn a_challenge_belongs_to_its_browser_and_to_its_purpose() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let device = device_of(&world, &mona).await;
    // A thief has their own challenge signed by somebody whom they lead astray, or the reverse.
    let (thief, victim) = (world.visitor(), world.visitor());
    let of_victim = asked_to_sign_in(&victim).await;
    let of_thief = asked_to_sign_in(&thief).await;
    let given = device.give(&of_victim);
    let refused = thief
        .submit(&of_thief, SIGN_IN_ANSWER, &typed(&given))
        .await;
    assert_refused(&refused);
    assert!(!is_signed_in(&thief).await);
    // One that was made to sign in with nothing else is none after a password.
    let visitor = world.visitor();
    let to_sign_in = asked_to_sign_in(&visitor).await;
    let after_password = asked_after_password(&visitor, &mona).await;
    let given = device.give(&to_sign_in);
    let refused = visitor
        .submit(&after_password, SECOND_ANSWER, &typed(&given))
        .await;
    assert_refused(&refused);
    // And the one after a password, for which nobody was recognised, does not sign in.
    let visitor = world.visitor();
    let after_password = asked_after_password(&visitor, &mona).await;
    let to_sign_in = asked_to_sign_in(&visitor).await;
    let given = device.give(&after_password);
    let refused = visitor
        .submit(&to_sign_in, SIGN_IN_ANSWER, &typed(&given))
        .await;
    assert_refused(&refused);
    assert!(!is_signed_in(&visitor).await);
}

#[tokio::test]
async fn a_passkey_of_somebody_else_proves_nothing() {
    let world = World::for_browsers().await;
    let (mona, lisa) = (world.user("mona").await, world.user("lisa").await);
    let of_mona = device_of(&world, &mona).await;
    let (owner, of_lisa) = (world.visitor(), PasskeyDevice::default());
    owner.sign_in(&lisa).await;
    add(&owner, &of_lisa, "phone").await.assert_status(200);
    // After the password of somebody else.
    let thief = world.visitor();
    let asked = asked_after_password(&thief, &lisa).await;
    let given = of_mona.give(&asked);
    assert_refused(&thief.submit(&asked, SECOND_ANSWER, &typed(&given)).await);
    assert!(!is_signed_in(&thief).await);
    // In the session of somebody else.
    world.advance(STALE);
    let page = owner.get("/login/confirm").await;
    let asked = owner.submit(&page, CONFIRM, &[]).await;
    let given = of_mona.give(&asked);
    assert_refused(&owner.submit(&asked, CONFIRM_ANSWER, &typed(&given)).await);
    // With the handle of somebody else.
    let visitor = world.visitor();
    let asked = asked_to_sign_in(&visitor).await;
    let mut given = of_mona.give(&asked);
    let handle = of_lisa.give(&asked).pop().expect("the handle is the last");
    given.retain(|(name, _)| *name != "user_handle");
    given.push(handle);
    let refused = visitor.submit(&asked, SIGN_IN_ANSWER, &typed(&given)).await;
    assert_refused(&refused);
    assert!(!is_signed_in(&visitor).await);
}

#[tokio::test]
async fn answers_without_an_open_challenge_leave_nothing_however_many_come() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let (owner, device) = (world.visitor(), PasskeyDevice::default());
    owner.sign_in(&mona).await;
    add(&owner, &device, "phone").await.assert_status(200);
    let bystander = world.visitor().from_address("203.0.113.1");
    let page = bystander.get("/login").await;
    let wrong = [("login", "lisa"), ("password", "not it, no")];
    bystander.submit(&page, "/login", &wrong).await;
    // One that spends its challenge counts.
    let flood = world.visitor().from_address("198.51.100.1");
    let asked = asked_to_sign_in(&flood).await;
    let of_something_else = Tampering {
        is_of_something_else: true,
        ..Tampering::default()
    };
    let spent = device.give_with(&asked, of_something_else);
    assert_refused(&flood.submit(&asked, SIGN_IN_ANSWER, &typed(&spent)).await);
    let failures = || {
        let counted = "SELECT count(*) FROM sign_in_failures";
        world.database().look_up(counted).expect("a count")
    };
    assert_eq!(failures(), "2");
    // None of these does.
    let of_another = asked_to_sign_in(&world.visitor()).await;
    let of_another = device.give(&of_another);
    let made_up = Tampering {
        challenge: Some("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        ..Tampering::default()
    };
    let made_up = device.give_with(&asked, made_up);
    let events = world.events().await.len();
    for _ in 0..500 {
        for answer in [&spent, &of_another, &made_up, &Vec::new()] {
            let refused = flood.submit(&asked, SIGN_IN_ANSWER, &typed(answer)).await;
            refused.assert_status(422);
        }
    }
    assert_eq!(failures(), "2", "the bystander's and the first");
    assert_eq!(world.events().await.len(), events);
    // Nor does any in a session.
    world.advance(STALE);
    let page = owner.get("/login/confirm").await;
    let asked = owner.submit(&page, CONFIRM, &[]).await;
    for _ in 0..20 {
        assert_refused(&owner.submit(&asked, CONFIRM_ANSWER, &[]).await);
    }
    assert_eq!(failures(), "2");
    assert_eq!(world.events().await.len(), events);
}
