//! Taking over users, apps and tokens from elsewhere: all of them in one transaction, or none.

use std::collections::HashMap;
use std::sync::Arc;

use counterfoil_domain::account::NewAccount;
use counterfoil_domain::app::{
    AppSwitches, AppUrl, ClientId, DeviceFlow, ExpiringTokens, KeptSecret, NewApp,
};
use counterfoil_domain::audit::{Action, Detail, Event, Outcome, Subject};
use counterfoil_domain::authorization::{ForApp, NewAuthorization, Provenance, Purpose};
use counterfoil_domain::id::{AccountId, AppId};
use counterfoil_domain::login::Login;
use counterfoil_domain::principal::Attribution;
use counterfoil_domain::scope::ScopeSet;
use counterfoil_domain::text::{DisplayName, Fingerprint, Note};
use counterfoil_domain::timestamp::Timestamp;

use crate::authorizations::{Elsewhere, TakenOver};
use crate::engine::Store;
use crate::error::{ChangeError, StoreError, WriteError};
use crate::progress::Progress;
use crate::statement::{ROWS_AT_ONCE, params, statements};
use crate::turn::Turn;
use crate::tx::Tx;
use crate::writing::{Change, Locks, Operation, record_part};
use crate::{accounts, apps, authorizations};

statements! {
    ACCOUNT_OF_LOGIN = "SELECT id FROM accounts WHERE login_key = $1 AND released_at IS NULL
        AND kind = 'user' AND ended_at IS NULL";
    APP_OF_CLIENT_ID = "SELECT id FROM apps WHERE client_id = $1 AND ended_at IS NULL";
    SET_ACCOUNT_TIMES = "UPDATE accounts SET created_at = $2 WHERE id = $1";
    SUSPEND = "UPDATE accounts SET suspended_at = $2 WHERE id = $1";
}

/// Tokens after which the database looks at them, and by how much they are more at the next look.
///
/// Of a table without statistics PostgreSQL takes it that a user has few tokens of an app.
/// Then any index that begins with both looks as good as the one that leads to a single token. It
/// takes statistics by itself, but not of what a transaction has not committed yet.
const LOOKED_AT: (u64, u64) = (1_000, 8);

/// Problems that are collected before an import gives up.
pub const PROBLEMS_TOLD: usize = 20;

/// Something to take over, with the line that says so.
#[derive(Clone, Debug)]
pub struct ImportLine {
    /// The line, from 1 on.
    pub number: u64,
    /// What it says.
    pub record: ImportRecord,
}

/// What a line says.
#[derive(Clone, Debug)]
pub enum ImportRecord {
    /// A user.
    User(Box<ImportedUser>),
    /// An app.
    App(Box<ImportedApp>),
    /// A token.
    Token(Box<ImportedToken>),
}

/// A user to take over.
#[derive(Clone, Debug)]
pub struct ImportedUser {
    /// As it is to be made; not suspended.
    pub account: NewAccount,
    /// Whether the user is suspended.
    pub suspension: Suspension,
    /// When it was made elsewhere.
    pub created_at: Option<Timestamp>,
}

/// Whether an imported user may do anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suspension {
    /// Like everybody.
    Active,
    /// Not for the time being.
    Suspended,
}

/// An app to take over.
#[derive(Clone, Debug)]
pub struct ImportedApp {
    /// The login of its owner, who is in the file or here.
    pub owner: Login,
    /// Its name.
    pub name: DisplayName,
    /// Its home page.
    pub url: AppUrl,
    /// Where the web flow may return to.
    pub callback_urls: Vec<AppUrl>,
    /// Whether devices may sign in.
    pub device_flow: DeviceFlow,
    /// Whether its tokens expire.
    pub expiring_tokens: ExpiringTokens,
    /// What else is switched on for it.
    pub switches: AppSwitches,
    /// Its client id.
    pub client_id: ClientId,
    /// What is kept of its secret.
    pub secret: KeptSecret,
}

/// A token to take over.
#[derive(Clone, Debug)]
pub struct ImportedToken {
    /// The login of its owner, who is in the file or here.
    pub login: Login,
    /// The client id of its app; none for a personal access token.
    pub app: Option<ClientId>,
    /// What is kept of it.
    pub token: KeptSecret,
    /// Its scopes.
    pub scopes: ScopeSet,
    /// Its note.
    pub note: Option<Note>,
    /// Its fingerprint.
    pub fingerprint: Option<Fingerprint>,
    /// When it was made elsewhere.
    pub created_at: Option<Timestamp>,
    /// When it was last used there.
    pub last_used_at: Option<Timestamp>,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
}

/// How much was taken over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Users.
    pub users: u64,
    /// Apps.
    pub apps: u64,
    /// Tokens.
    pub tokens: u64,
}

/// Whether what an import does is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trial {
    /// It is tried and undone.
    Only,
    /// It is kept.
    No,
}

/// Why nothing was taken over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportRefused {
    /// It was only tried; this is what would have been.
    OnlyTried(Imported),
    /// Lines that cannot be: their numbers, and sentences that say why.
    Problems(Vec<(u64, String)>),
}

