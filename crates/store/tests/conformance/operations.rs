//! Every operation, by every kind of proof: one that lapsed changes nothing, one that holds leaves
//! its event. An operation that is not tried here does not compile.

use std::time::Duration;

use counterfoil_domain::account::{Account, AccountChange, NewAccount};
use counterfoil_domain::app::{App, AppChange, KeptSecret};
use counterfoil_domain::authorization::{
    Authorization, AuthorizationChange, ScopeChange, TokenLimits,
};
use counterfoil_domain::grant::Grant;
use counterfoil_domain::key::{KeyId, Sealed};
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::login::Login;
use counterfoil_domain::organization::{NewOrganization, Organization, Role, Team, TeamName};
use counterfoil_domain::page::Page;
use counterfoil_domain::principal::{
    ClientProof, ExternalProof, Lapsed, Principal, Proof, SessionProof, TokenProof,
};
use counterfoil_domain::scope::{Scope, Standing};
use counterfoil_domain::text::DisplayName;
use counterfoil_store::{ChangeError, NewImpersonation, Operation, RevokeTokens, Store, Whose};

use crate::keys::initialised;
use crate::organizations::{join, organization, team};
use crate::world::{World, account_proof, login, new_account, password, set};

on_each_engine! {
    an_operation_by_a_proof_that_lapsed_is_refused_and_changes_nothing,
    an_operation_by_a_proof_that_holds_is_done_and_leaves_its_event,
    a_proof_that_lapses_while_an_operation_waits_for_its_locks_is_refused,
}

/// What an attempt came to.
#[derive(Debug, PartialEq, Eq)]
enum Came {
    Done,
    Lapsed(Lapsed),
    Refused(String),
}

fn came<T, R: std::fmt::Debug>(outcome: Result<T, ChangeError<R>>) -> Came {
    match outcome {
        Ok(_) => Came::Done,
        Err(ChangeError::Lapsed(lapsed)) => Came::Lapsed(lapsed),
        Err(ChangeError::Refused(reason)) => Came::Refused(format!("{reason:?}")),
        Err(ChangeError::Store(error)) => panic!("the store failed: {error}: {error:?}"),
    }
}

/// A caller, by whatever proof, and one of each thing that something can be done to.
struct Scene<'w> {
    world: &'w World,
    store: &'w Store,
    /// Who asks.
    admin: Account,
    own_token: Authorization,
    robot: App,
    robot_secret: KeptSecret,
    /// To whom it is done.
    mona: Account,
    personal: Authorization,
    app: App,
    of_app: Authorization,
    grant: Grant,
    organization: Organization,
    team: Team,
    /// A member of the organization and of no team, who has two factors.
    bert: Account,
    /// A user who is suspended.
    asleep: Account,
    /// A login whose user is gone.
    gone: Login,
    name: String,
}

impl<'w> Scene<'w> {
    /// One of many in the same database.
    async fn number(world: &'w World, number: usize) -> Self {
        let store = &world.store;
        let user = async |name: &str| world.user(&format!("{name}{number}")).await;
        let new = NewAccount {
            standing: Standing::SiteAdministrator,
            ..new_account(&format!("admin{number}"))
        };
        let admin = store.create_account(new, world.operator()).await;
        let admin = admin.expect("the login is free");
        let robot = world.new_app(&admin, "robot");
        let robot_secret = robot.secret.clone();
        let robot = store.create_app(robot, 100, world.operator()).await;
        let (mona, bert) = (user("mona").await, user("bert").await);
        let (asleep, gone) = (user("asleep").await, user("gone").await);
        let app = world.app(&mona, "app").await;
        let of_app = world.for_app(&mona, &app, None, "repo");
        let of_app = world.make(of_app).await;
        let acme = organization(world, &format!("acme{number}")).await;
        for member in [&mona, &bert] {
            assert!(join(world, &acme, member, Role::Member).await);
        }
        let scene = Self {
            store,
            own_token: world
                .make(world.personal(&admin, "own", "site_admin"))
                .await,
            robot: robot.expect("the app can be made"),
            robot_secret,
            personal: world.make(world.personal(&mona, "laptop", "gist")).await,
            grant: grant_of(world, &mona).await,
            team: team(world, &acme, "team", &[&mona]).await,
            organization: acme,
            gone: gone.login.clone(),
            name: format!("new{number}"),
            world,
            admin,
            mona,
            app,
            of_app,
            bert,
            asleep,
        };
        let operator = || world.operator();
        let suspended = store.suspend_account(scene.asleep.id, operator()).await;
        assert!(suspended.expect("the user is there"));
        let deleted = store.delete_account(gone.id, operator()).await;
        deleted.expect("the user is there");
        let enabled = store.enable_totp(scene.bert.id, sealed(), Vec::new(), operator());
        enabled.await.expect("the user is there");
        let made = store.impersonate(scene.impersonation(&scene.bert), operator());
        made.await.expect("the administrator is one");
        scene
    }

