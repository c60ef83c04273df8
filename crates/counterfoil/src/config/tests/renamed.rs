//! Keys that were renamed: the earlier name is read with a warning, and not beside the present one.

use super::*;

const ADVICE: &str = "is an earlier name, which the next release does not read; set";

#[test]
fn an_earlier_name_is_read_and_warned_of() {
    let settings =
        file("[limits]\nidle_seconds = 90\n[retention]\nended_days = 30\naudit_days = 0")
            .load()
            .unwrap();
    assert_eq!(settings.limits.idle_time, Duration::from_secs(90));
    assert_eq!(settings.retention.ended, Duration::from_hours(30 * 24));
    assert_eq!(settings.retention.audit, Duration::ZERO);
    let warnings = settings.renamed.iter();
    let warnings: Vec<_> = warnings
        .map(|warning| warning.split_once(".toml: ").unwrap().1)
        .collect();
    assert_eq!(
        warnings,
        [
            format!("limits.idle_seconds {ADVICE} limits.idle_time = \"90s\" in its place"),
            format!("retention.ended_days {ADVICE} retention.ended = \"30d\" in its place"),
            format!("retention.audit_days {ADVICE} retention.audit = \"0d\" in its place"),
        ]
    );

    let settings = variable("COUNTERFOIL_LIMITS__IDLE_SECONDS", "90").load();
    let settings = settings.unwrap();
    assert_eq!(settings.limits.idle_time, Duration::from_secs(90));
    assert_eq!(
        settings.renamed,
        [format!(
            "COUNTERFOIL_LIMITS__IDLE_SECONDS {ADVICE} COUNTERFOIL_LIMITS__IDLE_TIME = 90s in its place"
        )]
    );
    assert_eq!(Given::default().load().unwrap().renamed, [""; 0]);
}

#[test]
fn a_bad_value_under_an_earlier_name_is_refused_with_both_forms() {
    for (text, value) in [
        ("[limits]\nidle_seconds = \"75s\"", "\"75s\""),
        ("[limits]\nidle_seconds = 0", "0"),
        ("[limits]\nidle_seconds = -1", "-1"),
        ("[limits]\nidle_seconds = 100000", "100000"),
    ] {
        assert_eq!(
            complaint(text),
            format!(
                "limits.idle_seconds is {value}; it must be a whole number of seconds, or better limits.idle_time in its \
                 place, a whole number and one of s, m, h, d and w, such as 75s, from 1s to 1h."
            )
        );
    }
}

#[test]
fn a_setting_is_not_given_by_both_names() {
    let sentence = "limits.idle_time and limits.idle_seconds are two names of one setting; leave out limits.idle_seconds, the earlier one.";
    assert_eq!(
        complaint("[limits]\nidle_seconds = 90\nidle_time = \"90s\""),
        sentence
    );
    let mut given = variable("COUNTERFOIL_LIMITS__IDLE_SECONDS", "90");
    given
        .variables
        .insert("COUNTERFOIL_LIMITS__IDLE_TIME", "80s");
    let said = given.load().unwrap_err().to_string();
    assert!(said.contains("COUNTERFOIL_LIMITS__IDLE_TIME and"), "{said}");

    // The environment beats the file, by whichever name.
    let mut given = file("[limits]\nidle_time = \"90s\"");
    given
        .variables
        .insert("COUNTERFOIL_LIMITS__IDLE_SECONDS", "80");
    let settings = given.load().unwrap();
    assert_eq!(settings.limits.idle_time, Duration::from_secs(80));
}

#[test]
fn a_length_of_time_has_a_unit_and_bounds() {
    for (text, sentence) in [
        (
            "[limits]\nidle_time = 75",
            "limits.idle_time is 75; it must be a whole number and one of s, m, h, d and w, such as 75s, from 1s to 1h.",
        ),
        (
            "[limits]\nidle_time = \"2h\"",
            "limits.idle_time is \"2h\"; it must be a whole number and one of s, m, h, d and w, such as 75s, from 1s to 1h.",
        ),
        (
            "[retention]\naudit = \"1h\"",
            "retention.audit is \"1h\"; it must be 0s, or a whole number and one of s, m, h, d and w, such as 730d, from 1d to \
             100 years.",
        ),
        (
            "[sign_in]\npassword_memory = \"6m\"",
            "sign_in.password_memory is \"6m\"; it must be 0s, or a whole number and one of s, m, h, d and w, such as 2m, from \
             1s to 5m.",
        ),
    ] {
        assert_eq!(complaint(text), sentence);
    }
    let settings = file("[sign_in]\npassword_memory = \"0s\"").load().unwrap();
    assert_eq!(settings.sign_in.password_memory, Duration::ZERO);
}
