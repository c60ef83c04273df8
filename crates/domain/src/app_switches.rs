//! What is switched on for an app, beside the device flow and tokens that expire.

/// A switch of an app. Off unless somebody turns it on, or the page that registers an app does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppSwitch {
    /// A redirect URI is a callback URL as a whole, its query too.
    ExactMatch,
    /// A request that brings no code challenge is refused.
    RequirePkce,
    /// What goes back to the app names this server (RFC 9207).
    SendIss,
    /// The token endpoint tells errors as RFC 6749 has them.
    StandardErrors,
}

impl AppSwitch {
    /// All of them, in the order of the table's columns.
    pub const ALL: [Self; 4] = [
        Self::ExactMatch,
        Self::RequirePkce,
        Self::SendIss,
        Self::StandardErrors,
    ];

    /// Its name in documents, in files, in forms and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ExactMatch => "exact_match",
            Self::RequirePkce => "require_pkce",
            Self::SendIss => "send_iss",
            Self::StandardErrors => "standard_errors",
        }
    }

    const fn bit(self) -> u8 {
        match self {
            Self::ExactMatch => 1,
            Self::RequirePkce => 2,
            Self::SendIss => 4,
            Self::StandardErrors => 8,
        }
    }
}

/// Which switches of an app are on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AppSwitches(u8);

impl AppSwitches {
    /// Those of which it is said that they are on.
    pub fn of(mut is_on: impl FnMut(AppSwitch) -> bool) -> Self {
        AppSwitch::ALL
            .into_iter()
            .fold(Self::default(), |switches, switch| {
                switches.with(switch, is_on(switch))
            })
    }

    /// Whether this one is on.
    pub const fn has(self, switch: AppSwitch) -> bool {
        self.0 & switch.bit() != 0
    }

    /// These, but for one that is on or off.
    #[must_use]
    pub const fn with(self, switch: AppSwitch, is_on: bool) -> Self {
        if is_on {
            Self(self.0 | switch.bit())
        } else {
            Self(self.0 & !switch.bit())
        }
    }
}

/// Which switches of an app are turned, and how. The others stay as they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SwitchChange {
    on: AppSwitches,
    off: AppSwitches,
}

impl SwitchChange {
    /// To these, whatever they were.
    pub fn to(switches: AppSwitches) -> Self {
        AppSwitch::ALL
            .into_iter()
            .fold(Self::default(), |change, switch| {
                change.turning(switch, switches.has(switch))
            })
    }

    /// This change, which turns one more.
    #[must_use]
    pub const fn turning(self, switch: AppSwitch, is_on: bool) -> Self {
        Self {
            on: self.on.with(switch, is_on),
            off: self.off.with(switch, !is_on),
        }
    }

    /// What becomes of the switches of an app.
    pub fn of(self, held: AppSwitches) -> AppSwitches {
        AppSwitches::of(|switch| self.on.has(switch) || held.has(switch) && !self.off.has(switch))
    }
}

/// Which apps are told by what goes back to them who sends it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SendIss {
    /// Those that want it.
    #[default]
    PerApp,
    /// Every app, also one that does not want it.
    EveryApp,
}

impl SendIss {
    /// Whether an app with these switches is told.
    pub const fn is_for(self, switches: AppSwitches) -> bool {
        matches!(self, Self::EveryApp) || switches.has(AppSwitch::SendIss)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_switch_is_its_own() {
        for switch in AppSwitch::ALL {
            let on = AppSwitches::default().with(switch, true);
            for other in AppSwitch::ALL {
                assert_eq!(on.has(other), other == switch, "{switch:?} {other:?}");
            }
            assert_eq!(on.with(switch, false), AppSwitches::default());
        }
        let names: BTreeSet<_> = AppSwitch::ALL.iter().map(|switch| switch.name()).collect();
        assert_eq!(names.len(), AppSwitch::ALL.len());
    }

    #[test]
    fn a_change_turns_what_it_names_and_leaves_the_rest() {
        let held = AppSwitches::default()
            .with(AppSwitch::ExactMatch, true)
            .with(AppSwitch::SendIss, true);
        let change = SwitchChange::default()
            .turning(AppSwitch::RequirePkce, true)
            .turning(AppSwitch::SendIss, false);
        let expected = AppSwitches::default()
            .with(AppSwitch::ExactMatch, true)
            .with(AppSwitch::RequirePkce, true);
        assert_eq!(change.of(held), expected);
        assert_eq!(SwitchChange::default().of(held), held);
        assert_eq!(SwitchChange::to(expected).of(held), expected);
    }

    #[test]
    fn an_app_is_told_who_answers_where_it_wants_to_be_or_all_are() {
        let wants = AppSwitches::default().with(AppSwitch::SendIss, true);
        let does_not = AppSwitches::default();
        assert!(SendIss::PerApp.is_for(wants) && !SendIss::PerApp.is_for(does_not));
        assert!(SendIss::EveryApp.is_for(wants) && SendIss::EveryApp.is_for(does_not));
    }
}
