//! Every metric, by what it is about. Names follow Prometheus's conventions: base units, `_total`
//! on counters and on nothing else, labels and their values in lower case with underscores.

use super::bounds;
use super::metric::{Metric, Presence};

/// Every metric, in the order in which the reference page lists them.
pub const METRICS: &[Metric] = &[
    BUILD,
    READY,
    REQUESTS,
    REQUEST_DURATION,
    GATEWAY_CHECKS,
    SIGN_INS,
    WRONG_CLIENT_SECRETS,
    CLIENT_SECRETS_IN_QUERIES,
    PASSWORDS_COMPUTED,
    PASSWORDS_WAITING,
    PASSWORDS_WAITING_LIMIT,
    TOKENS,
    TOKENS_COUNTED_AT,
    REMEMBERED_TOKENS,
    REMEMBERED_TOKENS_LIMIT,
    TOKEN_LOOK_UPS,
    CLIENT_LOOK_UPS,
    REFUSED_LOOK_UPS,
    FEED_FAILURES,
    FEED_LOSSES,
    STORE_WRITES,
    STORE_COMMITS,
    STORE_FAILED_COMMITS,
    STORE_WRITES_WAITING,
    DATABASE_SIZE,
    CLEANED_ROWS,
    LAST_CLEAN_UP,
    MAILS_WAITING,
    MAIL_OLDEST_AGE,
    MAIL_PAUSED,
    CONNECTIONS,
    CONNECTIONS_LIMIT,
    CONNECTIONS_REFUSED,
    CONNECTIONS_IDLE_CLOSED,
    CONNECTIONS_UNREAD_CLOSED,
    UNREAD_ANSWERS,
    UNREAD_ANSWERS_LIMIT,
    CERTIFICATE_EXPIRY,
    CERTIFICATE_ORDERS,
    FEED_LAG,
    LEASE_REMAINING,
    FEED_READINGS,
    STALE_REFUSALS,
    FEED_LISTENING,
    FEED_NOTIFICATIONS,
    DATABASE_CONNECTIONS,
    DATABASE_CONNECTIONS_IN_USE,
    DATABASE_CONNECTIONS_WAITED_FOR,
    DATABASE_CONNECTIONS_LIMIT,
    TRANSACTIONS_RUN_AGAIN,
    COMMITS_OF_UNKNOWN_OUTCOME,
    PROCESS_CPU,
    PROCESS_RESIDENT_MEMORY,
    PROCESS_VIRTUAL_MEMORY,
    PROCESS_OPEN_FDS,
    PROCESS_MAX_FDS,
    PROCESS_THREADS,
    PROCESS_START,
];

pub(super) const BUILD: Metric = Metric::info(
    "counterfoil_build_info",
    "The program that runs; the value is always 1.",
)
.by(&[
    ("version", "the program's version"),
    ("commit", "the commit that it was built from, or `unknown`"),
    ("engine", "`sqlite`, `postgres`"),
]);

pub(super) const READY: Metric = Metric::gauge(
    "counterfoil_ready",
    "Whether the server can work, found out at each scrape as /readyz does: 1, or 0 when it cannot or does not know within \
     a second.",
);

pub(super) const REQUESTS: Metric = Metric::counter(
    "counterfoil_requests_total",
    "Requests answered, by method, route and status.",
)
.by(&[
    (
        "method",
        "`GET` (and `HEAD`), `POST`, `PUT`, `PATCH`, `DELETE`, `OPTIONS`, `other`",
    ),
    ("route", "the route's template, or `unmatched`"),
    ("status", "the status"),
]);

pub(super) const REQUEST_DURATION: Metric = Metric::histogram(
    "counterfoil_request_duration_seconds",
    bounds::durations,
    "How long requests took from their head to the head of their answer, by class of route.",
)
.by(&[(
    "class",
    "`gateway`, `token_check` (an app that checks a token), `rest_read`, `rest_write` (routes that leave an audit event), \
     `graphql`, `health` (on the main port), `pages`, `oauth` (tokens for codes), `other`",
)]);

