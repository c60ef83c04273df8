-- The foundation: accounts and what signs them in, apps, authorizations, grants, keys, the audit trail.
--
-- Times are microseconds since the Unix epoch. Text compares by bytes. Nothing is deleted: what ends has ended_at and a
-- reason, and uniqueness holds among the live. Ids come from AUTOINCREMENT and are never used again.

CREATE TABLE installation (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    generation BLOB NOT NULL,
    digest_key_id TEXT NOT NULL,
    digest_key_sealed BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    heartbeat_at INTEGER NOT NULL
) STRICT;

CREATE TABLE installation_keys (
    key_id TEXT PRIMARY KEY,
    check_value BLOB NOT NULL,
    is_primary INTEGER NOT NULL CHECK (is_primary IN (0, 1)),
    added_at INTEGER NOT NULL,
    primary_since INTEGER,
    ended_at INTEGER,
    end_reason TEXT
) STRICT;

CREATE UNIQUE INDEX installation_keys_by_primary ON installation_keys (is_primary) WHERE is_primary = 1;

-- Seed files that were applied as a whole, by the SHA-256 digest of the file in hexadecimal digits.
CREATE TABLE seeds (
    digest TEXT PRIMARY KEY,
    applied_at INTEGER NOT NULL
) STRICT;

CREATE TABLE accounts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('user', 'organization')),
    login TEXT NOT NULL,
    login_key TEXT NOT NULL,
    name TEXT,
    site_administrator INTEGER NOT NULL CHECK (site_administrator IN (0, 1)),
    password_phc TEXT,
    credential_version INTEGER NOT NULL,
    suspended_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    ended_at INTEGER,
    end_reason TEXT,
    released_at INTEGER
) STRICT;

-- A login once given stays taken, even when its account has ended, until an administrator releases it.
CREATE UNIQUE INDEX accounts_by_login ON accounts (login_key) WHERE released_at IS NULL;

CREATE TABLE emails (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    address TEXT NOT NULL,
    address_key TEXT NOT NULL,
    is_primary INTEGER NOT NULL CHECK (is_primary IN (0, 1)),
    verified_at INTEGER,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    ended_at INTEGER,
    end_reason TEXT
) STRICT;

CREATE UNIQUE INDEX emails_by_address ON emails (address_key) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX emails_by_primary ON emails (account_id) WHERE ended_at IS NULL AND is_primary = 1;
CREATE INDEX emails_by_account ON emails (account_id) WHERE ended_at IS NULL;

-- A seed that ended is wiped: what is no longer needed in the clear is not kept sealed either.
CREATE TABLE totp_seeds (
    account_id INTEGER PRIMARY KEY REFERENCES accounts (id),
    key_id TEXT,
    sealed_seed BLOB,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    ended_at INTEGER,
    end_reason TEXT,
    CHECK ((ended_at IS NULL) = (sealed_seed IS NOT NULL) AND (ended_at IS NULL) = (key_id IS NOT NULL))
) STRICT;

-- Steps whose code was accepted, on whichever node: a page takes a step once, Basic again from the same address.
CREATE TABLE totp_steps (
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    step INTEGER NOT NULL,
    address_key TEXT NOT NULL,
    by_page INTEGER NOT NULL CHECK (by_page IN (0, 1)),
    used_at INTEGER NOT NULL,
    PRIMARY KEY (account_id, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE recovery_codes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    digest BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    ended_at INTEGER,
    end_reason TEXT
) STRICT;

CREATE INDEX recovery_codes_by_account ON recovery_codes (account_id) WHERE ended_at IS NULL;

-- Failed sign-ins of the last hours. The subject is a keyed digest: see sign_in in the domain.
CREATE TABLE sign_in_failures (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    subject BLOB NOT NULL,
    address_key TEXT NOT NULL,
    kind TEXT NOT NULL,
    failed_at INTEGER NOT NULL
) STRICT;

CREATE INDEX sign_in_failures_by_subject ON sign_in_failures (subject, failed_at);
CREATE INDEX sign_in_failures_by_address ON sign_in_failures (address_key, failed_at);
CREATE INDEX sign_in_failures_by_time ON sign_in_failures (failed_at);

CREATE TABLE sign_in_locks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    subject BLOB NOT NULL,
    address_key TEXT NOT NULL,
    kind TEXT NOT NULL,
    locked_at INTEGER NOT NULL,
    locked_until INTEGER NOT NULL,
    ended_at INTEGER,
    end_reason TEXT
) STRICT;

CREATE INDEX sign_in_locks_by_subject ON sign_in_locks (subject, address_key, locked_until);
CREATE INDEX sign_in_locks_by_time ON sign_in_locks (locked_until);

