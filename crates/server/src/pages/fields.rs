//! The fields of a form, as they were sent or are carried along.

use bytes::Bytes;
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::token_search::SoughtTokens;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, utf8_percent_encode};

/// The most bytes of a form.
pub(super) const LARGEST: usize = 128 * 1024;
/// The most fields of a form: more than there are scopes.
const MOST: usize = 400;

/// What stands for itself in a form that is carried along.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

/// The token of a form.
pub(super) const TOKEN: &str = "csrf";
/// What makes a form count once.
pub(super) const ONCE: &str = "once";

/// What tokens are looked for by, where somebody may paste a token.
pub(super) const SOUGHT: &str = "sought";
/// How the tokens end that are looked for, where somebody may paste a token too.
pub(super) const LAST_EIGHT: &str = "last_eight";

/// The fields, in the order in which they were sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fields(Vec<(String, String)>);

/// The body is no form, or too long a one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoForm;

impl Fields {
    /// The fields in `application/x-www-form-urlencoded`.
    pub(super) fn parse(body: &[u8]) -> Result<Self, NoForm> {
        if body.len() > LARGEST {
            return Err(NoForm);
        }
        let pairs = body
            .split(|byte| *byte == b'&')
            .filter(|pair| !pair.is_empty());
        let mut fields = Vec::new();
        for pair in pairs {
            if fields.len() == MOST {
                return Err(NoForm);
            }
            let mut parts = pair.splitn(2, |byte| *byte == b'=');
            let name = decoded(parts.next().unwrap_or_default())?;
            fields.push((name, decoded(parts.next().unwrap_or_default())?));
        }
        Ok(Self(fields))
    }

    /// Fields with these names and values.
    pub(super) fn of<'t>(pairs: impl IntoIterator<Item = (&'t str, &'t str)>) -> Self {
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Self(pairs.into_iter().map(owned).collect())
    }

    /// What was sent in a field; nothing for one that was not, and the first of several.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.all(name).next().unwrap_or_default()
    }

    /// Whether a field was sent, as a box that is ticked is.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    /// All that was sent in fields of a name, as by several boxes.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(move |(field, _)| field == name)
            .map(|(_, value)| value.as_str())
    }

    /// Those that may be shown again and sent anew: neither passwords and codes, nor what may be a
    /// token that was pasted into a search or in the place of a digest, nor what belongs to the
    /// page that they came from.
    pub(super) fn kept(&self) -> Self {
        let fields = self.0.iter();
        let kept = fields.filter(|(name, value)| {
            !name.contains("password")
                && !name.contains("code")
                && name != TOKEN
                && !may_be_token(name, value)
        });
        Self(kept.cloned().collect())
    }

    /// The same with another value of a field.
    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.0.retain(|(field, _)| field != name);
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }

    /// As a body.
    pub(super) fn encoded(&self) -> Bytes {
        let pairs = self.0.iter().map(|(name, value)| {
            let name = utf8_percent_encode(name, ENCODED);
            format!("{name}={}", utf8_percent_encode(value, ENCODED))
        });
        pairs.collect::<Vec<_>>().join("&").into()
    }

    /// Each field with its value.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// A digest in hexadecimal digits: what somebody typed where a token is looked for. In base 64 it
/// would look like any other secret of 32 bytes, which is not to be shown again.
pub(super) fn digest(text: &str) -> Option<SecretDigest> {
    Some(text)
        .filter(|text| text.len() == 64)
        .and_then(SecretDigest::parse)
}

/// Whether what was typed into a search may be a token, or a part of one that is worth hiding.
fn may_be_token(name: &str, value: &str) -> bool {
    match name {
        SOUGHT => SoughtTokens::parse(value.trim()).is_err(),
        LAST_EIGHT => value.trim().len() > 8,
        _ if name.contains("digest") => digest(value).is_none(),
        _ => false,
    }
}

fn decoded(text: &[u8]) -> Result<String, NoForm> {
    let blanks: Vec<u8> = text
        .iter()
        .map(|byte| if *byte == b'+' { b' ' } else { *byte })
        .collect();
    let decoded = percent_decode(&blanks).decode_utf8().map_err(|_| NoForm)?;
    Ok(decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_come_as_they_were_typed() {
        let fields = Fields::parse(b"login=m%C3%B6na+b&scopes=repo&scopes=gist&&empty=&bare=a%3Db");
        let fields = fields.expect("a form");
        assert_eq!(fields.text("login"), "m\u{f6}na b");
        assert_eq!(fields.all("scopes").collect::<Vec<_>>(), ["repo", "gist"]);
        assert_eq!((fields.text("empty"), fields.has("empty")), ("", true));
        assert_eq!((fields.text("none"), fields.has("none")), ("", false));
        assert_eq!(fields.text("bare"), "a=b");
        assert_eq!(Fields::parse(&fields.encoded()), Ok(fields));
    }

    #[test]
    fn what_is_too_much_or_no_text_is_no_form() {
        assert_eq!(Fields::parse(b"a=%ff"), Err(NoForm));
        assert_eq!(
            Fields::parse("a=b&".repeat(MOST + 1).as_bytes()),
            Err(NoForm)
        );
        assert_eq!(Fields::parse(&vec![b'a'; LARGEST + 1]), Err(NoForm));
        assert!(Fields::parse(b"").is_ok());
    }

    #[test]
    fn no_secret_is_kept_to_be_sent_anew() {
        let fields = Fields::parse(
            b"name=laptop&password=x&new_password=y&code=123456&recovery_code=z&csrf=t&once=o",
        );
        let kept = fields.expect("a form").kept();
        let expected = [("name", "laptop"), ("once", "o")];
        assert_eq!(kept.pairs().collect::<Vec<_>>(), expected);
        let digest = SecretDigest::of("a token").to_hex();
        for (typed, is_kept) in [
            ("ghp_16C7e42F292c6912E7710c838347Ae178B4a", false),
            (&*digest, true),
        ] {
            let fields = Fields::of([("token_digest", typed)]);
            assert_eq!(fields.kept().has("token_digest"), is_kept, "{typed}");
        }
    }

    #[test]
    fn what_tokens_are_looked_for_by_is_kept_and_no_token_is() {
        for (sent, kept) in [
            ("sought=mona&last_eight=aB3dE6g8", 2),
            ("sought=ghp_aB3dE6g8aB3dE6g8&last_eight=", 1),
            ("sought=mona&last_eight=ghp_aB3dE6g8aB3dE6g8", 1),
            ("sought=aB3dE6g8+aB3dE6g8", 0),
        ] {
            let fields = Fields::parse(sent.as_bytes()).expect("a form");
            assert_eq!(fields.kept().pairs().count(), kept, "{sent}");
        }
    }
}
