// @octokit/oauth-methods, @octokit/auth-oauth-app, and @octokit/rest of today and of before the token left the path, as an
// app that proves itself with its client id and secret. A call is {"library", "method", "parameters"}; the client id and
// secret are put where each library wants them.
"use strict";

const { createRequire } = require("node:module");
const { answer, load, quiet, serve } = require("./lines.js");

serve((setting) => {
  const pair = { client_id: setting.client_id };
  const basic = Buffer.from(`${setting.client_id}:${setting.client_secret}`).toString("base64");
  const headers = { authorization: `basic ${basic}` };
  const libraries = {
    async "oauth-methods"(method, parameters) {
      const name = "@octokit/oauth-methods";
      const methods = await load(name);
      const { request } = await load("@octokit/request", createRequire(require.resolve(name)));
      return methods[method]({
        clientType: "oauth-app",
        clientId: setting.client_id,
        clientSecret: setting.client_secret,
        request: request.defaults({ baseUrl: setting.base_url }),
        ...parameters,
      });
    },
    // Its methods are routes.
    async "auth-oauth-app"(method, parameters) {
      const { createOAuthAppAuth } = await load("@octokit/auth-oauth-app");
      const { Octokit } = await load("octokit-rest-22");
      const octokit = new Octokit({
        baseUrl: setting.base_url,
        log: quiet,
        authStrategy: createOAuthAppAuth,
        auth: { clientId: setting.client_id, clientSecret: setting.client_secret },
      });
      return octokit.request(method, parameters);
    },
    async rest(method, parameters) {
      const { Octokit } = await load("octokit-rest-22");
      const octokit = new Octokit({ baseUrl: setting.base_url, log: quiet });
      return octokit.rest.apps[method]({ ...pair, ...parameters, headers });
    },
    async "rest-16"(method, parameters) {
      const { Octokit } = require("@octokit/rest");
      const auth = { username: setting.client_id, password: setting.client_secret };
      const octokit = new Octokit({ baseUrl: setting.base_url, log: quiet, auth });
      return octokit.apps[method]({ ...pair, ...parameters });
    },
  };
  return async ({ library, method, parameters }) => {
    const result = await libraries[library](method, parameters);
    // An address is made without asking anybody.
    return answer({ status: 200, headers: {}, data: result, ...result });
  };
});
