//! `counterfoil user otp`: one-time codes.

use counterfoil_authority::TwoFactorError;
use counterfoil_domain::account::TwoFactor;
use counterfoil_domain::login::Login;
use serde_json::json;

use super::if_no_user;
use crate::commands::answer::Answer;
use crate::commands::table::{count, facts};
use crate::installation::Installation;

/// Turns codes on.
pub(super) async fn enable(login: &Login, of: &Installation) -> anyhow::Result<Answer> {
    let enabled = of.authority.enable_two_factor(login, &of.operator).await;
    let enabled = enabled.map_err(|error| explain_otp(login, error))?;
    let codes: Vec<&str> = enabled
        .recovery_codes
        .iter()
        .map(|code| code.as_str())
        .collect();
    let document = json!({
        "secret": enabled.secret.as_str(),
        "otpauth_url": enabled.otpauth_url.as_str(),
        "recovery_codes": codes,
    });
    let facts = facts(&[
        ("secret", enabled.secret.to_string()),
        ("otpauth URL", enabled.otpauth_url.to_string()),
    ]);
    let text = format!("{facts}recovery codes\n  {}\n", codes.join("\n  "));
    Ok(Answer::data(document, text)
        .with_note("this is shown once; give it to the user and keep no copy"))
}

/// Turns codes off, and ends passkeys: whoever is helped so has lost what they had.
pub(super) async fn disable(login: &Login, of: &Installation) -> anyhow::Result<Answer> {
    let found = of.authority.find_account(login).await;
    let account = found.map_err(|error| if_no_user(login, error))?;
    let passkeys = of.authority.passkeys_of(&account).await?.len() as u64;
    let before = account.two_factor;
    let disabled = of.authority.disable_two_factor(login, &of.operator).await;
    disabled.map_err(|error| if_no_user(login, error))?;
    let sentence = match before {
        TwoFactor::On if passkeys > 0 => {
            let ended = count(passkeys, "passkey");
            format!("turned two-factor off for {login}; {ended} ended")
        }
        TwoFactor::On => format!("turned one-time codes off for {login}"),
        TwoFactor::Off => format!("{login} has no one-time codes"),
    };
    let changed = before == TwoFactor::On;
    let document = json!({"login": login.as_str(), "two_factor": false, "changed": changed});
    Ok(Answer::done(document, sentence))
}

/// The sentence for what went wrong with codes.
fn explain_otp(login: &Login, error: TwoFactorError) -> anyhow::Error {
    match error {
        TwoFactorError::UseCase(error) => if_no_user(login, error),
        TwoFactorError::Key(_) => anyhow::Error::new(error),
    }
}
