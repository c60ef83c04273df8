// @octokit/rest with user name and password. A call is {"method", "parameters"}; the method `methods` lists what the
// client has under `oauthAuthorizations`.
"use strict";

const { Octokit } = require("@octokit/rest");
const { answer, serve } = require("./lines.js");
const { code } = require("./totp.js");

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

serve((setting) => {
  let codesAsked = 0;
  const octokit = new Octokit({
    baseUrl: setting.base_url,
    log: quiet,
    auth: {
      username: setting.login,
      password: setting.password,
      async on2fa() {
        codesAsked += 1;
        return setting.otp_code ?? code(setting.otp_secret);
      },
    },
  });
  return async ({ method, parameters }) => {
    if (method === "methods") {
      return { status: 200, headers: {}, data: Object.keys(octokit.oauthAuthorizations) };
    }
    if (method === "codes_asked") {
      return { status: 200, headers: {}, data: codesAsked };
    }
    return answer(await octokit.oauthAuthorizations[method](parameters));
  };
});
