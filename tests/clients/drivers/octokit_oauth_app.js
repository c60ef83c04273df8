// @octokit/oauth-app as the web application that it is with its own middleware: login, callback, and what it offers for a
// token that it has. A call is {"method": "listen"}, {"method": "created"} for the tokens that the app was told of, each
// with its owner, or a method of the app with its parameters.
"use strict";

const { load, quiet, serve } = require("./lines.js");
const { listen } = require("./web_server.js");

async function make(setting, created) {
  const { OAuthApp, createNodeMiddleware } = await load("@octokit/oauth-app");
  const { Octokit } = await load("octokit-rest-22");
  const app = new OAuthApp({
    clientType: "oauth-app",
    clientId: setting.client_id,
    clientSecret: setting.client_secret,
    defaultScopes: setting.scopes,
    log: quiet,
    Octokit: Octokit.defaults({ baseUrl: setting.base_url, log: quiet }),
  });
  app.on("token.created", async ({ token, scopes, octokit }) => {
    const { data } = await octokit.request("GET /user");
    created.push({ token, scopes, login: data.login });
  });
  return { app, middleware: createNodeMiddleware(app) };
}

serve((setting) => {
  const created = [];
  const made = make(setting, created);
  return async ({ method, parameters }) => {
    const { app, middleware } = await made;
    if (method === "listen") {
      return listen(middleware, setting.port);
    }
    const data = method === "created" ? created : await app[method](parameters);
    return { status: 200, headers: {}, data };
  };
});