impl Store {
    /// Takes over everything or nothing, and says in `progress` how far it is. `digest` is the
    /// file's, for the audit trail.
    pub async fn import(
        &self,
        lines: Arc<[ImportLine]>,
        digest: String,
        trial: Trial,
        by: Attribution,
        progress: Progress,
    ) -> Result<Imported, ChangeError<ImportRefused>> {
        let (operation, locks) = (Operation::Import, Locks::none());
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move {
                // No index keeps a digest from being there twice, so whoever imports must see all
                // that others imported.
                tx.take_turn(Turn::Importing).await?;
                // Another import may have held the turn for long.
                let by = tx.renewed(by.clone());
                let mut import = Import {
                    tx,
                    by: &by,
                    progress: &progress,
                    accounts: HashMap::new(),
                    apps: HashMap::new(),
                    taken_over: TakenOver::default(),
                    next_look: LOOKED_AT.0,
                };
                let imported = import.all(&lines).await?;
                let event = Event::new(Action::Imported, Subject::default())
                    .with(Detail::Users(imported.users))
                    .with(Detail::Apps(imported.apps))
                    .with(Detail::Tokens(imported.tokens))
                    .with(Detail::FileDigest(digest));
                match trial {
                    Trial::No => Ok(Outcome::new(imported, event)),
                    Trial::Only => Err(WriteError::Refused(ImportRefused::OnlyTried(imported))),
                }
            })
        })
        .await
    }
}

/// What a line led to: a sentence where it cannot be.
type LineRead = Result<(), WriteError<String>>;

struct Import<'a> {
    tx: &'a mut Tx,
    by: &'a Attribution,
    progress: &'a Progress,
    accounts: HashMap<String, Option<AccountId>>,
    apps: HashMap<String, Option<AppId>>,
    taken_over: TakenOver,
    /// At how many tokens the database is to look at them.
    next_look: u64,
}

