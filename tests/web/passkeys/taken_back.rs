//! A passkey that a thief added goes with the change of addresses that is taken back.

use super::*;
use crate::links::{code, open, sent, with_mail};

const ADDRESSES: &str = "/settings/profile/addresses";
const PASSWORD: &str = "a long new password";

#[tokio::test]
async fn a_passkey_that_came_after_a_change_of_address_goes_when_that_is_taken_back() {
    let world = with_mail().await;
    let mona = world.user("mona").await;
    // Somebody has the password: changes the address, and adds a passkey.
    let (thief, device) = (world.visitor(), PasskeyDevice::default());
    thief.sign_in(&mona).await;
    let page = thief.get(ADDRESSES).await;
    let address = [("address", "thief@example.com")];
    let asked = thief.submit(&page, ADDRESSES, &address).await;
    asked.assert_status(303);
    let to_verify = sent(&world).await.remove(0);
    let page = open(&thief, &code(&to_verify)).await;
    let verified = thief.submit(&page, "/link", &[]).await;
    verified.assert_status(303);
    let told = sent(&world).await.remove(0);
    assert_eq!(told.to.as_str(), "mona@example.com");
    world.advance(Duration::from_mins(1));
    add(&thief, &device, "phone").await.assert_status(200);
    sent(&world).await;
    let elsewhere = world.visitor();
    signs_in(&elsewhere, &device).await.assert_status(303);

    let owner = world.visitor();
    let page = open(&owner, &code(&told)).await;
    let goes = "Passkeys and authenticator apps that were added after the change are removed.";
    assert!(page.text().contains(goes), "{}", page.text());
    let undone = owner.submit(&page, "/link", &[]).await;
    let page = owner.follow(&undone).await;
    let typed = [("password", PASSWORD)];
    let reset = owner.submit(&page, "/link", &typed).await;
    let done = owner.follow(&reset).await;
    // What was there before stays, which it says.
    let stay = "Passkeys and authenticator apps stay";
    assert!(done.text().contains(stay), "{}", done.text());
    let actions = world.audit_actions().await;
    let removed = "user.passkey_removed";
    assert!(actions.iter().any(|action| action == removed));
    let to: Vec<_> = sent(&world)
        .await
        .into_iter()
        .map(|letter| letter.to)
        .collect();
    assert!(to.len() >= 2, "of the passkey and of the password: {to:?}");
    assert!(
        to.iter().all(|to| to.as_str() == "mona@example.com"),
        "{to:?}"
    );

    for visitor in [&thief, &elsewhere] {
        assert!(!is_signed_in(visitor).await);
    }
    assert_refused(&signs_in(&world.visitor(), &device).await);
    let page = owner.get("/login").await;
    let typed = [("login", "mona"), ("password", PASSWORD)];
    owner.submit(&page, "/login", &typed).await;
    assert!(is_signed_in(&owner).await, "the password is enough again");
}
