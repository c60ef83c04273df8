-- The hourly clean-up finds what signed people in long ago by these, instead of reading each table to its end.
--
-- On PostgreSQL each one keeps writers of its table waiting until this migration commits, and nobody else: readers go on, and
-- so does everything that a token does. Who waits is who signs in with a code, or for the first time in a day from an address.
-- The tables hold a few rows for each user, a million of which an index takes in within seconds at most. To build them
-- CONCURRENTLY would keep nobody waiting, but that cannot be part of a transaction, and one that is cut off leaves an index
-- behind that is there and yet of no use. In the order in which programs write to these tables, so that none waits for this
-- one while this one waits for it.

CREATE INDEX recovery_codes_by_end ON recovery_codes (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX totp_steps_by_use ON totp_steps (used_at);
CREATE INDEX sign_in_addresses_by_time ON sign_in_addresses (signed_in_at);
