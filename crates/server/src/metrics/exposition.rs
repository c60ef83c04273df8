//! The two text formats, and which of them a scrape wants.
//!
//! The library writes `OpenMetrics`. Prometheus's older format has the same samples; what it says
//! of a family stands under the sample's whole name, it knows neither units nor an end, and
//! information is a gauge to it.

use std::borrow::Cow;
use std::fmt::Write as _;

use http::header::ACCEPT;
use http::{HeaderMap, HeaderValue};

/// A text format of metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exposition {
    /// Prometheus's text format 0.0.4.
    Text,
    /// `OpenMetrics` 1.0.
    OpenMetrics,
}

/// The media type of `OpenMetrics` without its parameters.
const OPEN_METRICS: &str = "application/openmetrics-text";

impl Exposition {
    /// `OpenMetrics` to whoever names it in `Accept`, in its version 1 or without one, and does not
    /// prefer the text format; the text format to everybody else.
    pub(crate) fn asked_for(headers: &HeaderMap) -> Self {
        let ranges = headers.get_all(ACCEPT).iter();
        let ranges = ranges.filter_map(|value| value.to_str().ok());
        let (mut open_metrics, mut text) = (0.0, 0.0);
        for range in ranges.flat_map(|value| value.split(',')) {
            let mut parts = range.split(';').map(str::trim);
            let media_type = parts.next().unwrap_or_default().to_ascii_lowercase();
            let mut quality = 1.0_f64;
            let mut is_known = true;
            for part in parts {
                let Some((name, value)) = part.split_once('=') else {
                    continue;
                };
                match name.trim().to_ascii_lowercase().as_str() {
                    "q" => quality = value.trim().parse().unwrap_or(0.0),
                    "version" => {
                        let version = value.trim().trim_matches('"');
                        is_known = ["1.0.0", "1.0", "0.0.1", "0.0.4"].contains(&version);
                    }
                    _ => {}
                }
            }
            match media_type.as_str() {
                OPEN_METRICS if is_known => open_metrics = quality.max(open_metrics),
                "text/plain" if is_known => text = quality.max(text),
                _ => {}
            }
        }
        if open_metrics > 0.0 && open_metrics >= text {
            Self::OpenMetrics
        } else {
            Self::Text
        }
    }

    pub(crate) fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        })
    }

    /// What was written as `OpenMetrics`, in this format.
    pub(super) fn of(self, written: String) -> String {
        match self {
            Self::OpenMetrics => written,
            Self::Text => as_text(&written),
        }
    }
}

fn as_text(written: &str) -> String {
    let mut text = String::with_capacity(written.len() + 1024);
    let mut lines = written.lines().peekable();
    while let Some(line) = lines.next() {
        if line.starts_with("# UNIT ") || line == "# EOF" {
            continue;
        }
        let Some(help) = line.strip_prefix("# HELP ") else {
            text.push_str(line);
            text.push('\n');
            continue;
        };
        // A family's type always follows its help.
        let kind = lines.next_if(|next| next.starts_with("# TYPE "));
        let kind = kind.and_then(|kind| kind.rsplit(' ').next());
        let (name, help) = help.split_once(' ').unwrap_or((help, ""));
        let (name, kind) = match kind.unwrap_or("untyped") {
            "counter" => (Cow::from(format!("{name}_total")), "counter"),
            "info" => (Cow::from(format!("{name}_info")), "gauge"),
            kind => (Cow::from(name), kind),
        };
        let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked_for(accept: &[&'static str]) -> Exposition {
        let mut headers = HeaderMap::new();
        for value in accept {
            headers.append(ACCEPT, HeaderValue::from_static(value));
        }
        Exposition::asked_for(&headers)
    }

    #[test]
    fn whoever_does_not_ask_for_openmetrics_gets_text() {
        for accept in [
            &[][..],
            &["*/*"],
            &["text/plain"],
            &["text/html, */*;q=0.1"],
            &["application/openmetrics-text;q=0"],
            &["application/openmetrics-text; version=2.0.0"],
            &["text/plain;version=0.0.4, application/openmetrics-text;q=0.5"],
        ] {
            assert_eq!(asked_for(accept), Exposition::Text, "{accept:?}");
        }
    }

    #[test]
    fn whoever_asks_for_openmetrics_gets_it() {
        for accept in [
            &["application/openmetrics-text"][..],
            &["application/openmetrics-text; version=1.0.0; charset=utf-8"],
            // Prometheus 2.42, and newer ones.
            &[
                "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,\
                 text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
            ],
            &[
                "text/plain;q=0.3",
                "Application/OpenMetrics-Text; version=\"1.0.0\"; q=0.6",
            ],
        ] {
            assert_eq!(asked_for(accept), Exposition::OpenMetrics, "{accept:?}");
        }
    }

    #[test]
    fn the_older_format_names_families_as_their_samples() {
        let written = "# HELP a_seconds A.\n# TYPE a_seconds counter\n# UNIT a_seconds seconds\na_seconds_total 1\n\
                       # HELP b B.\n# TYPE b info\nb_info{c=\"d\"} 1\n# HELP e E.\n# TYPE e gauge\ne 2\n# EOF\n";
        assert_eq!(
            Exposition::Text.of(written.to_owned()),
            "# HELP a_seconds_total A.\n# TYPE a_seconds_total counter\na_seconds_total 1\n\
             # HELP b_info B.\n# TYPE b_info gauge\nb_info{c=\"d\"} 1\n# HELP e E.\n# TYPE e gauge\ne 2\n"
        );
        assert_eq!(Exposition::OpenMetrics.of(written.to_owned()), written);
    }
}
