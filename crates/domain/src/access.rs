//! Who may see what: the one place that decides it.
//!
//! A [`Viewer`] is an account that looks, with what its proof allows it. Whatever shows somebody
//! something asks here, by the reads of the authority that take a viewer and return no more than
//! these rules let through; REST, GraphQL and gateways only put the answer into their own words.
//! Which scope opens what stands in the table of routes, for the headers that tell clients, and
//! here.
//!
//! A password allows whatever the account may; a token what its scopes open, of those that count
//! now ([`ScopeSet::effective`]).

use crate::id::AccountId;
use crate::organization::{Role, SecondFactorFilter};
use crate::scope::{Scope, ScopeSet};

const SITE_ADMIN: Scope = Scope::named("site_admin");
const REPO: Scope = Scope::named("repo");
const READ_ORG: Scope = Scope::named("read:org");
const ADMIN_ORG: Scope = Scope::named("admin:org");
const USER: Scope = Scope::named("user");
const READ_USER: Scope = Scope::named("read:user");
const USER_EMAIL: Scope = Scope::named("user:email");

/// An account that looks.
#[derive(Clone, Copy, Debug)]
pub struct Viewer<'a> {
    account: AccountId,
    allowance: Allowance<'a>,
}

/// What a proof allows of what the account may.
#[derive(Clone, Copy, Debug)]
enum Allowance<'a> {
    Everything,
    /// What these scopes open: those of a token that count.
    Scopes(&'a ScopeSet),
}

/// Why a viewer is refused a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum AccessRefused {
    /// There is nothing, or nothing that the viewer may know of: the two look the same.
    #[error("there is nothing that the viewer may see")]
    NotFound,
    /// Only members of the organization see it, by a proof that lets them.
    #[error("only members of the organization see this")]
    MembersOnly,
    /// Only those who administer the organization learn it.
    #[error("only those who administer the organization learn this")]
    OwnersOnly,
    /// It is the viewer's own, and the token has none of the scopes that open it.
    #[error("the token has none of the scopes that open this")]
    ScopeMissing(Own),
}

/// What is the viewer's own, and closed to a token without a scope for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Own {
    /// The organizations that the viewer is a member of (wire contract, section 28).
    Organizations,
    /// The viewer's memberships of organizations, with the role in each (wire contract, section
    /// 28).
    Memberships,
    /// The teams that the viewer is in (wire contract, section 28).
    Teams,
    /// All e-mail addresses of the viewer, verified or not (wire contract, section 19).
    Emails,
    /// The verified address where GraphQL is asked for it, which also opens it to who may read the
    /// profile (wire contract, section 29).
    EmailInGraphQl,
}

impl Own {
    /// The scopes of which a token needs one, in the order in which a refusal names them.
    pub const fn scopes(self) -> &'static [Scope] {
        match self {
            Self::Organizations => &[READ_ORG, USER],
            Self::Memberships => &[READ_ORG],
            Self::Teams => &[READ_ORG, REPO, USER],
            Self::Emails => &[USER_EMAIL],
            Self::EmailInGraphQl => &[USER_EMAIL, READ_USER],
        }
    }
}

/// How much of a user is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Whether what is private is a part of it.
    pub form: ProfileForm,
    /// Whether the address is.
    pub email: ShownEmail,
}

/// Whether counts of what is private, the plan and the second factor are a part of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProfileForm {
    /// Only what everybody sees.
    Public,
    /// What the user sees of the own account.
    Private,
}

/// Whether the primary e-mail address is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShownEmail {
    /// The address is `null`, whatever there is.
    Hidden,
    /// The verified primary address, if there is one.
    Primary,
}

impl Profile {
    /// What everybody sees of a user by login, themselves included: never the address (wire
    /// contract, section 19).
    pub const OF_ANYBODY: Self = Self {
        form: ProfileForm::Public,
        email: ShownEmail::Hidden,
    };
}

