//! Reading the audit trail piece by piece.

use std::time::Duration;

use counterfoil_domain::account::Account;
use counterfoil_domain::app::ClientId;
use counterfoil_domain::authorization::{NewAuthorization, TokenLimits};
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::{AccountId, AppId};
use counterfoil_domain::principal::{Origin, RequestId};
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_store::{
    EventFilter, IdsToName, Order, ReadFrom, StoredEvent, TrailCursor, TrailError, TrailReading,
    WantedActor,
};

use crate::organizations::organization;
use crate::world::{World, login, new_account};

on_each_engine! {
    pages_show_each_event_once_in_either_order,
    an_event_that_commits_late_comes_once_and_is_not_passed_over,
    what_is_committed_later_comes_in_the_order_of_its_times,
    a_cursor_leads_on_though_thousands_of_writers_are_quiet,
    a_cursor_from_before_a_late_commit_of_a_quiet_writer_is_refused,
    a_filter_gives_what_it_names_and_nothing_else,
    a_filter_by_time_takes_its_beginning_and_leaves_out_its_end,
    a_filter_by_actor_tells_people_from_programs,
    a_filter_may_leave_out_more_than_one_call_looks_at,
    names_outlive_what_they_named,
}

/// As if a transaction had been committed that took its number, its id and its time long ago.
fn event_of(writer: &str, number: i64, id: i64, at: Timestamp) -> String {
    let at = at.microseconds();
    format!(
        "INSERT INTO audit_writers (id, program, started_at, head) VALUES ('{writer}', 'test', 1, {number})
            ON CONFLICT (id) DO UPDATE SET head = {number};
        INSERT INTO audit_events (id, writer_id, writer_number, format, bytes, happened_at, action, actor, personal_salt)
            SELECT {id}, '{writer}', {number}, format, bytes, {at}, 'late', 'program', personal_salt
            FROM audit_events ORDER BY happened_at DESC, id DESC LIMIT 1;"
    )
}

async fn users(world: &World, logins: &[&str]) -> Vec<Account> {
    let mut users = Vec::new();
    for login in logins {
        world.pass(Duration::from_secs(1));
        users.push(world.user(login).await);
    }
    users
}

/// Where it begins, or where it goes on after its cursor was a text.
async fn begun(world: &World, from: ReadFrom) -> TrailReading {
    world.store.begin_reading(from).await.expect("it can begin")
}

async fn resumed(world: &World, reading: &TrailReading) -> Result<TrailReading, TrailError> {
    let text = reading.cursor().expect("more may follow").to_text();
    let cursor = TrailCursor::parse(&text).expect("it was a cursor");
    world.store.begin_reading(ReadFrom::Cursor(cursor)).await
}

async fn page(
    world: &World,
    reading: &mut TrailReading,
    filter: &EventFilter,
    most: usize,
) -> Vec<StoredEvent> {
    let events = world.store.read_on(reading, filter, most).await;
    events.expect("the trail can be read")
}

/// Everything that is wanted, in pages of so many, each from a cursor.
async fn pages(world: &World, order: Order, filter: &EventFilter, most: usize) -> Vec<StoredEvent> {
    let mut reading = begun(world, ReadFrom::End(order)).await;
    let mut events = Vec::new();
    loop {
        let read = page(world, &mut reading, filter, most).await;
        assert!(read.len() <= most);
        events.extend(read);
        if reading.is_at_end() {
            return events;
        }
        reading = resumed(world, &reading).await.expect("it goes on");
    }
}

fn ids(events: &[StoredEvent]) -> Vec<i64> {
    events.iter().map(|event| event.id).collect()
}

async fn pages_show_each_event_once_in_either_order(world: World) {
    users(&world, &["a", "b", "c", "d", "e"]).await;
    let other = world.another_process();
    for login in ["f", "g"] {
        let made = other.create_account(new_account(login), world.operator());
        made.await.unwrap();
    }
    let all = ids(&world.events().await);
    assert_eq!(all.len(), 7);
    let filter = EventFilter::default();
    for most in [1, 2, 3, 7, 100] {
        let mut newest_first = pages(&world, Order::NewestFirst, &filter, most).await;
        newest_first.reverse();
        assert_eq!(ids(&newest_first), all, "{most}");
        let oldest_first = pages(&world, Order::OldestFirst, &filter, most).await;
        assert_eq!(ids(&oldest_first), all, "{most}");
    }
}