impl Import<'_> {
    /// Users first, then their apps, then the tokens, in whatever order the lines stand.
    async fn all(&mut self, lines: &[ImportLine]) -> Result<Imported, WriteError<ImportRefused>> {
        let mut imported = Imported::default();
        let mut problems = Vec::new();
        self.progress.begin("taking over", Some(lines.len() as u64));
        for line in lines {
            if let ImportRecord::User(user) = &line.record {
                imported.users += 1;
                self.progress.advance(1);
                note(&mut problems, line.number, self.user(user).await)?;
            }
        }
        for line in lines {
            if let ImportRecord::App(app) = &line.record {
                imported.apps += 1;
                self.progress.advance(1);
                note(&mut problems, line.number, self.app(app).await)?;
            }
        }
        for line in lines {
            if let ImportRecord::Token(token) = &line.record {
                imported.tokens += 1;
                let read = self.token(line.number, token).await;
                note(&mut problems, line.number, read)?;
            }
            if self.taken_over.waiting() == ROWS_AT_ONCE {
                self.insert_tokens(&mut problems).await?;
                self.look_at(imported.tokens).await?;
            }
        }
        self.insert_tokens(&mut problems).await?;
        if !problems.is_empty() {
            return Err(given_up(problems));
        }
        self.progress.begin("finishing", None);
        let taken_over = std::mem::take(&mut self.taken_over);
        authorizations::recompute(self.tx, taken_over.into_dirty(), self.by.at).await?;
        // Last, since nothing is made for those who are suspended.
        for line in lines {
            match &line.record {
                ImportRecord::User(user) if user.suspension == Suspension::Suspended => {
                    let id = self.account(&user.account.login).await?;
                    self.tx.execute(SUSPEND, params![id, self.by.at]).await?;
                }
                ImportRecord::User(_) | ImportRecord::App(_) | ImportRecord::Token(_) => {}
            }
        }
        Ok(imported)
    }

    async fn user(&mut self, user: &ImportedUser) -> LineRead {
        let account = accounts::create(self.tx, &user.account, self.by).await;
        let account = record_part(self.tx, self.by, account.map_err(as_sentence)?).await?;
        if let Some(created_at) = user.created_at {
            let times = params![account.id, created_at.min(self.by.at)];
            self.tx.execute(SET_ACCOUNT_TIMES, times).await?;
        }
        let key = account.login.key();
        self.accounts.insert(key, Some(account.id));
        Ok(())
    }

    async fn app(&mut self, app: &ImportedApp) -> LineRead {
        let Some(owner) = self.account(&app.owner).await? else {
            return refuse(format!(
                "its owner {} is no user, here or in the file",
                app.owner
            ));
        };
        let new = NewApp {
            owner,
            name: app.name.clone(),
            url: app.url.clone(),
            callback_urls: app.callback_urls.clone(),
            device_flow: app.device_flow,
            expiring_tokens: app.expiring_tokens,
            switches: app.switches,
            client_id: app.client_id.clone(),
            secret: app.secret.clone(),
        };
        accounts::lock_account(self.tx, owner).await?;
        let made = apps::create(self.tx, &new, u32::MAX, self.by).await;
        let made = record_part(self.tx, self.by, made.map_err(as_sentence)?).await?;
        let client_id = app.client_id.as_str().to_owned();
        self.apps.insert(client_id, Some(made.summary.id));
        Ok(())
    }

    /// Inserts the tokens that wait.
    async fn insert_tokens(
        &mut self,
        problems: &mut Vec<(u64, String)>,
    ) -> Result<(), WriteError<ImportRefused>> {
        let waiting = self.taken_over.waiting();
        let refused = self.taken_over.insert(self.tx, self.by).await?;
        self.progress.advance(waiting as u64);
        for (line, refused) in refused {
            note(problems, line, refuse(refused.to_string()))?;
        }
        Ok(())
    }

    /// Has the database look at the tokens there are, when there are many more than at the last
    /// time.
    async fn look_at(&mut self, tokens: u64) -> Result<(), StoreError> {
        if tokens < self.next_look {
            return Ok(());
        }
        self.next_look *= LOOKED_AT.1;
        self.tx.analyze_tokens().await
    }

    async fn token(&mut self, line: u64, token: &ImportedToken) -> LineRead {
        let Some(owner) = self.account(&token.login).await? else {
            return refuse(format!("{} is no user, here or in the file", token.login));
        };
        if token.expires_at.is_some_and(|at| at <= self.by.at) {
            return refuse("it has expired; leave it out".to_owned());
        }
        let purpose = match (&token.app, &token.note) {
            (Some(client_id), note) => {
                let Some(app) = self.app_of(client_id).await? else {
                    return refuse(format!("there is no app {client_id}, here or in the file"));
                };
                Purpose::App(ForApp {
                    app,
                    note: note.clone(),
                    fingerprint: token.fingerprint.clone(),
                })
            }
            (None, Some(note)) => Purpose::Personal { note: note.clone() },
            (None, None) => {
                return refuse("a token without an app needs a note".to_owned());
            }
        };
        let new = NewAuthorization {
            owner,
            purpose,
            scopes: token.scopes.clone(),
            note_url: None,
            provenance: Provenance::Import,
            expires_at: token.expires_at,
            token: token.token.clone(),
        };
        let elsewhere = Elsewhere {
            created_at: token.created_at.unwrap_or(self.by.at).min(self.by.at),
            last_used_at: token.last_used_at.map(|at| at.min(self.by.at)),
        };
        let (tx, taken_over) = (&mut *self.tx, &mut self.taken_over);
        let added = taken_over.add(tx, (line, new), elsewhere, self.by).await;
        added.map_err(as_sentence)
    }

    async fn account(&mut self, login: &Login) -> Result<Option<AccountId>, StoreError> {
        let key = login.key();
        if let Some(found) = self.accounts.get(&key) {
            return Ok(*found);
        }
        let wanted = params![key.as_str()];
        let row = self.tx.optional(ACCOUNT_OF_LOGIN, wanted).await?;
        let found = row
            .map(|mut row| row.integer(0).map(AccountId))
            .transpose()?;
        self.accounts.insert(key, found);
        Ok(found)
    }

    async fn app_of(&mut self, client_id: &ClientId) -> Result<Option<AppId>, StoreError> {
        if let Some(found) = self.apps.get(client_id.as_str()) {
            return Ok(*found);
        }
        let wanted = params![client_id.as_str()];
        let row = self.tx.optional(APP_OF_CLIENT_ID, wanted).await?;
        let found = row.map(|mut row| row.integer(0).map(AppId)).transpose()?;
        self.apps.insert(client_id.as_str().to_owned(), found);
        Ok(found)
    }
}

fn refuse(sentence: String) -> LineRead {
    Err(WriteError::Refused(sentence))
}

fn as_sentence<R: std::fmt::Display>(error: WriteError<R>) -> WriteError<String> {
    match error {
        WriteError::Refused(refused) => WriteError::Refused(refused.to_string()),
        WriteError::Store(error) => WriteError::Store(error),
    }
}

/// Keeps a problem. With as many as anybody reads, the import gives up.
fn note(
    problems: &mut Vec<(u64, String)>,
    line: u64,
    outcome: LineRead,
) -> Result<(), WriteError<ImportRefused>> {
    match outcome {
        Ok(()) => return Ok(()),
        Err(WriteError::Store(error)) => return Err(error.into()),
        Err(WriteError::Refused(sentence)) => problems.push((line, sentence)),
    }
    if problems.len() >= PROBLEMS_TOLD {
        return Err(given_up(std::mem::take(problems)));
    }
    Ok(())
}

/// The problems in the order of their lines: a token that is refused for what was there before is
/// found after the next few lines were read.
fn given_up(mut problems: Vec<(u64, String)>) -> WriteError<ImportRefused> {
    problems.sort_by_key(|(line, _)| *line);
    WriteError::Refused(ImportRefused::Problems(problems))
}
