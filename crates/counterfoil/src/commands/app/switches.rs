//! The options that turn what is switched on for an app: a pair of them for each switch.

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};
use counterfoil_domain::app::{AppSwitch, AppSwitches, SwitchChange};

/// What is switched on for a new app.
#[derive(Debug)]
pub(crate) struct SwitchedOn(pub(super) AppSwitches);

/// What is turned of an app that is there.
#[derive(Debug)]
pub(crate) struct Turned(pub(super) SwitchChange);

/// The words about one switch.
struct Words {
    /// Before its state, where an app is shown.
    label: &'static str,
    /// The option that turns it on.
    on: &'static str,
    about_on: &'static str,
    /// The option that turns it off.
    off: &'static str,
    about_off: &'static str,
}

const fn words(switch: AppSwitch) -> Words {
    match switch {
        AppSwitch::ExactMatch => Words {
            label: "exact match",
            on: "exact-match",
            about_on: "Let sign-ins return to callback URLs as they are alone, never below one or with another query",
            off: "no-exact-match",
            about_off: "Let sign-ins return below its callback URLs too, with any query",
        },
        AppSwitch::RequirePkce => Words {
            label: "require PKCE",
            on: "require-pkce",
            about_on: "Refuse sign-ins that come without a code challenge (PKCE)",
            off: "no-require-pkce",
            about_off: "No longer refuse sign-ins that come without a code challenge",
        },
        AppSwitch::SendIss => Words {
            label: "send iss",
            on: "send-iss",
            about_on: "Name this server in what goes back to it (`iss`, RFC 9207)",
            off: "no-send-iss",
            about_off: "No longer name this server in what goes back to it, unless all apps are told",
        },
        AppSwitch::StandardErrors => Words {
            label: "standard errors",
            on: "standard-errors",
            about_on: "Answer its errors at the token URL by RFC 6749, with the status 400 or 401",
            off: "no-standard-errors",
            about_off: "Answer its errors at the token URL as GitHub does",
        },
    }
}

/// What a switch is called where an app is shown.
pub(super) const fn label(switch: AppSwitch) -> &'static str {
    words(switch).label
}

fn flag(name: &'static str, about: &'static str) -> Arg {
    let flag = Arg::new(name).long(name);
    flag.help(about).action(ArgAction::SetTrue)
}

impl Args for SwitchedOn {
    fn augment_args(command: Command) -> Command {
        AppSwitch::ALL.into_iter().fold(command, |command, switch| {
            let words = words(switch);
            command.arg(flag(words.on, words.about_on))
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for SwitchedOn {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let is_on = |switch| matches.get_flag(words(switch).on);
        Ok(Self(AppSwitches::of(is_on)))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for Turned {
    fn augment_args(command: Command) -> Command {
        AppSwitch::ALL.into_iter().fold(command, |command, switch| {
            let words = words(switch);
            let off = flag(words.off, words.about_off).conflicts_with(words.on);
            command.arg(flag(words.on, words.about_on)).arg(off)
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Turned {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let turned = AppSwitch::ALL
            .into_iter()
            .fold(SwitchChange::default(), |change, switch| {
                let words = words(switch);
                match (matches.get_flag(words.on), matches.get_flag(words.off)) {
                    (true, _) => change.turning(switch, true),
                    (false, true) => change.turning(switch, false),
                    (false, false) => change,
                }
            });
        Ok(Self(turned))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
