//! `counterfoil scope`: the scopes that tokens may have.

use clap::Subcommand;
use counterfoil_domain::scope::Scope;
use serde_json::json;

use crate::commands::answer::Answer;
use crate::commands::table::{Table, yes_or_no};

/// The commands about scopes.
#[derive(Debug, Subcommand)]
pub(crate) enum ScopeCommand {
    /// List all scopes, each below the one that includes it
    ///
    /// A scope that is for administrators counts only while the token's owner is a site
    /// administrator, and was one when the scope was given. It needs no installation.
    #[command(alias = "ls")]
    List,
}

/// Runs one of the commands.
pub(crate) fn run(command: &ScopeCommand) -> Answer {
    let ScopeCommand::List = command;
    let mut table = Table::new(["SCOPE", "FOR ADMINISTRATORS"]);
    for scope in Scope::all() {
        let depth = std::iter::successors(scope.parent(), |above| above.parent()).count();
        table.push([
            format!("{:indent$}{scope}", "", indent = 2 * depth),
            yes_or_no(scope.is_for_administrators()),
        ]);
    }
    let documents: Vec<_> = Scope::all()
        .map(|scope| {
            json!({
                "name": scope.name(),
                "included_in": scope.parent().map(Scope::name),
                "for_administrators": scope.is_for_administrators(),
            })
        })
        .collect();
    Answer::data(documents, table.to_text())
}
