# Users, as site administrators see them.
title = Users
intro = Everybody who has an account here. Open one to see what it has and to change it.
sought = Search
sought-hint = A part of a login, an e-mail address or a name
is-token = That holds a token, which is not looked for. The address that had it stays in the history of this browser.
search = Search
show-all = Show all users
found = { $count ->
    [one] One user
   *[other] { $count } users
}
none-found = No user has this in the login, an address or the name.
user = User
address = E-mail address
no-address = None that is verified
state = State
last-sign-in = Last sign-in
no-sign-in = None known
suspended = Suspended
administrator = Administrator
two-factor = Two-factor

name = Name
made = Account made
password = Password
is-set = Set
not-chosen-yet = Not chosen yet
is-on = On
is-off = Off
passkeys = Passkeys
passkey-count = { $count }
locks = Locks
sessions = Sessions
tokens = Tokens
apps = Apps of their own
without-address = None
unverified = { $address } (not verified)
codes-refused = No one-time code is accepted any more, since too many were wrong.
locked-from = { $count ->
    [one] Sign-in is locked from one address.
   *[other] Sign-in is locked from { $count } addresses.
}
session-count = { $count ->
    [one] One.
   *[other] { $count }.
}
sessions-used = Last used { $time }.
token-count = { $total ->
    [one] One, of apps { $apps }.
   *[other] { $total }, of apps { $apps }.
}
app-count = { $count }
used-from = A token was last used { $time } from { $address }.
used = A token was last used { $time }.
never-used = No token was ever used.
own-title = This is your own account.
own-more = Change it under Settings. What only administrators do, another one does to it.
acts = Change this account
acts-intro = Each asks first and says what stops working.
back-to-user = Back to the user
cancel = Cancel

invite-again = Invite again
invite-question = Invite { $login } again?
invite-intro = By it they choose their password. An earlier invitation works no more.
reset = Reset the password
reset-question = Let { $login } choose another password?
reset-intro = The password stays as it is until the link is used; then all sessions end.
link-is-mailed = A link goes to the e-mail address of { $login }.
link-is-shown = You are shown a link once, and hand it to { $login } and nobody else.
send-link = Send link
show-link = Show link
unlock = Unlock
unlock-question = Unlock { $login }?
unlock-intro = The locks are lifted, and wrong passwords and codes forgotten. Signing in still takes the right ones.
unsuspend = Lift the suspension
unsuspend-question = Lift the suspension of { $login }?
unsuspend-intro = Password and tokens work again. Tokens that apps refresh ended for good; these apps ask the user again.
suspend = Suspend
suspend-question = Suspend { $login }?
suspend-intro = Tokens that apps refresh end for good. Everything else works again when you lift the suspension.
refused-at-once = { $count ->
    [one] One token or session is refused at once.
   *[other] { $count } tokens and sessions are refused at once.
}
apps-stop = { $count ->
    [one] One app of their own stops.
   *[other] { $count } apps of their own stop.
}
end-sessions = End all sessions
end-sessions-question = End all sessions of { $login }?
sessions-end = { $count ->
    [one] One session ends at once.
   *[other] { $count } sessions end at once.
}
end-sessions-intro = Tokens work on. Whoever knows the password signs in again.
turn-off-two-factor = Turn off two-factor
two-factor-question = Turn off two-factor for { $login }?
two-factor-intro = Every second factor of { $login } ends, with the recovery codes, and the password alone signs in. Be sure that it is { $login } who asks for it.
passkeys-end = { $count ->
    [one] One passkey ends: it signs in no more, not even without the password.
   *[other] { $count } passkeys end: they sign in no more, not even without the password.
}
all-sessions-end = All sessions of the user end.
promote = Make administrator
promote-question = Make { $login } an administrator?
promote-intro = { $login } will be able to see and change all users, organizations, apps and tokens here.
promote-without-two-factor = { $login } has no second factor.
nothing-gains = No token gains anything by it.
stay-asleep = { $count ->
    [one] One token has scopes for administrators from before. They stay without effect until its owner makes another token:
   *[other] { $count } tokens have scopes for administrators from before. They stay without effect until their owner makes other tokens:
}
sleeping-token = …{ $end } { $name }: { $scopes }
demote = Take away administrator
demote-question = Make { $login } an ordinary user?
demote-intro = Scopes for administrators count for nothing in the tokens of { $login }, and tokens by which { $login } acts as somebody else end.
delete = Delete
delete-question = Delete { $login }?
delete-intro = The login stays taken. This cannot be undone.
apps-end = { $count ->
    [one] One app of their own is deleted, with all that users gave it.
   *[other] { $count } apps of their own are deleted, with all that users gave them.
}
type-login = Login
type-login-hint = Type { $login } to delete the account
enter-the-login = Enter { $login }
last-owner = { $count ->
    [one] { $login } is the last owner of an organization.
   *[other] { $login } is the last owner of { $count } organizations.
}
last-owner-else = Make somebody else an owner first, or delete the organization:

invited = { $login } was invited: a link is on its way.
reset-sent = A link for another password of { $login } is on its way.
unlocked = { $login } was unlocked.
unsuspended = The suspension of { $login } was lifted.
was-suspended = { $login } was suspended.
sessions-ended = All sessions of { $login } were ended.
two-factor-turned-off = Two-factor was turned off for { $login }.
promoted = { $login } is an administrator now.
demoted = { $login } is an ordinary user now.
deleted = { $login } was deleted.

invite-user = Invite user
invite-user-intro = This makes the account. Its owner chooses the password by a link that works once.
new-link-is-mailed = The link goes to the address below.
new-link-is-shown = This server sends no mail: you are shown the link once, and hand it on.
invite-and-show = Invite and show link
login = Login
login-hint = 1 to 39 letters, digits and single hyphens; programs know the user by it
email-hint = Counts as verified when the invitation is accepted. Leave it empty if there is none
email-hint-mailed = The invitation goes there. Counts as verified when it is accepted
name-hint = What the user is called. Leave it empty if you do not know
enter-login = Enter 1 to 39 letters, digits and single hyphens
login-taken = Somebody has or had this login. Enter another one
login-has-password = The user of this login has a password already. Reset it on the page of the user
login-suspended = The user of this login is suspended. Lift that first
enter-email = Enter an e-mail address, such as mona@example.org
email-taken = Another user has this address. Enter another one
enter-name = Enter a name of at most 255 characters
outbox-full = Too much mail waits to be sent. Nobody was sent a link; send the form again later
made-title = A link for { $login }
made-intro = Hand it to { $login } and nobody else: whoever opens it chooses the password.
made-until = It works once, until { $time }, and is shown only now.
made-else = Lost it? Make another one on the page of the user; the earlier one works no more.
link = Link
have-copied = I have copied it
shown-before = This link was shown or sent before
