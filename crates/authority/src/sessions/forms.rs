//! Forms of pages, and what somebody is told at their next page.

use counterfoil_domain::form::{FormPlace, OnceValue};
use counterfoil_domain::session::CookieSecret;
use counterfoil_store::StoreError;

use crate::authority::Authority;
use crate::sessions::person::Person;

impl Authority {
    /// The token of a form, for the page that holds the form.
    pub fn form_token(&self, form: &FormPlace<'_>) -> String {
        self.form_key().token(form, self.entropy())
    }

    /// Whether a form was given by one of our pages to whoever sends it.
    pub fn is_own_form(&self, form: &FormPlace<'_>, token: &str) -> bool {
        self.form_key().verifies(form, token)
    }

    /// What makes a form count once.
    pub fn once_value(&self) -> OnceValue {
        OnceValue::generate(self.entropy(), self.now())
    }

    /// What a form was given to count once, if its page is not too old.
    pub fn read_once_value(&self, text: &str) -> Option<OnceValue> {
        OnceValue::parse(text, self.now())
    }

    /// A secret for the cookie of a browser that nobody is signed in with.
    pub fn visitor_secret(&self) -> CookieSecret {
        CookieSecret::generate(self.entropy())
    }

    /// Eight hexadecimal digits that tell this installation's cookies from those of another one on
    /// the same machine, since cookies do not tell ports apart.
    pub fn cookie_suffix(&self) -> String {
        let digest = self.digest_key().digest("cookie names", &[]);
        let digits = digest[..4].iter().map(|byte| format!("{byte:02x}"));
        digits.collect()
    }

    /// Keeps what somebody is to be told at their next page.
    pub async fn tell_at_next_page(
        &self,
        person: &Person,
        status: String,
    ) -> Result<(), StoreError> {
        let id = person.session().id;
        self.store().tell_at_next_page(id, status).await
    }

    /// Somebody was told what they were to be told.
    pub async fn was_told(&self, person: &Person) -> Result<(), StoreError> {
        let Some(status) = person.status() else {
            return Ok(());
        };
        let id = person.session().id;
        self.store().was_told(id, status.to_owned()).await
    }
}
