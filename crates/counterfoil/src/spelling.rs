//! Which known word a mistyped one is likely to mean. A word that is far from all of them is left
//! without a guess: a wrong one sends people the wrong way.

/// The known word that is spelled most like this one, if one is near enough to be meant.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|known| (edits(word, known), known))
        .filter(|(edits, known)| is_near(*edits, word, known))
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, known)| known)
}

/// A third of the letters may be wrong, and one letter of a short word.
fn is_near(edits: usize, word: &str, known: &str) -> bool {
    let letters = word.chars().count().min(known.chars().count());
    edits <= (letters / 3).max(1)
}

/// How many letters must be put in, taken out or exchanged to turn one word into the other
/// (Levenshtein's distance), where two neighbours that changed places are one mistake.
fn edits(from: &str, to: &str) -> usize {
    let from: Vec<char> = from.chars().collect();
    let to: Vec<char> = to.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=to.len()).collect();
    for (row, letter) in from.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, other) in to.iter().enumerate() {
            let exchanged = above[column] + usize::from(letter != other);
            let mut least = exchanged
                .min(above[column + 1] + 1)
                .min(current[column] + 1);
            let swapped =
                row > 0 && column > 0 && *letter == to[column - 1] && from[row - 1] == *other;
            if swapped {
                least = least.min(before[column - 1] + 1);
            }
            current.push(least);
        }
        before = std::mem::replace(&mut above, current);
    }
    above[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_counted_in_letters() {
        assert_eq!(edits("limits", "limits"), 0);
        assert_eq!(edits("limit", "limits"), 1);
        assert_eq!(edits("lmits", "limits"), 1);
        assert_eq!(edits("lsit", "list"), 1);
        assert_eq!(edits("", "abc"), 3);
        assert_eq!(edits("kitten", "sitting"), 3);
    }

    #[test]
    fn a_word_that_is_like_none_is_left_without_a_guess() {
        let known = ["user", "team", "format", "level"];
        assert_eq!(nearest("uesr", known), Some("user"));
        assert_eq!(nearest("formats", known), Some("format"));
        assert_eq!(nearest("status", known), None);
        assert_eq!(nearest("nonsense", known), None);
        assert_eq!(nearest("", known), None);
    }
}
