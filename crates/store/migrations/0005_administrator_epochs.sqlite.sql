-- When scopes for administrators were given: they count only if that was while the token's owner was one.
--
-- An older program beside this one leaves the columns alone: what it makes has no stamp, so its scopes for administrators count
-- for nothing where this program decides, until they are given again.

-- How often an account was made a site administrator.
ALTER TABLE accounts ADD COLUMN administrator_epoch INTEGER NOT NULL DEFAULT 0;

-- The owner's epoch when the scopes were given; none when the owner was no administrator then.
ALTER TABLE authorizations ADD COLUMN administrator_epoch INTEGER;

-- What works goes on working. Which tokens those are is told once, in the audit trail.
UPDATE authorizations SET administrator_epoch = 0 WHERE ended_at IS NULL
    AND account_id IN (SELECT id FROM accounts WHERE site_administrator = 1 AND ended_at IS NULL);

ALTER TABLE installation ADD COLUMN administrator_scopes_told INTEGER NOT NULL DEFAULT 1 CHECK (administrator_scopes_told IN (0, 1));

UPDATE installation SET administrator_scopes_told = 0;
