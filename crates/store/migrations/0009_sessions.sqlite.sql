-- People who sign in with a browser.
--
-- An older program beside this one neither reads nor writes these tables. A change of credentials that it makes ends the
-- sessions of that user all the same, since a session counts for one version of them.

CREATE TABLE sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    digest BLOB NOT NULL,
    credential_version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    confirmed_at INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    address TEXT NOT NULL,
    agent TEXT,
    -- What its user is told at the next page.
    status TEXT,
    ended_at INTEGER,
    end_reason TEXT
) STRICT;

CREATE UNIQUE INDEX sessions_by_digest ON sessions (digest) WHERE ended_at IS NULL;
CREATE INDEX sessions_by_account ON sessions (account_id) WHERE ended_at IS NULL;
CREATE INDEX sessions_by_use ON sessions (last_used_at) WHERE ended_at IS NULL;
CREATE INDEX sessions_by_making ON sessions (created_at) WHERE ended_at IS NULL;
CREATE INDEX sessions_by_end ON sessions (ended_at) WHERE ended_at IS NOT NULL;

-- A password that was right and waits for its code, bound to the browser that gave it. The subject is what its failures are
-- counted under.
CREATE TABLE half_sign_ins (
    digest BLOB PRIMARY KEY,
    visitor BLOB NOT NULL,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    credential_version INTEGER NOT NULL,
    subject BLOB NOT NULL,
    codes INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    ended_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX half_sign_ins_by_account ON half_sign_ins (account_id, created_at);
CREATE INDEX half_sign_ins_by_making ON half_sign_ins (created_at);

-- Forms that count once, and were sent.
CREATE TABLE spent_forms (
    random BLOB PRIMARY KEY,
    spent_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX spent_forms_by_time ON spent_forms (spent_at);
