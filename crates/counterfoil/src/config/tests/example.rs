//! The example file and the reference page, which are made from the keys.

use super::*;

#[test]
fn every_default_is_a_value_that_the_file_may_have() {
    for key in keys() {
        let value = key.default.as_ref().unwrap_or(&key.example);
        let text = match key.section() {
            "" => format!("{} = {value}", key.short_name()),
            section => format!("[{section}]\n{} = {value}", key.short_name()),
        };
        match file(Box::leak(text.clone().into_boxed_str())).load() {
            Ok(_) | Err(ConfigError::Conflict(_)) => {}
            // The file of the example is not here.
            Err(ConfigError::Unreadable { .. })
                if key.name.ends_with(".password_file") || key.name.ends_with("_key_file") => {}
            Err(error) => panic!("{text}: {error}"),
        }
    }
}

#[test]
fn the_example_file_names_every_key_and_changes_nothing_when_its_defaults_are_put_in() {
    let example = example_file();
    assert!(example.lines().all(|line| line.len() <= 120), "{example}");
    let not_set: Vec<_> = keys()
        .into_iter()
        .filter(|key| key.default.is_none())
        .collect();
    let mut section = "";
    let mut active = String::new();
    let mut seen = 0;
    for line in example.lines() {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']');
            active = active + line + "\n";
        } else if let Some(setting) = line
            .strip_prefix('#')
            .filter(|rest| !rest.starts_with(' ') && !rest.is_empty())
        {
            seen += 1;
            let key = setting.split(' ').next().unwrap();
            if !not_set
                .iter()
                .any(|known| known.section() == section && known.short_name() == key)
            {
                active = active + setting + "\n";
            }
        }
    }
    assert_eq!(seen, keys().len());
    let settings = file(Box::leak(active.into_boxed_str())).load().unwrap();
    assert_eq!(
        needs_restart(&Settings::default(), &settings),
        Vec::<&str>::new()
    );
    assert!(settings.limits.changed(&Limits::default()).is_empty());
}

#[test]
fn the_reference_page_tells_of_every_key() {
    let page = reference();
    for key in keys() {
        assert!(
            page.contains(&format!("### `{}`\n\n{}\n", key.name, key.doc)),
            "{}",
            key.name
        );
        assert!(
            page.contains(&format!("`{}`", key.variable())),
            "{}",
            key.name
        );
    }
    assert!(page.contains("- Flag: `--listen`\n"));
}
