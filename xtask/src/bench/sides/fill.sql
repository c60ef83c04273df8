-- Adds users and tokens as Counterfoil would, without the audit events, which no request under measurement reads.
-- The tokens are read from standard input, one on a line. Indices are made afterwards: sorting once is much faster.
\set made_at 1735689600000000

-- References hold by how the rows are made.
SET session_replication_role = replica;
SET maintenance_work_mem = '1GB';

SELECT coalesce(max(id), 0) + 1 AS first_user FROM accounts \gset
SELECT coalesce(max(id), 0) + 1 AS first_token FROM authorizations \gset

CREATE TEMP TABLE taken_away AS
    SELECT indexname, indexdef FROM pg_indexes i
    WHERE tablename IN ('authorizations', 'token_digests')
        AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conname = i.indexname);
SELECT format('DROP INDEX %I', indexname) FROM taken_away \gexec

INSERT INTO accounts (id, kind, login, login_key, site_administrator, password_phc, credential_version, created_at, updated_at)
    SELECT :first_user + n, 'user', l, l, 0, p.password_phc, 1, :made_at, :made_at
    FROM (SELECT n, 'filled-' || lpad(n::text, 7, '0') AS l FROM generate_series(0, :users - 1) AS n) AS logins,
        (SELECT password_phc FROM accounts WHERE login = :'password_of') AS p
    ORDER BY n;

CREATE UNLOGGED TABLE filling (
    number BIGINT GENERATED ALWAYS AS IDENTITY (MINVALUE 0 START 0 CACHE 1000),
    token TEXT NOT NULL
);
\copy filling (token) FROM pstdin

INSERT INTO authorizations (id, account_id, kind, provenance, scopes, scope_set_key, note, created_at, updated_at)
    SELECT :first_token + number, :first_user + number / :each, 'personal', 'command_line', 'repo gist', 'gist repo',
        'filled ' || number, :made_at, :made_at
    FROM filling ORDER BY number;
INSERT INTO token_digests (authorization_id, digest_head, digest, last_eight, created_at)
    SELECT :first_token + number, ('x' || encode(substr(d, 1, 8), 'hex'))::bit(64)::bigint, d, right(token, 8), :made_at
    FROM (SELECT number, token, sha256(convert_to(token, 'UTF8')) AS d FROM filling) AS digests ORDER BY number;
DROP TABLE filling;

SELECT setval(pg_get_serial_sequence('accounts', 'id'), (SELECT max(id) FROM accounts));
SELECT setval(pg_get_serial_sequence('authorizations', 'id'), (SELECT max(id) FROM authorizations));
SELECT indexdef FROM taken_away \gexec
VACUUM (ANALYZE, FREEZE);
CHECKPOINT;
