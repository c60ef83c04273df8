//! What a browser is asked about passkeys, and what it answers in the fields of a form.

use axum::response::Response;
use counterfoil_authority::{
    AssertionAnswer, AssertionOptions, KnownCredential, RegistrationAnswer, StoreError,
};
use counterfoil_domain::account::TwoFactor;
use counterfoil_domain::passkey::relying_party::{NoPasskeysHere, RelyingParty};
use counterfoil_html::sign_in::{ConfirmWays, PasskeyPurpose, UsePasskey};
use data_encoding::BASE64URL_NOPAD;
use http::StatusCode;

use super::fields::Fields;
use super::headers::Ends;
use super::visit::{Signed, Visit};

/// The paths to which pages send what a browser answered.
pub(super) const SIGN_IN: &str = "/login/passkey/answer";
pub(super) const SECOND_STEP: &str = "/login/code/passkey/answer";
pub(super) const CONFIRM: &str = "/login/confirm/passkey/answer";

/// For which site passkeys are asked for here, or why none are.
pub(super) fn party(visit: &Visit) -> Result<RelyingParty, NoPasskeysHere> {
    visit.authority().relying_party(visit.own_origin())
}

/// The page that has the browser ask for a passkey.
pub(super) fn ask(
    visit: &Visit,
    purpose: PasskeyPurpose,
    csrf: &str,
    carried: &[(&str, &str)],
    back: &str,
    options: &AssertionOptions,
) -> Response {
    let view = UsePasskey {
        purpose,
        csrf,
        carried,
        back,
        challenge: options.challenge.as_str(),
        rp_id: &options.rp_id,
        known: &known(&options.allow),
        verification: options.user_verification.as_str(),
    };
    visit.page(StatusCode::OK, Ends::AtApp, &view)
}

/// Passkeys as a page names them to its script.
pub(super) fn known(passkeys: &[KnownCredential]) -> Vec<String> {
    let known = passkeys.iter().map(|passkey| {
        let ways = passkey.transports.iter().map(|way| way.as_str());
        let ways: Vec<_> = ways.collect();
        format!("{}:{}", passkey.id.to_base64url(), ways.join(","))
    });
    known.collect()
}

/// How the browser used a passkey. What cannot be read is empty, and refused with the rest.
pub(super) fn assertion(fields: &Fields) -> AssertionAnswer {
    let user_handle = fields.text("user_handle");
    AssertionAnswer {
        credential: bytes(fields.text("credential")),
        client_data: bytes(fields.text("client_data")),
        authenticator_data: bytes(fields.text("authenticator_data")),
        signature: bytes(fields.text("signature")),
        user_handle: (!user_handle.is_empty()).then(|| bytes(user_handle)),
    }
}

/// What the browser made. What cannot be read is empty, and refused with the rest.
pub(super) fn registration(fields: &Fields) -> RegistrationAnswer {
    let transports = fields.text("transports").split(',');
    RegistrationAnswer {
        client_data: bytes(fields.text("client_data")),
        attestation: bytes(fields.text("attestation")),
        transports: transports.map(str::to_owned).collect(),
    }
}

fn bytes(text: &str) -> Vec<u8> {
    BASE64URL_NOPAD.decode(text.as_bytes()).unwrap_or_default()
}

/// By what somebody who is signed in can prove anew who they are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ways {
    /// Besides passkeys.
    pub(super) others: ConfirmWays,
    /// Whether they have a passkey that works here.
    pub(super) has_passkey: bool,
    /// Whether they have one at all.
    pub(super) has_passkey_anywhere: bool,
}

impl Ways {
    /// Whether codes of an authenticator app are on.
    pub(super) fn has_codes(self) -> bool {
        self.others == ConfirmWays::PasswordAndCode
    }
}

/// By what this person can.
pub(super) async fn ways(signed: &Signed) -> Result<Ways, StoreError> {
    let account = signed.person().account();
    let passkeys = signed.authority().passkeys_of(account).await?;
    let has_passkey =
        party(signed).is_ok_and(|party| passkeys.iter().any(|passkey| passkey.rp_id == party.id()));
    let others = match account.two_factor {
        TwoFactor::Off => ConfirmWays::Password,
        TwoFactor::On if passkeys.is_empty() => ConfirmWays::PasswordAndCode,
        TwoFactor::On => {
            let overview = signed.authority().security_overview(account).await?;
            match overview.codes {
                Some(_) => ConfirmWays::PasswordAndCode,
                None => ConfirmWays::PasskeyAlone,
            }
        }
    };
    Ok(Ways {
        others,
        has_passkey,
        has_passkey_anywhere: !passkeys.is_empty(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_browser_answers_comes_as_bytes_and_what_is_none_is_empty() {
        let fields = Fields::parse(
            b"credential=AQI&client_data=e30&authenticator_data=_-8&signature=*&user_handle=",
        );
        let answer = assertion(&fields.expect("a form"));
        assert_eq!(answer.credential, [1, 2]);
        assert_eq!(answer.client_data, b"{}");
        assert_eq!(answer.authenticator_data, [0xff, 0xef]);
        assert!(answer.signature.is_empty());
        assert_eq!(answer.user_handle, None);
        let fields = Fields::parse(b"client_data=e30&attestation=AQ%3D%3D&transports=usb%2Cnfc");
        let answer = registration(&fields.expect("a form"));
        assert_eq!(answer.client_data, b"{}");
        assert!(answer.attestation.is_empty());
        assert_eq!(answer.transports, ["usb", "nfc"]);
    }
}
