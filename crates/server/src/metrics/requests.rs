//! Counts of requests. Everything that can be counted has its place from the start: a request costs
//! three additions, and nothing is allocated, hashed or locked for it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use http::{Method, StatusCode};
use prometheus_client::encoding::EncodeLabelSet;

use super::UNMATCHED;
use super::bounds::{DURATIONS, bound_of};
use super::catalog::{REQUEST_DURATION, REQUESTS};
use super::shard::{Counters, Sharded};
use super::told::Told;

/// Methods as labels. `HEAD` is counted as `GET`, which it is answered like; the last stands for
/// all others.
const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other"];

/// Statuses that have a place of their own; others are rare enough to be looked up.
const STATUSES: [u16; 24] = [
    200, 201, 202, 204, 304, 400, 401, 403, 404, 405, 406, 408, 409, 410, 412, 413, 415, 422, 429,
    431, 500, 502, 503, 504,
];

/// The place behind the bounds that has the sum, in nanoseconds.
const SUM: usize = DURATIONS + 1;
/// The places of one class: buckets, the one without a bound, and the sum.
const PLACES: usize = SUM + 1;

/// The kind of work that a route asks for. Durations are told apart by it: what one takes says
/// nothing about what another should take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RouteClass {
    Gateway,
    TokenCheck,
    RestRead,
    RestWrite,
    Graphql,
    Health,
    Pages,
    Oauth,
    Other,
}

impl RouteClass {
    /// The words for them, in the order of their places.
    const ALL: [&str; 9] = [
        "gateway",
        "token_check",
        "rest_read",
        "rest_write",
        "graphql",
        "health",
        "pages",
        "oauth",
        "other",
    ];
}

/// One request, answered.
pub(crate) struct Counted<'a> {
    pub(crate) class: RouteClass,
    /// The number of its template; none if it matched none.
    pub(crate) place: Option<usize>,
    pub(crate) method: &'a Method,
    pub(crate) status: StatusCode,
    pub(crate) took: Duration,
}

type Rare = BTreeMap<(usize, usize, u16), u64>;

#[derive(Debug)]
pub(super) struct RequestCounts {
    /// By place; the last is that of requests that matched no template.
    templates: Vec<String>,
    /// Made by the first thread that counts in a shard: most are never used, and each takes a
    /// hundred kilobytes.
    counts: Sharded<OnceLock<Vec<AtomicU64>>>,
    /// Statuses without a place, by place, method and status.
    rare: Mutex<Rare>,
    durations: Counters<{ RouteClass::ALL.len() * PLACES }>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Labels {
    method: &'static str,
    route: String,
    status: u16,
}

impl RequestCounts {
    pub(super) fn new<'t>(templates: impl Iterator<Item = &'t str>) -> Self {
        let templates: Vec<_> = templates.chain([UNMATCHED]).map(str::to_owned).collect();
        Self {
            templates,
            counts: Sharded::new(|_| OnceLock::new()),
            rare: Mutex::default(),
            durations: Counters::default(),
        }
    }

    pub(super) fn count(&self, request: &Counted<'_>) {
        let template = request.place.unwrap_or(self.templates.len() - 1);
        let method = method_place(request.method);
        let status = request.status.as_u16();
        if let Ok(status) = STATUSES.binary_search(&status) {
            let place = (template * METHODS.len() + method) * STATUSES.len() + status;
            self.own()[place].fetch_add(1, Ordering::Relaxed);
        } else {
            *self.rare().entry((template, method, status)).or_default() += 1;
        }
        let first = request.class as usize * PLACES;
        self.durations.add(first + bound_of(request.took), 1);
        let nanoseconds = u64::try_from(request.took.as_nanos()).unwrap_or(u64::MAX);
        self.durations.add(first + SUM, nanoseconds);
    }

    /// The counts of this thread.
    fn own(&self) -> &[AtomicU64] {
        let zeros = || (0..self.places()).map(|_| AtomicU64::new(0)).collect();
        self.counts.own().get_or_init(zeros)
    }

    /// A count that was interrupted is a count that is missing, and nothing worse.
    fn rare(&self) -> MutexGuard<'_, Rare> {
        self.rare.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn places(&self) -> usize {
        self.templates.len() * METHODS.len() * STATUSES.len()
    }

    /// Tells counts and durations.
    pub(super) fn tell(&self, told: &mut Told<'_>) -> fmt::Result {
        told.counters(&REQUESTS, self.counted())?;
        let sums = self.durations.sums();
        let classes = RouteClass::ALL.iter().zip(sums.chunks(PLACES));
        let histograms = classes.map(|(class, places)| {
            let sum = Duration::from_nanos(places[SUM]).as_secs_f64();
            ([("class", *class)], sum, places[..SUM].to_vec())
        });
        told.histograms(&REQUEST_DURATION, histograms)
    }

