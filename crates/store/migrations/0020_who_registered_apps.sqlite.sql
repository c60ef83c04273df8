-- Who registered an app on a page, whoever it belongs to by now: by this the apps of an hour are counted.
--
-- An older program beside this one leaves the column empty: what is registered there is counted for nobody.

-- The user; none for an app that was made otherwise.
ALTER TABLE apps ADD COLUMN registered_by INTEGER;

CREATE INDEX apps_by_registration ON apps (registered_by, created_at) WHERE registered_by IS NOT NULL;
