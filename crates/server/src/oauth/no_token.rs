//! Why an app gets no token for what a user gave it.

use counterfoil_domain::authorization::CreationRefused;
use counterfoil_wire::oauth::TokenError;

/// Why a token cannot be made. `gone` where what it was to be made for is not there any more.
pub(super) fn no_token(refused: CreationRefused, gone: TokenError) -> TokenError {
    match refused {
        CreationRefused::EmailUnverified => TokenError::UnverifiedUserEmail,
        CreationRefused::TooManyTokens { .. }
        | CreationRefused::TooManyThisHour { .. }
        | CreationRefused::TooManyOnPages(_) => TokenError::TooManyTokens,
        CreationRefused::OwnerGone
        | CreationRefused::AppGone
        | CreationRefused::NameTaken(_)
        | CreationRefused::TokenKnown => gone,
    }
}
