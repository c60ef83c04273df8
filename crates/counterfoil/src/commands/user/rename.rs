//! `counterfoil user rename`: another login for a user.

use counterfoil_authority::UseCaseError;
use counterfoil_domain::account::{NoSuchUser, RenameRefused};

use crate::commands::answer::Answer;
use crate::commands::user::arguments::RenameArguments;
use crate::commands::user::{login_taken, no_such_user};
use crate::commands::views::UserView;
use crate::installation::Installation;

/// Runs the command.
pub(super) async fn run(arguments: RenameArguments, of: &Installation) -> anyhow::Result<Answer> {
    let RenameArguments { user, new } = arguments;
    let login = user.login;
    let renamed = of
        .authority
        .rename_account(&login, new.clone(), &of.operator)
        .await;
    let account = renamed.map_err(|error| match error {
        UseCaseError::Refused(RenameRefused::NotFound(NoSuchUser)) => no_such_user(&login),
        UseCaseError::Refused(RenameRefused::LoginTaken(_)) => login_taken(&new),
        error => anyhow::Error::new(error),
    })?;
    let sentence = format!("renamed {login} to {new}");
    let answer = Answer::done(UserView::from(&account), sentence);
    Ok(if login.key() == new.key() {
        answer
    } else {
        answer.with_note(format!(
            "the login {login} stays taken until `counterfoil user release {login}`; programs that know the user by it must be told"
        ))
    })
}
