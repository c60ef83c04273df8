//! A recovery code serves once, from however many places it is used at the same moment.

use counterfoil_testkit::engine::fewer_behind_a_pooler;
use counterfoil_testkit::{UserActor, World, WorldOptions};

use super::{CALLERS, Caller, Ground, InProcess, at_once};

#[test]
fn a_recovery_code_lets_one_in_from_many_addresses() {
    let ground = lenient_ground();
    let mona = ground.user();
    let mut callers = ground.crowd(&mona);
    for code in recovery_codes(&ground, &mona) {
        for (number, caller) in callers.iter_mut().enumerate() {
            caller.user = mona
                .from_address(&format!("192.0.2.{number}"))
                .with_otp(&code);
        }
        assert_one_let_in(&mut callers);
    }
}

#[test]
fn a_recovery_code_lets_one_in_from_one_address() {
    let ground = lenient_ground();
    let mona = ground.user();
    let mut callers = ground.crowd(&mona);
    for code in recovery_codes(&ground, &mona) {
        for caller in &mut callers {
            caller.user = mona.with_otp(&code);
        }
        assert_one_let_in(&mut callers);
    }
}

/// Where the losers of a race are not locked out before the next.
fn lenient_ground() -> Ground {
    let mut options = WorldOptions::default();
    let lockout = &mut options.settings.lockout;
    lockout.per_login_and_address = 100_000;
    lockout.per_address = 100_000;
    lockout.per_login = 100_000;
    lockout.per_login_slowed = 100_000;
    Ground::new(options)
}

fn recovery_codes(ground: &Ground, user: &UserActor<'_>) -> Vec<String> {
    let operator = World::operator();
    let enabling = ground
        .world
        .authority
        .enable_two_factor(&user.account.login, &operator);
    let enabled = ground.runtime.block_on(enabling);
    let enabled = enabled.expect("two-factor authentication can be turned on");
    let codes = enabled.recovery_codes.iter().map(|code| code.to_string());
    let wanted = fewer_behind_a_pooler(codes.len());
    codes.take(wanted).collect()
}

fn assert_one_let_in(callers: &mut [InProcess<'_>]) {
    let outcomes = at_once(callers, |_, caller| {
        caller.ask("GET", "/authorizations", None)
    });
    let let_in = outcomes
        .iter()
        .filter(|outcome| outcome.status == 200)
        .count();
    let refused = outcomes
        .iter()
        .filter(|outcome| outcome.status == 401)
        .count();
    assert_eq!((let_in, refused), (1, CALLERS - 1));
}
