-- Passkeys, and challenges that wait for an answer of a browser.
--
-- An older program beside this one would let the password alone in where a passkey is the second factor. So the first passkey
-- is refused while one serves, and with it this schema demands a program that knows them.

-- credential_id is given once, also after the passkey's end. public_key is a COSE_Key.
CREATE TABLE passkeys (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    credential_id BLOB NOT NULL,
    user_handle BLOB NOT NULL,
    public_key BLOB NOT NULL,
    algorithm TEXT NOT NULL,
    rp_id TEXT NOT NULL,
    sign_count INTEGER NOT NULL,
    backup_eligible INTEGER NOT NULL CHECK (backup_eligible IN (0, 1)),
    backed_up INTEGER NOT NULL CHECK (backed_up IN (0, 1)),
    transports TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    ended_at INTEGER,
    end_reason TEXT
) STRICT;

CREATE UNIQUE INDEX passkeys_by_credential ON passkeys (credential_id);
CREATE INDEX passkeys_by_account ON passkeys (account_id);

-- The holder is the visitor, the half sign-in or the session that a challenge was given to; nobody else may answer it. The
-- account is the one that must answer, where that is known before.
CREATE TABLE passkey_challenges (
    digest BLOB PRIMARY KEY,
    ceremony TEXT NOT NULL CHECK (ceremony IN ('registration', 'sign_in', 'second_factor', 'confirmation')),
    holder TEXT NOT NULL,
    account_id INTEGER REFERENCES accounts (id) ON DELETE CASCADE,
    user_handle BLOB,
    address_key TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    ended_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX passkey_challenges_by_holder ON passkey_challenges (holder, created_at) WHERE ended_at IS NULL;
CREATE INDEX passkey_challenges_by_address ON passkey_challenges (address_key, created_at);
CREATE INDEX passkey_challenges_by_making ON passkey_challenges (created_at);
CREATE INDEX passkey_challenges_by_account ON passkey_challenges (account_id) WHERE account_id IS NOT NULL;
