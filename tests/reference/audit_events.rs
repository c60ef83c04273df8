//! The page of audit events.

use std::fmt::Write as _;

use counterfoil_domain::audit::{About, Action, Detail, Kind, Told};

use super::{holds, page};

/// What every event has, as `audit list --json` shows it.
const FIELDS_OF_EVENTS: &str = "
## Fields of every event

As `--json` shows them. What an event is not about is null. Names are those that things have now, or had when they ended.

| field | what it says |
| --- | --- |
| `id` | A number of its own; no order. |
| `at`, `at_microseconds` | When it happened: in UTC, and in microseconds since 1970. |
| `action` | One of the words above. |
| `actor` | Who did it: `account:ID` for a user who proved it by a password or a token, `app:ID` for an app by its client secret, `os_user:NAME` at the command line, `anonymous`, or `program`. |
| `actor_name` | The login of that user, or the client ID of that app. |
| `request_id` | The request that caused it: `X-GitHub-Request-Id` of its answer, `request.id` of its lines in the log. |
| `address`, `agent` | From where the request came, and what its client calls itself. Personal. |
| `details` | An object with the details above, as numbers, texts, lists of texts and flags; times are texts. Null where a newer program wrote the event in a form that this one does not know. |
| `format` | The form of its bytes. |
| `writer`, `writer_number` | Which process or connection wrote it, and its number there: from 1 without gaps, in the order of commits. |
";

/// What is behind the names of something that an event is about.
fn named(about: About) -> &'static str {
    match about {
        About::Account => {
            "The user, and the login; an organization where one, or a team of it, was made or ended, whose login stands in `organization`."
        }
        About::App => "The app, and its client ID.",
        About::Authorization => "The record of the token, whose id `token list` shows.",
        About::Grant => "The grant, whose id `grant list` shows.",
        About::Organization => "The organization, and its login.",
        About::Team => "The team, and its slug.",
        About::Token => {
            "The SHA-256 of the token that was made or ended, in hexadecimal digits: `hashed_token` of the API."
        }
    }
}

/// Words as code, or a hyphen.
fn in_code(words: &[&str]) -> String {
    if words.is_empty() {
        return "-".to_owned();
    }
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
}

#[test]
fn the_page_of_audit_events_is_what_the_program_says() {
    let mut page = page(
        "Audit events",
        "Every action that the audit trail records: what it means, when an event of it is left, what that is about and which \
         details it may have. [`counterfoil audit list`](commands.md#counterfoil-audit-list) shows them; the fields that every \
         event has are at the end.",
    );
    page.push_str("| action | what happened | when an event is left | about | details |\n| --- | --- | --- | --- | --- |\n");
    for (action, meaning) in Action::ALL {
        let Told {
            left,
            about,
            details,
            ..
        } = action.told();
        let about: Vec<_> = about.iter().map(|about| about.names()[0]).collect();
        let _ = writeln!(
            page,
            "| `{}` | {meaning} | {left} | {} | {} |",
            action.as_str(),
            in_code(&about),
            in_code(details)
        );
    }
    page.push_str(
        "\n## Details\n\nOne that is personal can be erased, as addresses, agents and users of the operating system \
         can.\n\n| detail | what it says | |\n| --- | --- | --- |\n",
    );
    for (word, kind, meaning) in Detail::ALL {
        let kind = match kind {
            Kind::Lasting => "",
            Kind::Personal => "personal",
        };
        let _ = writeln!(page, "| `{word}` | {meaning} | {kind} |");
    }
    page.push_str(FIELDS_OF_EVENTS);
    for about in About::ALL {
        let names = in_code(about.names());
        let _ = writeln!(page, "| {names} | {} |", named(about));
    }
    holds("audit-events.md", &page);
}
