-- Takes back what the migrations from the fifth to the seventh made, of a schema of the seventh.
ALTER TABLE accounts DROP COLUMN administrator_epoch;
ALTER TABLE authorizations DROP COLUMN administrator_epoch;
ALTER TABLE installation DROP COLUMN administrator_scopes_told;
DROP INDEX sign_in_failures_by_account;
DROP INDEX sign_in_locks_by_account;
DROP INDEX sign_in_addresses_by_address;
ALTER TABLE sign_in_failures DROP COLUMN account_id;
ALTER TABLE sign_in_locks DROP COLUMN account_id;
ALTER TABLE accounts DROP COLUMN profile_updated_at;
ALTER TABLE accounts DROP COLUMN suspension_changed_at;
DELETE FROM schema_migrations WHERE number >= 5;
