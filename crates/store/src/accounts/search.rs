//! Users as site administrators look for them.

use counterfoil_domain::administered::ListedUser;
use counterfoil_domain::page::{Page, Paged};

use crate::accounts::find::{account_from, accounts};
use crate::engine::Store;
use crate::error::StoreError;
use crate::statement::{params, statements};
use crate::tx::Tx;

/// Most characters of what is sought.
const LONGEST: usize = 255;

/// The condition under which a user is one who is sought by the pattern $1, if there is one.
macro_rules! sought {
    () => {
        "($1 = '' OR a.login_key LIKE $1 ESCAPE '\\' OR lower(a.name) LIKE $1 ESCAPE '\\'
            OR EXISTS (SELECT 1 FROM emails m
                WHERE m.account_id = a.id AND m.ended_at IS NULL AND m.address_key LIKE $1 ESCAPE '\\'))"
    };
}

statements! {
    SEARCH = accounts!(
        ", (SELECT max(s.signed_in_at) FROM sign_in_addresses s WHERE s.account_id = a.id)",
        "IS NULL",
        concat!("AND ", sought!(), " ORDER BY a.login_key LIMIT $2 OFFSET $3")
    );
    SEARCH_COUNT = concat!("SELECT count(*) FROM accounts a WHERE a.ended_at IS NULL AND a.kind = 'user' AND ", sought!());
}

impl Store {
    /// One page of the live users who have this somewhere in the login, a name or an address, by
    /// login; of all users where nothing is sought. Capitals make no difference.
    pub async fn search_users(
        &self,
        sought: &str,
        page: Page,
    ) -> Result<Paged<ListedUser>, StoreError> {
        let pattern = pattern(sought);
        self.read(move |tx| Box::pin(async move { search(tx, &pattern, page).await }))
            .await
    }
}

async fn search(tx: &mut Tx, pattern: &str, page: Page) -> Result<Paged<ListedUser>, StoreError> {
    let total = tx.one(SEARCH_COUNT, params![pattern]).await?.count(0)?;
    let place = params![pattern, page.size(), page.offset()];
    let rows = tx.rows(SEARCH, place).await?.into_iter();
    let items = rows.map(|mut row| {
        let signed_in_at = row.optional_timestamp(15)?;
        Ok(ListedUser {
            account: account_from(row)?,
            signed_in_at,
        })
    });
    let items = items.collect::<Result<_, StoreError>>()?;
    Ok(Paged { items, total })
}

/// What LIKE compares with: nothing for nothing. No letter of what is sought stands for another.
fn pattern(sought: &str) -> String {
    let sought = sought.trim().to_lowercase();
    if sought.is_empty() {
        return sought;
    }
    let mut pattern = "%".to_owned();
    // PostgreSQL has no text with the letter 0.
    let letters = sought.chars().filter(|letter| *letter != '\0');
    for letter in letters.take(LONGEST) {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_of_what_is_sought_stands_for_itself() {
        assert_eq!(pattern("  "), "");
        assert_eq!(pattern(" Mona "), "%mona%");
        assert_eq!(pattern("a_b%c\\d\0"), "%a\\_b\\%c\\\\d%");
    }
}
