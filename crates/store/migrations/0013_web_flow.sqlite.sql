-- The web application flow: requests of apps that wait for a user's answer, and the codes that apps exchange for tokens.
--
-- An older program beside this one looks into neither table. What it changes about credentials ends codes all the same, since a
-- code counts for one version of them; the user and the app are looked at again when a code is redeemed.

-- A request that was shown to a user, under the session that it was shown in. state and query are as the app wrote them.
CREATE TABLE app_requests (
    digest BLOB PRIMARY KEY,
    session_id INTEGER NOT NULL,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    app_id INTEGER NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    redirect_uri TEXT NOT NULL,
    scopes TEXT NOT NULL,
    state TEXT,
    code_challenge TEXT,
    query TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    answered_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX app_requests_by_session ON app_requests (session_id, created_at);
CREATE INDEX app_requests_by_account ON app_requests (account_id);
CREATE INDEX app_requests_by_app ON app_requests (app_id);
CREATE INDEX app_requests_by_time ON app_requests (created_at);

-- digest is keyed: a code has 80 bits. consented_at is when the user agreed on a page, which may be long before.
CREATE TABLE authorization_codes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    digest BLOB NOT NULL,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    app_id INTEGER NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    session_id INTEGER NOT NULL,
    credential_version INTEGER NOT NULL,
    redirect_uri TEXT NOT NULL,
    scopes TEXT NOT NULL,
    scope_set_key TEXT NOT NULL,
    administrator_epoch INTEGER,
    consented_at INTEGER NOT NULL,
    code_challenge TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    redeemed_at INTEGER,
    authorization_id INTEGER,
    ended_at INTEGER,
    end_reason TEXT
) STRICT;

CREATE UNIQUE INDEX authorization_codes_by_digest ON authorization_codes (digest);
CREATE INDEX authorization_codes_by_pair ON authorization_codes (account_id, app_id, created_at);
CREATE INDEX authorization_codes_by_app ON authorization_codes (app_id);
CREATE INDEX authorization_codes_by_time ON authorization_codes (created_at);

-- When the user agreed to consented_scopes on a page. What stands there without it counts for nothing.
ALTER TABLE authorizations ADD COLUMN consented_at INTEGER;

-- A user's apps by when they were made, ended ones too: how many are registered in an hour is bounded.
CREATE INDEX apps_by_making ON apps (owner_account_id, created_at);
