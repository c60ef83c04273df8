-- The device flow: devices that wait for a user to let them in, and secrets of apps that everybody knows.
--
-- An older program beside this one does not look into the table, and takes a published secret for one like any other: all nodes
-- are to be new before one is marked. What it changes about credentials ends what was given to a
-- device all the same, since that counts for one version of them; the user and the app are looked at again when the token is made.

-- digest is of the code that a device polls with, user_code of the one that its user types, which is short and so kept under a
-- key. account_id and session_id are those in which it was typed. address and agent are of the device.
CREATE TABLE device_codes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    digest BLOB NOT NULL,
    user_code BLOB NOT NULL,
    app_id INTEGER NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    scopes TEXT NOT NULL,
    address TEXT NOT NULL,
    agent TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    poll_interval INTEGER NOT NULL,
    polled_at INTEGER,
    slowed_at INTEGER,
    account_id INTEGER REFERENCES accounts (id) ON DELETE CASCADE,
    session_id INTEGER,
    answer TEXT,
    answered_at INTEGER,
    credential_version INTEGER,
    redeemed_at INTEGER,
    authorization_id INTEGER,
    ended_at INTEGER,
    end_reason TEXT
) STRICT;

CREATE UNIQUE INDEX device_codes_by_digest ON device_codes (digest);
CREATE UNIQUE INDEX device_codes_by_user_code ON device_codes (user_code);
CREATE INDEX device_codes_by_expiry ON device_codes (expires_at);
CREATE INDEX device_codes_by_time ON device_codes (created_at);
CREATE INDEX device_codes_by_app ON device_codes (app_id);
CREATE INDEX device_codes_by_account ON device_codes (account_id, app_id);
CREATE INDEX device_codes_by_session ON device_codes (session_id, answered_at);

-- When somebody said that everybody may know the secret, since programs carry it that are handed out.
ALTER TABLE client_secrets ADD COLUMN published_at INTEGER;
