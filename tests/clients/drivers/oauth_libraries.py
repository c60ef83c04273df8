"""Authlib and githubkit, as an app that exchanges what a browser brought back: one JSON document in on a line, one out.

The first line is the setting. A call is {"library", "method", "parameters"}; what stands here only hands it on.
"""

import json
import sys

from authlib.integrations.requests_client import OAuth2Session, OAuthError
from githubkit import GitHub, OAuthAppAuthStrategy
from githubkit.exception import RequestError, RequestFailed


class Refused(Exception):
    """A refusal, with what tells it from another."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


class Authlib:
    """A session of Authlib, whose client proves itself with Basic authentication or in the body."""

    def __init__(self, setting):
        self.setting = setting
        self.url = setting["url"]

    def _session(self, proof="client_secret_basic", token=None):
        return OAuth2Session(
            self.setting["client_id"],
            self.setting["client_secret"],
            token_endpoint_auth_method=proof,
            revocation_endpoint_auth_method=proof,
            scope="read:org user:email",
            redirect_uri=self.setting["callback"],
            code_challenge_method="S256",
            token=token,
        )

    def lead(self, verifier):
        """Where the browser is sent, and the state that comes back."""
        url, state = self._session().create_authorization_url(
            self.url + "/login/oauth/authorize", code_verifier=verifier
        )
        return {"url": url, "state": state}

    def fetch(self, response, verifier, proof):
        """The token that the address which the browser came back to is good for."""
        try:
            return self._session(proof).fetch_token(
                self.url + "/login/oauth/access_token",
                authorization_response=response,
                code_verifier=verifier,
            )
        except OAuthError as refused:
            raise Refused(400, refused.error) from refused

    def read(self, token, path):
        """What the API answers to a token."""
        answer = self._session(token=token).get(self.setting["base_url"] + path)
        if answer.status_code != 200:
            raise Refused(answer.status_code, answer.text)
        return answer.json()

    def introspect(self, token, proof):
        """What the server says of a token."""
        session = self._session(proof, token=token)
        return session.introspect_token(
            self.url + "/login/oauth/introspect", token=token["access_token"]
        ).json()

    def revoke(self, token, proof):
        """Ends a token."""
        session = self._session(proof, token=token)
        url = self.url + "/login/oauth/revoke"
        return session.revoke_token(url, token=token["access_token"]).status_code


class GithubKit:
    """githubkit as an app, and as somebody who came back from the server."""

    def __init__(self, setting):
        strategy = OAuthAppAuthStrategy(setting["client_id"], setting["client_secret"])
        self.app = GitHub(strategy, base_url=setting["base_url"] + "/")
        self.client_id = setting["client_id"]

    def sign_in(self, code, redirect_uri):
        """Who a code is from: the code is exchanged by the first request."""
        user = self.app.with_auth(self.app.auth.as_web_user(code, redirect_uri))
        users = user.rest("2022-11-28").users
        try:
            login = users.get_authenticated().parsed_data.login
        except RequestError as refused:
            raise Refused(400, str(refused)) from refused
        emails = users.list_emails_for_authenticated_user().parsed_data
        return {
            "token": user.auth.token,
            "login": login,
            "emails": [email.email for email in emails],
        }

    def __getattr__(self, name):
        """Whatever an app does with a token of its own."""
        method = getattr(self.app.rest("2022-11-28").apps, name)

        def carry_out(token):
            try:
                response = method(self.client_id, access_token=token)
            except RequestFailed as refused:
                raise Refused(refused.response.status_code, str(refused)) from refused
            return {"status": response.status_code, "body": json.loads(response.text or "null")}

        return carry_out


LIBRARIES = {"authlib": Authlib, "githubkit": GithubKit}


def main():
    setting = json.loads(sys.stdin.readline())
    libraries = {name: library(setting) for name, library in LIBRARIES.items()}
    for line in sys.stdin:
        call = json.loads(line)
        try:
            carry_out = getattr(libraries[call["library"]], call["method"])
            answer = {"status": 200, "data": carry_out(**call["parameters"])}
        except Refused as refused:
            answer = {"status": refused.status, "message": str(refused)}
        except Exception as broke:  # pylint: disable=broad-except
            answer = {"broke": repr(broke)}
        print(json.dumps(answer), flush=True)


main()
