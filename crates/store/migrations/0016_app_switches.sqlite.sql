-- What an owner switches on for an app beside the device flow and tokens that expire. All are off for the apps that there are.
--
-- An older program beside this one looks at none of them: it takes redirect URIs below a callback and requests without a
-- challenge, names no server, and tells errors as GitHub does. An app that it changes keeps what stands here.

-- 1 where a redirect URI has to be a callback URL as a whole.
ALTER TABLE apps ADD COLUMN exact_match INTEGER NOT NULL DEFAULT 0 CHECK (exact_match IN (0, 1));
-- 1 where a request that brings no code challenge is refused.
ALTER TABLE apps ADD COLUMN require_pkce INTEGER NOT NULL DEFAULT 0 CHECK (require_pkce IN (0, 1));
-- 1 where what goes back to the app names this server.
ALTER TABLE apps ADD COLUMN send_iss INTEGER NOT NULL DEFAULT 0 CHECK (send_iss IN (0, 1));
-- 1 where the token endpoint tells the app errors as RFC 6749 has them.
ALTER TABLE apps ADD COLUMN standard_errors INTEGER NOT NULL DEFAULT 0 CHECK (standard_errors IN (0, 1));
