//! Organizations and teams.

use counterfoil_wire::documentation::Operation;
use counterfoil_wire::view::{
    FullOrganization, MembershipView, OrganizationView, SimpleOrganization, SimpleTeam, SimpleUser,
    TeamMembershipView, TeamView,
};

use super::Described;
use crate::rest::description::query::{
    MEMBER_ROLE, PAGE, PER_PAGE, SECOND_FACTOR, STATE, TEAM_ROLE,
};
use crate::rest::description::success::{Success, either, many, one};

const USERS: Success = Success::ok(many::<SimpleUser<'static>>);
const TEAM: Success = Success::ok(one::<TeamView<'static>>);
const MEMBERSHIP: Success = Success::ok(one::<MembershipView<'static>>);

pub(super) static ROWS: &[Described] = &[
    // Organizations.
    Described::list(
        Operation::ListOrganizations,
        "List the user's organizations",
        &[Success::ok(many::<SimpleOrganization<'static>>)],
    ),
    Described::list(
        Operation::ListMemberships,
        "List the user's memberships in organizations",
        &[Success::ok(many::<MembershipView<'static>>)],
    )
    .asking(&[STATE, PER_PAGE, PAGE])
    .refusing(&[422]),
    Described::new(
        Operation::GetOwnMembership,
        "Find the user's membership in an organization",
        &[MEMBERSHIP],
    ),
    Described::new(
        Operation::GetOrganization,
        "Find an organization",
        &[Success::ok(
            either::<FullOrganization<'static>, OrganizationView<'static>>,
        )],
    ),
    Described::list(
        Operation::ListMembers,
        "List the members of an organization",
        &[USERS],
    )
    .asking(&[SECOND_FACTOR, MEMBER_ROLE, PER_PAGE, PAGE])
    .refusing(&[422]),
    Described::new(
        Operation::CheckMember,
        "Tell whether a user is a member of an organization",
        &[Success::DONE, Success::ELSEWHERE],
    ),
    Described::list(
        Operation::ListPublicMembers,
        "List the members of an organization that everybody may know",
        &[USERS],
    ),
    Described::new(
        Operation::CheckPublicMember,
        "Tell whether everybody may know that a user is a member: of nobody",
        &[],
    ),
    Described::new(
        Operation::GetMembership,
        "Find a user's membership in an organization",
        &[MEMBERSHIP],
    ),
    // Teams.
    Described::list(
        Operation::ListOwnTeams,
        "List the user's teams",
        &[Success::ok(many::<TeamView<'static>>)],
    )
    .refusing(&[404]),
    Described::list(
        Operation::ListTeams,
        "List the teams of an organization",
        &[Success::ok(many::<SimpleTeam<'static>>)],
    ),
    Described::new(Operation::GetTeam, "Find a team by its name", &[TEAM]),
    Described::new(Operation::GetTeamById, "Find a team by its id", &[TEAM]),
    Described::list(
        Operation::ListTeamMembers,
        "List the members of a team by its name",
        &[USERS],
    )
    .asking(&[TEAM_ROLE, PER_PAGE, PAGE])
    .refusing(&[422]),
    Described::list(
        Operation::ListTeamMembersById,
        "List the members of a team by its id",
        &[USERS],
    )
    .asking(&[TEAM_ROLE, PER_PAGE, PAGE])
    .refusing(&[422]),
    Described::new(
        Operation::CheckTeamMember,
        "Tell whether a user is in a team",
        &[Success::DONE],
    ),
    Described::new(
        Operation::GetTeamMembershipById,
        "Find a user's membership in a team by its id",
        &[Success::ok(one::<TeamMembershipView>)],
    ),
    Described::new(
        Operation::GetTeamMembership,
        "Find a user's membership in a team",
        &[Success::ok(one::<TeamMembershipView>)],
    ),
];
