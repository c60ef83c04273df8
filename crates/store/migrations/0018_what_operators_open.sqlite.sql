-- What an operator opens: every token of the installation to an app that is marked as a resource server, and scopes for
-- administrators to devices.
--
-- An older program beside this one neither reads nor writes the columns. It tells a marked app of its own tokens alone, leaves the mark
-- to an app that it gives to another owner, and gives a device what was approved without looking at who proved what. All nodes are to be new
-- before an app is marked, and before device.administrator_scopes is on.

-- 1 where the app is told of every live token.
ALTER TABLE apps ADD COLUMN resource_server INTEGER NOT NULL DEFAULT 0 CHECK (resource_server IN (0, 1));
-- In which epoch as an administrator its user approved a device; none if they were no administrator.
ALTER TABLE device_codes ADD COLUMN administrator_epoch INTEGER;
