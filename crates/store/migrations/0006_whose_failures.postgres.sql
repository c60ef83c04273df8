-- Failures and locks stand under the text that was typed; these say whose login it was, for what holds for all names of a user
-- together. Nothing for a login that nobody has, and in what an older program writes.
--
-- Columns without a default change no row. Indices keep those waiting who fail to sign in, or sign in for the first time in a
-- day from an address, until this migration commits: the first two tables hold a few hundred thousand rows at most, the third
-- a few for each user.

ALTER TABLE sign_in_failures ADD COLUMN account_id BIGINT;
ALTER TABLE sign_in_locks ADD COLUMN account_id BIGINT;
CREATE INDEX sign_in_failures_by_account ON sign_in_failures (account_id, failed_at) WHERE account_id IS NOT NULL;
CREATE INDEX sign_in_locks_by_account ON sign_in_locks (account_id, locked_until) WHERE account_id IS NOT NULL;

-- Whether anybody signed in from an address lately.
CREATE INDEX sign_in_addresses_by_address ON sign_in_addresses (address_key, signed_in_at);
