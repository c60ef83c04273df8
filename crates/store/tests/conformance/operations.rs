//! Every operation, by every kind of proof: one that lapsed changes nothing, one that holds leaves
//! its event. An operation that is not tried here does not compile.

mod attempts;
mod devices;
mod flows;
mod told;

use std::time::Duration;

use counterfoil_domain::account::{Account, NewAccount};
use counterfoil_domain::app::{App, KeptSecret};
use counterfoil_domain::audit::Action;
use counterfoil_domain::authorization::Authorization;
use counterfoil_domain::code::EnrolmentHolder;
use counterfoil_domain::grant::Grant;
use counterfoil_domain::id::{AccountId, AppId, SessionId};
use counterfoil_domain::key::{KeyId, Sealed};
use counterfoil_domain::login::Login;
use counterfoil_domain::organization::{Organization, Role, Team};
use counterfoil_domain::page::Page;
use counterfoil_domain::principal::{
    ClientProof, ExternalProof, Lapsed, Proof, SessionProof, TokenProof,
};
use counterfoil_domain::scope::{Scope, Standing};
use counterfoil_store::{
    ChangeError, NewEnrolment, NewImpersonation, Operation, RevokeTokens, Store,
};

use crate::keys::initialised;
use crate::organizations::{join, organization, team};
use crate::passkeys::new_passkey;
use crate::sessions;
use crate::world::{World, account_proof, new_account, password};

