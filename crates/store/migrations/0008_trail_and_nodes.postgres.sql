-- What the audit trail's form 2 needs, and what several nodes agree on.
--
-- An older program beside this one leaves the new columns of its events empty, which form 1 does not have, and keeps no row
-- among the nodes. It sees no expiry of a digest: no program gives one before all nodes know of it.
--
-- Columns without a default change no row. The index by expiry reads all digests once, and whoever looks for a token that is
-- not remembered, or changes anything, waits until this migration commits: a second or so for a million rows. All locks come
-- first, in the order in which others take them: one that came after the index was built would find somebody who waits already,
-- and lose.
LOCK TABLE authorizations, token_digests, audit_events IN ACCESS EXCLUSIVE MODE;

-- The keys under which events are vouched for, each of one log, sealed under an installation's key. The newest is in use.
CREATE TABLE audit_keys (
    id BYTEA PRIMARY KEY,
    log_id BYTEA NOT NULL,
    key_id TEXT COLLATE "C" NOT NULL,
    sealed BYTEA NOT NULL,
    made_at BIGINT NOT NULL
);

-- mac vouches for bytes. personal holds, each with a salt of its own, the fields that bytes only commits to; address repeats
-- one of them for those who search. The other columns repeat what bytes says.
ALTER TABLE audit_events ADD COLUMN organization_id BIGINT;
ALTER TABLE audit_events ADD COLUMN token_head BIGINT;
ALTER TABLE audit_events ADD COLUMN request_id BYTEA;
ALTER TABLE audit_events ADD COLUMN personal BYTEA;
ALTER TABLE audit_events ADD COLUMN mac BYTEA;

-- A token that was replaced may go on for a while.
ALTER TABLE token_digests ADD COLUMN expires_at BIGINT;

CREATE INDEX token_digests_by_expiry ON token_digests (expires_at) WHERE ended_at IS NULL AND expires_at IS NOT NULL;

-- What a user agreed to for an app: scopes, as authorizations have them. Nothing for a token that no consent stands behind.
ALTER TABLE authorizations ADD COLUMN consented_scopes TEXT COLLATE "C";

-- Processes that serve from this database: what each can do, and when it was last here.
CREATE TABLE nodes (
    id TEXT COLLATE "C" PRIMARY KEY,
    level BIGINT NOT NULL,
    seen_at BIGINT NOT NULL
);

CREATE INDEX nodes_by_time ON nodes (seen_at);

-- Who does what one node does for all, and until when. The fence rises with each new holder.
CREATE TABLE leases (
    name TEXT COLLATE "C" PRIMARY KEY,
    holder TEXT COLLATE "C" NOT NULL,
    ends_at BIGINT NOT NULL,
    fence BIGINT NOT NULL
);
