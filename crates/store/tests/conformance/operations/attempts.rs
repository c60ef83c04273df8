//! How each operation is tried.

use counterfoil_domain::account::{AccountChange, NewAccount};
use counterfoil_domain::app::{AppChange, AppSwitches, SeenTokens, SwitchChange};
use counterfoil_domain::authorization::{AuthorizationChange, ScopeChange, TokenLimits};
use counterfoil_domain::code::{EnrolmentHolder, Step};
use counterfoil_domain::id::SessionId;
use counterfoil_domain::key::{Sealed, SealedPlace};
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::link::{LinkKind, LinkLives};
use counterfoil_domain::mail::MailKind;
use counterfoil_domain::oauth::{ClientStanding, DeviceAnswer};
use counterfoil_domain::organization::{NewOrganization, Role, TeamName};
use counterfoil_domain::passkey::PasskeyName;
use counterfoil_domain::preferences::Profile;
use counterfoil_domain::principal::Attribution;
use counterfoil_domain::scope::Standing;
use counterfoil_domain::second_factor::LastFactor;
use counterfoil_domain::session::SessionLife;
use counterfoil_domain::text::DisplayName;
use counterfoil_store::{
    CodeRedemption, ConfirmedEnrolment, InvitationBy, InvitedUser, NewLink, Operation, Progress,
    Regeneration, RevokeTokens, TokenRefresh, Transfer, Trial, WaitingSeed, Whose,
};

use crate::passkeys::new_passkey;
use crate::sessions;
use crate::world::{email, login, new_account, password, set};

use super::{Came, Scene, came, sealed};

