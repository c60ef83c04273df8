//! Sample values for the tests of all pages.

use counterfoil_domain::app::{
    App, AppSecret, AppSummary, AppSwitches, AppUrl, ClientId, ClientSecret, DeviceFlow,
    ExpiringTokens, OwnApp, OwnedOrganization, SeenTokens,
};
use counterfoil_domain::id::{AccountId, AppId, ClientSecretId};
use counterfoil_domain::login::Login;
use counterfoil_domain::text::DisplayName;
use counterfoil_domain::timestamp::Timestamp;

use super::{
    AppForm, AppLimit, AppNameProblem, AppProblems, AppSecrets, CallbackProblem, DeleteApp,
    EditApp, EndSecret, MadeSecret, MyApps, RegisterApp, RevokeAllTokens, SecretShownBefore,
    TransferApp, TransferProblem,
};
use crate::frame::Frame;
use crate::tests::{NOW, Owning, Sample};
use crate::view::View as _;

fn days(days: i64) -> Timestamp {
    Timestamp::from_seconds(NOW.seconds() + days * 24 * 60 * 60)
}

fn own(name: &str, users: u64) -> OwnApp {
    let url = |text| AppUrl::parse(text).unwrap();
    OwnApp {
        app: App {
            summary: AppSummary {
                id: AppId(1),
                name: DisplayName::parse(name).unwrap(),
                url: url("https://app.example.org/?<b>"),
                client_id: ClientId::parse("0123456789abcdef0123").unwrap(),
                updated_at: days(-20),
            },
            owner: AccountId(1),
            callback_urls: vec![url("https://app.example.org/callback")],
            device_flow: DeviceFlow::Disabled,
            expiring_tokens: ExpiringTokens::Disabled,
            switches: AppSwitches::default(),
            seen_tokens: SeenTokens::Own,
            suspended_at: None,
            created_at: days(-200),
            updated_at: days(-20),
        },
        organization: None,
        users,
        last_used_at: (users > 0).then(|| days(-1)),
    }
}

fn secret(id: i64, last_used_at: Option<Timestamp>) -> AppSecret {
    AppSecret {
        id: ClientSecretId(id),
        last_eight: "a8c0148b".to_owned(),
        created_at: days(-20),
        last_used_at,
        published_at: None,
    }
}

fn form() -> AppForm {
    AppForm {
        name: "<b>Dashboard".to_owned(),
        website: "dash.example.org/<b>".to_owned(),
        callbacks: "https://dash.example.org/\n</textarea><b>".to_owned(),
        owner: "acme".to_owned(),
        device_flow: true,
        expiring_tokens: true,
        switches: AppSwitches::of(|_| true),
    }
}

/// An app of an organization.
fn of_acme(name: &str) -> OwnApp {
    OwnApp {
        organization: Some(Login::parse("acme").unwrap()),
        ..own(name, 3)
    }
}

fn organizations(logins: &[&str]) -> Vec<OwnedOrganization> {
    let owned = logins.iter().map(|login| OwnedOrganization {
        id: AccountId(2),
        login: Login::parse(login).unwrap(),
    });
    owned.collect()
}

fn transfer(name: &'static str, logins: &[&str], problem: Option<TransferProblem>) -> Sample {
    Sample::of_person(
        name,
        Owning(
            (own("Board <b>", 3), organizations(logins)),
            move |(app, organizations): &(OwnApp, Vec<_>), frame: &Frame<'_>| {
                let view = TransferApp {
                    csrf: "dG9rZW4",
                    app,
                    organizations,
                    problem,
                };
                view.render(frame)
            },
        ),
    )
}

fn wrong(name: AppNameProblem, callbacks: CallbackProblem, limit: AppLimit) -> AppProblems {
    AppProblems {
        name: Some(name),
        is_website_wrong: true,
        callbacks: Some(callbacks),
        limit: Some(limit),
    }
}

fn list(name: &'static str, apps: Vec<OwnApp>) -> Sample {
    Sample::of_person(
        name,
        Owning(apps, |apps: &Vec<_>, frame: &Frame<'_>| {
            MyApps { apps }.render(frame)
        }),
    )
}

fn register(name: &'static str, form: AppForm, problems: AppProblems) -> Sample {
    Sample::of_person(
        name,
        Owning(
            (form, problems),
            |(form, problems): &(_, _), frame: &Frame<'_>| {
                let view = RegisterApp {
                    csrf: "dG9rZW4",
                    once: "b25jZQ",
                    organizations: &organizations(&["acme", "octo-org"]),
                    form,
                    problems: *problems,
                };
                view.render(frame)
            },
        ),
    )
}

fn edit(name: &'static str, app: OwnApp, problems: AppProblems) -> Sample {
    Sample::of_person(
        name,
        Owning(
            (app, form()),
            move |(app, form): &(_, _), frame: &Frame<'_>| {
                let view = EditApp {
                    csrf: "dG9rZW4",
                    app,
                    form,
                    problems,
                };
                view.render(frame)
            },
        ),
    )
}