/// From where a viewer looks at an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standpoint {
    /// As everybody does: what is public is all there is to see.
    Outside,
    /// As a member of this role who may know who else is one.
    Inside(Role),
}

/// How much of an organization is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrganizationForm {
    /// Only what everybody sees.
    Public,
    /// What its owners see besides: its settings and its plan.
    Full,
}

/// Whom the list of an organization's members shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListedMembers {
    /// All that are asked for.
    All,
    /// An empty list: no membership is public.
    Nobody,
}

impl<'a> Viewer<'a> {
    /// A user who proved who they are with a password, and with a code where they have two factors.
    pub const fn by_password(account: AccountId) -> Self {
        Self {
            account,
            allowance: Allowance::Everything,
        }
    }

    /// The owner of a token, of whose scopes these count.
    pub const fn by_token(owner: AccountId, effective: &'a ScopeSet) -> Self {
        Self {
            account: owner,
            allowance: Allowance::Scopes(effective),
        }
    }

    /// The id of the account that looks.
    pub const fn account(&self) -> AccountId {
        self.account
    }

    /// Whether the proof allows what this scope opens.
    pub(crate) fn may(&self, scope: Scope) -> bool {
        match self.allowance {
            Allowance::Everything => true,
            Allowance::Scopes(effective) => effective.covers(scope),
        }
    }

    fn may_any(&self, scopes: &[Scope]) -> bool {
        scopes.iter().any(|scope| self.may(*scope))
    }

    /// Whether the viewer is shown something of their own.
    pub fn may_see(&self, what: Own) -> Result<(), AccessRefused> {
        if self.may_any(what.scopes()) {
            Ok(())
        } else {
            Err(AccessRefused::ScopeMissing(what))
        }
    }

    /// How much the viewer sees of the own account: any live token some of it (wire contract,
    /// section 19).
    pub fn own_profile(&self) -> Profile {
        let form = if self.may(READ_USER) {
            ProfileForm::Private
        } else {
            ProfileForm::Public
        };
        let email = if self.may(USER_EMAIL) {
            ShownEmail::Primary
        } else {
            ShownEmail::Hidden
        };
        Profile { form, email }
    }

    /// The scope by which the viewer administers the installation, if they do: with a token that
    /// acts as a site administrator, and never with a password (wire contract, section 18).
    pub fn administers_by(&self) -> Option<Scope> {
        match self.allowance {
            Allowance::Everything => None,
            Allowance::Scopes(_) => self.may(SITE_ADMIN).then_some(SITE_ADMIN),
        }
    }

    /// From where the viewer looks at an organization in which they have this role: whoever may not
    /// know who else is a member is outside (wire contract, section 28).
    pub fn standpoint(&self, role: Option<Role>) -> Standpoint {
        match role {
            Some(role) if self.may(READ_ORG) => Standpoint::Inside(role),
            Some(_) | None => Standpoint::Outside,
        }
    }

    /// How much the viewer sees of an organization in which they have this role: who administers it
    /// sees all, by a proof that lets them administer it (wire contract, section 28).
    pub fn organization_form(&self, role: Option<Role>) -> OrganizationForm {
        match role {
            Some(Role::Admin) if self.may(ADMIN_ORG) => OrganizationForm::Full,
            Some(Role::Admin | Role::Member) | None => OrganizationForm::Public,
        }
    }

    /// Whether the role must be known to tell how much is shown: the viewer may see all at all.
    pub fn sees_all_by_role(&self) -> bool {
        self.organization_form(Some(Role::Admin)) == OrganizationForm::Full
    }

    /// Whether the role must be known to tell the standpoint: the viewer may be inside at all.
    pub fn is_inside_by_role(&self) -> bool {
        self.standpoint(Some(Role::Member)) != Standpoint::Outside
    }
}