    fn impersonation(&self, owner: &Account) -> NewImpersonation {
        NewImpersonation {
            owner: owner.id,
            maker: self.admin.id,
            scopes: None,
            expires_at: self.world.now().plus(Duration::from_hours(8)),
            token: self.world.secret(),
        }
    }

    /// Whoever proves it like this, now.
    fn by(&self, proof: Proof) -> Principal {
        Principal {
            proof,
            ..self.world.operator()
        }
    }

    /// The administrator's proofs of all kinds, for an hour.
    fn proofs(&self) -> [Proof; 5] {
        let account = account_proof(&self.admin);
        let in_an_hour = self.world.now().plus(Duration::from_hours(1));
        let session = SessionProof {
            ends_at: in_an_hour,
        };
        let external = ExternalProof {
            valid_until: in_an_hour,
        };
        [
            Proof::Password(account),
            Proof::Token(account, self.token()),
            Proof::ClientSecret(self.client()),
            Proof::Session(account, session),
            Proof::ExternalIdentity(account, external),
        ]
    }

    fn token(&self) -> TokenProof {
        TokenProof {
            digest: self.own_token.token.digest,
            scope: Scope::find("site_admin").expect("it is known"),
        }
    }

    fn client(&self) -> ClientProof {
        ClientProof {
            app: self.robot.summary.id,
            secret: self.robot_secret.digest,
        }
    }

    /// Ends what the proofs lean on, each by what ends it in life, and gives them with what is said
    /// of each.
    async fn lapsed(&self) -> Vec<(Proof, Lapsed)> {
        let (store, operator) = (self.store, || self.world.operator());
        let mut lapsed: Vec<_> = self
            .proofs()
            .into_iter()
            .filter(|proof| !matches!(proof, Proof::ClientSecret(_)))
            .map(|proof| (proof, Lapsed::Account))
            .collect();
        lapsed.push((Proof::ClientSecret(self.client()), Lapsed::Client));
        lapsed.push((Proof::Nothing, Lapsed::Unproven));
        lapsed.push((Proof::SigningIn(self.admin.id), Lapsed::Unproven));
        let rotated =
            store.rotate_app_secret(self.robot.summary.id, self.world.secret(), operator());
        rotated.await.expect("the app is there");
        let set = store.set_password(
            self.admin.id,
            password("another good password"),
            RevokeTokens::Keep,
            operator(),
        );
        set.await.expect("the user is there");
        let revoked = store.revoke_personal_token(self.own_token.id, operator());
        revoked.await.expect("the token is there");
        let again = store.account_by_id(self.admin.id).await;
        let again = account_proof(&again.expect("it can be read").expect("it is there"));
        let ends_at = self.world.now();
        let external = ExternalProof {
            valid_until: ends_at,
        };
        lapsed.extend([
            (Proof::Token(again, self.token()), Lapsed::Token),
            (
                Proof::Session(again, SessionProof { ends_at }),
                Lapsed::Time,
            ),
            (Proof::ExternalIdentity(again, external), Lapsed::Time),
        ]);
        lapsed
    }

    async fn attempt(&self, operation: Operation, by: Principal) -> Came {
        match operation {
            Operation::CreateApp
            | Operation::ChangeApp
            | Operation::RotateAppSecret
            | Operation::DeleteApp => self.attempt_on_app(operation, by).await,
            Operation::CreateOrganization
            | Operation::DeleteOrganization
            | Operation::SetMember
            | Operation::RemoveMember
            | Operation::CreateTeam
            | Operation::DeleteTeam
            | Operation::AddTeamMember
            | Operation::RemoveTeamMember => self.attempt_on_organization(operation, by).await,
            Operation::CreateAccount
            | Operation::ChangeAccount
            | Operation::SetPassword
            | Operation::SuspendAccount
            | Operation::UnsuspendAccount
            | Operation::DeleteAccount
            | Operation::ReleaseLogin
            | Operation::RenameAccount
            | Operation::SetStanding
            | Operation::EnableTotp
            | Operation::DisableTotp => self.attempt_on_account(operation, by).await,
            Operation::RevokeGrant
            | Operation::CreateAuthorization
            | Operation::GetOrCreateAuthorization
            | Operation::ChangeAuthorization
            | Operation::RevokeAuthorization
            | Operation::RevokeAll => self.attempt_on_token(operation, by).await,
            Operation::ResetTokenOfApp
            | Operation::RevokeTokenOfApp
            | Operation::RevokeGrantOfApp
            | Operation::Impersonate
            | Operation::EndImpersonation
            | Operation::RevokePersonalToken => self.attempt_for_somebody(operation, by).await,
        }
    }

