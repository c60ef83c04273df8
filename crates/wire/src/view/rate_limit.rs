//! How somebody stands with the rate limits (wire contract, section 20).

use counterfoil_domain::rate_limit::RateStatus;
use schemars::JsonSchema;
use serde::Serialize;

/// The answer to `GET /rate_limit`.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "rate-limit-overview")]
pub struct RateLimitView {
    resources: Resources,
    /// The same as `resources.core`, for clients from before there were several.
    rate: Rate,
}

#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Resources {
    core: Rate,
    // The official description demands it; there is nothing to search here, so nothing is ever used
    // of it.
    search: Rate,
}

#[derive(Clone, Copy, Serialize, JsonSchema)]
#[schemars(rename = "rate-limit")]
struct Rate {
    limit: u32,
    used: u32,
    remaining: u32,
    reset: i64,
}

impl From<RateStatus> for Rate {
    fn from(status: RateStatus) -> Self {
        Self {
            limit: status.limit,
            used: status.used,
            remaining: status.remaining(),
            reset: status.reset_at.seconds(),
        }
    }
}

impl From<RateStatus> for RateLimitView {
    fn from(status: RateStatus) -> Self {
        let core = Rate::from(status);
        let search = Rate::from(RateStatus { used: 0, ..status });
        Self {
            resources: Resources { core, search },
            rate: core,
        }
    }
}

#[cfg(test)]
mod tests {
    use counterfoil_domain::timestamp::Timestamp;

    use super::*;

    #[test]
    fn members_come_in_the_recorded_order() {
        let view = RateLimitView::from(RateStatus {
            limit: 5000,
            used: 12,
            reset_at: Timestamp::from_seconds(1_734_072_198),
        });
        assert_eq!(
            serde_json::to_string(&view).unwrap(),
            r#"{"resources":{"core":{"limit":5000,"used":12,"remaining":4988,"reset":1734072198},"search":{"limit":5000,"used":0,"remaining":5000,"reset":1734072198}},"rate":{"limit":5000,"used":12,"remaining":4988,"reset":1734072198}}"#,
        );
    }
}
