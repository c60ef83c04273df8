"""A JupyterHub that lets in the members of an organization and of a team, by its GitHubOAuthenticator.

Its own servers and its proxy are left out: people reach the hub itself.
"""

import json
import os

from jupyterhub.proxy import Proxy

SETTING = json.loads(os.environ["SETTING"])


class NoProxy(Proxy):
    """Routes that nobody asks for."""

    should_start = False

    async def add_route(self, routespec, target, data):
        pass

    async def delete_route(self, routespec):
        pass

    async def get_all_routes(self):
        return {}


c = get_config()  # noqa: F821
c.JupyterHub.proxy_class = NoProxy
c.JupyterHub.bind_url = SETTING["app"]
c.JupyterHub.hub_bind_url = SETTING["bind"]
c.JupyterHub.db_url = "sqlite:///:memory:"
c.JupyterHub.cookie_secret = bytes(32)
c.JupyterHub.default_url = "/hub/home"
c.JupyterHub.authenticator_class = "github"
c.GitHubOAuthenticator.github_url = SETTING["url"]
c.GitHubOAuthenticator.client_id = SETTING["client_id"]
c.GitHubOAuthenticator.client_secret = SETTING["client_secret"]
c.GitHubOAuthenticator.oauth_callback_url = SETTING["callback"]
c.GitHubOAuthenticator.scope = ["read:org", "user:email"]
c.GitHubOAuthenticator.allowed_organizations = set(SETTING["organizations"])
c.GitHubOAuthenticator.populate_teams_in_auth_state = True
