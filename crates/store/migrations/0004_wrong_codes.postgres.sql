-- One-time codes that were wrong since the last right one, whenever and from wherever they came: who has a password must not be
-- able to try on for ever.

ALTER TABLE totp_seeds ADD COLUMN wrong_codes BIGINT NOT NULL DEFAULT 0;
