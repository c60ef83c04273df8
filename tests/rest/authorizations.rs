//! `/authorizations`

use counterfoil_testkit::World;
use serde_json::json;

#[tokio::test]
async fn a_personal_token_is_created_listed_and_deleted() {
    let world = World::new().await;
    let mona = world.user("mona").await;

    let created = mona.post("/authorizations", json!({ "note": "laptop", "scopes": ["gist", "user"] })).await;
    created.assert_status(201);
    println!("{}", created.snapshot());
    let path = format!("/authorizations/{}", created.id());
    let got = mona.get(&path).await;
    println!("{}", got.snapshot());
    assert_eq!(got.assert_status(200).token(), "");
    println!("{}", mona.get("/user").await.snapshot());
    println!("{}", world.anonymous().get_with_token(&created.token(), "/user").await.snapshot());
    println!("{}", world.anonymous().get_with_token(&created.token(), "/authorizations").await.snapshot());

    mona.delete(&path).await.assert_status(204);
    println!("{}", mona.get(&path).await.assert_status(404).snapshot());
}