impl Scene<'_> {
    /// Tries an operation on what the scene has for it.
    #[expect(
        clippy::too_many_lines,
        reason = "a list of all operations, each at its place"
    )]
    pub(super) async fn attempt(&self, operation: Operation, by: Attribution) -> Came {
        match operation {
            Operation::CreateApp
            | Operation::ChangeApp
            | Operation::RotateAppSecret
            | Operation::CreateAppSecret
            | Operation::EndAppSecret
            | Operation::PublishAppSecret
            | Operation::SuspendApp
            | Operation::UnsuspendApp
            | Operation::MakeBuiltInApps
            | Operation::TransferApp
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
            | Operation::ChangeProfile
            | Operation::BeginEnrolment
            | Operation::ConfirmEnrolment
            | Operation::ReplaceRecoveryCodes
            | Operation::EnableTotp
            | Operation::DisableTotp
            | Operation::RegisterPasskey
            | Operation::RenamePasskey
            | Operation::RemovePasskey
            | Operation::Unlock => self.attempt_on_account(operation, by).await,
            Operation::StartSession
            | Operation::ConfirmSession
            | Operation::EndSession
            | Operation::EndOtherSessions => self.attempt_on_session(operation, by).await,
            Operation::IssueLink
            | Operation::RequestLink
            | Operation::Invite
            | Operation::AskEnrolment
            | Operation::AskAddress
            | Operation::ChooseAddress
            | Operation::RemoveAddress => self.attempt_by_mail(operation, by).await,
            Operation::AddKey
            | Operation::RotateKeys
            | Operation::RetireKey
            | Operation::RecordSeeding
            | Operation::Import
            | Operation::ResumeSending
            | Operation::EndUnproven => self.attempt_on_installation(operation, by).await,
            Operation::AllowApp
            | Operation::DenyApp
            | Operation::ReuseConsent
            | Operation::RedeemCode
            | Operation::RefreshToken
            | Operation::RevokeByRefreshToken => self.attempt_in_flow(operation, by).await,
            Operation::ApproveDevice => self.answer_device(DeviceAnswer::Approved, by).await,
            Operation::DenyDevice => self.answer_device(DeviceAnswer::Denied, by).await,
            Operation::RedeemDevice => self.redeem_device(by).await,
            Operation::RevokeGrant
            | Operation::CreateAuthorization
            | Operation::GetOrCreateAuthorization
            | Operation::ChangeAuthorization
            | Operation::RegenerateToken
            | Operation::DeletePersonalTokens
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

    async fn attempt_on_app(&self, operation: Operation, by: Attribution) -> Came {
        let (store, id) = (self.store, self.app.summary.id);
        match operation {
            Operation::CreateApp => {
                let new = self.world.new_app(&self.mona, "another");
                came(store.create_app(new, 100, by).await)
            }
            Operation::ChangeApp => {
                let change = AppChange {
                    name: Some(DisplayName::parse("other").expect("a short name")),
                    switches: SwitchChange::to(AppSwitches::of(|_| true)),
                    seen_tokens: Some(SeenTokens::All),
                    ..AppChange::default()
                };
                came(store.change_app(id, change, by).await)
            }
            Operation::RotateAppSecret => {
                came(store.rotate_app_secret(id, self.world.secret(), by).await)
            }
            Operation::CreateAppSecret => {
                came(store.create_app_secret(id, self.world.secret(), by).await)
            }
            Operation::EndAppSecret => {
                let held = store.list_app_secrets(id).await;
                let secret = held.expect("they can be read").remove(0);
                came(store.end_app_secret(id, secret.id, by).await)
            }
            Operation::PublishAppSecret => {
                let held = store.list_app_secrets(id).await;
                let secret = held.expect("they can be read").remove(0);
                came(store.publish_app_secret(id, secret.id, by).await)
            }
            Operation::SuspendApp => came(store.suspend_app(id, by).await),
            Operation::UnsuspendApp => came(store.unsuspend_app(self.robot_at_rest, by).await),
            Operation::MakeBuiltInApps => came(store.make_built_in_apps(by).await),
            Operation::TransferApp => {
                let transfer = Transfer {
                    from: self.mona.id,
                    to: self.bert.id,
                    per_user_limit: 100,
                };
                came(store.transfer_app(id, transfer, by).await)
            }
            Operation::DeleteApp => came(store.delete_app(id, by).await),
            other => unreachable!("{other:?} is tried elsewhere"),
        }
    }

    async fn attempt_on_organization(&self, operation: Operation, by: Attribution) -> Came {
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

    async fn attempt_on_account(&self, operation: Operation, by: Attribution) -> Came {
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
            Operation::ChangeProfile
            | Operation::BeginEnrolment
            | Operation::ConfirmEnrolment
            | Operation::ReplaceRecoveryCodes => self.attempt_on_own_account(operation, by).await,
            Operation::RegisterPasskey | Operation::RenamePasskey | Operation::RemovePasskey => {
                self.attempt_on_passkey(operation, by).await
            }
            Operation::EnableTotp => came(store.enable_totp(id, sealed(), vec![[1; 32]], by).await),
            Operation::DisableTotp => came(store.disable_totp(self.bert.id, by).await),
            Operation::Unlock => came(store.unlock(id, Vec::new(), by).await),
            other => unreachable!("{other:?} is tried elsewhere"),
        }
    }

    async fn attempt_on_session(&self, operation: Operation, by: Attribution) -> Came {
        let (store, owner, id) = (self.store, self.mona.id, self.of_mona);
        match operation {
            Operation::StartSession => {
                let new = sessions::new(self.world, owner);
                came(store.start_session(new, SessionLife::default(), by).await)
            }
            Operation::ConfirmSession => {
                let digest = self.world.secret().digest;
                came(store.confirm_session(owner, id, digest, by).await)
            }
            Operation::EndSession => {
                let reason = EndReason::SignedOut;
                came(store.end_session(owner, id, reason, by).await)
            }
            Operation::EndOtherSessions => {
                let kept = SessionId(i64::MAX);
                came(store.end_other_sessions(owner, kept, by).await)
            }
            other => unreachable!("{other:?} is tried elsewhere"),
        }
    }

    async fn attempt_on_own_account(&self, operation: Operation, by: Attribution) -> Came {
        let (store, account) = (self.store, self.mona.id);
        let holder = EnrolmentHolder::session(SessionId(1));
        match operation {
            Operation::ChangeProfile => {
                let profile = Profile {
                    name: DisplayName::parse("Lisa").ok(),
                    ..Profile::default()
                };
                came(store.change_profile(account, profile, by).await)
            }
            Operation::BeginEnrolment => {
                let new = self.enrolment(&self.mona);
                came(store.begin_enrolment(new, by).await)
            }
            // Of the one who waits for it: see `Scene::number`.
            Operation::ConfirmEnrolment => {
                let confirmed = ConfirmedEnrolment {
                    account: self.asleep.id,
                    holder,
                    waiting: WaitingSeed(sealed()),
                    seed: sealed(),
                    step: Step(1),
                    address_key: String::new(),
                    recovery_digests: vec![[2; 32]],
                    link: None,
                };
                came(store.confirm_enrolment(confirmed, by).await)
            }
            Operation::ReplaceRecoveryCodes => {
                let codes = vec![[3; 32]];
                came(store.replace_recovery_codes(self.bert.id, codes, by).await)
            }
            other => unreachable!("{other:?} is tried elsewhere"),
        }
    }

    async fn attempt_on_passkey(&self, operation: Operation, by: Attribution) -> Came {
        let (store, owner) = (self.store, self.asleep.id);
        let held = store.passkeys_of(owner).await.expect("they can be read");
        let id = held.first().expect("there is one").id;
        match operation {
            Operation::RegisterPasskey => {
                let new = new_passkey(&self.mona, self.mona.login.as_str());
                came(store.register_passkey(new, by).await)
            }
            Operation::RenamePasskey => {
                let name = PasskeyName::parse("another").expect("a name");
                came(store.rename_passkey(owner, id, name, by).await)
            }
            Operation::RemovePasskey => {
                let last = LastFactor::MayGo;
                came(store.remove_passkey(owner, id, last, by).await)
            }
            other => unreachable!("{other:?} is tried elsewhere"),
        }
    }

    async fn attempt_on_installation(&self, operation: Operation, by: Attribution) -> Came {
        let (store, spare) = (self.store, self.spare.clone());
        let text = self.name.clone();
        match operation {
            Operation::AddKey => came(store.add_key(self.new_key.clone(), [9; 32], by).await),
            Operation::RotateKeys => {
                let to = spare.clone();
                let reseal = move |_: SealedPlace<'_>, sealed: &Sealed| {
                    Ok(Sealed {
                        key: to.clone(),
                        bytes: sealed.bytes.clone(),
                    })
                };
                came(store.rotate_keys(spare, reseal, by).await)
            }
            Operation::RetireKey => came(store.retire_key(spare, by).await),
            Operation::RecordSeeding => came(store.record_seeding(text, by).await),
            Operation::Import => {
                let (lines, progress) = ([].into(), Progress::default());
                came(store.import(lines, text, Trial::No, by, progress).await)
            }
            Operation::ResumeSending => came(store.resume_sending(by).await),
            Operation::EndUnproven => came(store.end_unproven([7; 16], by).await),
            other => unreachable!("{other:?} is tried elsewhere"),
        }
    }

    async fn attempt_by_mail(&self, operation: Operation, by: Attribution) -> Came {
        let (store, id, lives) = (self.store, self.mona.id, LinkLives::default());
        let second = email(&format!("second-{}@example.com", self.mona.login.as_str()));
        match operation {
            Operation::IssueLink => {
                let new = NewLink {
                    kind: LinkKind::Reset,
                    account: Some(id),
                    digest: self.world.secret().digest,
                    expires_at: self.world.now().plus(lives.reset),
                };
                came(store.issue_link(new, by).await)
            }
            Operation::RequestLink => came(store.request_link(MailKind::Reset, id, by).await),
            Operation::Invite => {
                let invited = InvitedUser::New(NewAccount {
                    password: None,
                    ..new_account(&self.name)
                });
                let to = InvitationBy::Shown {
                    digest: self.world.secret().digest,
                    expires_at: self.world.now().plus(lives.invitation),
                };
                came(store.invite(invited, to, by).await)
            }
            Operation::AskEnrolment => {
                let cause = "192.0.2.1".to_owned();
                came(store.ask_enrolment(id, cause, by).await)
            }
            Operation::AskAddress => {
                let third = email("third@example.com");
                came(store.ask_address(id, third, lives, by).await)
            }
            Operation::ChooseAddress => came(store.choose_address(id, second, lives, by).await),
            Operation::RemoveAddress => came(store.remove_address(id, second, lives, by).await),
            other => unreachable!("{other:?} is tried elsewhere"),
        }
    }

    async fn attempt_on_token(&self, operation: Operation, by: Attribution) -> Came {
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
                let new = self
                    .world
                    .surely_for_app(&self.bert, &self.app, None, "repo");
                came(store.get_or_create_authorization(new, limits, by).await)
            }
            Operation::ChangeAuthorization => {
                let change = AuthorizationChange {
                    scopes: ScopeChange::Replace(set("repo")),
                    ..AuthorizationChange::default()
                };
                came(store.change_authorization(owner, id, change, by).await)
            }
            Operation::RegenerateToken => {
                let new = Regeneration {
                    token: self.world.secret(),
                    expires_at: None,
                };
                came(store.regenerate_token((owner, id), new, limits, by).await)
            }
            Operation::DeletePersonalTokens => {
                came(store.delete_personal_tokens(owner, 1, by).await)
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

    async fn attempt_in_flow(&self, operation: Operation, by: Attribution) -> Came {
        let (store, session, handle) = (self.store, self.of_mona, self.handle().digest());
        let robot = self.robot.summary.id;
        match operation {
            Operation::AllowApp => {
                let allowed = store.allow_app(handle, session, self.code("allowed"), by);
                came(allowed.await)
            }
            Operation::DenyApp => came(store.deny_app(handle, session, by).await),
            Operation::ReuseConsent => {
                let (reused, code) = (self.reused().await, self.code("another"));
                came(store.reuse_consent(reused, code, by).await)
            }
            Operation::RedeemCode => {
                let redemption = CodeRedemption {
                    refresh: self.world.secret().digest,
                    ..self.redemption(self.code("issued"))
                };
                came(store.redeem_code(redemption, by).await)
            }
            Operation::RefreshToken => {
                let refresh = TokenRefresh {
                    refresh: self.refresh(),
                    app: robot,
                    client: ClientStanding::Proved,
                    token: self.world.secret(),
                    next: self.world.secret().digest,
                };
                came(store.refresh_token(refresh, by).await)
            }
            Operation::RevokeByRefreshToken => came(
                store
                    .revoke_by_refresh_token(robot, self.refresh(), by)
                    .await,
            ),
            other => unreachable!("{other:?} is tried elsewhere"),
        }
    }

    async fn attempt_for_somebody(&self, operation: Operation, by: Attribution) -> Came {
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
