-- When a user's profile last changed as everybody sees it (login, name, administrator or not), apart from updated_at, which
-- also moves with the password, the second factor and the e-mail address; and when a suspension last began or ended.
--
-- Programs that know neither leave them as they are: a profile without a time is as old as its account.

ALTER TABLE accounts ADD COLUMN profile_updated_at INTEGER;
ALTER TABLE accounts ADD COLUMN suspension_changed_at INTEGER;

UPDATE accounts SET profile_updated_at = updated_at WHERE kind = 'user';
