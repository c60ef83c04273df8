"""PyGithub: one JSON document in on a line, one out.

The first line is the setting. A call is {"method", "as", …}: what it is about, and who asks: a token, a login with a
password, or nobody. Requests, retries and the test of each URL that an answer holds are PyGithub's own.
"""

import json
import logging
import sys

from github import Auth, Github, GithubException


class Waits(logging.Handler):
    """What PyGithub says when it is about to wait and try again."""

    def __init__(self):
        super().__init__(logging.INFO)
        self.said = []

    def emit(self, record):
        if "Retrying" in record.getMessage():
            self.said.append(record.getMessage())


WAITS = Waits()
logging.getLogger("github.GithubRetry").addHandler(WAITS)
logging.getLogger("github.GithubRetry").setLevel(logging.INFO)


def credentials(asked):
    """Who asks."""
    if "token" in asked:
        return Auth.Token(asked["token"])
    if "login" in asked:
        return Auth.Login(asked["login"], asked["password"])
    return None


def logins(users):
    """Their logins, in the order of the answer, over all pages."""
    return [user.login for user in users]


def user(client, call):
    """A user, as everybody sees them."""
    found = client.get_user(call["user"])
    suspended_at = found.suspended_at
    return {
        "login": found.login,
        "has_suspended_at": "suspended_at" in found.raw_data,
        "suspended_at": suspended_at.isoformat() if suspended_at else None,
        "organizations": found.organizations_url,
    }


def members(client, call):
    """Members of an organization."""
    return logins(client.get_organization(call["org"]).get_members(**call["only"]))


def team_members(client, call):
    """Members of a team, found by its id."""
    team = client.get_organization(call["org"]).get_team_by_slug(call["team"])
    return logins(team.get_members(**call["only"]))


def team_membership(client, call):
    """What somebody is in a team, asked below the address that the team gave; and what is public of that."""
    organization = client.get_organization(call["org"])
    team = organization.get_team_by_slug(call["team"])
    member = client.get_user(call["user"])
    return {
        "role": team.get_team_membership(member).role,
        "is_member": team.has_in_members(member),
        "organizations": logins(member.get_orgs()),
        "public_members": logins(organization.get_public_members()),
    }


def memberships(client, _):
    """The organizations that the caller is in."""
    return [[each.organization.login, each.state, each.role] for each in client.get_user().get_organization_memberships()]


def authorizations(client, call):
    """A token made, changed, found in a list and deleted. Each object asks at the URL that the answer gave it."""
    me = client.get_user()
    made = me.create_authorization(scopes=["repo"], note=call["note"])
    made.edit(add_scopes=["gist"])
    found = me.get_authorization(made.id)
    listed = [each.note for each in me.get_authorizations()]
    found.delete()
    return {"url": made.url, "scopes": found.scopes, "listed": listed}


def me(client, _):
    """The caller."""
    return {"login": client.get_user().login}


def limit(client, _):
    """How many requests the caller has an hour."""
    return {"limit": client.get_rate_limit().resources.core.limit}


METHODS = {
    each.__name__: each for each in (user, members, team_members, team_membership, memberships, authorizations, me, limit)
}


def carry_out(setting, call):
    """What a call comes to."""
    WAITS.said.clear()
    client = Github(base_url=setting["base_url"], auth=credentials(call["as"]), per_page=call.get("per_page", 30))
    try:
        data = METHODS[call["method"]](client, call)
    except GithubException as refused:
        return {"status": refused.status, "message": refused.data.get("message"), "data": {"waits": WAITS.said}}
    return {"status": 200, "data": data}


def main():
    """Answers line by line."""
    setting = json.loads(sys.stdin.readline())
    for line in sys.stdin:
        try:
            answer = carry_out(setting, json.loads(line))
        except Exception as broke:  # pylint: disable=broad-except
            answer = {"broke": repr(broke)}
        print(json.dumps(answer), flush=True)


main()
