//! What the form of an app sends, and what is wrong with it.

use counterfoil_authority::RegisterApp;
use counterfoil_domain::app::{App, AppSwitches, AppUrl, DeviceFlow, ExpiringTokens};
use counterfoil_domain::app_name::could_be_taken_for_ours;
use counterfoil_domain::text::{DisplayName, TextRefused};
use counterfoil_html::developers::{AppForm, AppNameProblem, AppProblems, CallbackProblem};

use crate::pages::fields::Fields;

/// Callback URLs that an app may have on the page.
const CALLBACKS: usize = 20;

/// What the entries are held against.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Held<'a> {
    /// The app as it is: its name and its callback URLs may stay, whatever the rules are by now.
    pub(super) app: Option<&'a App>,
    /// The name of the installation; none for those who may name an app like it.
    pub(super) brand: Option<&'a str>,
}

/// What was sent, to be shown again.
pub(super) fn sent(fields: &Fields) -> AppForm {
    AppForm {
        name: fields.text("name").to_owned(),
        website: fields.text("website").to_owned(),
        callbacks: fields.text("callbacks").replace("\r\n", "\n"),
        owner: fields.text("owner").to_owned(),
        device_flow: fields.has("device_flow"),
        expiring_tokens: fields.has("expiring_tokens"),
        switches: AppSwitches::of(|switch| fields.has(switch.name())),
    }
}

/// What the form has before somebody changes it.
pub(super) fn kept(app: &App) -> AppForm {
    let urls = app.callback_urls.iter().map(AppUrl::as_str);
    AppForm {
        name: app.summary.name.as_str().to_owned(),
        website: app.summary.url.as_str().to_owned(),
        callbacks: urls.collect::<Vec<_>>().join("\n"),
        owner: String::new(),
        device_flow: app.device_flow == DeviceFlow::Enabled,
        expiring_tokens: app.expiring_tokens.are_enabled(),
        switches: app.switches,
    }
}

/// The app that the form is about.
pub(super) fn read(form: &AppForm, held: Held<'_>) -> Result<RegisterApp, AppProblems> {
    let mut problems = AppProblems::default();
    let name = name(&form.name, held).map_err(|problem| problems.name = Some(problem));
    let url = AppUrl::parse(form.website.trim()).map_err(|_| problems.is_website_wrong = true);
    let urls = held.app.map_or(&[][..], |app| app.callback_urls.as_slice());
    let urls = callbacks(&form.callbacks, urls);
    let urls = urls.map_err(|problem| problems.callbacks = Some(problem));
    let (Ok(name), Ok(url), Ok(callback_urls)) = (name, url, urls) else {
        return Err(problems);
    };
    Ok(RegisterApp {
        name,
        url,
        callback_urls,
        device_flow: DeviceFlow::when(form.device_flow),
        expiring_tokens: ExpiringTokens::when(form.expiring_tokens),
        switches: form.switches,
    })
}

fn name(text: &str, held: Held<'_>) -> Result<DisplayName, AppNameProblem> {
    let text = text.trim();
    if text.is_empty() {
        return Err(AppNameProblem::Missing);
    }
    let name = DisplayName::parse(text).map_err(|refused| match refused {
        TextRefused::TooLong => AppNameProblem::TooLong,
        TextRefused::Control => AppNameProblem::Control,
    })?;
    let stays = held.app.is_some_and(|app| app.summary.name == name);
    match held.brand {
        Some(brand) if !stays && could_be_taken_for_ours(&name, brand) => {
            Err(AppNameProblem::LooksLikeOurs)
        }
        _ => Ok(name),
    }
}

fn callbacks(text: &str, held: &[AppUrl]) -> Result<Vec<AppUrl>, CallbackProblem> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut urls: Vec<AppUrl> = Vec::new();
    for line in lines {
        let url = match held.iter().find(|url| url.as_str() == line) {
            Some(url) => url.clone(),
            None => callback(line)?,
        };
        if !urls.contains(&url) {
            urls.push(url);
        }
    }
    match urls.len() {
        0 => Err(CallbackProblem::NoUrl),
        1..=CALLBACKS => Ok(urls),
        _ => Err(CallbackProblem::TooMany(CALLBACKS)),
    }
}

fn callback(line: &str) -> Result<AppUrl, CallbackProblem> {
    let has_scheme = line.starts_with("https://") || line.starts_with("http://");
    let url = AppUrl::parse_callback(line).map_err(|_| {
        if has_scheme && line.contains(['#', '@']) {
            CallbackProblem::ForbiddenPart
        } else {
            CallbackProblem::NoUrl
        }
    })?;
    if url.has_dots_in_path() {
        return Err(CallbackProblem::ForbiddenPart);
    }
    if !url.is_encrypted_or_local() {
        return Err(CallbackProblem::NotEncrypted);
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_callbacks(text: &str) -> Result<Vec<String>, CallbackProblem> {
        let urls = callbacks(text, &[])?;
        Ok(urls.iter().map(|url| url.as_str().to_owned()).collect())
    }

    #[test]
    fn callbacks_are_read_line_by_line_and_each_once() {
        let text = " https://a.example/cb \n\nhttp://127.0.0.1:8000/cb\nhttps://a.example/cb\ncom.example.app:/cb";
        let expected = [
            "https://a.example/cb",
            "http://127.0.0.1:8000/cb",
            "com.example.app:/cb",
        ];
        assert_eq!(read_callbacks(text).expect("they are URLs"), expected);
    }

    #[test]
    fn a_callback_is_refused_for_what_is_wrong_with_it() {
        let many: Vec<_> = (0..=CALLBACKS)
            .map(|number| format!("https://a.example/{number}"))
            .collect();
        let many = many.join("\n");
        for (text, problem) in [
            ("", CallbackProblem::NoUrl),
            ("a.example/cb", CallbackProblem::NoUrl),
            ("javascript:alert(1)", CallbackProblem::NoUrl),
            ("javascript://a.example/%0aalert(1)", CallbackProblem::NoUrl),
            ("localhost:3000/cb", CallbackProblem::NoUrl),
            ("https://a.example/#cb", CallbackProblem::ForbiddenPart),
            ("https://a@a.example/cb", CallbackProblem::ForbiddenPart),
            ("https://a.example/a/../cb", CallbackProblem::ForbiddenPart),
            (
                "https://a.example/a/%2e%2E/cb",
                CallbackProblem::ForbiddenPart,
            ),
            ("http://a.example/cb", CallbackProblem::NotEncrypted),
            (
                "http://localhost.a.example/cb",
                CallbackProblem::NotEncrypted,
            ),
            (&many, CallbackProblem::TooMany(CALLBACKS)),
        ] {
            assert_eq!(read_callbacks(text), Err(problem), "{text}");
        }
    }

    #[test]
    fn a_callback_that_is_there_may_stay() {
        let old = AppUrl::parse("http://a.example/cb").expect("a URL");
        let kept = callbacks("http://a.example/cb\nhttps://a.example/cb", &[old]);
        assert_eq!(kept.map(|urls| urls.len()), Ok(2));
    }
}
