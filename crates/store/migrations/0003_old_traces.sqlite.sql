-- The hourly clean-up finds what signed people in long ago by these, instead of reading each table to its end.
--
-- Whoever else writes to the file waits until they are made.

CREATE INDEX recovery_codes_by_end ON recovery_codes (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX totp_steps_by_use ON totp_steps (used_at);
CREATE INDEX sign_in_addresses_by_time ON sign_in_addresses (signed_in_at);
