-- A user's ended tokens, newest first, for the page that lists them: personal ones, those that administrators made, and those of
-- apps that ended since there were too many.
--
-- It keeps those waiting who make, change or end tokens, until it is made: one reading of the table, of a million records within
-- seconds. Checks of tokens go on.

CREATE INDEX authorizations_by_account_end ON authorizations (account_id, ended_at)
    WHERE ended_at IS NOT NULL AND (app_id IS NULL OR end_reason = 'max_for_app');
