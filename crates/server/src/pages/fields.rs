//! The fields of a form, as they were sent or are carried along.

use bytes::Bytes;
use counterfoil_domain::digest::SecretDigest;
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

    /// Those that may be shown again and sent anew: neither passwords and codes, nor what stands in
    /// the place of a digest and may be the token itself, nor what belongs to the page that they
    /// came from.
    pub(super) fn kept(&self) -> Self {
        let fields = self.0.iter();
        let kept = fields.filter(|(name, value)| {
            let is_secret = name.contains("password")
                || name.contains("code")
                || (name.contains("digest") && digest(value).is_none());
            !is_secret && name != TOKEN
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
}