pub(super) const GATEWAY_CHECKS: Metric = Metric::counter(
    "counterfoil_gateway_checks_total",
    "Checks that gateways asked for, by what they were told and why.",
)
.by(&[(
    "outcome",
    "`allowed`; refused with 401: `no_token`, `ill_formed`, `ambiguous`, `unknown_token`; with 403: `missing_scope`, \
     `other_app`, `other_person`, `suspended`; the gateway's own mistake: `bad_request` (400), `unknown_rule` (404); \
     503: `unavailable`",
)]);

pub(super) const SIGN_INS: Metric = Metric::counter(
    "counterfoil_sign_ins_total",
    "Sign-ins with a password or a passkey, by outcome.",
)
.by(&[(
    "outcome",
    "`accepted`, `wrong_password`, `wrong_passkey`, `code_required`, `suspended`, `second_factor_overdue`, `locked`, `unavailable`",
)]);

pub(super) const WRONG_CLIENT_SECRETS: Metric = Metric::counter(
    "counterfoil_wrong_client_secrets_total",
    "Client secrets of apps that were wrong, those of apps that nobody knows among them.",
);

pub(super) const CLIENT_SECRETS_IN_QUERIES: Metric = Metric::counter(
    "counterfoil_client_secrets_in_queries_total",
    "Client secrets that came in the query of the token endpoint, where logs of others keep them.",
);

pub(super) const PASSWORDS_COMPUTED: Metric = Metric::counter(
    "counterfoil_passwords_computed_total",
    "Password computations; a remembered password and a locked attempt cost none.",
);

pub(super) const PASSWORDS_WAITING: Metric = Metric::gauge(
    "counterfoil_passwords_waiting",
    "Password computations that wait for a thread.",
);

pub(super) const PASSWORDS_WAITING_LIMIT: Metric = Metric::gauge(
    "counterfoil_passwords_waiting_limit",
    "Password computations that may wait for a thread; more are refused. Known addresses and strangers have half of them each.",
);

pub(super) const TOKENS: Metric = Metric::gauge(
    "counterfoil_tokens",
    "Live tokens of the installation, by kind, as they were last counted: a piece at a time, between a minute and an hour \
     apart depending on how many there are. Every node counts them: take one of them, not the sum.",
)
.by(&[("kind", "`personal`, `app`, `impersonation`")])
.only(Presence::Counted);

pub(super) const TOKENS_COUNTED_AT: Metric = Metric::gauge(
    "counterfoil_tokens_counted_timestamp_seconds",
    "When the live tokens were last counted to the end and the database was measured, in seconds since 1970.",
)
.only(Presence::Counted);

pub(super) const REMEMBERED_TOKENS: Metric = Metric::gauge(
    "counterfoil_remembered_tokens",
    "Tokens that are remembered, and so checked without the database.",
);

pub(super) const REMEMBERED_TOKENS_LIMIT: Metric = Metric::gauge(
    "counterfoil_remembered_tokens_limit",
    "Tokens that are remembered at most.",
);

pub(super) const TOKEN_LOOK_UPS: Metric = Metric::counter(
    "counterfoil_token_look_ups_total",
    "Tokens looked up in the database because they were not remembered.",
);

pub(super) const CLIENT_LOOK_UPS: Metric = Metric::counter(
    "counterfoil_client_look_ups_total",
    "Apps looked up in the database, with their secrets, because they were not remembered.",
);

pub(super) const REFUSED_LOOK_UPS: Metric = Metric::counter(
    "counterfoil_refused_look_ups_total",
    "Checks answered 503 because too much was being looked up.",
);

pub(super) const FEED_FAILURES: Metric = Metric::counter(
    "counterfoil_feed_failures_total",
    "Readings of the feed of changes that failed; while they fail nothing is answered from memory.",
);

pub(super) const FEED_LOSSES: Metric = Metric::counter(
    "counterfoil_feed_losses_total",
    "Times that everything was forgotten because the feed of changes was lost sight of.",
);

pub(super) const STORE_WRITES: Metric = Metric::counter(
    "counterfoil_store_writes_total",
    "Changes written to the database.",
);

pub(super) const STORE_COMMITS: Metric = Metric::counter(
    "counterfoil_store_commits_total",
    "Transactions committed; one carries many changes when there is much to do.",
);

