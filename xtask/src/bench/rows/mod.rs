//! The rows of the table, as data. Each file measures one row, or a few that need the same scene.

mod against_bare;
mod floods;
mod flows;
mod issue;
mod many_rows;
mod many_tokens;
mod node_peer;
mod postgres;
mod resident;
mod settings_page;
mod start;
mod tail;

use anyhow::Result;

pub(crate) use self::issue::Maker;
pub(crate) use self::start::started;
use crate::bench::Bench;
use crate::bench::results::Reading;

pub(crate) struct Row {
    /// By which it is asked for.
    pub(crate) name: &'static str,
    pub(crate) what: &'static str,
    /// What is wanted.
    pub(crate) wanted: Bound,
    /// What a sample is.
    pub(crate) unit: Unit,
    /// How it is measured, in a sentence or two for the page.
    pub(crate) how: &'static str,
    /// Programs that it needs.
    pub(crate) needs: &'static [&'static str],
    pub(crate) measure: fn(&Bench) -> Result<Vec<Reading>>,
}

/// What is wanted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

impl Bound {
    /// Whether a figure is what is wanted.
    pub(crate) fn holds(self, figure: f64) -> bool {
        match self {
            Self::AtLeast(least) => figure >= least,
            Self::AtMost(most) => figure <= most,
        }
    }
}

/// What a sample is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Ratio,
    RequestsPerSync,
    Milliseconds,
    Megabytes,
    Bytes,
}

