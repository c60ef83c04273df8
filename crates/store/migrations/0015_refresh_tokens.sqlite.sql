-- Refresh tokens, by which apps get other tokens in the place of those that expire, and whether the tokens of an app do.
--
-- An older program beside this one looks into neither. Its exchanges give tokens that last, of such apps too. What it ends, it
-- ends by the authorization, and a refresh token counts only while that lives.

-- 1 where tokens that the app gets from now on expire.
ALTER TABLE apps ADD COLUMN expiring_tokens INTEGER NOT NULL DEFAULT 0 CHECK (expiring_tokens IN (0, 1));

-- At most one of an authorization has not ended: the one that counts. One that was replaced is known until it is removed, since
-- it means something when it comes again. One that was not ends with its authorization, whose expires_at is its own; that of the
-- access token stands with its digest.
CREATE TABLE refresh_tokens (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    authorization_id INTEGER NOT NULL REFERENCES authorizations (id) ON DELETE CASCADE,
    digest BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at INTEGER,
    end_reason TEXT
) STRICT;

CREATE UNIQUE INDEX refresh_tokens_by_digest ON refresh_tokens (digest);
CREATE INDEX refresh_tokens_by_authorization ON refresh_tokens (authorization_id, ended_at);
CREATE INDEX refresh_tokens_by_end ON refresh_tokens (ended_at) WHERE ended_at IS NOT NULL;