-- Addresses that signed in: they are served while the login is under attack from elsewhere.
CREATE TABLE sign_in_addresses (
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    address_key TEXT NOT NULL,
    signed_in_at INTEGER NOT NULL,
    PRIMARY KEY (account_id, address_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE apps (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    owner_account_id INTEGER NOT NULL REFERENCES accounts (id),
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    client_id TEXT NOT NULL,
    device_flow INTEGER NOT NULL CHECK (device_flow IN (0, 1)),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    ended_at INTEGER,
    end_reason TEXT
) STRICT;

-- A client id once given is never given again, whatever became of its app.
CREATE UNIQUE INDEX apps_by_client_id ON apps (client_id);
CREATE INDEX apps_by_owner ON apps (owner_account_id) WHERE ended_at IS NULL;

CREATE TABLE client_secrets (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    app_id INTEGER NOT NULL REFERENCES apps (id),
    digest BLOB NOT NULL,
    last_eight TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    ended_at INTEGER,
    end_reason TEXT
) STRICT;

CREATE INDEX client_secrets_by_app ON client_secrets (app_id) WHERE ended_at IS NULL;

CREATE TABLE callback_urls (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    app_id INTEGER NOT NULL REFERENCES apps (id),
    url TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    ended_at INTEGER,
    end_reason TEXT
) STRICT;

CREATE INDEX callback_urls_by_app ON callback_urls (app_id) WHERE ended_at IS NULL;

-- One row for each user and app that ever met. Whatever decides by what the user gave the app locks it first.
CREATE TABLE app_users (
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    app_id INTEGER NOT NULL REFERENCES apps (id),
    locked_at INTEGER NOT NULL,
    PRIMARY KEY (account_id, app_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE grants (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    app_id INTEGER NOT NULL REFERENCES apps (id),
    scopes TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    last_used_at INTEGER,
    ended_at INTEGER,
    end_reason TEXT
) STRICT;

CREATE UNIQUE INDEX grants_by_account ON grants (account_id, app_id) WHERE ended_at IS NULL;
CREATE INDEX grants_by_app ON grants (app_id) WHERE ended_at IS NULL;

CREATE TABLE authorizations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    kind TEXT NOT NULL CHECK (kind IN ('personal', 'app', 'impersonation')),
    app_id INTEGER REFERENCES apps (id),
    grant_id INTEGER REFERENCES grants (id),
    provenance TEXT NOT NULL,
    scopes TEXT NOT NULL,
    scope_set_key TEXT NOT NULL,
    note TEXT,
    note_url TEXT,
    fingerprint TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    expires_at INTEGER,
    last_used_at INTEGER,
    last_used_address TEXT,
    ended_at INTEGER,
    end_reason TEXT
) STRICT;

-- The order of a user's list: personal tokens first (no app), then by app, fingerprint and id.
CREATE INDEX authorizations_by_account ON authorizations (account_id, app_id, fingerprint, id) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX authorizations_by_note ON authorizations (account_id, note) WHERE ended_at IS NULL AND kind = 'personal';
CREATE UNIQUE INDEX authorizations_by_fingerprint ON authorizations (account_id, app_id, fingerprint)
    WHERE ended_at IS NULL AND fingerprint IS NOT NULL;

CREATE INDEX authorizations_by_app ON authorizations (app_id) WHERE ended_at IS NULL AND app_id IS NOT NULL;
-- For the bound on how many are made in an hour, which counts those that ended too.
CREATE INDEX authorizations_by_making ON authorizations (account_id, app_id, created_at) WHERE app_id IS NOT NULL;

CREATE INDEX authorizations_by_expiry ON authorizations (account_id, expires_at)
    WHERE ended_at IS NULL AND expires_at IS NOT NULL;

-- Found by the first eight bytes of the digest, compared whole: a narrow index stays in memory.
CREATE TABLE token_digests (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    authorization_id INTEGER NOT NULL REFERENCES authorizations (id),
    digest_head INTEGER NOT NULL,
    digest BLOB NOT NULL,
    last_eight TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    ended_at INTEGER,
    end_reason TEXT
) STRICT;

CREATE INDEX token_digests_by_head ON token_digests (digest_head);
CREATE INDEX token_digests_by_authorization ON token_digests (authorization_id) WHERE ended_at IS NULL;

-- One row for each process that writes events; the head is the number of its last event.
CREATE TABLE audit_writers (
    id TEXT PRIMARY KEY,
    program TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    head INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- bytes is the event in its canonical form; the columns beside it repeat what is searched for. address and agent are
-- personal: they can be emptied without touching the bytes, which hold a salted digest of them.
CREATE TABLE audit_events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    writer_id TEXT NOT NULL REFERENCES audit_writers (id),
    writer_number INTEGER NOT NULL,
    format INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    happened_at INTEGER NOT NULL,
    action TEXT NOT NULL,
    actor TEXT NOT NULL,
    account_id INTEGER,
    app_id INTEGER,
    authorization_id INTEGER,
    grant_id INTEGER,
    personal_salt BLOB NOT NULL,
    address TEXT,
    agent TEXT
) STRICT;

CREATE UNIQUE INDEX audit_events_by_writer ON audit_events (writer_id, writer_number);
CREATE INDEX audit_events_by_time ON audit_events (happened_at, id);