async fn an_event_that_commits_late_comes_once_and_is_not_passed_over(world: World) {
    world.user("zero").await;
    world.skip_ids("audit_events", 1_000);
    users(&world, &["a", "b", "c", "d"]).await;
    let early = world.events().await[1].at;
    let late = event_of(
        "late",
        1,
        500,
        Timestamp::from_microseconds(early.microseconds() + 1),
    );
    // On a server it is under way while others commit, with a smaller id and time than theirs.
    let under_way = world.is_on_a_server().then(|| world.server().begin(&late));
    let filter = EventFilter::default();
    let mut newest = begun(&world, ReadFrom::End(Order::NewestFirst)).await;
    let mut oldest = begun(&world, ReadFrom::End(Order::OldestFirst)).await;
    let mut now = begun(&world, ReadFrom::Now).await;
    let mut down = page(&world, &mut newest, &filter, 2).await;
    let mut up = page(&world, &mut oldest, &filter, 4).await;
    assert_eq!(page(&world, &mut now, &filter, 9).await, []);
    match under_way {
        Some(under_way) => under_way.commit(),
        None => world.run(&late),
    }
    users(&world, &["e"]).await;
    // Of a list that was begun it is no part, in whichever direction that goes.
    newest = resumed(&world, &newest).await.unwrap();
    while !newest.is_at_end() {
        down.extend(page(&world, &mut newest, &filter, 2).await);
    }
    assert!(newest.cursor().is_none());
    down.reverse();
    assert_eq!(ids(&down), [1, 1_001, 1_002, 1_003, 1_004]);
    // After it, it comes with all else that was committed since.
    oldest = resumed(&world, &oldest).await.unwrap();
    while !oldest.is_at_end() {
        up.extend(page(&world, &mut oldest, &filter, 2).await);
    }
    assert_eq!(ids(&up), [1, 1_001, 1_002, 1_003, 1_004, 500, 1_005]);
    now = resumed(&world, &now).await.unwrap();
    let since = page(&world, &mut now, &filter, 9).await;
    assert_eq!(ids(&since), [500, 1_005]);
    assert!(now.is_at_end());
    // And not again.
    for mut reading in [now, oldest] {
        reading = resumed(&world, &reading).await.unwrap();
        assert_eq!(page(&world, &mut reading, &filter, 9).await, []);
    }
    // A new list has it in its place.
    let listed = pages(&world, Order::OldestFirst, &filter, 3).await;
    assert_eq!(ids(&listed), [1, 1_001, 500, 1_002, 1_003, 1_004, 1_005]);
}

async fn what_is_committed_later_comes_in_the_order_of_its_times(world: World) {
    users(&world, &["a"]).await;
    let start = world.now();
    let mut reading = begun(&world, ReadFrom::Now).await;
    for (writer, number, id, second) in [("x", 1, 901, 5), ("x", 2, 902, 3), ("y", 1, 903, 4)] {
        world.run(&event_of(
            writer,
            number,
            id,
            start.plus(Duration::from_secs(second)),
        ));
    }
    let filter = EventFilter::default();
    let mut read = Vec::new();
    while !reading.is_at_end() {
        read.extend(page(&world, &mut reading, &filter, 1).await);
        reading = resumed(&world, &reading).await.unwrap();
        // Where a cursor is asked again, nothing more is known to be there.
        if page(&world, &mut reading.clone(), &filter, 1)
            .await
            .is_empty()
        {
            break;
        }
    }
    // The clock of one writer went back: its own order stays.
    assert_eq!(ids(&read), [903, 901, 902]);
}

/// Writers of one event each, the first of them at this time and each other a second later.
fn writers(count: i64, from: Timestamp) -> String {
    let event = |nth: i64| {
        let at = from.plus(Duration::from_secs(nth.unsigned_abs()));
        event_of(&format!("writer {nth:04}"), 1, 10_000 + nth, at)
    };
    (0..count).map(event).collect()
}