/// All of it by the wire contract, section 28.
impl Standpoint {
    /// Whom the list of members shows. About second factors only those learn something who
    /// administer the organization.
    pub fn listed_members(
        self,
        second_factor: SecondFactorFilter,
    ) -> Result<ListedMembers, AccessRefused> {
        match (self, second_factor) {
            (Self::Inside(Role::Admin), _)
            | (Self::Inside(Role::Member), SecondFactorFilter::Any) => Ok(ListedMembers::All),
            (Self::Outside, SecondFactorFilter::Any) => Ok(ListedMembers::Nobody),
            (
                Self::Inside(Role::Member) | Self::Outside,
                SecondFactorFilter::Missing | SecondFactorFilter::Insecure,
            ) => Err(AccessRefused::OwnersOnly),
        }
    }

    /// Whether it is told of somebody whether they are a member, and as what.
    pub fn sees_memberships(self) -> Result<(), AccessRefused> {
        self.or_refuse(AccessRefused::MembersOnly)
    }

    /// Whether all teams are listed.
    pub fn lists_teams(self) -> Result<(), AccessRefused> {
        self.or_refuse(AccessRefused::MembersOnly)
    }

    /// Whether a team is shown, and who is in it: all members of an organization see all its teams,
    /// and nobody else learns that there is one.
    pub fn sees_teams(self) -> Result<(), AccessRefused> {
        self.or_refuse(AccessRefused::NotFound)
    }

