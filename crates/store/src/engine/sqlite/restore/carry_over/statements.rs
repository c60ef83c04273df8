//! What is done to each table of a restored database.

/// What is carried over, in this order. `:now` is when.
pub(super) const STATEMENTS: &[&str] = &[
    // What older programs do not know is taken over, and so is that they must not serve.
    "UPDATE main.schema_migrations AS m SET oldest_program = o.oldest_program
        FROM old.schema_migrations o WHERE o.number = m.number",
    // An account or app that an earlier restore ended, because its backup did not know it, is no
    // deleted one.
    "CREATE TEMP TABLE known_accounts AS SELECT m.id FROM main.accounts m JOIN old.accounts o ON o.id = m.id
        WHERE o.end_reason IS NOT 'restored'",
    "CREATE UNIQUE INDEX temp.known_accounts_by_id ON known_accounts (id)",
    "CREATE TEMP TABLE known_apps AS SELECT m.id FROM main.apps m JOIN old.apps o ON o.id = m.id
        WHERE o.end_reason IS NOT 'restored'",
    "CREATE UNIQUE INDEX temp.known_apps_by_id ON known_apps (id)",
    // They come back, and may do no more than they might when they were ended.
    "CREATE TEMP TABLE returning_accounts AS SELECT m.id, o.credential_version > m.credential_version AS is_newer
        FROM main.accounts m JOIN old.accounts o ON o.id = m.id WHERE o.end_reason = 'restored'",
    "CREATE TEMP TABLE returning_apps AS SELECT m.id FROM main.apps m JOIN old.apps o ON o.id = m.id
        WHERE o.end_reason = 'restored'",
    // Accounts. Logins may have moved from one to another, so all are let go of first.
    "UPDATE main.accounts SET released_at = 0 WHERE released_at IS NULL AND id IN (SELECT id FROM known_accounts)",
    "UPDATE main.accounts SET released_at = :now WHERE released_at IS NULL
        AND login_key IN (SELECT o.login_key FROM old.accounts o WHERE o.released_at IS NULL AND o.id <> accounts.id)",
    "UPDATE main.accounts AS m SET login = o.login, login_key = o.login_key, released_at = o.released_at,
            site_administrator = min(m.site_administrator, o.site_administrator),
            administrator_epoch = max(m.administrator_epoch, o.administrator_epoch), password_phc = o.password_phc,
            credential_version = max(m.credential_version, o.credential_version), suspended_at = o.suspended_at,
            suspension_changed_at = o.suspension_changed_at, administrator_since = o.administrator_since,
            language = o.language, time_zone = o.time_zone,
            profile_updated_at = iif(m.profile_updated_at IS o.profile_updated_at, m.profile_updated_at, :now),
            updated_at = max(m.updated_at, o.updated_at), ended_at = o.ended_at, end_reason = o.end_reason
        FROM old.accounts o WHERE o.id = m.id AND m.id IN (SELECT id FROM known_accounts)",
    "INSERT INTO main.accounts (id, kind, login, login_key, name, site_administrator, administrator_epoch, password_phc,
            credential_version, suspended_at, created_at, updated_at, ended_at, end_reason, released_at)
        SELECT id, kind, login, login_key, NULL, site_administrator, administrator_epoch, NULL, credential_version,
            suspended_at, created_at, max(updated_at, :now), coalesce(ended_at, :now), coalesce(end_reason, 'restored'),
            released_at
        FROM old.accounts WHERE id NOT IN (SELECT id FROM main.accounts)",
    // A password that was replaced is no password any more, and the one that replaced it was not
    // kept.
    "UPDATE main.accounts AS m SET site_administrator = min(m.site_administrator, o.site_administrator),
            administrator_epoch = max(m.administrator_epoch, o.administrator_epoch),
            suspended_at = coalesce(o.suspended_at, m.suspended_at),
            suspension_changed_at = :now, profile_updated_at = :now,
            password_phc = iif(o.credential_version > m.credential_version, NULL, m.password_phc),
            credential_version = max(m.credential_version, o.credential_version)
        FROM old.accounts o WHERE o.id = m.id AND m.id IN (SELECT id FROM returning_accounts)",
    // A login that somebody let go of, or that another has now, is not theirs any more.
    "UPDATE main.accounts AS m SET released_at = coalesce(m.released_at, o.released_at, :now), ended_at = o.ended_at,
            end_reason = o.end_reason, password_phc = NULL
        FROM old.accounts o WHERE o.id = m.id AND m.ended_at IS NULL AND m.id IN (SELECT id FROM returning_accounts)
        AND (m.released_at IS NOT NULL OR o.released_at IS NOT NULL)",
    // What signs them in.
    "DELETE FROM main.emails WHERE account_id IN (SELECT id FROM known_accounts)",
    "UPDATE main.emails SET ended_at = :now, end_reason = 'restored' WHERE ended_at IS NULL AND address_key IN
        (SELECT address_key FROM old.emails WHERE ended_at IS NULL AND account_id IN (SELECT id FROM known_accounts))",
    "INSERT INTO main.emails SELECT * FROM old.emails WHERE account_id IN (SELECT id FROM known_accounts)",
    "DELETE FROM main.totp_seeds WHERE account_id IN (SELECT id FROM known_accounts)",
    "INSERT INTO main.totp_seeds SELECT * FROM old.totp_seeds WHERE account_id IN (SELECT id FROM known_accounts)",
    "DELETE FROM main.totp_seeds WHERE account_id IN (SELECT id FROM returning_accounts WHERE is_newer)",
    "DELETE FROM main.totp_steps WHERE account_id IN (SELECT id FROM known_accounts)",
    "INSERT INTO main.totp_steps SELECT * FROM old.totp_steps WHERE account_id IN (SELECT id FROM known_accounts)",
    "DELETE FROM main.recovery_codes WHERE account_id IN (SELECT id FROM known_accounts)",
    "INSERT INTO main.recovery_codes SELECT * FROM old.recovery_codes WHERE account_id IN (SELECT id FROM known_accounts)",
    "DELETE FROM main.recovery_codes WHERE account_id IN (SELECT id FROM returning_accounts WHERE is_newer)",
    "DELETE FROM main.passkeys WHERE account_id IN (SELECT id FROM known_accounts)",
    "INSERT INTO main.passkeys SELECT * FROM old.passkeys WHERE account_id IN (SELECT id FROM known_accounts)",
    "UPDATE main.passkeys SET ended_at = :now, end_reason = 'restored'
        WHERE ended_at IS NULL AND account_id IN (SELECT id FROM returning_accounts WHERE is_newer)",
    // A credential id is given once: what was registered after the backup stays, as ended.
    "INSERT INTO main.passkeys (id, account_id, credential_id, user_handle, public_key, algorithm, rp_id, sign_count,
            backup_eligible, backed_up, transports, name, created_at, last_used_at, ended_at, end_reason)
        SELECT id, account_id, credential_id, user_handle, public_key, algorithm, rp_id, sign_count, backup_eligible,
            backed_up, transports, name, created_at, last_used_at, coalesce(ended_at, :now), coalesce(end_reason, 'restored')
        FROM old.passkeys WHERE id NOT IN (SELECT id FROM main.passkeys)",
    // The grace of those who need a second factor goes on.
    "DELETE FROM main.second_factor_requirements",
    "INSERT INTO main.second_factor_requirements SELECT * FROM old.second_factor_requirements",
    "DELETE FROM main.sign_in_addresses WHERE account_id IN (SELECT id FROM known_accounts)",
    "INSERT INTO main.sign_in_addresses SELECT * FROM old.sign_in_addresses
        WHERE account_id IN (SELECT id FROM known_accounts)",
    "DELETE FROM main.sign_in_failures",
    "INSERT INTO main.sign_in_failures SELECT * FROM old.sign_in_failures",
    "DELETE FROM main.sign_in_locks",
    "INSERT INTO main.sign_in_locks SELECT * FROM old.sign_in_locks",
    // Apps.
    "UPDATE main.apps AS m SET device_flow = min(m.device_flow, o.device_flow),
            expiring_tokens = max(m.expiring_tokens, o.expiring_tokens), exact_match = max(m.exact_match, o.exact_match),
            require_pkce = max(m.require_pkce, o.require_pkce), send_iss = max(m.send_iss, o.send_iss),
            resource_server = min(m.resource_server, o.resource_server),
            standard_errors = o.standard_errors, suspended_at = o.suspended_at, registered_by = o.registered_by,
            owner_account_id = CASE WHEN o.owner_account_id IN (SELECT id FROM known_accounts) THEN o.owner_account_id ELSE m.owner_account_id END,
            updated_at = max(m.updated_at, o.updated_at),
            ended_at = o.ended_at, end_reason = o.end_reason
        FROM old.apps o WHERE o.id = m.id AND m.id IN (SELECT id FROM known_apps)",
    "CREATE TEMP TABLE new_apps AS SELECT id FROM old.apps WHERE id NOT IN (SELECT id FROM main.apps)",
    "INSERT INTO main.apps (id, owner_account_id, name, url, client_id, device_flow, expiring_tokens, exact_match,
            require_pkce, send_iss, standard_errors, resource_server, suspended_at, registered_by, created_at, updated_at,
            ended_at, end_reason)
        SELECT id, owner_account_id, name, url, client_id, device_flow, expiring_tokens, exact_match, require_pkce,
            send_iss, standard_errors, resource_server, suspended_at, registered_by, created_at, max(updated_at, :now),
            coalesce(ended_at, :now), coalesce(end_reason, 'restored') FROM old.apps WHERE id IN (SELECT id FROM new_apps)",
    "UPDATE main.apps AS m SET device_flow = min(m.device_flow, o.device_flow),
            expiring_tokens = max(m.expiring_tokens, o.expiring_tokens), exact_match = max(m.exact_match, o.exact_match),
            require_pkce = max(m.require_pkce, o.require_pkce), send_iss = max(m.send_iss, o.send_iss),
            resource_server = min(m.resource_server, o.resource_server),
            suspended_at = coalesce(o.suspended_at, m.suspended_at),
            owner_account_id = CASE WHEN o.owner_account_id IN (SELECT id FROM known_accounts) THEN o.owner_account_id ELSE m.owner_account_id END
        FROM old.apps o WHERE o.id = m.id AND m.id IN (SELECT id FROM returning_apps)",
    "UPDATE main.apps SET ended_at = :now, end_reason = 'restored' WHERE ended_at IS NULL
        AND id IN (SELECT id FROM returning_apps)
        AND owner_account_id IN (SELECT id FROM main.accounts WHERE ended_at IS NOT NULL)",
    "DELETE FROM main.client_secrets WHERE app_id IN (SELECT id FROM known_apps)",
    "INSERT INTO main.client_secrets SELECT * FROM old.client_secrets WHERE app_id IN (SELECT id FROM known_apps)",
    // Ended like their app, so that those that live on with it when it comes back can be told from
    // those that were rotated.
    "INSERT INTO main.client_secrets (id, app_id, digest, last_eight, created_at, last_used_at, published_at, ended_at,
            end_reason)
        SELECT id, app_id, digest, last_eight, created_at, last_used_at, published_at, coalesce(ended_at, :now),
            coalesce(end_reason, 'restored') FROM old.client_secrets WHERE app_id IN (SELECT id FROM new_apps)",
    "UPDATE main.client_secrets SET ended_at = :now, end_reason = 'restored'
        WHERE ended_at IS NULL AND app_id IN (SELECT id FROM returning_apps)
        AND id NOT IN (SELECT id FROM old.client_secrets WHERE ended_at IS NULL OR end_reason = 'restored')",
    "UPDATE main.client_secrets SET published_at =
            (SELECT known.published_at FROM old.client_secrets known WHERE known.id = main.client_secrets.id)
        WHERE published_at IS NULL AND app_id IN (SELECT id FROM returning_apps)",
    "DELETE FROM main.callback_urls WHERE app_id IN (SELECT id FROM known_apps)",
    "INSERT INTO main.callback_urls SELECT * FROM old.callback_urls WHERE app_id IN (SELECT id FROM known_apps)",
    "INSERT INTO main.callback_urls (id, app_id, url, created_at, last_used_at, ended_at, end_reason)
        SELECT id, app_id, url, created_at, last_used_at, coalesce(ended_at, :now), coalesce(end_reason, 'restored')
        FROM old.callback_urls WHERE app_id IN (SELECT id FROM new_apps)",
    "UPDATE main.callback_urls SET ended_at = :now, end_reason = 'restored'
        WHERE ended_at IS NULL AND app_id IN (SELECT id FROM returning_apps)
        AND id NOT IN (SELECT id FROM old.callback_urls WHERE ended_at IS NULL OR end_reason = 'restored')",
    // Grants.
    "UPDATE main.grants AS m SET scopes = o.scopes, updated_at = max(m.updated_at, o.updated_at), ended_at = o.ended_at,
            end_reason = o.end_reason FROM old.grants o WHERE o.id = m.id AND m.ended_at IS NULL",
    "UPDATE main.grants SET ended_at = :now, end_reason = 'restored'
        WHERE ended_at IS NULL AND id NOT IN (SELECT id FROM old.grants)",
    // Tokens. A record that is not there any more ended long ago.
    "UPDATE main.authorizations AS m SET ended_at = o.ended_at, end_reason = o.end_reason,
            updated_at = max(m.updated_at, o.updated_at)
        FROM old.authorizations o WHERE o.id = m.id AND m.ended_at IS NULL AND o.ended_at IS NOT NULL",
    "UPDATE main.authorizations SET ended_at = :now, end_reason = 'restored'
        WHERE ended_at IS NULL AND id NOT IN (SELECT id FROM old.authorizations)",
    "UPDATE main.authorizations AS m SET scopes = o.scopes, scope_set_key = o.scope_set_key,
            administrator_epoch = o.administrator_epoch, expires_at = o.expires_at, consented_scopes = o.consented_scopes,
            updated_at = max(m.updated_at, o.updated_at), last_used_at = o.last_used_at,
            last_used_address = o.last_used_address
        FROM old.authorizations o WHERE o.id = m.id AND m.ended_at IS NULL",
    "UPDATE main.token_digests AS m SET ended_at = o.ended_at, end_reason = o.end_reason, last_used_at = o.last_used_at,
            expires_at = o.expires_at
        FROM old.token_digests o WHERE o.id = m.id AND m.ended_at IS NULL",
    "UPDATE main.token_digests SET ended_at = :now, end_reason = 'restored'
        WHERE ended_at IS NULL AND id NOT IN (SELECT id FROM old.token_digests)",
    // Who had a token replaced after the backup holds the new one.
    "INSERT INTO main.token_digests SELECT * FROM old.token_digests o WHERE o.id NOT IN (SELECT id FROM main.token_digests)
        AND o.authorization_id IN (SELECT id FROM main.authorizations WHERE ended_at IS NULL)",
    "UPDATE main.token_digests SET ended_at = :now, end_reason = 'restored' WHERE ended_at IS NULL
        AND authorization_id IN (SELECT id FROM main.authorizations WHERE ended_at IS NOT NULL)",
    // Refresh tokens follow their authorizations as their tokens do: who refreshed after the backup
    // holds the last one.
    "UPDATE main.refresh_tokens AS m SET ended_at = o.ended_at, end_reason = o.end_reason, expires_at = o.expires_at
        FROM old.refresh_tokens o WHERE o.id = m.id AND m.ended_at IS NULL",
    "UPDATE main.refresh_tokens SET ended_at = :now, end_reason = 'restored'
        WHERE ended_at IS NULL AND id NOT IN (SELECT id FROM old.refresh_tokens)",
    "INSERT INTO main.refresh_tokens SELECT * FROM old.refresh_tokens o WHERE o.id NOT IN (SELECT id FROM main.refresh_tokens)
        AND o.authorization_id IN (SELECT id FROM main.authorizations WHERE ended_at IS NULL)",
    // Organizations.
    "UPDATE main.organization_members AS m SET role = o.role, updated_at = max(m.updated_at, o.updated_at),
            ended_at = o.ended_at, end_reason = o.end_reason
        FROM old.organization_members o WHERE o.id = m.id AND m.ended_at IS NULL",
    "UPDATE main.organization_members SET ended_at = :now, end_reason = 'restored'
        WHERE ended_at IS NULL AND id NOT IN (SELECT id FROM old.organization_members)",
    "UPDATE main.teams AS m SET updated_at = max(m.updated_at, o.updated_at), ended_at = o.ended_at, end_reason = o.end_reason
        FROM old.teams o WHERE o.id = m.id AND m.ended_at IS NULL",
    "UPDATE main.team_members AS m SET ended_at = o.ended_at, end_reason = o.end_reason
        FROM old.team_members o WHERE o.id = m.id AND m.ended_at IS NULL",
    "UPDATE main.team_members SET ended_at = :now, end_reason = 'restored'
        WHERE ended_at IS NULL AND id NOT IN (SELECT id FROM old.team_members)",
    // The installation: what is sealed now is sealed under the keys that are in use.
    "UPDATE main.installation AS m SET digest_key_id = o.digest_key_id, digest_key_sealed = o.digest_key_sealed,
            heartbeat_at = max(m.heartbeat_at, o.heartbeat_at) FROM old.installation o WHERE o.id = m.id",
    "UPDATE main.audit_keys AS m SET key_id = o.key_id, sealed = o.sealed FROM old.audit_keys o WHERE o.id = m.id",
    "DELETE FROM main.installation_keys",
    "INSERT INTO main.installation_keys SELECT * FROM old.installation_keys",
    "INSERT OR IGNORE INTO main.seeds SELECT * FROM old.seeds",
    "UPDATE main.change_feed SET number = max(number, (SELECT number FROM old.change_feed))",
];
