-- Apps that an operator has marked as resource servers: each is told of every token of the installation.
--
-- An older program beside this one neither reads nor writes the column: it tells such an app of its own tokens alone, and leaves the
-- mark to an app that it gives to another owner. All nodes are to be new before an app is marked.

ALTER TABLE apps ADD COLUMN resource_server BIGINT NOT NULL DEFAULT 0 CHECK (resource_server IN (0, 1));
