-- Links that work once, and mail that waits to be sent.
--
-- An older program beside this one looks into neither, and sends nothing.

-- digest is that of the link's secret; none until the mail goes that the link is in. account_id is none for the link that makes
-- the first administrator. address is the e-mail address that the link is about: one that is to be added, or one to go back to.
-- Neither table refers to another: what an older program removes must not be held by rows that it does not know.
CREATE TABLE links (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    account_id INTEGER,
    digest BLOB,
    address TEXT,
    maker_account_id INTEGER,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at INTEGER,
    end_reason TEXT
) STRICT;

CREATE UNIQUE INDEX links_by_digest ON links (digest) WHERE digest IS NOT NULL;
CREATE INDEX links_by_account ON links (account_id, kind) WHERE ended_at IS NULL;
-- One of a kind lives for an account, and one that makes the first administrator.
CREATE UNIQUE INDEX links_by_kind ON links (coalesce(account_id, 0), kind) WHERE ended_at IS NULL AND kind <> 'address_undo';
CREATE INDEX links_by_expiry ON links (expires_at);

-- Kinds and ids; never a secret, never a finished text. subject says what a mail is about, so that a second one about it adds
-- none: a keyed digest of what was typed, or the ids of account and link. typed is what was typed, sealed until it was looked
-- up. cause is the network address behind it. recipient is filled in when the mail is made.
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    delivery_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    subject BLOB NOT NULL,
    is_urgent INTEGER NOT NULL CHECK (is_urgent IN (0, 1)),
    account_id INTEGER,
    link_id INTEGER,
    maker_account_id INTEGER,
    typed BLOB,
    cause TEXT,
    recipient TEXT,
    asked INTEGER NOT NULL,
    made_at INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    finished_at INTEGER,
    outcome TEXT
) STRICT;

CREATE UNIQUE INDEX outbox_by_subject ON outbox (kind, subject) WHERE finished_at IS NULL;
CREATE INDEX outbox_by_turn ON outbox (next_at) WHERE finished_at IS NULL;
CREATE INDEX outbox_by_urgency ON outbox (is_urgent, id) WHERE finished_at IS NULL;
CREATE INDEX outbox_by_cause ON outbox (cause, made_at) WHERE cause IS NOT NULL;
CREATE INDEX outbox_by_account ON outbox (account_id, made_at) WHERE account_id IS NOT NULL;
CREATE INDEX outbox_by_recipient ON outbox (recipient, made_at) WHERE recipient IS NOT NULL;
CREATE INDEX outbox_by_end ON outbox (finished_at) WHERE finished_at IS NOT NULL;

-- A database that was restored or copied writes to nobody until somebody says that it is the one in use.
ALTER TABLE installation ADD COLUMN sending_paused INTEGER NOT NULL DEFAULT 0 CHECK (sending_paused IN (0, 1));

-- Whether anybody ever administered the installation.
CREATE INDEX accounts_by_standing ON accounts (site_administrator) WHERE site_administrator = 1;
CREATE INDEX accounts_by_administrator_epoch ON accounts (administrator_epoch) WHERE administrator_epoch > 0;
