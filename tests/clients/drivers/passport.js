// Express with passport-github2, as its own example has it: /auth leads to the server, /callback takes who comes back, and
// the page that is left shows who that is.
"use strict";

const express = require("express");
const session = require("express-session");
const passport = require("passport");
const { Strategy } = require("passport-github2");
const { serve } = require("./lines.js");
const { listen } = require("./web_server.js");

function application(setting) {
  const options = {
    clientID: setting.client_id,
    clientSecret: setting.client_secret,
    callbackURL: setting.callback,
    authorizationURL: `${setting.url}/login/oauth/authorize`,
    tokenURL: `${setting.url}/login/oauth/access_token`,
    userProfileURL: `${setting.base_url}/user`,
    userEmailURL: `${setting.base_url}/user/emails`,
    scope: ["user:email"],
    state: true,
    pkce: setting.pkce,
  };
  const verify = (token, refreshToken, parameters, profile, done) =>
    done(null, { token, parameters, login: profile.username, id: profile.id, emails: profile.emails });
  passport.use(new Strategy(options, verify));
  passport.serializeUser((user, done) => done(null, user));
  passport.deserializeUser((user, done) => done(null, user));
  const app = express();
  app.use(session({ secret: "of a test", resave: false, saveUninitialized: false }));
  app.use(passport.session());
  app.get("/auth", passport.authenticate("github"));
  app.get("/callback", passport.authenticate("github", { successRedirect: "/", failureRedirect: "/refused" }));
  app.get("/", (request, response) => response.json(request.user ?? null));
  app.get("/refused", (request, response) => response.status(403).json({ refused: true }));
  // What went wrong is told to whoever reads the page.
  app.use((error, request, response, next) => response.status(500).json({ broke: String(error) }));
  return app;
}

serve((setting) => {
  const app = application(setting);
  return () => listen(app, setting.port);
});