pub(super) const STORE_FAILED_COMMITS: Metric = Metric::counter(
    "counterfoil_store_failed_commits_total",
    "Transactions that could not be committed.",
);

pub(super) const STORE_WRITES_WAITING: Metric = Metric::gauge(
    "counterfoil_store_writes_waiting",
    "Changes that wait to be written or are being written.",
);

pub(super) const DATABASE_SIZE: Metric = Metric::gauge(
    "counterfoil_database_size_bytes",
    "What the database takes: SQLite's file with its log, or what PostgreSQL says of the database. Measured when the tokens \
     were last counted.",
)
.only(Presence::Counted);

pub(super) const CLEANED_ROWS: Metric = Metric::counter(
    "counterfoil_cleaned_rows_total",
    "Rows cleaned up beside the requests, by kind: tokens that ended because they expired or were idle, and records, digests, \
     changes, failures, audit events, used codes, addresses, sessions, and mails with links that were removed.",
)
.by(&[(
    "kind",
    "`expired`, `idle`, `authorization`, `digest`, `change`, `failure`, `event`, `code`, `address`, `session`, `mail`",
)]);

pub(super) const LAST_CLEAN_UP: Metric = Metric::gauge(
    "counterfoil_last_clean_up_timestamp_seconds",
    "When the clean-up beside the requests last ran to its end, in seconds since 1970; zero while it has not.",
);

pub(super) const MAILS_WAITING: Metric = Metric::gauge(
    "counterfoil_mails_waiting",
    "Mails that wait to be sent, by whether a mail server was tried before. Read from the database at each scrape, by every node: \
     take one of them, not the sum.",
)
.by(&[("state", "`untried`, `tried`")]);

pub(super) const MAIL_OLDEST_AGE: Metric = Metric::gauge(
    "counterfoil_mail_oldest_age_seconds",
    "How long the mail waits that was asked for first; 0 when none waits.",
);

pub(super) const MAIL_PAUSED: Metric = Metric::gauge(
    "counterfoil_mail_paused",
    "Whether no mail is sent because the database was restored or copied: 1 until `counterfoil outbox resume`, else 0.",
);

pub(super) const CONNECTIONS: Metric = Metric::gauge(
    "counterfoil_connections",
    "Connections of clients that are open.",
);

pub(super) const CONNECTIONS_LIMIT: Metric = Metric::gauge(
    "counterfoil_connections_limit",
    "Connections of clients that may be open at a time (limits.connections).",
);

pub(super) const CONNECTIONS_REFUSED: Metric = Metric::counter(
    "counterfoil_connections_refused_total",
    "Connections closed at once because their address had as many as one address may have.",
);

pub(super) const CONNECTIONS_IDLE_CLOSED: Metric = Metric::counter(
    "counterfoil_connections_idle_closed_total",
    "Idle connections closed because all were taken and another client wanted one.",
);

pub(super) const CONNECTIONS_UNREAD_CLOSED: Metric = Metric::counter(
    "counterfoil_connections_unread_closed_total",
    "Connections closed because their clients left answers unread: too long, while others waited, or when too much memory \
     was taken by such answers.",
);

pub(super) const UNREAD_ANSWERS: Metric = Metric::gauge(
    "counterfoil_unread_answer_bytes",
    "Memory that answers take which their clients do not read.",
);

pub(super) const UNREAD_ANSWERS_LIMIT: Metric = Metric::gauge(
    "counterfoil_unread_answer_limit_bytes",
    "Memory that such answers may take (limits.unread_answer_bytes); beyond it the oldest of their connections close.",
);

pub(super) const CERTIFICATE_EXPIRY: Metric = Metric::gauge(
    "counterfoil_certificate_expiry_timestamp_seconds",
    "When the server's certificate in use expires, in seconds since 1970: the earliest end of those in its chain.",
)
.only(Presence::Certificate);

pub(super) const CERTIFICATE_ORDERS: Metric = Metric::counter(
    "counterfoil_certificate_orders_total",
    "Orders for a certificate, by what came of them: `throttled` means that the authority said when to come again.",
)
.by(&[("outcome", "`issued`, `throttled`, `failed`")])
.only(Presence::Ordered);