pub(crate) const ROWS: &[Row] = &[
    Row {
        name: "app-check",
        what: "`POST /applications/{client_id}/token` hit ÷ bare axum, same POST read, same headers and bytes sent",
        wanted: Bound::AtLeast(0.85),
        unit: Unit::Ratio,
        how: "wrk, 64 connections, one token; on both cores half as many slices",
        needs: &["wrk", "taskset"],
        measure: against_bare::app_check,
    },
    Row {
        name: "gateway",
        what: "`/gateway/verify` hit ÷ bare axum, same headers, empty body",
        wanted: Bound::AtLeast(0.90),
        unit: Unit::Ratio,
        how: "wrk, 64 connections, one token; on both cores half as many slices",
        needs: &["wrk", "taskset"],
        measure: against_bare::gateway,
    },
    Row {
        name: "basic",
        what: "`GET /authorizations/{id}` with repeated Basic ÷ bare axum, same headers and body",
        wanted: Bound::AtLeast(0.80),
        unit: Unit::Ratio,
        how: "wrk, 64 connections, one login; on both cores half as many slices",
        needs: &["wrk", "taskset"],
        measure: against_bare::basic,
    },
    Row {
        name: "node",
        what: "check hit ÷ introspection by node-oidc-provider 9",
        wanted: Bound::AtLeast(15.0),
        unit: Unit::Ratio,
        how: "wrk, 64 connections, one token; either server on one core. The peer keeps everything in memory and logs nothing",
        needs: &["wrk", "taskset", "node", "npm"],
        measure: node_peer::check,
    },
    Row {
        name: "tail",
        what: "check p99 ÷ nginx static p99, each at 70 % of its own saturation",
        wanted: Bound::AtMost(2.0),
        unit: Unit::Ratio,
        how: "fixed rate, 64 connections, latency from the moment at which a request was due. Saturation is measured anew before each slice. nginx sends a fixed text as long as the check's answer and writes no log",
        needs: &["nginx", "taskset"],
        measure: tail::check,
    },
    Row {
        name: "settings-tokens",
        what: "`GET /settings/tokens` with 30 tokens, signed in ÷ nginx, a text as long",
        wanted: Bound::AtLeast(0.03),
        unit: Unit::Ratio,
        how: "wrk, 64 connections, one session, which is read for each request. nginx sends a fixed text as long as the page and writes no log",
        needs: &["wrk", "nginx", "taskset"],
        measure: settings_page::tokens,
    },
    Row {
        name: "settings-tail",
        what: "`GET /settings/tokens` at 20 a second with 100,000 tokens in the store, p99",
        wanted: Bound::AtMost(50.0),
        unit: Unit::Milliseconds,
        how: "fixed rate, 64 connections, latency from the moment at which a request was due; 100 tokens a user",
        needs: &["taskset"],
        measure: settings_page::tail,
    },
    Row {
        name: "code-exchange",
        what: "durable exchange of a code ÷ durable issue for the same app by a remembered password",
        wanted: Bound::AtLeast(0.50),
        unit: Unit::Ratio,
        how: "64 connections, 1,000 codes of 100 apps and one user, each brought once; as many tokens by `POST /authorizations` with the app's id and secret",
        needs: &["taskset"],
        measure: flows::exchange,
    },
    Row {
        name: "consent-tail",
        what: "the page that asks whether an app may have access, at 20 a second, p99",
        wanted: Bound::AtMost(50.0),
        unit: Unit::Milliseconds,
        how: "fixed rate, 64 connections, latency from the moment at which a request was due; each is kept until it is answered",
        needs: &["taskset"],
        measure: flows::consent,
    },
    Row {
        name: "device-polls",
        what: "processor time of the server while 1,000 devices poll every 5 s ÷ that of one core",
        wanted: Bound::AtMost(0.05),
        unit: Unit::Ratio,
        how: "200 polls a second from ever new addresses, of devices whose users do not answer",
        needs: &["taskset"],
        measure: flows::devices,
    },
    Row {
        name: "many-hits",
        what: "hits with 10 million tokens ÷ hits with 10 thousand",
        wanted: Bound::AtLeast(0.95),
        unit: Unit::Ratio,
        how: "`/gateway/verify`, every token remembered, tokens asked in scattered order from a list made beforehand; both servers with the same bound on memory",
        needs: &["taskset"],
        measure: many_tokens::hits,
    },
    Row {
        name: "many-misses",
        what: "misses with 10 million tokens ÷ misses with 10 thousand",
        wanted: Bound::AtLeast(0.75),
        unit: Unit::Ratio,
        how: "as above, with memory for no token, so that each check reads the database",
        needs: &["taskset"],
        measure: many_tokens::misses,
    },
    Row {
        name: "issue-syncs",
        what: "durable issue (`POST /authorizations`, remembered password) at 64 connections: requests made durable per sync",
        wanted: Bound::AtLeast(16.0),
        unit: Unit::RequestsPerSync,
        how: "10,000 tokens of 1,000 users; commits as the server counts them, and the system calls for syncing as strace counts them in a slice of its own",
        needs: &["strace", "taskset"],
        measure: issue::syncs,
    },
    Row {
        name: "issue-cpu",
        what: "CPU per durable issue ÷ CPU per answer of bare axum",
        wanted: Bound::AtMost(4.0),
        unit: Unit::Ratio,
        how: "time in user and kernel mode of the whole process, divided by its answers; 64 connections",
        needs: &["taskset"],
        measure: issue::cpu,
    },
    Row {
        name: "issue-rows",
        what: "durable issue with 10 million rows ÷ with 10 thousand",
        wanted: Bound::AtLeast(0.85),
        unit: Unit::Ratio,
        how: "64 connections; 100 tokens a user on both sides. The small database is put back before each slice, or it would grow",
        needs: &["taskset"],
        measure: issue::rows,
    },
    Row {
        name: "password-flood",
        what: "checks' p99 at 50 % of saturation while 64 clients flood wrong passwords ÷ without",
        wanted: Bound::AtMost(1.5),
        unit: Unit::Ratio,
        how: "the flood comes from ever new addresses, for known and unknown logins, each asked next when the last was answered. Meanwhile others sign in with right passwords that are not remembered",
        needs: &["taskset"],
        measure: floods::passwords,
    },
    Row {
        name: "token-flood",
        what: "hits' p99 at 50 % of saturation while well-formed unknown tokens flood ÷ without",
        wanted: Bound::AtMost(1.5),
        unit: Unit::Ratio,
        how: "the flood asks `/gateway/verify` at a quarter of the saturation of hits, on 64 connections of its own",
        needs: &["taskset"],
        measure: floods::tokens,
    },
    Row {
        name: "start-empty",
        what: "start to first correct answer, empty store",
        wanted: Bound::AtMost(25.0),
        unit: Unit::Milliseconds,
        how: "from the start of the process to the answer to a check of an unknown token, over a connection that is tried until it is accepted",
        needs: &["taskset"],
        measure: start::empty,
    },
    Row {
        name: "start-million",
        what: "start to first correct answer, 1 million tokens",
        wanted: Bound::AtMost(100.0),
        unit: Unit::Milliseconds,
        how: "the same with a check of one of them, which must succeed",
        needs: &["taskset"],
        measure: start::million,
    },
    Row {
        name: "resident-idle",
        what: "resident, idle",
        wanted: Bound::AtMost(20.0),
        unit: Unit::Megabytes,
        how: "after the start and one answer",
        needs: &["taskset"],
        measure: resident::idle,
    },
    Row {
        name: "resident-token",
        what: "resident, per token in the bounded cache",
        wanted: Bound::AtMost(260.0),
        unit: Unit::Bytes,
        how: "the growth of the process's own memory between 200,000 and 1 million remembered tokens, divided by their number",
        needs: &["taskset"],
        measure: resident::per_token,
    },
    Row {
        name: "pg-issue",
        what: "durable issue on PostgreSQL at 64 connections ÷ pgbench with the same statements and as many clients",
        wanted: Bound::AtLeast(0.5),
        unit: Unit::Ratio,
        how: "server, database and load on the same two cores; commits are synced. pgbench sends the statements of an issue in their order, prepared; the run ends if Counterfoil sends others",
        needs: &["taskset"],
        measure: postgres::issue,
    },
    Row {
        name: "pg-statements",
        what: "statements for each cached check, two nodes on one PostgreSQL",
        // Shown with two digits: 0.00.
        wanted: Bound::AtMost(0.004),
        unit: Unit::Ratio,
        how: "every statement that pg_stat_statements counts on the database during a minute of `/gateway/verify` on both nodes, those that follow the feed of changes among them, divided by the checks",
        needs: &["taskset"],
        measure: postgres::statements,
    },
    Row {
        name: "rows-10m",
        what: "time of a check that must read, of a list page and of an issue with 10 million stored authorizations ÷ with 10 thousand",
        wanted: Bound::AtMost(1.3),
        unit: Unit::Ratio,
        how: "64 connections, server, database and load on both cores; 100 tokens a user on both sides; half as many slices. PostgreSQL has a quarter of the memory for its pages, as its manual advises. With what SQLite takes longer, the profiles of `many-misses` and `issue-rows` show",
        needs: &["taskset"],
        measure: many_rows::compare,
    },
];