async fn a_cursor_leads_on_though_thousands_of_writers_are_quiet(world: World) {
    users(&world, &["a"]).await;
    world.run(&writers(1_500, world.now()));
    world.pass(Duration::from_hours(1));
    let mut reading = begun(&world, ReadFrom::Now).await;
    let text = reading.cursor().unwrap().to_text();
    assert!(text.len() < 20_000, "{}", text.len());
    // One that was quiet for long writes again, and so does a new one, and one with a late time.
    let now = world.now();
    world.run(&event_of("writer 0003", 2, 20_001, now));
    world.run(&event_of(
        "new",
        1,
        20_002,
        now.plus(Duration::from_secs(1)),
    ));
    let lately = now.minus(Duration::from_mins(35));
    world.run(&event_of("writer 1499", 2, 20_003, lately));
    reading = resumed(&world, &reading).await.unwrap();
    let filter = EventFilter::default();
    let read = page(&world, &mut reading, &filter, 9).await;
    assert_eq!(ids(&read), [20_003, 20_001, 20_002]);
    reading = resumed(&world, &reading).await.unwrap();
    assert_eq!(page(&world, &mut reading, &filter, 9).await, []);
}

async fn a_cursor_from_before_a_late_commit_of_a_quiet_writer_is_refused(world: World) {
    users(&world, &["a"]).await;
    let start = world.now();
    world.run(&writers(1_500, start));
    let reading = begun(&world, ReadFrom::Now).await;
    resumed(&world, &reading).await.unwrap();
    world.run(&event_of("newcomer", 1, 20_001, start));
    // It cannot be told from those that were there: better no page than one that lacks an event.
    let refused = resumed(&world, &reading).await.unwrap_err();
    assert!(matches!(refused, TrailError::Outdated), "{refused}");
}

/// What the filter leaves, oldest first; the same in either order.
async fn found(world: &World, filter: EventFilter) -> Vec<String> {
    let actions = |events: Vec<StoredEvent>| events.into_iter().map(|event| event.action);
    let down = pages(world, Order::NewestFirst, &filter, 100).await;
    let down: Vec<_> = actions(down).rev().collect();
    let up: Vec<_> = actions(pages(world, Order::OldestFirst, &filter, 100).await).collect();
    assert_eq!(down, up);
    up
}

fn any() -> EventFilter {
    EventFilter::default()
}

fn by(actor: WantedActor) -> EventFilter {
    EventFilter {
        actor: Some(actor),
        ..any()
    }
}

/// Makes a token for a request from this address; gives its digest.
async fn requested(
    world: &World,
    new: NewAuthorization,
    address: &str,
    request: u8,
) -> SecretDigest {
    let address = address.parse().expect("an address");
    let origin = Origin::new(address, None).of_request(RequestId([request; 16]));
    let (digest, by) = (new.token.digest, world.operator_from(origin));
    let made = world
        .store
        .create_authorization(new, TokenLimits::default(), by);
    made.await.unwrap();
    digest
}

async fn a_filter_gives_what_it_names_and_nothing_else(world: World) {
    let user = users(&world, &["mona"]).await.remove(0);
    let app = world.app(&user, "app").await;
    let hub = organization(&world, "hub").await;
    let of_app = world.for_app(&user, &app, None, "repo");
    let digest = requested(&world, of_app, "192.0.2.1", 0xab).await;
    let personal = world.personal(&user, "again", "repo");
    requested(&world, personal, "2001:db8::1", 0xcd).await;
    let (app_made, made) = ("app.created", "authorization.created");
    let users = Some(vec![user.id, AccountId(999)]);
    let owned = ["user.created", app_made, made, made];
    assert_eq!(found(&world, EventFilter { users, ..any() }).await, owned);
    let organizations = Some(vec![hub.id]);
    let of_hub = EventFilter {
        organizations,
        ..any()
    };
    assert_eq!(found(&world, of_hub).await, ["organization.created"]);
    let app = Some(app.summary.id);
    let of_app = EventFilter { app, ..any() };
    assert_eq!(found(&world, of_app).await, [app_made, made]);
    let actions = vec![app_made.to_owned(), "organization_created".to_owned()];
    assert_eq!(
        found(&world, EventFilter { actions, ..any() }).await,
        [app_made]
    );
    let token = Some(digest);
    assert_eq!(found(&world, EventFilter { token, ..any() }).await, [made]);
    let address = "2001:db8:0::1".parse().ok();
    assert_eq!(
        found(&world, EventFilter { address, ..any() }).await,
        [made]
    );
    let request = Some(RequestId([0xab; 16]));
    assert_eq!(
        found(&world, EventFilter { request, ..any() }).await,
        [made]
    );
}

