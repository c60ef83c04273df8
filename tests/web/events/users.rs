//! Forms of the administration of users: of mona and of others.

use super::*;

impl<'w> Scene<'w> {
    /// Of a user who is somebody else.
    pub(super) async fn form_of_users(&self, path: &str) -> Form<'w> {
        if path == "/admin/invite" {
            let typed = vec![
                ("user", "nora".to_owned()),
                ("email", "nora@example.org".to_owned()),
            ];
            return self.signed_in(path, path, typed).await;
        }
        if path == "/admin/audit" {
            let digest = SecretDigest::of("a token").to_hex();
            let typed = vec![("token_digest", digest)];
            return self.signed_in(path, path, typed).await;
        }
        let act = path.strip_prefix("/admin/users/{login}/");
        let act = act.unwrap_or_else(|| unknown(path));
        let bert = self.user_for(act).await;
        let asked = format!("/admin/users/{bert}/confirm/{act}");
        let action = format!("/admin/users/{bert}/{act}");
        let typed = match act {
            "delete" => vec![("user", bert)],
            _ => vec![],
        };
        self.signed_in(&asked, &action, typed).await
    }

    /// Somebody to whom this is worth doing, by the login.
    async fn user_for(&self, act: &str) -> String {
        let world = self.world;
        let operator = World::operator();
        if act == "invite" {
            let invite = Invite {
                login: Login::parse("bert").expect("a login"),
                email: EmailAddress::parse("bert@example.com").ok(),
                name: None,
                standing: Standing::Ordinary,
            };
            let invited = world.authority.invite(invite, LinkTo::Show, &operator);
            invited.await.expect("the login is free");
            return "bert".to_owned();
        }
        let bert = world.user("bert").await;
        let login = &bert.account.login;
        match act {
            "unsuspend" => {
                let suspended = world.authority.suspend_account(login, &operator);
                assert!(suspended.await.expect("he is there"));
            }
            "unlock" => {
                let most = world.authority.settings().lockout.per_login_and_address;
                let stranger = bert.from_address("198.51.100.7").with_password("wrong");
                for _ in 0..most {
                    stranger.get("/user").await.assert_status(401);
                }
            }
            "end-sessions" => {
                world.visitor().sign_in(&bert).await;
            }
            "two-factor-off" => {
                world.enable_two_factor(&bert).await;
            }
            "demote" => {
                let standing = Standing::SiteAdministrator;
                world.set_standing(&bert, standing).await;
            }
            "reset" | "suspend" | "promote" | "delete" => {}
            _ => unknown(act),
        }
        "bert".to_owned()
    }
}