use self::told::never_told;

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
    session: SessionProof,
    robot: App,
    robot_secret: KeptSecret,
    /// An app that is suspended.
    robot_at_rest: AppId,
    /// To whom it is done.
    mona: Account,
    personal: Authorization,
    of_mona: SessionId,
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
    /// A key that seals nothing.
    spare: KeyId,
    /// A key that the database does not know.
    new_key: KeyId,
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
            session: sessions::start(world, &admin).await,
            of_mona: sessions::start(world, &mona).await.id,
            own_token: world
                .make(world.personal(&admin, "own", "site_admin"))
                .await,
            robot: robot.expect("the app can be made"),
            robot_secret,
            robot_at_rest: world.app(&admin, "robot at rest").await.summary.id,
            personal: world.make(world.personal(&mona, "laptop", "gist")).await,
            grant: grant_of(world, &mona).await,
            team: team(world, &acme, "team", &[&mona]).await,
            organization: acme,
            gone: gone.login.clone(),
            spare: key(2 * number + 2),
            new_key: key(2 * number + 3),
            name: format!("new{number}"),
            world,
            admin,
            mona,
            app,
            of_app,
            bert,
            asleep,
        };
        scene.prepare(gone.id).await;
        scene
    }

    /// Brings what is there into the state that operations need.
    async fn prepare(&self, gone: AccountId) {
        with_addresses(self.world, &self.mona);
        let (store, operator) = (self.store, || self.world.operator());
        let added = store.add_key(self.spare.clone(), [8; 32], operator());
        added.await.expect("it is a new one");
        let suspended = store.suspend_account(self.asleep.id, operator()).await;
        assert!(suspended.expect("the user is there"));
        let suspended = store.suspend_app(self.robot_at_rest, operator()).await;
        assert!(suspended.expect("the app is there"));
        let deleted = store.delete_account(gone, operator()).await;
        deleted.expect("the user is there");
        let enabled = store.enable_totp(self.bert.id, sealed(), Vec::new(), operator());
        enabled.await.expect("the user is there");
        let passkey = new_passkey(&self.asleep, self.asleep.login.as_str());
        let registered = store.register_passkey(passkey, operator());
        registered.await.expect("the user is there");
        self.prepare_flow().await;
        self.prepare_devices().await;
        let begun = store.begin_enrolment(self.enrolment(&self.asleep), operator());
        begun.await.expect("the user is there");
        let made = store.impersonate(self.impersonation(&self.bert), operator());
        made.await.expect("the administrator is one");
    }

    fn enrolment(&self, user: &Account) -> NewEnrolment {
        NewEnrolment {
            account: user.id,
            holder: EnrolmentHolder::session(SessionId(1)),
            seed: sealed(),
            expires_at: self.world.now().plus(Duration::from_mins(15)),
        }
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

    /// The administrator's proofs of all kinds, for an hour.
    fn proofs(&self) -> [Proof; 6] {
        let account = account_proof(&self.admin);
        let in_an_hour = self.world.now().plus(Duration::from_hours(1));
        let external = ExternalProof {
            valid_until: in_an_hour,
        };
        [
            Proof::Password(account),
            Proof::PasswordThroughApp(account, self.client()),
            Proof::Token(account, self.token()),
            Proof::ClientSecret(self.client()),
            Proof::Session(account, self.session),
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
        let robot = self.robot.summary.id;
        lapsed.push((Proof::PublicClient(robot), Lapsed::Unproven));
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
        let another = SessionProof {
            digest: self.world.secret().digest,
            ..self.session
        };
        let ended = sessions::ended(self.world, &self.admin).await;
        let repeated = sessions::repeated(self.world, &self.admin, self.session).await;
        lapsed.extend([
            (
                Proof::PasswordThroughApp(again, self.client()),
                Lapsed::Client,
            ),
            (Proof::Token(again, self.token()), Lapsed::Token),
            (
                Proof::Session(
                    again,
                    SessionProof {
                        ends_at,
                        ..self.session
                    },
                ),
                Lapsed::Time,
            ),
            (Proof::Session(again, another), Lapsed::Session),
            (Proof::Session(again, ended), Lapsed::Session),
            (Proof::Session(again, repeated), Lapsed::Repeated),
            (Proof::ExternalIdentity(again, external), Lapsed::Time),
        ]);
        lapsed
    }
}

/// Gives a user two addresses, and has mail paused.
fn with_addresses(world: &World, user: &Account) {
    let (id, login) = (user.id, user.login.as_str());
    world.run(&format!(
        "INSERT INTO emails (account_id, address, address_key, is_primary, verified_at, created_at) VALUES
        ({id}, '{login}@example.com', '{login}@example.com', 1, 1, 1),
        ({id}, 'second-{login}@example.com', 'second-{login}@example.com', 0, 1, 1);
        UPDATE installation SET sending_paused = 1"
    ));
}

async fn grant_of(world: &World, owner: &Account) -> Grant {
    let listed = world
        .store
        .list_grants(owner.id, None, Page::new(1, 1), world.now())
        .await;
    listed.expect("it can be read").items.remove(0)
}

fn key(number: usize) -> KeyId {
    KeyId::parse(&format!("{number:08x}")).expect("eight digits")
}

fn sealed() -> Sealed {
    Sealed {
        key: key(1),
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
            // What needs no other proof than what the program holds.
            let is_open = operation.is_for_public_clients();
            if is_open && matches!(proof, Proof::PublicClient(_)) {
                continue;
            }
            let tried = scene
                .attempt(*operation, world.proven_by(proof.clone()))
                .await;
            assert_eq!(tried, Came::Lapsed(*what), "{operation:?} by {proof:?}");
        }
    }
    assert_eq!(world.everything(), before);
}

