-- What users do on the pages of their own accounts, and since when a second factor is required.
--
-- An older program neither reads nor writes the columns. An administrator whom it makes counts as one since their account was
-- made.

-- How pages speak to a user: a language by its tag, a time zone by its name. Nothing is the installation's.
ALTER TABLE accounts ADD COLUMN language TEXT;
ALTER TABLE accounts ADD COLUMN time_zone TEXT;
-- Since when a user is a site administrator.
ALTER TABLE accounts ADD COLUMN administrator_since INTEGER;

-- A seed that was shown and waits for its first code, at most one for each user. The holder is the session or link that it was
-- shown to; nobody else may confirm it.
CREATE TABLE totp_enrolments (
    account_id INTEGER PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    holder TEXT NOT NULL,
    key_id TEXT NOT NULL,
    sealed_seed BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX totp_enrolments_by_expiry ON totp_enrolments (expires_at);

-- Of whom a second factor is required, and since when: the grace of all accounts begins there, on every node.
CREATE TABLE second_factor_requirements (
    required_of TEXT PRIMARY KEY CHECK (required_of IN ('administrators', 'everyone')),
    since INTEGER NOT NULL,
    ended_at INTEGER
) STRICT, WITHOUT ROWID;

-- What a user is shown of the trail: what happened to the account, and who tried to sign in. Events of tokens are in neither, nor
-- are the codes of each day.
CREATE INDEX audit_events_by_account ON audit_events (account_id, happened_at, id)
    WHERE account_id IS NOT NULL AND authorization_id IS NULL AND token_head IS NULL
    AND action NOT IN ('user.otp_used', 'sign_in.failed', 'sign_in.locked', 'sign_in.refused', 'sign_in.suspended', 'sign_in.attacked');
CREATE INDEX audit_events_by_refusal ON audit_events (account_id, happened_at, id)
    WHERE account_id IS NOT NULL
    AND action IN ('sign_in.failed', 'sign_in.locked', 'sign_in.refused', 'sign_in.suspended', 'sign_in.attacked');
