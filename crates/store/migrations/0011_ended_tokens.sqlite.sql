-- A user's ended tokens, newest first, for the page that lists them: personal ones, those that administrators made, and those of
-- apps that ended since there were too many.
--
-- Whoever else writes to the file waits until it is made.

CREATE INDEX authorizations_by_account_end ON authorizations (account_id, ended_at)
    WHERE ended_at IS NOT NULL AND (app_id IS NULL OR end_reason = 'max_for_app');
