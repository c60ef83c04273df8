# Organizations, as site administrators see them.
title = Organizations
intro = An organization owns apps and has teams. Gateways and programs are told who is a member of which.
none = There is no organization yet.
organization = Organization
members = Members
teams = Teams
apps = Apps
tokens = Tokens
new-heading = New organization
login = Login
login-hint = 1 to 39 letters, digits and single hyphens. It stays taken, also when the organization is deleted.
name = Name
name-hint = What the organization is called. It may stay empty.
create = Create organization
enter-login = Enter a login of 1 to 39 letters, digits and single hyphens
login-of-app = Enter another login: this one could be the client ID of an app
login-taken = This login is taken by a user or an organization. Enter another one
shorter-name = Enter a name of at most 255 characters
plainer-name = Enter a name without control characters
was-created = The organization { $login } was created.
cancel = Cancel

# One organization.
one-title = Organization { $login }
made = Made
id = ID
tokens-of-apps = Tokens of its apps
add-member-link = Add member
teams-link = Teams…
delete-link = Delete…
no-members = Nobody is a member. Add the first owner.
member = Member
role = Role
owner = Owner
ordinary = Member
suspended = Suspended

# Members.
add-title = Add a member to { $organization }
add-intro = Who is a member already gets the role that is chosen here.
user-login = Login of the user
as-what = Role
owner-aside = looks after its apps
ordinary-aside = is in its teams
add = Add member
enter-user = Enter the login of a user
no-such-user = There is no user { $login }
choose-role = Choose a role
was-owner = { $login } is an owner of { $organization }.
was-member = { $login } is a member of { $organization }.
role-title = Role of { $login } in { $organization }
role-intro = An owner looks after the apps of the organization and sees all its members and teams.
save = Save role
remove-link = Remove from the organization…
last-owner = { $login } is the only owner of { $organization }. Make somebody else an owner first
remove-title = Remove { $login } from { $organization }?
remove-intro = { $login } leaves the organization and all its teams at once. Programs that ask who is a member refuse access from then on. Tokens stay.
remove-owner = { $login } is an owner, and looks after its apps no more.
remove = Remove
was-removed = { $login } was removed from { $organization } and its teams.

# Teams.
teams-title = Teams of { $organization }
teams-intro = Only members of the organization can be in its teams.
no-teams = There is no team yet.
team = Team
slug = In paths
new-team = New team
team-name-hint = Programs know the team by the name in lower case, with hyphens for everything but letters and digits.
create-team = Create team
enter-team-name = Enter a name with at least one letter or digit
team-taken = There is a team whose name reads the same in paths. Enter another one
was-team-created = The team { $team } was created.
team-title = Team { $team } of { $organization }
add-team-member-link = Add member
delete-team-link = Delete…
no-team-members = Nobody is in this team.
maintainer = Owner of the organization
add-team-title = Add a member to the team { $team }
add-team-intro = Owners of the organization count as maintainers of its teams, everybody else as a member.
not-in-organization = { $login } is no member of { $organization }. Add the user there first
was-added-to-team = { $login } is in the team { $team }.
remove-team-title = Remove { $login } from the team { $team }?
remove-team-intro = { $login } stays in the organization. Programs that ask for this team refuse access at once.
was-removed-from-team = { $login } was removed from the team { $team }.
delete-team-title = Delete the team { $team }?
delete-team-intro = { $count ->
    [one] { $count } person leaves the team at once and stays in the organization. Programs that ask for this team refuse access. This cannot be undone.
   *[other] { $count } people leave the team at once and stay in the organization. Programs that ask for this team refuse access. This cannot be undone.
}
delete-team = Delete team
was-team-deleted = The team { $team } was deleted.

# The end of an organization.
delete-title = Delete the organization { $organization }?
delete-members = { $count ->
    [one] { $count } membership ends at once, with all teams.
   *[other] { $count } memberships end at once, with all teams.
}
delete-apps = { $count ->
    [one] { $count } app ends with it, and nobody signs in through it any more.
   *[other] { $count } apps end with it, and nobody signs in through them any more.
}
delete-tokens = { $count ->
    [one] { $count } token of these apps is refused at once, on every node. This cannot be undone.
   *[other] { $count } tokens of these apps are refused at once, on every node. This cannot be undone.
}
type-login = Login of the organization
type-login-hint = Type { $organization } to confirm.
enter-organization = Enter { $organization }, the login of the organization
delete = Delete organization
was-deleted = The organization { $organization } was deleted.
