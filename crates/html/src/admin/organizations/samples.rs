//! Sample values for the tests of all pages.

use counterfoil_domain::account::{Account, TwoFactor};
use counterfoil_domain::id::{AccountId, TeamId};
use counterfoil_domain::login::Login;
use counterfoil_domain::organization::{
    Member, Organization, OrganizationUse, Role, Team, TeamName,
};
use counterfoil_domain::page::{Page, Paged};
use counterfoil_domain::scope::{AdministratorEpoch, Standing};
use counterfoil_domain::text::DisplayName;
use counterfoil_domain::timestamp::Timestamp;

use super::{
    AddMember, AddTeamMember, ChangeRole, DeleteOrganization, DeleteTeam, MemberProblem,
    NewOrganizationForm, NewOrganizationProblem, OrganizationList, OrganizationPage, RemoveMember,
    RemoveTeamMember, TeamList, TeamMemberProblem, TeamPage, TeamProblem,
};
use crate::frame::Frame;
use crate::tests::{NOW, Owning, Sample};
use crate::view::View as _;

const CSRF: &str = "dG9rZW4";
const USED: OrganizationUse = OrganizationUse {
    members: 3,
    teams: 2,
    apps: 1,
    tokens: 4_711,
};

fn days_ago(days: i64) -> Timestamp {
    Timestamp::from_seconds(NOW.seconds() - days * 24 * 60 * 60)
}

fn login(text: &str) -> Login {
    Login::parse(text).unwrap()
}

fn acme() -> Organization {
    Organization {
        id: AccountId(12),
        login: login("acme"),
        name: Some(DisplayName::parse("Acme <b> Corporation").unwrap()),
        created_at: days_ago(400),
        updated_at: days_ago(30),
    }
}

fn nameless() -> Organization {
    Organization {
        id: AccountId(13),
        login: login(&"o".repeat(39)),
        name: None,
        ..acme()
    }
}

fn member(text: &str, role: Role, suspended_at: Option<Timestamp>) -> Member {
    let account = Account {
        id: AccountId(7),
        login: login(text),
        name: Some(DisplayName::parse("Mina <b> Park").unwrap()),
        email: None,
        standing: Standing::Ordinary,
        administrator_epoch: AdministratorEpoch(0),
        administrator_since: None,
        two_factor: TwoFactor::Off,
        suspended_at,
        created_at: days_ago(400),
        updated_at: days_ago(30),
        profile_updated_at: days_ago(30),
        suspension_changed_at: None,
        credential_version: 1,
    };
    Member { account, role }
}

fn members(total: u64) -> Paged<Member> {
    Paged {
        items: vec![
            member("mina-park", Role::Admin, None),
            member(&"m".repeat(39), Role::Member, Some(days_ago(2))),
        ],
        total,
    }
}

fn team() -> Team {
    Team {
        id: TeamId(3),
        organization: acme(),
        name: TeamName::parse("Site <b> Reliability").unwrap(),
        members: 2,
        created_at: days_ago(100),
        updated_at: days_ago(100),
    }
}

fn sample<T: 'static>(
    name: &'static str,
    of: T,
    render: impl Fn(&T, &Frame<'_>) -> String + 'static,
) -> Sample {
    Sample::of_administrator(name, Owning(of, render))
}

fn list(name: &'static str, total: u64, problem: Option<NewOrganizationProblem>) -> Sample {
    let items = match total {
        0 => Vec::new(),
        _ => vec![(acme(), USED), (nameless(), OrganizationUse::default())],
    };
    let found = Paged { items, total };
    sample(name, found, move |organizations, frame| {
        OrganizationList {
            csrf: CSRF,
            organizations,
            page: Page::new(2, 30),
            form: NewOrganizationForm {
                login: "<b>",
                name: "\"<b>",
            },
            problem,
        }
        .render(frame)
    })
}

fn one(name: &'static str, members: Paged<Member>) -> Sample {
    let of = (acme(), members);
    sample(name, of, |(organization, members), frame| {
        OrganizationPage {
            organization,
            used: USED,
            members,
            page: Page::new(1, 30),
        }
        .render(frame)
    })
}

fn add(name: &'static str, problem: Option<MemberProblem>) -> Sample {
    sample(name, acme(), move |organization, frame| {
        AddMember {
            csrf: CSRF,
            organization,
            login: "<b>mona",
            role: Some(Role::Member),
            problem,
        }
        .render(frame)
    })
}

fn role(name: &'static str, problem: Option<MemberProblem>) -> Sample {
    let of = (acme(), login("mina-park"));
    sample(name, of, move |(organization, login), frame| {
        ChangeRole {
            csrf: CSRF,
            organization,
            login,
            role: Some(Role::Admin),
            problem,
        }
        .render(frame)
    })
}

