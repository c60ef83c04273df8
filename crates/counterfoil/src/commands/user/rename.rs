//! `counterfoil user rename`: another login for a user.

use clap::Args;
use counterfoil_authority::UseCaseError;
use counterfoil_domain::account::{NoSuchUser, RenameRefused};
use counterfoil_domain::login::Login;

use crate::commands::answer::Answer;
use crate::commands::user::arguments::OneUser;
use crate::commands::user::{login_taken, no_such_user};
use crate::commands::values;
use crate::commands::views::UserView;
use crate::installation::Installation;

/// Which user, and the new login.
#[derive(Args, Debug)]
pub(crate) struct RenameArguments {
    #[command(flatten)]
    user: OneUser,
    /// The new login: 1 to 39 letters, digits and single hyphens
    #[arg(value_name = "NEW", value_parser = values::new_login)]
    new: Login,
}

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
