//! The second factor: turning it on and off, and checking codes.

use counterfoil_domain::account::{Account, NoSuchUser};
use counterfoil_domain::code::{CodeUse, RecoveryCode, TotpSeed};
use counterfoil_domain::id::AccountId;
use counterfoil_domain::key::SealBroken;
use counterfoil_domain::login::Login;
use counterfoil_domain::principal::Attribution;
use counterfoil_store::{ChangeError, MatchedStep, RecoveryCodeUse, StoreError};
use zeroize::Zeroizing;

use crate::authority::Authority;
use crate::keys::KeyError;
use crate::principal::Operator;
use crate::use_case::UseCaseError;

/// What a user gets when two-factor authentication is turned on. Shown once, never again.
pub struct EnabledTwoFactor {
    /// The seed in base 32.
    pub secret: Zeroizing<String>,
    /// The URL that an authenticator reads.
    pub otpauth_url: Zeroizing<String>,
    /// Codes that serve once each.
    pub recovery_codes: Vec<Zeroizing<String>>,
}

/// Whatever may stop two-factor authentication from being turned on.
#[derive(Debug, thiserror::Error)]
pub enum TwoFactorError {
    /// The seed cannot be sealed.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// What is not about the keys.
    #[error(transparent)]
    UseCase(#[from] UseCaseError<NoSuchUser>),
}

impl From<ChangeError<NoSuchUser>> for TwoFactorError {
    fn from(error: ChangeError<NoSuchUser>) -> Self {
        Self::UseCase(error.into())
    }
}

/// What became of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CodeOutcome {
    /// It is right; with what is left where it was a recovery code.
    Accepted(Option<RecoveryCodeUse>),
    Refused,
}

impl Authority {
    /// Turns two-factor authentication on with a new seed and new recovery codes; earlier ones end.
    pub async fn enable_two_factor(
        &self,
        login: &Login,
        operator: &Operator,
    ) -> Result<EnabledTwoFactor, TwoFactorError> {
        let seed = TotpSeed::generate(self.entropy());
        self.enable_given_two_factor(login, seed, operator).await
    }

    /// Turns two-factor authentication on with a given seed and new recovery codes; earlier ones
    /// end.
    pub async fn enable_given_two_factor(
        &self,
        login: &Login,
        seed: TotpSeed,
        operator: &Operator,
    ) -> Result<EnabledTwoFactor, TwoFactorError> {
        let account = self.find_account(login).await?;
        let codes = self.new_recovery_codes(account.id);
        let row = account.id.to_string();
        let sealed = self
            .seal(counterfoil_store::totp_seed_place(&row), seed.expose())
            .await?;
        self.store()
            .enable_totp(
                account.id,
                sealed,
                codes.digests,
                self.attribute_to(operator.principal()),
            )
            .await?;
        Ok(EnabledTwoFactor {
            secret: seed.to_base32(),
            otpauth_url: seed.otpauth_url(&self.settings().code_issuer, account.login.as_str()),
            recovery_codes: codes.shown,
        })
    }

    /// Turns two-factor authentication off: one-time codes, recovery codes and passkeys end.
    pub async fn disable_two_factor(
        &self,
        login: &Login,
        operator: &Operator,
    ) -> Result<(), UseCaseError<NoSuchUser>> {
        let account = self.find_account(login).await?;
        self.store()
            .disable_totp(account.id, self.attribute_to(operator.principal()))
            .await?;
        Ok(())
    }

    /// Checks a one-time or recovery code of a user whose password was right. Whoever gave it is
    /// about to sign in, from an address that is known by this key.
    pub(crate) async fn check_code(
        &self,
        account: &Account,
        code: &str,
        code_use: CodeUse,
        (by, address_key): (Attribution, &str),
    ) -> Result<CodeOutcome, StoreError> {
        let most_wrong = self.settings().lockout.wrong_codes;
        let accepted = if let Some(recovery) = RecoveryCode::parse(code) {
            let digest = self.recovery_digest(account.id, &recovery);
            self.store()
                .use_recovery_code(account.id, digest, by.clone())
                .await?
                .map(Some)
        } else {
            match self.match_step(account.id, code).await? {
                Some(matched) => {
                    let (address_key, by) = (address_key.to_owned(), by.clone());
                    self.store()
                        .use_totp_step(account.id, matched, code_use, address_key, most_wrong, by)
                        .await?
                        .then_some(None)
                }
                None => None,
            }
        };
        if let Some(recovery) = accepted {
            return Ok(CodeOutcome::Accepted(recovery));
        }
        self.store()
            .count_wrong_code(account.id, most_wrong, by)
            .await?;
        Ok(CodeOutcome::Refused)
    }

    /// The step whose code this is, with the version of the seed that says so.
    async fn match_step(
        &self,
        account: AccountId,
        code: &str,
    ) -> Result<Option<MatchedStep>, StoreError> {
        let Some(stored) = self.store().find_totp(account).await? else {
            return Ok(None);
        };
        let row = account.to_string();
        let broken = |_: SealBroken| StoreError::Inconsistent {
            table: "totp_seeds",
            column: "sealed_seed",
        };
        let plain = self
            .keyring()
            .open_sealed(counterfoil_store::totp_seed_place(&row), &stored.sealed)
            .map_err(broken)?;
        let seed = TotpSeed::from_bytes(&plain);
        let step = seed.and_then(|seed| seed.matching_step(code, self.now()));
        Ok(step.map(|step| MatchedStep {
            step,
            credential_version: stored.credential_version,
        }))
    }

    pub(crate) fn recovery_digest(&self, account: AccountId, code: &RecoveryCode) -> [u8; 32] {
        self.digest_key().digest(
            "recovery code",
            &[&account.0.to_be_bytes(), code.expose().as_bytes()],
        )
    }
}
