//! What a program of the schema before, the seventh, writes to a database while this one serves
//! from it too.
//!
//! Its statements stand here as it had them, with values in place of their parameters.

use std::time::Duration;

use counterfoil_domain::account::Account;
use counterfoil_domain::audit::form::FORMAT_VERSION;
use counterfoil_domain::audit::{Action, Value, reading};
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::lifecycle::EndReason;

use crate::world::{World, audit_key};

on_each_engine! {
    events_of_a_program_of_the_form_before_stand_beside_those_of_this_one,
    a_token_that_a_program_of_the_schema_before_made_lives_and_ends_here,
    a_token_that_a_program_of_the_schema_before_ended_is_refused_here,
}

/// Makes the schema that of the program before this one.
pub(crate) const BACK_TO_SCHEMA_7: &str = include_str!("../back_to_schema_7.sql");

/// Makes the schema that of the fourth migration.
pub(crate) const BACK_TO_SCHEMA_4: &str = concat!(
    include_str!("../back_to_schema_7.sql"),
    include_str!("../back_to_schema_4.sql")
);

/// The program of the schema before.
pub(crate) struct Older<'a>(pub(crate) &'a World);

impl Older<'_> {
    fn blob(&self, bytes: &[u8]) -> String {
        let digits = data_encoding::HEXLOWER.encode(bytes);
        if self.0.is_on_a_server() {
            format!("decode('{digits}', 'hex')")
        } else {
            format!("x'{digits}'")
        }
    }

    fn now(&self) -> i64 {
        self.0.now().microseconds()
    }

    /// Writes an event of form 1 about a user.
    pub(crate) fn record(&self, number: i64, user: &Account, details: &[(&str, &str)]) {
        let (now, account) = (self.now(), user.id.to_string());
        let mut bytes = Vec::new();
        let mut line = |name: &str, value: &str| {
            bytes.extend_from_slice(format!("{name} {} {value}\n", value.len()).as_bytes());
        };
        line("format", "1");
        line("writer", "older");
        line("number", &number.to_string());
        line("at", &now.to_string());
        line("action", "user.changed");
        line("actor", "os_user:root");
        line("account", &account);
        for (name, value) in details {
            line(&format!("detail.{name}"), value);
        }
        line("personal", &"ab".repeat(32));
        let (bytes, salt) = (self.blob(&bytes), self.blob(&[7; 16]));
        self.0.run(&format!(
            "INSERT INTO audit_writers (id, program, started_at, head) VALUES ('older', 'counterfoil 0', {now}, 1)
                ON CONFLICT (id) DO UPDATE SET head = audit_writers.head + 1;
            INSERT INTO audit_events (writer_id, writer_number, format, bytes, happened_at, action, actor, account_id,
                app_id, authorization_id, grant_id, personal_salt, address, agent)
                VALUES ('older', {number}, 1, {bytes}, {now}, 'user.changed', 'os_user:root', {account},
                NULL, NULL, NULL, {salt}, '192.0.2.9', 'hub 2.14')"
        ));
    }

    /// Makes a personal token with this note.
    pub(crate) fn make(&self, user: &Account, note: &str, token: SecretDigest) {
        let (now, account) = (self.now(), user.id);
        let (head, digest) = (token.head(), self.blob(token.as_bytes()));
        self.0.run(&format!(
            "INSERT INTO authorizations (account_id, kind, app_id, grant_id, provenance, scopes, scope_set_key, note,
                note_url, fingerprint, created_at, updated_at, last_used_at, expires_at, administrator_epoch)
                VALUES ({account}, 'personal', NULL, NULL, 'password_api', 'repo', 'repo', '{note}', NULL, NULL, {now}, {now},
                NULL, NULL, NULL);
            INSERT INTO token_digests (authorization_id, digest_head, digest, last_eight, created_at)
                SELECT id, {head}, {digest}, '01234567', {now} FROM authorizations WHERE note = '{note}'"
        ));
    }

    /// Ends a token.
    fn end(&self, id: i64) {
        let now = self.now();
        self.0.run(&format!(
            "UPDATE authorizations SET ended_at = {now}, end_reason = 'deleted_by_owner',
                updated_at = CASE WHEN updated_at > {now} THEN updated_at ELSE {now} END
                WHERE id = {id} AND ended_at IS NULL;
            UPDATE token_digests SET ended_at = {now}, end_reason = 'deleted_by_owner'
                WHERE authorization_id = {id} AND ended_at IS NULL"
        ));
    }
}