    async fn attempt_on_app(&self, operation: Operation, by: Principal) -> Came {
        let (store, id) = (self.store, self.app.summary.id);
        match operation {
            Operation::CreateApp => {
                let new = self.world.new_app(&self.mona, "another");
                came(store.create_app(new, 100, by).await)
            }
            Operation::ChangeApp => {
                let change = AppChange {
                    name: Some(DisplayName::parse("other").expect("a short name")),
                    ..AppChange::default()
                };
                came(store.change_app(id, change, by).await)
            }
            Operation::RotateAppSecret => {
                came(store.rotate_app_secret(id, self.world.secret(), by).await)
            }
            Operation::DeleteApp => came(store.delete_app(id, by).await),
            other => unreachable!("{other:?} is tried elsewhere"),
        }
    }

    async fn attempt_on_organization(&self, operation: Operation, by: Principal) -> Came {
        let (store, id, team) = (self.store, self.organization.id, self.team.id);
        let name = || TeamName::parse("other").expect("a name");
        match operation {
            Operation::CreateOrganization => {
                let new = NewOrganization {
                    login: login(&self.name),
                    name: None,
                };
                came(store.create_organization(new, by).await)
            }
            Operation::DeleteOrganization => came(store.delete_organization(id, by).await),
            Operation::SetMember => {
                came(store.set_member(id, self.asleep.id, Role::Admin, by).await)
            }
            Operation::RemoveMember => came(store.remove_member(id, self.bert.id, by).await),
            Operation::CreateTeam => came(store.create_team(id, name(), by).await),
            Operation::DeleteTeam => came(store.delete_team(team, by).await),
            Operation::AddTeamMember => came(store.add_team_member(team, self.bert.id, by).await),
            Operation::RemoveTeamMember => {
                came(store.remove_team_member(team, self.mona.id, by).await)
            }
            other => unreachable!("{other:?} is tried elsewhere"),
        }
    }

    async fn attempt_on_account(&self, operation: Operation, by: Principal) -> Came {
        let (store, id) = (self.store, self.mona.id);
        match operation {
            Operation::CreateAccount => {
                came(store.create_account(new_account(&self.name), by).await)
            }
            Operation::ChangeAccount => {
                let change = AccountChange {
                    name: Some(DisplayName::parse("Lisa").expect("a short name")),
                    ..AccountChange::default()
                };
                came(store.change_account(id, change, by).await)
            }
            Operation::SetPassword => {
                let set = store.set_password(id, password("new"), RevokeTokens::Keep, by);
                came(set.await)
            }
            Operation::SuspendAccount => came(store.suspend_account(id, by).await),
            Operation::UnsuspendAccount => came(store.unsuspend_account(self.asleep.id, by).await),
            Operation::DeleteAccount => came(store.delete_account(id, by).await),
            Operation::ReleaseLogin => came(store.release_login(&self.gone, by).await),
            Operation::RenameAccount => came(store.rename_account(id, login(&self.name), by).await),
            Operation::SetStanding => came(
                store
                    .set_standing(id, Standing::SiteAdministrator, by)
                    .await,
            ),
            Operation::EnableTotp => came(store.enable_totp(id, sealed(), vec![[1; 32]], by).await),
            Operation::DisableTotp => came(store.disable_totp(self.bert.id, by).await),
            other => unreachable!("{other:?} is tried elsewhere"),
        }
    }

