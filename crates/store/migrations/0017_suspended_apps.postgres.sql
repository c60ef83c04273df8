-- Apps that an operator has suspended: they begin nothing and prove nothing until that is lifted.
--
-- An older program beside this one does not read the column: all nodes are to be new before an app is suspended.

ALTER TABLE apps ADD COLUMN suspended_at BIGINT;