async fn events_of_a_program_of_the_form_before_stand_beside_those_of_this_one(world: World) {
    let user = world.user("mona").await;
    let older = Older(&world);
    older.record(1, &user, &[("name", "changed")]);
    world.make(world.personal(&user, "one", "repo")).await;
    older.record(2, &user, &[]);
    world.user("lisa").await;
    let problems = world.store.check_integrity().await;
    assert_eq!(problems.unwrap(), [] as [String; 0]);

    let events = world.events().await;
    let forms: Vec<_> = events.iter().map(|event| event.format).collect();
    assert_eq!(
        forms,
        [FORMAT_VERSION, 1, FORMAT_VERSION, 1, FORMAT_VERSION]
    );
    for event in &events {
        let vouched = event.mac.as_deref();
        let vouched = vouched.map(|mac| audit_key().vouches_for(&event.bytes, mac));
        let expected = (event.format == FORMAT_VERSION).then_some(true);
        assert_eq!(vouched, expected, "{event:?}");
    }
    let theirs = &events[1];
    let told = reading::read(theirs.format, &theirs.bytes).expect("the form is known");
    let name = ("name".to_owned(), Value::Text("changed".to_owned()));
    assert_eq!(told.details, [name]);
    assert_eq!(
        (theirs.account, theirs.actor.as_str()),
        (Some(user.id.0), "os_user:root")
    );
    assert_eq!(theirs.personal("address"), Some("192.0.2.9"));
    assert_eq!(theirs.personal("agent"), Some("hub 2.14"));
    // What such an event would be found by in form 2 is nothing.
    let empty =
        "SELECT count(*) FROM audit_events WHERE writer_id = 'older' AND organization_id IS NULL
        AND token_head IS NULL AND request_id IS NULL AND personal IS NULL AND mac IS NULL";
    assert_eq!(world.look_up(empty), ["2"]);
    // They go with their time as the others do.
    world.pass(Duration::from_hours(24));
    let before = world.now().minus(Duration::from_hours(1));
    let removed = world.store.remove_events(before, 100, world.operator());
    assert_eq!(removed.await.unwrap(), 5);
    let problems = world.store.check_integrity().await;
    assert_eq!(problems.unwrap(), [] as [String; 0]);
}

async fn a_token_that_a_program_of_the_schema_before_made_lives_and_ends_here(world: World) {
    let user = world.user("mona").await;
    let token = SecretDigest::of("made elsewhere");
    Older(&world).make(&user, "elsewhere", token);
    let found = world.store.find_token(token, world.now()).await;
    let found = found.unwrap().expect("it lives");
    assert_eq!(found.expires_at, None);
    let events = world.events().await.len();
    let reason = EndReason::DeletedByOwner;
    let revoked =
        world
            .store
            .revoke_authorization(Some(user.id), found.id, reason, world.by(&user));
    revoked.await.unwrap();
    let told = world.events().await.split_off(events);
    let ended = told.last().expect("its end is recorded");
    assert_eq!(ended.action, Action::TokenEnded.as_str());
    let told = reading::read(ended.format, &ended.bytes).expect("the form is known");
    assert_eq!(told.token, Some(token.to_hex()));
}

async fn a_token_that_a_program_of_the_schema_before_ended_is_refused_here(world: World) {
    let user = world.user("mona").await;
    let token = world.make(world.personal(&user, "one", "repo")).await;
    Older(&world).end(token.id.0);
    let found = world
        .store
        .find_token(token.token.digest, world.now())
        .await;
    assert_eq!(found.unwrap(), None);
    assert_eq!(world.list(&user).await, []);
    // Removed with its time, though it left no event of this program's.
    world.pass(Duration::from_hours(24));
    let removed = world
        .store
        .remove_ended(world.now(), 100, world.operator())
        .await
        .unwrap();
    assert_eq!((removed.authorizations, removed.digests), (1, 1));
}
