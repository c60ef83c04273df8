-- What tokens at work need: the feed of changes that empties caches, organizations with their members and teams,
-- impersonation, and the order in which what has ended is cleaned up.

-- The number of the last change in the feed below. It moves in the transaction that makes the change, so a transaction
-- that commits late never stands under a smaller number than one that a reader has seen.
CREATE TABLE change_feed (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    number INTEGER NOT NULL
) STRICT;

INSERT INTO change_feed (id, number) VALUES (1, 0);

-- What is no longer as a cache may remember it: a token, or everything that is remembered of an account, an app or an
-- organization. Old rows go; who reads on from a number that is gone forgets everything.
CREATE TABLE changes (
    number INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('authorization', 'account', 'app', 'organization')),
    subject_id INTEGER NOT NULL,
    digest_head INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;

CREATE INDEX changes_by_time ON changes (changed_at);

-- Who made an impersonation token; it ends with that account's rights.
ALTER TABLE authorizations ADD COLUMN maker_account_id INTEGER REFERENCES accounts (id);

CREATE INDEX authorizations_by_maker ON authorizations (maker_account_id)
    WHERE ended_at IS NULL AND maker_account_id IS NOT NULL;

-- One for each administrator and user.
CREATE UNIQUE INDEX authorizations_by_impersonation ON authorizations (account_id, maker_account_id)
    WHERE ended_at IS NULL AND kind = 'impersonation';

-- What expires next, and what ended first.
CREATE INDEX authorizations_by_next_expiry ON authorizations (expires_at) WHERE ended_at IS NULL AND expires_at IS NOT NULL;
CREATE INDEX authorizations_by_end ON authorizations (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX token_digests_by_end ON token_digests (ended_at) WHERE ended_at IS NOT NULL;

-- Ended digests are in it too: a record is removed with all of them, and the reference to it is checked by this index.
DROP INDEX token_digests_by_authorization;
CREATE INDEX token_digests_by_authorization ON token_digests (authorization_id, ended_at);

-- How many of a writer's events were removed, from its first one on.
ALTER TABLE audit_writers ADD COLUMN removed INTEGER NOT NULL DEFAULT 0;

-- An organization is an account of kind 'organization': logins and ids are of one space.
CREATE TABLE organization_members (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id INTEGER NOT NULL REFERENCES accounts (id),
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    role TEXT NOT NULL CHECK (role IN ('admin', 'member')),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    ended_at INTEGER,
    end_reason TEXT
) STRICT;

CREATE UNIQUE INDEX organization_members_by_organization ON organization_members (organization_id, account_id)
    WHERE ended_at IS NULL;
CREATE INDEX organization_members_by_account ON organization_members (account_id, organization_id) WHERE ended_at IS NULL;

CREATE TABLE teams (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id INTEGER NOT NULL REFERENCES accounts (id),
    name TEXT NOT NULL,
    slug TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    ended_at INTEGER,
    end_reason TEXT
) STRICT;

CREATE UNIQUE INDEX teams_by_slug ON teams (organization_id, slug) WHERE ended_at IS NULL;

CREATE TABLE team_members (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    team_id INTEGER NOT NULL REFERENCES teams (id),
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    created_at INTEGER NOT NULL,
    ended_at INTEGER,
    end_reason TEXT
) STRICT;

CREATE UNIQUE INDEX team_members_by_team ON team_members (team_id, account_id) WHERE ended_at IS NULL;
CREATE INDEX team_members_by_account ON team_members (account_id, team_id) WHERE ended_at IS NULL;

-- Who had a login before it was released: a gateway's rule that names it must not mean two people.
CREATE INDEX accounts_by_released_login ON accounts (login_key) WHERE released_at IS NOT NULL;
