//! Many who ask for the same thing at the same moment. Each race is run in process, where nothing
//! but the scheduler stands between the requests, and over HTTP against the program.

mod app_tokens;
mod codes;
pub(crate) mod get_or_create;
pub(crate) mod tokens;

use std::sync::Barrier;
use std::thread;

use counterfoil_testkit::process::{ApiClient, OauthApp, Person, Program};
use counterfoil_testkit::{UserActor, World, WorldOptions};
use http::Method;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// How many ask at once.
pub(crate) const CALLERS: usize = 64;

/// Somebody who can ask, wherever the server is.
pub(crate) trait Caller: Send {
    fn ask(&mut self, method: &str, path: &str, body: Option<&Value>) -> Outcome;
}

#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub(crate) status: u16,
    body: Value,
}

impl Outcome {
    #[track_caller]
    fn assert_status(&self, status: u16) -> &Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }

    pub(crate) fn id(&self) -> i64 {
        self.body["id"].as_i64().expect("an id")
    }

    pub(crate) fn token(&self) -> &str {
        self.body["token"]
            .as_str()
            .expect("a token, or an empty one")
    }
}

/// A world whose requests run on the threads of a runtime, asked from threads outside of it.
struct Ground {
    runtime: Runtime,
    world: World,
}

impl Ground {
    fn new(mut options: WorldOptions) -> Self {
        options.patient = true;
        // All may sign in at once, and half of the places are for addresses that are not known.
        options.settings.hashing.queue = 2 * CALLERS;
        let runtime = Runtime::new().expect("a runtime can be started");
        let world = runtime.block_on(World::with(options));
        Self { runtime, world }
    }

    fn user(&self) -> UserActor<'_> {
        self.runtime.block_on(self.world.user("mona"))
    }

    fn app(&self, owner: &UserActor<'_>) -> OauthApp {
        let app = self.runtime.block_on(self.world.app(owner, "Racing app"));
        OauthApp {
            client_id: app.client_id,
            client_secret: app.client_secret,
        }
    }

    /// As many callers as race, all of them the same user.
    fn crowd<'g>(&'g self, user: &UserActor<'g>) -> Vec<InProcess<'g>> {
        let caller = || InProcess {
            user: user.clone(),
            runtime: &self.runtime,
        };
        (0..CALLERS).map(|_| caller()).collect()
    }
}

/// A user in process.
struct InProcess<'g> {
    user: UserActor<'g>,
    runtime: &'g Runtime,
}

impl Caller for InProcess<'_> {
    fn ask(&mut self, method: &str, path: &str, body: Option<&Value>) -> Outcome {
        let method: Method = method.parse().expect("a method");
        let mut request = self.user.request(method, path);
        if let Some(body) = body {
            request = request.json(body);
        }
        // The official description is held against these answers elsewhere; here are too many.
        let answer = self.runtime.block_on(request.send_unchecked());
        Outcome {
            status: answer.status.as_u16(),
            body: serde_json::from_slice(&answer.body).unwrap_or_default(),
        }
    }
}

impl Caller for ApiClient {
    fn ask(&mut self, method: &str, path: &str, body: Option<&Value>) -> Outcome {
        let reply = self.must(method, path, body);
        Outcome {
            status: reply.status,
            body: serde_json::from_slice(&reply.body).unwrap_or_default(),
        }
    }
}

/// Lets all callers go at the same moment and gathers what each of them got.
pub(crate) fn at_once<C: Send, T: Send>(
    callers: &mut [C],
    ask: impl Fn(usize, &mut C) -> T + Sync,
) -> Vec<T> {
    let barrier = Barrier::new(callers.len());
    thread::scope(|scope| {
        let threads: Vec<_> = callers
            .iter_mut()
            .enumerate()
            .map(|(number, caller)| {
                let (barrier, ask) = (&barrier, &ask);
                scope.spawn(move || {
                    barrier.wait();
                    ask(number, caller)
                })
            })
            .collect();
        let joined = threads.into_iter().map(thread::ScopedJoinHandle::join);
        joined
            .map(|outcome| outcome.expect("the caller does not panic"))
            .collect()
    })
}

/// A program with one user and one app of theirs.
fn installation(folder: &std::path::Path) -> (Program, Person, OauthApp) {
    let program = Program::build_in(folder)
        .with_cheap_passwords()
        .with_any_number_of_changes()
        .with_patience();
    let user = program.add_user("octocat");
    let app = program.add_app(&user, "Racing app");
    (program, user, app)
}

/// As many connections of one user as race.
fn connections(base_url: &str, user: &Person) -> Vec<ApiClient> {
    let connect = || {
        user.connect(base_url)
            .expect("the server accepts connections")
    };
    (0..CALLERS).map(|_| connect()).collect()
}

/// The body of a get-or-create request.
fn wanted(client_secret: &str) -> Value {
    json!({ "client_secret": client_secret, "scopes": ["repo"] })
}