    /// All that were counted, in the order of their places.
    fn counted(&self) -> impl Iterator<Item = (Labels, u64)> {
        let labels = |template: usize, method: usize, status| Labels {
            method: METHODS[method],
            route: self.templates[template].clone(),
            status,
        };
        let usual = (0..self.places()).filter_map(move |place| {
            let count: u64 = self
                .counts
                .all()
                .filter_map(OnceLock::get)
                .map(|own| own[place].load(Ordering::Relaxed))
                .sum();
            let (rest, status) = (place / STATUSES.len(), STATUSES[place % STATUSES.len()]);
            let (template, method) = (rest / METHODS.len(), rest % METHODS.len());
            (count > 0).then(|| (labels(template, method, status), count))
        });
        let rare = self.rare().clone().into_iter();
        usual.chain(rare.map(move |((template, method, status), count)| {
            (labels(template, method, status), count)
        }))
    }
}

/// A method as it may be shown: one that is known as itself, `HEAD` included, and any other as the
/// same word.
pub(crate) fn method_label(method: &Method) -> &'static str {
    if *method == Method::HEAD {
        "HEAD"
    } else {
        METHODS[method_place(method)]
    }
}

fn method_place(method: &Method) -> usize {
    let name = if *method == Method::HEAD {
        "GET"
    } else {
        method.as_str()
    };
    METHODS
        .iter()
        .position(|known| *known == name)
        .unwrap_or(METHODS.len() - 1)
}

#[cfg(test)]
mod tests {
    use prometheus_client::collector::Collector;
    use prometheus_client::encoding::DescriptorEncoder;
    use prometheus_client::registry::Registry;

    use super::*;

    #[derive(Debug)]
    struct Alone(RequestCounts);

    impl Collector for Alone {
        fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
            self.0.tell(&mut Told::to(encoder))
        }
    }

    fn counted(requests: &[(Option<usize>, Method, u16, u64)]) -> String {
        let counts = RequestCounts::new(["/a", "/b"].into_iter());
        for (place, method, status, microseconds) in requests {
            counts.count(&Counted {
                class: RouteClass::RestRead,
                place: *place,
                method,
                status: StatusCode::from_u16(*status).unwrap(),
                took: Duration::from_micros(*microseconds),
            });
        }
        let mut registry = Registry::default();
        registry.register_collector(Box::new(Alone(counts)));
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry).unwrap();
        text
    }

    #[test]
    fn requests_are_counted_by_method_route_and_status() {
        let text = counted(&[
            (Some(0), Method::GET, 200, 1),
            (Some(0), Method::HEAD, 200, 1),
            (Some(1), Method::POST, 418, 1),
            (None, Method::TRACE, 404, 1),
        ]);
        for line in [
            r#"counterfoil_requests_total{method="GET",route="/a",status="200"} 2"#,
            r#"counterfoil_requests_total{method="POST",route="/b",status="418"} 1"#,
            r#"counterfoil_requests_total{method="other",route="unmatched",status="404"} 1"#,
        ] {
            assert!(text.lines().any(|held| held == line), "{line}\n{text}");
        }
        assert_eq!(
            text.matches("counterfoil_requests_total{").count(),
            3,
            "{text}"
        );
    }

    #[test]
    fn a_duration_counts_under_the_first_bound_that_is_not_below_it() {
        let bounds = [0, 50, 51, 100, 101, 6_553_600, 6_553_601, u64::MAX / 1000];
        let bounds = bounds.map(|microseconds| bound_of(Duration::from_micros(microseconds)));
        assert_eq!(bounds, [0, 0, 1, 1, 2, 17, 18, 18]);
        let text = counted(&[
            (None, Method::GET, 200, 60),
            (None, Method::GET, 200, 60_000_000),
        ]);
        for line in [
            r#"counterfoil_request_duration_seconds_sum{class="rest_read"} 60.00006"#,
            r#"counterfoil_request_duration_seconds_count{class="rest_read"} 2"#,
            r#"counterfoil_request_duration_seconds_count{class="gateway"} 0"#,
            r#"counterfoil_request_duration_seconds_bucket{le="0.00005",class="rest_read"} 0"#,
            r#"counterfoil_request_duration_seconds_bucket{le="0.0001",class="rest_read"} 1"#,
            r#"counterfoil_request_duration_seconds_bucket{le="+Inf",class="rest_read"} 2"#,
        ] {
            assert!(text.lines().any(|held| held == line), "{line}\n{text}");
        }
    }

    #[test]
    fn statuses_stand_in_order_so_that_they_can_be_searched() {
        assert!(STATUSES.is_sorted());
    }
}