pub(super) const FEED_LAG: Metric = Metric::histogram(
    "counterfoil_feed_lag_seconds",
    bounds::lags,
    "How long after changes of other nodes this one heard of them.",
)
.only(Presence::SharedDatabase);

pub(super) const LEASE_REMAINING: Metric = Metric::gauge(
    "counterfoil_lease_remaining_seconds",
    "For how long what is remembered may be believed without another reading of the feed; zero when the database has not \
     been heard from for a second.",
)
.only(Presence::SharedDatabase);

pub(super) const FEED_READINGS: Metric = Metric::counter(
    "counterfoil_feed_readings_total",
    "Readings of the feed of changes that succeeded.",
)
.only(Presence::SharedDatabase);

pub(super) const STALE_REFUSALS: Metric = Metric::counter(
    "counterfoil_stale_refusals_total",
    "Requests answered 503 because the database had not been heard from for a second.",
)
.only(Presence::SharedDatabase);

pub(super) const FEED_LISTENING: Metric = Metric::gauge(
    "counterfoil_feed_listening",
    "Whether other nodes can tell this one of changes at once: 1, or 0 while they are found by reading alone.",
)
.only(Presence::SharedDatabase);

pub(super) const FEED_NOTIFICATIONS: Metric = Metric::counter(
    "counterfoil_feed_notifications_total",
    "Times that a node told of changes at once.",
)
.only(Presence::SharedDatabase);

pub(super) const DATABASE_CONNECTIONS: Metric = Metric::gauge(
    "counterfoil_database_connections",
    "Connections to the database that are open for requests.",
)
.only(Presence::SharedDatabase);

pub(super) const DATABASE_CONNECTIONS_IN_USE: Metric = Metric::gauge(
    "counterfoil_database_connections_in_use",
    "Connections to the database that are in use.",
)
.only(Presence::SharedDatabase);

pub(super) const DATABASE_CONNECTIONS_WAITED_FOR: Metric = Metric::gauge(
    "counterfoil_database_connections_waited_for",
    "Requests that wait for a connection to the database.",
)
.only(Presence::SharedDatabase);

pub(super) const DATABASE_CONNECTIONS_LIMIT: Metric = Metric::gauge(
    "counterfoil_database_connections_limit",
    "Connections to the database that requests may have at a time (database.connections).",
)
.only(Presence::SharedDatabase);

pub(super) const TRANSACTIONS_RUN_AGAIN: Metric = Metric::counter(
    "counterfoil_transactions_run_again_total",
    "Transactions that lost a race with another one and were run again.",
)
.only(Presence::SharedDatabase);

pub(super) const COMMITS_OF_UNKNOWN_OUTCOME: Metric = Metric::counter(
    "counterfoil_commits_of_unknown_outcome_total",
    "Commits during which the connection to the database was lost: answered 503, and done or not.",
)
.only(Presence::SharedDatabase);

pub(super) const PROCESS_CPU: Metric = Metric::counter(
    "process_cpu_seconds_total",
    "Processor time that the process has used, for itself and in the system.",
);

pub(super) const PROCESS_RESIDENT_MEMORY: Metric = Metric::gauge(
    "process_resident_memory_bytes",
    "Memory of the process that is in RAM.",
);

pub(super) const PROCESS_VIRTUAL_MEMORY: Metric = Metric::gauge(
    "process_virtual_memory_bytes",
    "Addresses that the process has mapped, most of which take no memory.",
);

pub(super) const PROCESS_OPEN_FDS: Metric = Metric::gauge(
    "process_open_fds",
    "Files and sockets that the process has open.",
);

pub(super) const PROCESS_MAX_FDS: Metric = Metric::gauge(
    "process_max_fds",
    "Files and sockets that the process may have open.",
);

pub(super) const PROCESS_THREADS: Metric =
    Metric::gauge("process_threads", "Threads of the process.");

pub(super) const PROCESS_START: Metric = Metric::gauge(
    "process_start_time_seconds",
    "When the process started, in seconds since 1970.",
);
