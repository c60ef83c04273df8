//! A user's own e-mail addresses, as they change them on the pages.

use counterfoil_domain::account::HeldEmail;
use counterfoil_domain::email::EmailAddress;
use counterfoil_domain::page::Page;
use counterfoil_domain::principal::Attribution;
use counterfoil_store::{AddressRefused, StoreError};

use crate::authority::Authority;
use crate::sessions::person::{FreshPerson, Person};
use crate::use_case::UseCaseError;

type Changed = Result<(), UseCaseError<AddressRefused>>;

impl Authority {
    /// The addresses of whoever is signed in, the primary one first.
    pub async fn addresses_of(&self, person: &Person) -> Result<Vec<HeldEmail>, StoreError> {
        let page = Page::new(1, Page::LARGEST_SIZE);
        let listed = self.store().list_emails(person.account().id, page).await?;
        Ok(listed.items)
    }

    /// Has a link mailed to an address that somebody wants to have. It counts when the link is
    /// used; until then nothing tells whether somebody else has it.
    pub async fn ask_own_address(&self, person: &FreshPerson, address: EmailAddress) -> Changed {
        let (id, lives) = (person.account().id, self.settings().links);
        let asked = self
            .store()
            .ask_address(id, address, lives, self.by(person));
        Ok(asked.await?)
    }

    /// Makes another verified address the primary one. The one before is told.
    pub async fn choose_own_address(&self, person: &FreshPerson, address: EmailAddress) -> Changed {
        let (id, lives) = (person.account().id, self.settings().links);
        let chosen = self
            .store()
            .choose_address(id, address, lives, self.by(person));
        Ok(chosen.await?)
    }

    /// Takes an address away, which is told if it was verified.
    pub async fn remove_own_address(&self, person: &FreshPerson, address: EmailAddress) -> Changed {
        let (id, lives) = (person.account().id, self.settings().links);
        let removed = self
            .store()
            .remove_address(id, address, lives, self.by(person));
        Ok(removed.await?)
    }

    fn by(&self, person: &FreshPerson) -> Attribution {
        self.attribute_to(person.caller().principal())
    }
}
