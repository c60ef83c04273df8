-- Failures and locks stand under the text that was typed; these say whose login it was, for what holds for all names of a user
-- together. Nothing for a login that nobody has, and in what an older program writes.

ALTER TABLE sign_in_failures ADD COLUMN account_id INTEGER;
ALTER TABLE sign_in_locks ADD COLUMN account_id INTEGER;
CREATE INDEX sign_in_failures_by_account ON sign_in_failures (account_id, failed_at) WHERE account_id IS NOT NULL;
CREATE INDEX sign_in_locks_by_account ON sign_in_locks (account_id, locked_until) WHERE account_id IS NOT NULL;

-- Whether anybody signed in from an address lately.
CREATE INDEX sign_in_addresses_by_address ON sign_in_addresses (address_key, signed_in_at);