    async fn attempt_on_token(&self, operation: Operation, by: Principal) -> Came {
        let (store, owner, id) = (self.store, self.mona.id, self.personal.id);
        let limits = TokenLimits::default();
        match operation {
            Operation::RevokeGrant => {
                came(store.revoke_grant(Some(owner), self.grant.id, by).await)
            }
            Operation::CreateAuthorization => {
                let new = self.world.personal(&self.mona, "another", "repo");
                came(store.create_authorization(new, limits, by).await)
            }
            Operation::GetOrCreateAuthorization => {
                let new = self.world.for_app(&self.bert, &self.app, None, "repo");
                came(store.get_or_create_authorization(new, limits, by).await)
            }
            Operation::ChangeAuthorization => {
                let change = AuthorizationChange {
                    scopes: ScopeChange::Replace(set("repo")),
                    ..AuthorizationChange::default()
                };
                came(store.change_authorization(owner, id, change, by).await)
            }
            Operation::RevokeAuthorization => {
                let reason = EndReason::DeletedByOwner;
                let revoked = store.revoke_authorization(Some(owner), id, reason, by);
                came(revoked.await)
            }
            Operation::RevokeAll => came(store.revoke_all(Whose::Account(owner), by).await),
            other => unreachable!("{other:?} is tried elsewhere"),
        }
    }

    async fn attempt_for_somebody(&self, operation: Operation, by: Principal) -> Came {
        let (store, app) = (self.store, self.app.summary.id);
        let token = self.of_app.token.digest;
        match operation {
            Operation::ResetTokenOfApp => {
                let reset = store.reset_token_of_app(app, token, self.world.secret(), by);
                came(reset.await)
            }
            Operation::RevokeTokenOfApp => came(store.revoke_token_of_app(app, token, by).await),
            Operation::RevokeGrantOfApp => came(store.revoke_grant_of_app(app, token, by).await),
            Operation::Impersonate => {
                came(store.impersonate(self.impersonation(&self.mona), by).await)
            }
            Operation::EndImpersonation => came(store.end_impersonation(self.bert.id, by).await),
            Operation::RevokePersonalToken => {
                came(store.revoke_personal_token(self.personal.id, by).await)
            }
            other => unreachable!("{other:?} is tried elsewhere"),
        }
    }
}

async fn grant_of(world: &World, owner: &Account) -> Grant {
    let listed = world
        .store
        .list_grants(owner.id, None, Page::new(1, 1), world.now())
        .await;
    listed.expect("it can be read").items.remove(0)
}

fn sealed() -> Sealed {
    Sealed {
        key: KeyId::parse("00000001").expect("eight digits"),
        bytes: b"seed".to_vec(),
    }
}

async fn an_operation_by_a_proof_that_lapsed_is_refused_and_changes_nothing(world: World) {
    let world = initialised(world).await;
    let scene = Scene::number(&world, 0).await;
    let lapsed = scene.lapsed().await;
    let before = world.everything();
    for operation in Operation::ALL {
        for (proof, what) in &lapsed {
            let tried = scene.attempt(*operation, scene.by(proof.clone())).await;
            assert_eq!(tried, Came::Lapsed(*what), "{operation:?} by {proof:?}");
        }
    }
    assert_eq!(world.everything(), before);
}

async fn an_operation_by_a_proof_that_holds_is_done_and_leaves_its_event(world: World) {
    let world = initialised(world).await;
    for (number, operation) in Operation::ALL.iter().enumerate() {
        let scene = Scene::number(&world, number).await;
        let proofs = scene.proofs();
        let by = scene.by(proofs[number % proofs.len()].clone());
        let actor = by.actor().to_text();
        let events = world.events().await.len();
        let tried = scene.attempt(*operation, by).await;
        assert_eq!(tried, Came::Done, "{operation:?}");
        let left = world.events().await.split_off(events);
        let words = operation.events().iter().map(|action| action.as_str());
        let words: Vec<_> = words.collect();
        assert_eq!(left.len(), 1, "{operation:?}");
        assert!(words.contains(&left[0].action.as_str()), "{operation:?}");
        assert_eq!(left[0].actor, actor, "{operation:?}");
    }
}

/// On SQLite nobody waits for a lock: what lapsed before the writer's turn came is the test above.
async fn a_proof_that_lapses_while_an_operation_waits_for_its_locks_is_refused(world: World) {
    if !world.is_on_a_server() {
        return;
    }
    let world = initialised(world).await;
    let scene = Scene::number(&world, 0).await;
    for operation in Operation::ALL {
        let admin = world.store.account_by_id(scene.admin.id).await;
        let admin = admin.expect("it can be read").expect("it is there");
        let by = scene.by(Proof::Password(account_proof(&admin)));
        let raise = "UPDATE accounts SET credential_version = credential_version + 1 WHERE id =";
        let open = world.server().begin(&format!("{raise} {}", admin.id));
        let change = async {
            world.server().wait_for_waiting(1).await;
            open.commit();
        };
        let (tried, ()) = tokio::join!(scene.attempt(*operation, by), change);
        assert_eq!(tried, Came::Lapsed(Lapsed::Account), "{operation:?}");
    }
}