fn secrets(name: &'static str, held: Vec<AppSecret>) -> Sample {
    Sample::of_person(
        name,
        Owning(
            (own("Board <b>", 3), held),
            |(own, secrets): &(OwnApp, Vec<_>), frame: &Frame<'_>| {
                let view = AppSecrets {
                    csrf: "dG9rZW4",
                    once: "b25jZQ",
                    app: &own.app,
                    secrets,
                };
                view.render(frame)
            },
        ),
    )
}

fn end(name: &'static str, secret: AppSecret, is_last: bool) -> Sample {
    Sample::of_person(
        name,
        Owning(
            (own("Board <b>", 3), secret),
            move |(own, secret): &(OwnApp, _), frame: &Frame<'_>| {
                let view = EndSecret {
                    csrf: "dG9rZW4",
                    app: &own.app,
                    secret,
                    is_last,
                };
                view.render(frame)
            },
        ),
    )
}

fn made() -> Sample {
    let secret = ClientSecret::parse(&"0123456789abcdef".repeat(2)).unwrap();
    Sample::of_person(
        "app-secret-made",
        Owning(
            (own("Board <b>", 0), secret),
            |(own, secret): &(OwnApp, _), frame: &Frame<'_>| {
                let app = &own.app;
                MadeSecret { app, secret }.render(frame)
            },
        ),
    )
}

fn of_one(name: &'static str, app: OwnApp, show: fn(&OwnApp, &Frame<'_>) -> String) -> Sample {
    Sample::of_person(name, Owning(app, show))
}

fn revoke_all(app: &OwnApp, frame: &Frame<'_>) -> String {
    let view = RevokeAllTokens {
        csrf: "dG9rZW4",
        app,
        typed: None,
    };
    view.render(frame)
}

fn delete(app: &OwnApp, frame: &Frame<'_>) -> String {
    let view = DeleteApp {
        csrf: "dG9rZW4",
        app,
        typed: Some("<b>other"),
    };
    view.render(frame)
}

pub(crate) fn samples() -> Vec<Sample> {
    let mut all = of_one_app();
    let long = "<b>\u{AC00}".to_owned() + &"a long name ".repeat(9);
    let none = AppProblems::default;
    let (missing, control) = (AppNameProblem::Missing, AppNameProblem::Control);
    all.extend([
        list("my-apps", vec![own("Board <b>", 3), own(&long, 0)]),
        list("my-apps, of an organization", vec![of_acme("Board <b>")]),
        list("my-apps, none", Vec::new()),
        register("register-app", AppForm::default(), none()),
        register(
            "register-app, empty",
            AppForm::default(),
            wrong(missing, CallbackProblem::NoUrl, AppLimit::LiveApps(100)),
        ),
        register(
            "register-app, wrong",
            form(),
            wrong(
                control,
                CallbackProblem::ForbiddenPart,
                AppLimit::MadeInAnHour(1),
            ),
        ),
        register(
            "register-app, too many",
            form(),
            AppProblems {
                limit: Some(AppLimit::OfOrganization(100)),
                ..none()
            },
        ),
        secrets(
            "app-secrets",
            vec![secret(1, Some(days(-2))), secret(2, None)],
        ),
        secrets("app-secrets, one", vec![secret(1, None)]),
        secrets("app-secrets, none", Vec::new()),
        made(),
        Sample::of_person("app-secret-shown-before", SecretShownBefore),
        end("app-secret-end", secret(1, Some(days(-2))), false),
        end("app-secret-end, the last", secret(1, None), true),
        of_one("app-revoke-all", own("Board <b>", 3), revoke_all),
        of_one("app-delete", own("Board <b>", 1), delete),
    ]);
    all
}

/// What changes about an app that is there.
fn of_one_app() -> Vec<Sample> {
    let none = AppProblems::default;
    vec![
        edit("edit-app", own("Board <b>", 3), none()),
        edit("edit-app, of an organization", of_acme("Board <b>"), none()),
        transfer("app-transfer", &["acme", "octo-org"], None),
        transfer("app-transfer, none", &[], None),
        transfer(
            "app-transfer, not chosen",
            &["acme"],
            Some(TransferProblem::NotChosen),
        ),
        transfer(
            "app-transfer, too many",
            &["acme"],
            Some(TransferProblem::TooManyApps(1)),
        ),
        edit(
            "edit-app, wrong",
            own("Board <b>", 3),
            AppProblems {
                name: Some(AppNameProblem::TooLong),
                callbacks: Some(CallbackProblem::NotEncrypted),
                ..none()
            },
        ),
        edit(
            "edit-app, too many",
            own("Board <b>", 3),
            AppProblems {
                name: Some(AppNameProblem::LooksLikeOurs),
                callbacks: Some(CallbackProblem::TooMany(20)),
                ..none()
            },
        ),
    ]
}
