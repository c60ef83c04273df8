//! The JSON of client data.

use std::borrow::Cow;

use counterfoil_domain::passkey::client_data::{AskedFor, ClientData};
use counterfoil_domain::passkey::relying_party::RelyingParty;
use counterfoil_domain::passkey::{Challenge, PasskeyRefused, ceremony};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// The members that are looked at. A browser may write others beside them (Web Authentication,
/// section 5.8.1), but none of these twice.
#[derive(Deserialize)]
struct Json<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    challenge: Cow<'a, str>,
    #[serde(borrow)]
    origin: Cow<'a, str>,
    #[serde(rename = "crossOrigin", default)]
    cross_origin: Option<bool>,
    #[serde(rename = "topOrigin", default)]
    top_origin: Option<IgnoredAny>,
}

/// The challenge that client data answer, if they answer what was asked.
pub(super) fn answered(
    client_data: &[u8],
    asked: AskedFor,
    party: &RelyingParty,
) -> Result<Challenge, PasskeyRefused> {
    ceremony::refuse_long_client_data(client_data)?;
    // A list of the same values would be read as well, and no browser writes one.
    if client_data.first() != Some(&b'{') {
        return Err(PasskeyRefused::ClientData);
    }
    let json: Json<'_> =
        serde_json::from_slice(client_data).map_err(|_| PasskeyRefused::ClientData)?;
    let read = ClientData {
        kind: &json.kind,
        challenge: &json.challenge,
        origin: &json.origin,
        is_cross_origin: json.cross_origin.unwrap_or(false),
        has_top_origin: json.top_origin.is_some(),
    };
    read.answered(asked, party)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHALLENGE: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    fn read(json: &str) -> Result<Challenge, PasskeyRefused> {
        let party = RelyingParty::of("https://example.org", None).expect("passkeys are for it");
        answered(json.as_bytes(), AskedFor::Assertion, &party)
    }

    /// Client data with these members in the place of the last ones.
    fn json(rest: &str) -> String {
        format!(r#"{{"type":"webauthn.get","challenge":"{CHALLENGE}",{rest}}}"#)
    }

    #[test]
    fn what_browsers_write_is_read() {
        for rest in [
            r#""origin":"https://example.org","crossOrigin":false"#,
            // Older ones do without the last.
            r#""origin":"https://example.org""#,
            // As the specification has it in its test vectors.
            r#""origin":"https://example.org","crossOrigin":false,"extraData":{"a":[1]}"#,
            r#""origin":"https:\/\/example.org","crossOrigin":false"#,
        ] {
            let answered = read(&json(rest)).expect(rest);
            assert_eq!(answered.as_str(), CHALLENGE);
        }
    }

    #[test]
    fn what_no_browser_writes_is_refused() {
        for (rest, refused) in [
            (
                r#""origin":"https://example.org","crossOrigin":true"#,
                PasskeyRefused::CrossOrigin,
            ),
            (
                r#""origin":"https://example.org","topOrigin":"https://example.org""#,
                PasskeyRefused::CrossOrigin,
            ),
            (r#""origin":"https://example.com""#, PasskeyRefused::Origin),
            (
                r#""origin":"https://example.org","origin":"https://example.org""#,
                PasskeyRefused::ClientData,
            ),
            (
                r#""origin":"https://example.org","type":"webauthn.get""#,
                PasskeyRefused::ClientData,
            ),
            (
                r#""origin":"https://example.org","crossOrigin":"no""#,
                PasskeyRefused::ClientData,
            ),
            (r#""crossOrigin":false"#, PasskeyRefused::ClientData),
            (
                r#""origin":["https://example.org"]"#,
                PasskeyRefused::ClientData,
            ),
        ] {
            assert_eq!(read(&json(rest)).err(), Some(refused), "{rest}");
        }
        let deep = format!("{}{}", "[".repeat(1_000), "]".repeat(1_000));
        let right = json(r#""origin":"https://example.org""#);
        let twice = format!("{right}{right}");
        let nested = json(&format!(r#""origin":"https://example.org","more":{deep}"#));
        let list = format!(r#"["webauthn.get","{CHALLENGE}","https://example.org"]"#);
        let behind = format!(" {right}");
        // What is not known is passed over, however deep it is.
        assert!(read(&nested).is_ok());
        for text in ["", "{", "{}", "[]", "null", &twice, &list, &behind] {
            assert_eq!(read(text).err(), Some(PasskeyRefused::ClientData), "{text}");
        }
        let long = json(&format!(
            r#""origin":"https://example.org","more":"{}""#,
            " ".repeat(4_096)
        ));
        assert_eq!(read(&long).err(), Some(PasskeyRefused::TooLong));
        let not_utf_8 = [b"{\"type\":\"".as_slice(), &[0xff], b"\"}"].concat();
        let party = RelyingParty::of("https://example.org", None).expect("passkeys are for it");
        let refused = answered(&not_utf_8, AskedFor::Assertion, &party);
        assert_eq!(refused.err(), Some(PasskeyRefused::ClientData));
    }
}
