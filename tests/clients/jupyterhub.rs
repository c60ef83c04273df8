//! `PyPI`'s `jupyterhub` with `oauthenticator` 17: the hub itself, which lets in the members of an
//! organization or of a team.

use counterfoil_testkit::installed;
use serde_json::json;

use super::browsing::Asked;
use super::driver::path_of;
use super::web_flow::{APP, MEMBER, ORG, STRANGER, Serving, TEAM, WebFlow};

const CALLBACK: &str = "/hub/oauth_callback";

/// A hub for members of these, each an organization or a team of one.
fn serve(scene: &WebFlow, allowed: &[&str]) -> Serving {
    let setting = json!({
        "url": scene.server.base_url,
        "client_id": scene.app.client_id,
        "client_secret": scene.app.client_secret,
        "callback": scene.callback,
        "bind": APP,
        // Its proxy would listen there, which is left out.
        "app": "http://127.0.0.1:3001",
        "organizations": allowed,
    });
    let mut hub = scene.inside(&installed::python());
    hub.args(["-m", "jupyterhub", "--config"])
        .arg(path_of("jupyterhub_config.py"))
        .env("SETTING", setting.to_string())
        .env("PYTHONDONTWRITEBYTECODE", "1");
    let hub = Serving::start(&mut hub);
    let health = scene.member().wait_for(&format!("{APP}/hub/health"));
    health.assert_status(200);
    hub
}

#[test]
fn jupyterhub_lets_in_the_members_of_an_organization_and_nobody_else() {
    let scene = WebFlow::new(CALLBACK);
    let login = format!("{APP}/hub/oauth_login?next=/hub/home");
    let hub = serve(&scene, &[ORG]);
    let arrival = scene.member().opens(&login);
    assert_eq!(arrival.asked, [Asked::Who, Asked::Whether]);
    assert_eq!(arrival.url, format!("{APP}/hub/home"));
    let home = arrival.reply.assert_status(200).text();
    assert!(home.contains(&format!("user: \"{MEMBER}\"")), "{home}");

    let arrival = scene.stranger().opens(&login);
    let page = arrival.reply.assert_status(403).text();
    assert!(page.contains("not currently authorized"), "{page}");
    drop(hub);

    // The same by the team: who leaves it is out at the next sign-in, which asks nothing.
    let remove = ["team", "member", "remove", ORG, TEAM, MEMBER];
    let add = ["team", "member", "add", ORG, TEAM, STRANGER];
    let join = ["org", "member", "add", ORG, STRANGER];
    for command in [&remove[..], &join, &add] {
        scene.program.command(command, "").succeeded();
    }
    let hub = serve(&scene, &[&format!("{ORG}:{TEAM}")]);
    let arrival = scene.member().opens(&login);
    assert_eq!(arrival.asked, []);
    arrival.reply.assert_status(403);
    scene.stranger().opens(&login).reply.assert_status(200);
    drop(hub);
}
