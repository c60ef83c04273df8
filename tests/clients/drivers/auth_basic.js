// @octokit/auth-basic. A call is {"method": "auth", "parameters"} for its own function, or {"method": "request",
// "route", "parameters"} for a request that goes through its hook.
"use strict";

const { createBasicAuth } = require("@octokit/auth-basic");
const { request } = require("@octokit/request");
const { answer, serve } = require("./lines.js");
const { code } = require("./totp.js");

serve((setting) => {
  let codesAsked = 0;
  const routes = [];
  const plain = request.defaults({
    baseUrl: setting.base_url,
    request: {
      // Notes what the client sends; the request itself goes its usual way.
      hook(send, options) {
        routes.push(`${options.method} ${options.url}`);
        return send(options);
      },
    },
  });
  const auth = createBasicAuth({
    username: setting.login,
    password: setting.password,
    async on2Fa() {
      codesAsked += 1;
      return setting.otp_code ?? code(setting.otp_secret);
    },
    token: setting.token ?? {},
    request: plain,
  });
  const hooked = request.defaults({ baseUrl: setting.base_url, request: { hook: auth.hook } });
  const calls = {
    auth: async ({ parameters }) => ({ status: 200, headers: {}, data: await auth(parameters) }),
    request: async ({ route, parameters }) => answer(await hooked(route, parameters)),
    codes_asked: async () => ({ status: 200, headers: {}, data: codesAsked }),
    routes: async () => ({ status: 200, headers: {}, data: routes }),
  };
  return (call) => calls[call.method](call);
});
