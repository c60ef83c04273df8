//! Which table and column a value comes from, read from the text of its statement: what an operator
//! is told when the value is not what the schema says.
//!
//! It understands the statements of this crate, whose keywords are in capitals, and is asked only
//! when something is wrong.

/// A part of a statement's text, and where it begins.
type Word = (usize, &'static str);

/// The table and the column of the value at this place of a row, the first at 0. Of a computed
/// value it is the expression, and the first table that the statement names.
pub(super) fn column(text: &'static str, place: usize) -> (&'static str, &'static str) {
    let words = words(text);
    let tables = tables(&words);
    let first = tables.first().map_or("?", |(table, _)| *table);
    let Some(expression) = selected(text, &words).into_iter().nth(place) else {
        return (first, "?");
    };
    match expression.split_once('.') {
        Some((alias, column)) if is_name(alias) && is_name(column) => {
            let named = tables.iter().find(|(_, name)| *name == alias);
            (named.map_or(alias, |(table, _)| *table), column)
        }
        _ => (first, expression),
    }
}

/// The words that do not stand in parentheses.
fn words(text: &'static str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut depth = 0_usize;
    let mut begun: Option<usize> = None;
    for (at, letter) in text.char_indices() {
        if letter.is_whitespace() {
            if depth == 0
                && let Some(from) = begun.take()
            {
                words.push((from, &text[from..at]));
            }
            continue;
        }
        if depth == 0 && begun.is_none() {
            begun = Some(at);
        }
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    if let Some(from) = begun {
        words.push((from, &text[from..]));
    }
    words
}

/// What the statement gives, in its order.
fn selected(text: &'static str, words: &[Word]) -> Vec<&'static str> {
    let place_of = |wanted: &str| words.iter().position(|(_, word)| *word == wanted);
    let Some(begin) = place_of("RETURNING").or_else(|| place_of("SELECT")) else {
        return Vec::new();
    };
    let after = &words[begin + 1..];
    let distinct = usize::from(after.first().is_some_and(|(_, word)| *word == "DISTINCT"));
    let Some((from, _)) = after.get(distinct) else {
        return Vec::new();
    };
    let end = after
        .iter()
        .find(|(_, word)| *word == "FROM" || *word == "UNION")
        .map_or(text.len(), |(at, _)| *at);
    split(&text[*from..end])
}

/// The parts between commas that do not stand in parentheses, without the names given to them.
fn split(list: &'static str) -> Vec<&'static str> {
    let mut parts = Vec::new();
    let (mut depth, mut from) = (0_usize, 0);
    for (at, letter) in list.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&list[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&list[from..]);
    parts.into_iter().map(without_alias).collect()
}

fn without_alias(part: &'static str) -> &'static str {
    let part = part.trim();
    match part.rsplit_once(" AS ") {
        Some((expression, name)) if is_name(name) => expression.trim(),
        _ => part,
    }
}

/// The tables in the order in which they are named, each with the name that it goes by.
fn tables(words: &[Word]) -> Vec<(&'static str, &'static str)> {
    let mut tables = Vec::new();
    let mut words = words.iter().map(|(_, word)| *word).peekable();
    while let Some(word) = words.next() {
        if !["FROM", "JOIN", "INTO", "UPDATE"].contains(&word) {
            continue;
        }
        let Some(table) = words.next().filter(|table| is_name(table)) else {
            continue;
        };
        let alias = words.next_if(|next| is_name(next) && !is_keyword(next));
        tables.push((table, alias.unwrap_or(table)));
    }
    tables
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn is_keyword(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::column;

    #[test]
    fn a_column_of_the_only_table_is_named() {
        let text = "SELECT id, login,\n    ended_at FROM accounts WHERE id = $1";
        assert_eq!(column(text, 0), ("accounts", "id"));
        assert_eq!(column(text, 2), ("accounts", "ended_at"));
        assert_eq!(column(text, 3), ("accounts", "?"));
    }

    #[test]
    fn a_column_of_a_joined_table_is_named_by_the_table() {
        let text = "SELECT g.id, p.name FROM grants g JOIN apps p ON p.id = g.app_id";
        assert_eq!(column(text, 0), ("grants", "id"));
        assert_eq!(column(text, 1), ("apps", "name"));
    }

    #[test]
    fn an_expression_is_named_as_it_stands() {
        let text =
            "SELECT DISTINCT coalesce(a.fingerprint, ''), count(*) AS n FROM authorizations a";
        assert_eq!(
            column(text, 0),
            ("authorizations", "coalesce(a.fingerprint, '')")
        );
        assert_eq!(column(text, 1), ("authorizations", "count(*)"));
        let inner = "SELECT (SELECT max(id) FROM changes), kind FROM accounts";
        assert_eq!(
            column(inner, 0),
            ("accounts", "(SELECT max(id) FROM changes)")
        );
        assert_eq!(column(inner, 1), ("accounts", "kind"));
    }

    #[test]
    fn what_a_change_returns_is_of_the_table_that_it_changes() {
        let insert = "INSERT INTO grants (account_id) VALUES ($1) RETURNING id";
        assert_eq!(column(insert, 0), ("grants", "id"));
        let update = "UPDATE audit_writers SET head = head + 1 WHERE id = $1 RETURNING id, head";
        assert_eq!(column(update, 1), ("audit_writers", "head"));
    }

    #[test]
    fn what_reads_no_table_has_a_place_all_the_same() {
        assert_eq!(column("SELECT 1", 0), ("?", "1"));
        assert_eq!(column("COMMIT", 0), ("?", "?"));
    }
}