fn remove(name: &'static str, role: Role, problem: Option<MemberProblem>) -> Sample {
    let of = (acme(), login("mina-park"));
    sample(name, of, move |(organization, login), frame| {
        RemoveMember {
            csrf: CSRF,
            organization,
            login,
            role,
            problem,
        }
        .render(frame)
    })
}

fn delete(name: &'static str, typed: Option<&'static str>) -> Sample {
    sample(name, acme(), move |organization, frame| {
        DeleteOrganization {
            csrf: CSRF,
            organization,
            used: USED,
            typed,
        }
        .render(frame)
    })
}

fn teams(name: &'static str, items: Vec<Team>, problem: Option<TeamProblem>) -> Sample {
    let total = u64::try_from(items.len()).unwrap();
    let of = (acme(), Paged { items, total });
    sample(name, of, move |(organization, teams), frame| {
        TeamList {
            csrf: CSRF,
            organization,
            teams,
            page: Page::new(1, 30),
            name: "<b>",
            problem,
        }
        .render(frame)
    })
}

fn one_team(name: &'static str, members: Paged<Member>) -> Sample {
    sample(name, (team(), members), |(team, members), frame| {
        TeamPage {
            team,
            members,
            page: Page::new(1, 30),
        }
        .render(frame)
    })
}

fn add_to_team(name: &'static str, problem: Option<TeamMemberProblem>) -> Sample {
    sample(name, team(), move |team, frame| {
        AddTeamMember {
            csrf: CSRF,
            team,
            login: "<b>",
            problem,
        }
        .render(frame)
    })
}

fn of_members() -> Vec<Sample> {
    vec![
        add("organization member, new", None),
        add(
            "organization member, no login",
            Some(MemberProblem::NoLogin),
        ),
        add(
            "organization member, nobody",
            Some(MemberProblem::NoSuchUser),
        ),
        add("organization member, no role", Some(MemberProblem::NoRole)),
        add(
            "organization member, last owner",
            Some(MemberProblem::LastOwner),
        ),
        role("organization role", None),
        role(
            "organization role, last owner",
            Some(MemberProblem::LastOwner),
        ),
        role("organization role, none", Some(MemberProblem::NoRole)),
        remove("organization member removed", Role::Member, None),
        remove("organization member removed, owner", Role::Admin, None),
        remove(
            "organization member removed, last owner",
            Role::Admin,
            Some(MemberProblem::LastOwner),
        ),
    ]
}

fn of_teams() -> Vec<Sample> {
    vec![
        teams("organization teams", vec![team()], None),
        teams(
            "organization teams, none",
            Vec::new(),
            Some(TeamProblem::NoName),
        ),
        teams(
            "organization teams, taken",
            vec![team()],
            Some(TeamProblem::Taken),
        ),
        teams(
            "organization teams, long",
            vec![team()],
            Some(TeamProblem::LongName),
        ),
        teams(
            "organization teams, control",
            vec![team()],
            Some(TeamProblem::ControlInName),
        ),
        one_team("team", members(2)),
        one_team("team, empty", Paged::empty()),
        add_to_team("team member", None),
        add_to_team("team member, no login", Some(TeamMemberProblem::NoLogin)),
        add_to_team("team member, nobody", Some(TeamMemberProblem::NoSuchUser)),
        add_to_team(
            "team member, outside",
            Some(TeamMemberProblem::NotInOrganization),
        ),
        sample(
            "team member removed",
            (team(), login("mina-park")),
            |(team, login), frame| {
                RemoveTeamMember {
                    csrf: CSRF,
                    team,
                    login,
                }
                .render(frame)
            },
        ),
        sample("team deleted", team(), |team, frame| {
            DeleteTeam { csrf: CSRF, team }.render(frame)
        }),
    ]
}

pub(crate) fn samples() -> Vec<Sample> {
    use NewOrganizationProblem as Problem;
    let mut samples = vec![
        list("organizations, several pages", 95, None),
        list("organizations, none", 0, Some(Problem::NoLogin)),
        list(
            "organizations, login of an app",
            2,
            Some(Problem::LoginOfApp),
        ),
        list("organizations, login taken", 2, Some(Problem::LoginTaken)),
        list("organizations, long name", 2, Some(Problem::LongName)),
        list(
            "organizations, control in name",
            2,
            Some(Problem::ControlInName),
        ),
        one("organization", members(95)),
        one("organization, empty", Paged::empty()),
        delete("organization deleted", None),
        delete("organization deleted, wrong", Some("<b>")),
    ];
    samples.extend(of_members());
    samples.extend(of_teams());
    samples
}
