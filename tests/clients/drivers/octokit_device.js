// @octokit/auth-oauth-device: {"method": "begin"} is answered with the code that a person is to type, and {"method": "finish"},
// once that is done, with the token. The library polls when it is told that the code was shown.
"use strict";

const { createRequire } = require("node:module");
const { load, serve } = require("./lines.js");

const NAME = "@octokit/auth-oauth-device";

serve((setting) => {
  let shown;
  let authentication;
  const methods = {
    async begin() {
      const { createOAuthDeviceAuth } = await load(NAME);
      const { request } = await load("@octokit/request", createRequire(require.resolve(NAME)));
      return new Promise((resolve, reject) => {
        const auth = createOAuthDeviceAuth({
          clientType: "oauth-app",
          clientId: setting.client_id,
          scopes: setting.scopes,
          request: request.defaults({ baseUrl: setting.base_url }),
          onVerification(verification) {
            resolve(verification);
            return new Promise((done) => {
              shown = done;
            });
          },
        });
        authentication = auth({ type: "oauth" });
        authentication.catch(reject);
      });
    },
    finish() {
      shown();
      return authentication;
    },
  };
  return async ({ method }) => ({ status: 200, headers: {}, data: await methods[method]() });
});
