//! What the build refuses in a catalogue, and what it makes of one.

#[path = "../../build/catalogue.rs"]
mod catalogue;
#[path = "../../build/generate.rs"]
mod generate;

use catalogue::{Catalogue, Source};

/// What is wrong with a subject in both languages.
fn refused(english: &str, korean: &str) -> String {
    match read(english, korean) {
        Ok(_) => "nothing".to_owned(),
        Err(problems) => problems.join("; "),
    }
}

fn read(english: &str, korean: &str) -> Result<Catalogue, Vec<String>> {
    let source = |language, text: &str| Source {
        language,
        name: "sample".to_owned(),
        text: text.to_owned(),
    };
    Catalogue::of(&[source("en", english), source("ko", korean)])
}

#[test]
fn a_message_that_a_language_lacks_is_refused_whichever_it_is() {
    assert_eq!(
        refused("a = A\nb = B", "a = 가"),
        "sample.ftl: b: there is none in ko"
    );
    assert_eq!(
        refused("a = A", "a = 가\nb = 나"),
        "sample.ftl: b: there is none in en"
    );
}

#[test]
fn a_placeholder_that_a_language_lacks_is_refused_whichever_it_is() {
    assert_eq!(
        refused("a = A { $app }", "a = 가"),
        "sample.ftl: a: the placeholder app is missing in ko"
    );
    assert_eq!(
        refused("a = A", "a = 가 { $app }"),
        "sample.ftl: a: the placeholder app is missing in en"
    );
    assert_eq!(
        refused("a = A { $b }", "a = 가 { $c }"),
        "sample.ftl: a: the placeholder b is missing in ko"
    );
}

#[test]
fn a_korean_particle_after_a_placeholder_is_refused() {
    for text in [
        "{ $app }은 됩니다",
        "‘{ $app }’을 엽니다",
        "<strong>{ $app }</strong>가 있습니다",
        "“<code>{ $app }</code>”와 함께",
        "{ $app }으로 갑니다",
    ] {
        let problem = refused("a = { $app }", &format!("a = {text}"));
        assert!(
            problem.contains("follows the placeholder app"),
            "{text}: {problem}"
        );
    }
    for text in [
        "{ $app } 앱을 엽니다",
        "‘{ $app }’ 앱이 있습니다",
        "{ $app }개를 찾았습니다",
    ] {
        assert_eq!(refused("a = { $app }", &format!("a = {text}")), "nothing");
    }
}

#[test]
fn a_variant_inside_a_sentence_is_refused() {
    let glued = "a = There { $n ->\n    [one] is one\n   *[other] are some\n } here";
    assert!(refused(glued, "a = { $n }").contains("variants are whole sentences"));
}

#[test]
fn what_is_no_fluent_names_its_line_and_a_tag_that_is_not_closed_its_message() {
    assert!(refused("a = A\nb { = C", "a = 가").contains("line 2"));
    assert!(refused("a = <strong>A", "a = 가").contains("a: <strong> is not closed"));
    assert!(refused("a = <em>A</em>", "a = 가").contains("tags other than strong and code"));
    assert!(refused("a = A\n    .title = B", "a = 가").contains("has attributes"));
}

#[test]
fn a_message_becomes_a_function_with_its_placeholders_in_the_order_of_their_names() {
    let catalogue = read(
        "left = { $n ->\n    [one] One & { $app }\n   *[other] { $n } of { $app }\n }",
        "left = { $app } 앱 { $n }개",
    );
    let functions = generate::functions(&catalogue.unwrap());
    assert!(
        functions.contains("pub(crate) struct Sample"),
        "{functions}"
    );
    assert!(
        functions.contains("pub(crate) fn left(self, app: impl Shown, n: impl Count) -> Text"),
        "{functions}"
    );
    assert!(
        functions.contains(r#"1 => Text::empty().with_literal("One &amp; ").with(&app)"#),
        "{functions}"
    );
}
