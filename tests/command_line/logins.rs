//! Logins: how long they stay taken, and another one for a user.

use super::{Desk, PASSWORD};

#[test]
fn a_login_stays_taken_until_it_is_released() {
    let desk = Desk::with_user();
    let taken = "the login Mona is taken; a deleted user's login stays taken until `counterfoil user release Mona`";
    assert_eq!(desk.refused(&["user", "create", "Mona"], PASSWORD), taken);
    assert_eq!(
        desk.refused(&["user", "release", "mona"], ""),
        "mona was not deleted; only the login of a deleted user or organization can be released"
    );
    assert_eq!(
        desk.done(&["user", "delete", "mona", "--yes"], ""),
        "deleted mona with 0 tokens, 0 grants and 0 apps\n"
    );
    assert_eq!(desk.refused(&["user", "create", "Mona"], PASSWORD), taken);
    desk.done(&["user", "release", "mona"], "");
    assert_eq!(
        desk.refused(&["user", "release", "mona"], ""),
        "the login mona is not taken: there is nothing to release"
    );
    desk.done(&["user", "create", "Mona"], PASSWORD);
}

#[test]
fn a_renamed_user_keeps_everything_and_the_old_login_stays_taken() {
    let desk = Desk::with_user();
    let token = ["token", "create", "mona", "--note", "n", "--scopes", "repo"];
    desk.printed(&token, "");
    assert_eq!(
        desk.done(&["user", "rename", "mona", "monalisa"], ""),
        "renamed mona to monalisa\n\
         note: the login mona stays taken until `counterfoil user release mona`; programs that know the user by it must be told\n"
    );
    assert_eq!(
        desk.done(&["user", "rename", "monalisa", "MonaLisa"], ""),
        "renamed monalisa to MonaLisa\n"
    );
    assert_eq!(
        desk.json(&["token", "list", "MonaLisa"], "")[0]["login"],
        "MonaLisa"
    );
    assert_eq!(
        desk.refused(&["user", "rename", "MonaLisa", "mona"], ""),
        "the login mona is taken; a deleted user's login stays taken until `counterfoil user release mona`"
    );
    desk.mistyped(&["user", "rename", "MonaLisa", "two--hyphens"], "");
    desk.mistyped(&["user", "rename", "MonaLisa", "demo"], "");
    let events = desk.events();
    let renamed = events.iter();
    let renamed = renamed.filter(|event| event["action"] == "user.renamed");
    assert_eq!(renamed.count(), 2);
}