async fn an_operation_by_a_proof_that_holds_is_done_and_leaves_its_event(world: World) {
    let world = initialised(world).await;
    for (number, operation) in Operation::ALL.iter().enumerate() {
        let scene = Scene::number(&world, number).await;
        // What it leaves is told from what made the scene by its time: to read all of the trail
        // again for each operation takes longer than all of them.
        world.pass(Duration::from_secs(1));
        let proofs = scene.proofs();
        let by = world.proven_by(proofs[number % proofs.len()].clone());
        let actor = by.actor().lasting_text();
        let tried = scene.attempt(*operation, by).await;
        assert_eq!(tried, Came::Done, "{operation:?}");
        let mut left = world.events_since(world.now()).await;
        let ended = Action::TokenEnded.as_str();
        for event in left.extract_if(.., |event| event.action == ended) {
            assert_eq!(event.actor, actor, "{operation:?}");
        }
        let words = operation.events().iter().map(|action| action.as_str());
        let words: Vec<_> = words.collect();
        // The organization, and two apps with a secret each that everybody may know.
        let parts = match operation {
            Operation::MakeBuiltInApps => 5,
            // The user and the link.
            Operation::Invite => 2,
            _ => 1,
        };
        assert_eq!(left.len(), parts, "{operation:?}");
        for event in left {
            assert!(words.contains(&event.action.as_str()), "{operation:?}");
            assert_eq!(event.actor, actor, "{operation:?}");
        }
    }
    assert_eq!(world.tokens_whose_end_is_not_told_once(), ["0"]);
    assert_eq!(never_told(&world.events().await), SEEN_ELSEWHERE);
}

/// Details that operations on a [`Scene`] have no reason to tell, by the module that sees them.
const SEEN_ELSEWHERE: &[(&str, &str)] = &[
    // refused_requests, of the tests through the front door
    ("administration.refused", "count"),
    ("app.refused", "count"),
    // oauth::resource_servers, of the tests through the front door
    ("app.transferred", "resource_server"),
    // limits
    ("authorization.created", "token_ids"),
    // clean_up
    ("authorization.lapsed", "count"),
    ("authorization.lapsed", "reason"),
    // administration, of the tests through the front door: a second impersonation
    ("authorization.reset", "maker"),
    ("authorization.reset", "provenance"),
    ("authorization.reset", "scopes"),
    ("authorization.reset", "scopes_before"),
    // web::oauth, of the tests through the front door
    ("code.refused", "kind"),
    ("code.refused", "session"),
    ("code.repeated", "session"),
    ("code.repeated", "tokens"),
    ("device.requested", "count"),
    // administrator_epochs
    ("installation.administrator_scopes_kept", "count"),
    ("installation.administrator_scopes_kept", "token_ids"),
    // moving, of the tests through the front door
    ("installation.copied", "rows"),
    // clean_up and traces
    ("installation.ended_removed", "authorizations"),
    ("installation.ended_removed", "digests"),
    ("installation.ended_removed", "events"),
    // command_line::database
    ("installation.restored", "carried_over"),
    // own_account
    ("installation.second_factor_required", "required_of"),
    // links
    ("link.used", "purpose"),
    // outbox
    ("mail.given_up", "mail"),
    ("mail.outbox_full", "count"),
    // oauth::refresh, of the tests through the front door
    ("refresh.repeated", "tokens"),
    // sessions
    ("session.lapsed", "count"),
    ("session.lapsed", "reason"),
    ("session.started", "count"),
    // passkeys
    ("session.started", "proof"),
    // sign_in and sign_in_of_users
    ("sign_in.attacked", "failures"),
    ("sign_in.failed", "kind"),
    ("sign_in.locked", "kind"),
    ("sign_in.locked", "until"),
    ("sign_in.refused", "count"),
    // administrator_epochs: a promotion
    ("user.changed", "count"),
    ("user.changed", "site_administrator"),
    ("user.changed", "token_ids"),
    // addresses
    ("user.email_restored", "count"),
    // two_factor
    ("user.otp_exhausted", "wrong_codes"),
    // passkeys
    ("user.passkey_removed", "count"),
    ("user.passkey_stalled", "passkey"),
    ("user.passkey_used", "passkey"),
    ("user.passkey_used", "purpose"),
    // two_factor
    ("user.recovery_code_used", "remaining"),
    // administrator_epochs: a promotion
    ("user.standing_changed", "count"),
    ("user.standing_changed", "token_ids"),
];

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
        let by = world.proven_by(Proof::Password(account_proof(&admin)));
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
