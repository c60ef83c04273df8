//! `counterfoil user invite`, `reset` and `setup-link`: links by which people choose passwords.

use counterfoil_authority::{Invite, InviteError, LinkDelivery, LinkTo, ShownLink, UseCaseError};
use counterfoil_domain::link::LinkRefused;
use counterfoil_domain::login::Login;
use counterfoil_domain::scope::Standing;
use serde_json::{Value, json};

use super::arguments::{InviteArguments, ResetArguments};
use super::{email_taken, login_taken, no_such_user};
use crate::commands::answer::Answer;
use crate::commands::mail::links_to;
use crate::installation::Installation;

/// Invites a user.
pub(super) async fn invite(
    arguments: InviteArguments,
    of: &Installation,
) -> anyhow::Result<Answer> {
    let login = arguments.login;
    let invite = Invite {
        login: login.clone(),
        email: arguments.email,
        name: arguments.name,
        standing: if arguments.admin {
            Standing::SiteAdministrator
        } else {
            Standing::Ordinary
        },
    };
    let invited = of
        .authority
        .invite(invite, to(arguments.show), &of.operator);
    let invited = invited.await.map_err(|error| explain_invite(&login, error));
    let (account, delivery) = invited?;
    let sentence = format!("invited {login}: a link is on its way");
    Ok(delivered(account.login.as_str(), &delivery, sentence, of).await)
}

/// Offers a user another password.
pub(super) async fn reset(arguments: ResetArguments, of: &Installation) -> anyhow::Result<Answer> {
    let login = arguments.user.login;
    let offered = of
        .authority
        .offer_reset(&login, to(arguments.show), &of.operator);
    let delivery = offered.await.map_err(|error| explain(&login, error))?;
    let sentence = format!("a link for another password of {login} is on its way");
    Ok(delivered(login.as_str(), &delivery, sentence, of).await)
}

/// Offers a user a link by which to turn one-time codes on.
pub(super) async fn enrolment(
    arguments: ResetArguments,
    of: &Installation,
) -> anyhow::Result<Answer> {
    let login = arguments.user.login;
    let offered = of
        .authority
        .offer_enrolment(&login, to(arguments.show), &of.operator);
    let delivery = offered.await.map_err(|error| explain(&login, error))?;
    let sentence = format!("a link by which {login} turns one-time codes on is on its way");
    Ok(delivered(login.as_str(), &delivery, sentence, of).await)
}

/// Makes the link for the first administrator.
pub(super) async fn set_up(of: &Installation) -> anyhow::Result<Answer> {
    let link = of.authority.offer_set_up(&of.operator).await;
    let link = link.map_err(|error| match error {
        UseCaseError::Refused(LinkRefused::SetUpDone) => anyhow::anyhow!(
            "there is, or was, a site administrator already; `counterfoil user edit LOGIN --admin` makes another one"
        ),
        error => anyhow::Error::new(error),
    })?;
    Ok(shown(json!({}), &link, of).await)
}

fn to(show: bool) -> LinkTo {
    if show {
        LinkTo::Show
    } else {
        LinkTo::MailOrShow
    }
}

async fn delivered(
    login: &str,
    delivery: &LinkDelivery,
    mailed: String,
    of: &Installation,
) -> Answer {
    match delivery {
        LinkDelivery::Mailed => {
            let document =
                json!({"login": login, "mailed": true, "link": null, "expires_at": null});
            Answer::done(document, mailed)
        }
        LinkDelivery::Shown(link) => {
            let document = json!({"login": login, "mailed": false});
            shown(document, link, of).await
        }
    }
}

/// The link alone on standard output, so that it can be piped on.
async fn shown(mut document: Value, link: &ShownLink, of: &Installation) -> Answer {
    let url = links_to(of).await.of_code(&link.code);
    document["link"] = json!(url);
    document["expires_at"] = json!(link.expires_at.to_string());
    Answer::data(document, format!("{url}\n")).with_note(format!(
        "this is shown once and works once, until {}; give it to nobody but the person it is for",
        link.expires_at
    ))
}

fn explain_invite(login: &Login, error: InviteError) -> anyhow::Error {
    use counterfoil_domain::account::{AccountChangeRefused, AccountCreationRefused};
    match error {
        InviteError::Creation(UseCaseError::Refused(AccountCreationRefused::LoginTaken(_))) => {
            login_taken(login)
        }
        InviteError::Creation(UseCaseError::Refused(AccountCreationRefused::EmailTaken(_)))
        | InviteError::Change(UseCaseError::Refused(AccountChangeRefused::EmailTaken(_))) => {
            email_taken()
        }
        InviteError::Link(error) => explain(login, error),
        error => anyhow::Error::new(error),
    }
}

/// The sentence for a link that was not made.
fn explain(login: &Login, error: UseCaseError<LinkRefused>) -> anyhow::Error {
    match error {
        UseCaseError::Refused(LinkRefused::NoSuchUser) => no_such_user(login),
        UseCaseError::Refused(LinkRefused::HasPassword) => anyhow::anyhow!(
            "{login} has a password already; `counterfoil user reset {login}` makes a link for another one"
        ),
        UseCaseError::Refused(LinkRefused::HasSecondFactor) => anyhow::anyhow!(
            "{login} has one-time codes already; `counterfoil user otp disable {login}` turns them off"
        ),
        UseCaseError::Refused(LinkRefused::Suspended) => {
            anyhow::anyhow!("{login} is suspended; `counterfoil user unsuspend {login}` lifts that")
        }
        UseCaseError::Refused(LinkRefused::NoAddress) => anyhow::anyhow!(
            "{login} has no e-mail address that the link could be sent to; --show shows it here instead"
        ),
        error => anyhow::Error::new(error),
    }
}
