"""social-auth-core's backends for GitHub Enterprise: one JSON document in on a line, one out.

The first line is the setting. A call is {"backend", "setting", "token"}: the backend reads who the token's owner is
and decides whether they come in, by its own code and its own requests. Only the strategy, which in a web application
holds settings and the session, is ours.
"""

import json
import sys

from social_core.backends.github_enterprise import (
    GithubEnterpriseOAuth2,
    GithubEnterpriseOrganizationOAuth2,
    GithubEnterpriseTeamOAuth2,
)
from social_core.exceptions import AuthException
from social_core.strategy import BaseStrategy

BACKENDS = {
    "user": GithubEnterpriseOAuth2,
    "organization": GithubEnterpriseOrganizationOAuth2,
    "team": GithubEnterpriseTeamOAuth2,
}


class Strategy(BaseStrategy):
    """Settings, and nothing of a web application."""

    def __init__(self, settings):
        super().__init__()
        self.settings = settings

    def get_setting(self, name):
        return self.settings[name]

    def request_data(self, merge=True):
        return {}

    def request_host(self):
        return "app.example.org"

    def build_absolute_uri(self, path=None):
        return f"https://app.example.org{path or ''}"

    def redirect(self, url):
        return url

    def html(self, content):
        return content

    def session_get(self, name, default=None):
        return default

    def session_set(self, name, value):
        pass

    def session_pop(self, name):
        pass


def carry_out(setting, call):
    """What the backend says of the owner of a token."""
    chosen = BACKENDS[call["backend"]]
    prefix = "SOCIAL_AUTH_" + chosen.name.upper().replace("-", "_") + "_"
    settings = {"URL": setting["url"], "API_URL": setting["base_url"], **call["setting"]}
    settings = {prefix + name: value for name, value in settings.items()}
    backend = chosen(Strategy(settings), redirect_uri="https://app.example.org/complete")
    try:
        data = backend.user_data(call["token"])
    except AuthException as refused:
        return {"admitted": False, "why": str(refused), "kind": type(refused).__name__}
    details = backend.get_user_details(data)
    return {"admitted": True, "id": backend.get_user_id(details, data), "details": details}


def main():
    setting = json.loads(sys.stdin.readline())
    for line in sys.stdin:
        try:
            answer = {"status": 200, "data": carry_out(setting, json.loads(line))}
        except Exception as broke:  # pylint: disable=broad-except
            answer = {"broke": repr(broke)}
        print(json.dumps(answer), flush=True)


main()
