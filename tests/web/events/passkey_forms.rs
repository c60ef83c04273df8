//! Forms by which somebody adds, renames, ends and gives a passkey.

use super::*;

impl<'w> Scene<'w> {
    /// Of somebody with a passkey.
    pub(super) async fn form_of_passkeys(&self, path: &str) -> Form<'w> {
        let device = passkeys::device_of(self.world, &self.mona).await;
        let browser = self.world.visitor();
        match path {
            "/login/passkey" => filled(browser, "/login", path, vec![]).await,
            "/login/passkey/answer" => {
                let page = passkeys::asked_to_sign_in(&browser).await;
                Form::given(browser, page, path, &device)
            }
            "/login/code/passkey" => {
                browser.sign_in(&self.mona).await;
                filled(browser, "/login/code", path, vec![]).await
            }
            "/login/code/passkey/answer" => {
                let page = passkeys::asked_after_password(&browser, &self.mona).await;
                Form::given(browser, page, path, &device)
            }
            "/login/confirm/passkey" | "/login/confirm/passkey/answer" => {
                passkeys::signs_in(&browser, &device).await;
                self.world.advance(STALE);
                let begin = "/login/confirm/passkey";
                let form = filled(browser, "/login/confirm", begin, vec![]).await;
                if path == begin {
                    return form;
                }
                let page = form.send().await;
                Form::given(form.browser, page, path, &device)
            }
            _ => unknown(path),
        }
    }

    /// Of the passkeys of somebody who is signed in.
    pub(super) async fn form_of_own_passkeys(&self, path: &str) -> Form<'w> {
        let named = || vec![("name", "phone".to_owned())];
        if path == passkeys::PASSKEYS {
            return self.signed_in(path, path, named()).await;
        }
        let (browser, device) = (self.world.visitor(), PasskeyDevice::default());
        browser.sign_in(&self.mona).await;
        if path.ends_with("/add") {
            let page = passkeys::asked_to_make(&browser, "phone").await;
            let typed = device.make(&page);
            return Form {
                browser,
                page,
                action: path.to_owned(),
                typed,
            };
        }
        passkeys::add(&browser, &device, "phone").await;
        let list = browser.get(passkeys::PASSKEYS).await;
        let of_passkey = passkeys::path_of_first(&list);
        let page = path.replace(
            &format!("{}/{{passkey_id}}", passkeys::PASSKEYS),
            &of_passkey,
        );
        let typed = if path.ends_with("/remove") {
            vec![]
        } else {
            vec![("name", "desk".to_owned())]
        };
        filled(browser, &page, &page, typed).await
    }
}

impl<'w> Form<'w> {
    /// What a device gives to a page that asks for a passkey.
    pub(super) fn given(
        browser: Visitor<'w>,
        page: Answer,
        action: &str,
        device: &PasskeyDevice,
    ) -> Self {
        let typed = device.give(&page);
        Self {
            browser,
            page,
            action: action.to_owned(),
            typed,
        }
    }
}
