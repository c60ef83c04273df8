-- What the audit trail's form 2 needs, and what several nodes agree on.
--
-- An older program beside this one leaves the new columns of its events empty, which form 1 does not have, and keeps no row
-- among the nodes. It sees no expiry of a digest: no program gives one before all nodes know of it.

-- The keys under which events are vouched for, each of one log, sealed under an installation's key. The newest is in use.
CREATE TABLE audit_keys (
    id BLOB PRIMARY KEY,
    log_id BLOB NOT NULL,
    key_id TEXT NOT NULL,
    sealed BLOB NOT NULL,
    made_at INTEGER NOT NULL
) STRICT;

-- mac vouches for bytes. personal holds, each with a salt of its own, the fields that bytes only commits to; address repeats
-- one of them for those who search. The other columns repeat what bytes says.
ALTER TABLE audit_events ADD COLUMN organization_id INTEGER;
ALTER TABLE audit_events ADD COLUMN token_head INTEGER;
ALTER TABLE audit_events ADD COLUMN request_id BLOB;
ALTER TABLE audit_events ADD COLUMN personal BLOB;
ALTER TABLE audit_events ADD COLUMN mac BLOB;

-- A token that was replaced may go on for a while.
ALTER TABLE token_digests ADD COLUMN expires_at INTEGER;

CREATE INDEX token_digests_by_expiry ON token_digests (expires_at) WHERE ended_at IS NULL AND expires_at IS NOT NULL;

-- What a user agreed to for an app: scopes, as authorizations have them. Nothing for a token that no consent stands behind.
ALTER TABLE authorizations ADD COLUMN consented_scopes TEXT;

-- Processes that serve from this database: what each can do, and when it was last here.
CREATE TABLE nodes (
    id TEXT PRIMARY KEY,
    level INTEGER NOT NULL,
    seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX nodes_by_time ON nodes (seen_at);

-- Who does what one node does for all, and until when. The fence rises with each new holder.
CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    ends_at INTEGER NOT NULL,
    fence INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