    fn or_refuse(self, refused: AccessRefused) -> Result<(), AccessRefused> {
        match self {
            Self::Inside(_) => Ok(()),
            Self::Outside => Err(refused),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scope::Standing;

    const MONA: AccountId = AccountId(1);

    fn set(names: &[&str]) -> ScopeSet {
        ScopeSet::parse(names.iter().copied()).unwrap()
    }

    #[test]
    fn who_administers_an_organization_sees_all_of_it_by_a_proof_for_that() {
        use OrganizationForm::{Full, Public};
        let (admin, member) = (Some(Role::Admin), Some(Role::Member));
        let password = Viewer::by_password(MONA);
        for (role, form) in [(admin, Full), (member, Public), (None, Public)] {
            assert_eq!(password.organization_form(role), form);
        }
        for (scope, form) in [
            ("admin:org", Full),
            ("write:org", Public),
            ("read:org", Public),
            ("site_admin", Public),
        ] {
            let held = set(&[scope]);
            let viewer = Viewer::by_token(MONA, &held);
            assert_eq!(viewer.organization_form(admin), form, "{scope}");
            assert_eq!(viewer.organization_form(member), Public, "{scope}");
            assert_eq!(viewer.sees_all_by_role(), form == Full, "{scope}");
        }
    }

    #[test]
    fn a_password_opens_whatever_is_ones_own() {
        let viewer = Viewer::by_password(MONA);
        for what in [
            Own::Organizations,
            Own::Memberships,
            Own::Teams,
            Own::Emails,
            Own::EmailInGraphQl,
        ] {
            assert_eq!(viewer.may_see(what), Ok(()), "{what:?}");
        }
        let everything = Profile {
            form: ProfileForm::Private,
            email: ShownEmail::Primary,
        };
        assert_eq!(viewer.own_profile(), everything);
    }

    #[test]
    fn a_token_opens_what_one_of_its_scopes_is_for() {
        use Own::{EmailInGraphQl, Emails, Memberships, Organizations, Teams};
        for (scope, opened) in [
            ("gist", &[][..]),
            ("public_repo", &[]),
            ("repo", &[Teams]),
            ("read:org", &[Organizations, Memberships, Teams]),
            ("admin:org", &[Organizations, Memberships, Teams]),
            ("user:email", &[Emails, EmailInGraphQl]),
            ("read:user", &[EmailInGraphQl]),
            ("user", &[Organizations, Teams, Emails, EmailInGraphQl]),
        ] {
            let held = set(&[scope]);
            let viewer = Viewer::by_token(MONA, &held);
            for what in [Organizations, Memberships, Teams, Emails, EmailInGraphQl] {
                let expected = if opened.contains(&what) {
                    Ok(())
                } else {
                    Err(AccessRefused::ScopeMissing(what))
                };
                assert_eq!(viewer.may_see(what), expected, "{scope}: {what:?}");
            }
        }
    }

    #[test]
    fn scopes_decide_how_much_a_token_sees_of_its_owner() {
        let profile = |scope: &str| Viewer::by_token(MONA, &set(&[scope])).own_profile();
        let hidden = ShownEmail::Hidden;
        for (scope, form, email) in [
            ("user", ProfileForm::Private, ShownEmail::Primary),
            ("read:user", ProfileForm::Private, hidden),
            ("user:email", ProfileForm::Public, ShownEmail::Primary),
            ("user:follow", ProfileForm::Public, hidden),
        ] {
            assert_eq!(profile(scope), Profile { form, email }, "{scope}");
        }
        assert_eq!(profile("gist"), Profile::OF_ANYBODY);
    }

    #[test]
    fn only_a_token_that_acts_as_one_is_a_site_administrators() {
        let given = set(&["site_admin"]);
        let acts = given.effective(Standing::SiteAdministrator);
        let administrator = Viewer::by_token(MONA, &acts);
        assert_eq!(administrator.administers_by(), Scope::find("site_admin"));
        let asleep = given.effective(Standing::Ordinary);
        for nobody in [
            Viewer::by_token(MONA, &asleep),
            Viewer::by_token(MONA, &set(&["admin:enterprise"])),
            Viewer::by_password(MONA),
        ] {
            assert_eq!(nobody.administers_by(), None, "{nobody:?}");
        }
    }

    #[test]
    fn a_member_whose_token_may_not_know_looks_from_outside() {
        let [knows, does_not] = [set(&["write:org"]), set(&["user", "repo"])];
        let [knows, does_not] = [&knows, &does_not].map(|held| Viewer::by_token(MONA, held));
        let member = Some(Role::Member);
        for viewer in [knows, Viewer::by_password(MONA)] {
            assert!(viewer.is_inside_by_role());
            assert_eq!(viewer.standpoint(member), Standpoint::Inside(Role::Member));
            assert_eq!(viewer.standpoint(None), Standpoint::Outside);
        }
        assert!(!does_not.is_inside_by_role());
        assert_eq!(does_not.standpoint(member), Standpoint::Outside);
    }

    #[test]
    fn second_factors_are_for_those_who_administer_the_organization() {
        use SecondFactorFilter::{Any, Insecure, Missing};
        let [admin, member] = [Role::Admin, Role::Member].map(Standpoint::Inside);
        for filter in [Any, Missing, Insecure] {
            assert_eq!(admin.listed_members(filter), Ok(ListedMembers::All));
        }
        for from in [member, Standpoint::Outside] {
            for filter in [Missing, Insecure] {
                let refused = Err(AccessRefused::OwnersOnly);
                assert_eq!(from.listed_members(filter), refused);
            }
        }
    }

    #[test]
    fn from_outside_nobody_is_seen_and_no_team_is_found() {
        let inside = Standpoint::Inside(Role::Member);
        let any = SecondFactorFilter::Any;
        assert_eq!(inside.listed_members(any), Ok(ListedMembers::All));
        assert_eq!(inside.sees_memberships(), Ok(()));
        assert_eq!(inside.lists_teams(), Ok(()));
        assert_eq!(inside.sees_teams(), Ok(()));
        let outside = Standpoint::Outside;
        assert_eq!(outside.listed_members(any), Ok(ListedMembers::Nobody));
        let members_only = Err(AccessRefused::MembersOnly);
        assert_eq!(outside.sees_memberships(), members_only);
        assert_eq!(outside.lists_teams(), members_only);
        assert_eq!(outside.sees_teams(), Err(AccessRefused::NotFound));
    }
}