async fn a_filter_by_time_takes_its_beginning_and_leaves_out_its_end(world: World) {
    users(&world, &["a", "b"]).await;
    world.pass(Duration::from_hours(1));
    let (app_owner, hour) = (world.user("c").await, Some(world.now()));
    world.app(&app_owner, "app").await;
    let since = EventFilter {
        since: hour,
        ..any()
    };
    assert_eq!(
        found(&world, since.clone()).await,
        ["user.created", "app.created"]
    );
    let until = EventFilter {
        until: hour,
        ..any()
    };
    assert_eq!(found(&world, until).await, ["user.created", "user.created"]);
    let nothing = EventFilter {
        until: hour,
        ..since
    };
    assert_eq!(found(&world, nothing).await, [] as [&str; 0]);
}

async fn a_filter_by_actor_tells_people_from_programs(world: World) {
    let user = users(&world, &["mona"]).await.remove(0);
    let os_user = |name: &str| WantedActor::OperatingSystemUser(Some(name.to_owned()));
    let by_anybody = by(WantedActor::OperatingSystemUser(None));
    assert_eq!(found(&world, by_anybody).await, ["user.created"]);
    let name = world.events().await[0]
        .personal("os_user")
        .map(str::to_owned);
    let by_name = by(os_user(&name.expect("it is told")));
    assert_eq!(found(&world, by_name).await, ["user.created"]);
    for nobody in [
        os_user("nobody"),
        WantedActor::Anonymous,
        WantedActor::Program,
        WantedActor::App(AppId(1)),
        WantedActor::Accounts(Vec::new()),
    ] {
        assert_eq!(found(&world, by(nobody)).await, [] as [&str; 0]);
    }
    let own = world.personal(&user, "own", "repo");
    let (limits, herself) = (TokenLimits::default(), world.by(&user));
    let made = world.store.create_authorization(own, limits, herself);
    made.await.unwrap();
    let accounts = WantedActor::Accounts(vec![AccountId(999), user.id]);
    assert_eq!(found(&world, by(accounts)).await, ["authorization.created"]);
}

async fn a_filter_may_leave_out_more_than_one_call_looks_at(world: World) {
    users(&world, &["a"]).await;
    let first = world.events().await.remove(0);
    world.run(
        "INSERT INTO audit_events (writer_id, writer_number, format, bytes, happened_at, action, actor, personal_salt)
        WITH RECURSIVE numbers (number) AS (SELECT 2 UNION ALL SELECT number + 1 FROM numbers WHERE number < 10500)
        SELECT writer_id, number, format, bytes, happened_at + number, 'many', 'program', personal_salt
        FROM audit_events CROSS JOIN numbers WHERE action = 'user.created';
        UPDATE audit_writers SET head = 10500;",
    );
    let filter = EventFilter {
        actions: vec!["user.created".to_owned()],
        ..EventFilter::default()
    };
    let mut reading = begun(&world, ReadFrom::End(Order::NewestFirst)).await;
    assert_eq!(page(&world, &mut reading, &filter, 5).await, []);
    assert!(!reading.is_at_end());
    assert_eq!(page(&world, &mut reading, &filter, 5).await, [first]);
    assert!(reading.is_at_end());
}

async fn names_outlive_what_they_named(world: World) {
    let user = users(&world, &["Mona"]).await.remove(0);
    let app = world.app(&user, "app").await;
    let hub = organization(&world, "hub").await;
    let client_id: ClientId = app.summary.client_id.clone();
    let deleted = world.store.delete_account(user.id, world.operator());
    deleted.await.unwrap();
    let deleted = world.store.delete_organization(hub.id, world.operator());
    deleted.await.unwrap();
    let mona = login("mona");
    let released = world.store.release_login(&mona, world.operator());
    released.await.unwrap();
    let next = world.user("mona").await;
    let called = world.store.ever_called(&login("MONA")).await.unwrap();
    let called: Vec<_> = called.into_iter().map(|name| name.id).collect();
    assert_eq!(called, [next.id, user.id]);
    let found = world.store.app_ever_known(&client_id).await.unwrap();
    assert_eq!(found, Some(app.summary.id));
    let ids = IdsToName {
        accounts: vec![user.id.0, hub.id.0, user.id.0, 999],
        apps: vec![app.summary.id.0],
        teams: Vec::new(),
    };
    let names = world.store.names_of(ids).await.unwrap();
    assert_eq!(names.accounts.len(), 2);
    assert_eq!(names.accounts[&user.id.0].login, "Mona");
    assert!(!names.accounts[&user.id.0].is_organization);
    assert!(names.accounts[&hub.id.0].is_organization);
    assert_eq!(names.apps[&app.summary.id.0], client_id.to_string());
}
