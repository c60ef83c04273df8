# Passwords, second factors, and what happened to an account.
title = Security
about = What protects your account, and what happened to it.
due-title = Two-factor authentication is required from { $date }.
due-more = Turn it on before then. After that your password alone opens nothing, and an administrator has to help you.
password = Password
password-about = A change ends all your other sessions.
change-password = Change password
two-factor = Two-factor authentication
off = Off
on = On
off-about = Whoever learns your password can sign in as you.
on-since = On since { $date }.
last-used = A code was last used { $time }.
turn-on = Turn on two-factor
manage = Change or turn off
by-passkey = Your passkeys are the second factor. No authenticator app is set up.
set-up-app = Set up an authenticator app
recovery = Recovery codes
codes-in-hand = { $count ->
    [one] { $count } recovery code is left.
   *[other] { $count } recovery codes are left.
}
codes-left = { $count ->
    [one] { $count } recovery code is left
   *[other] { $count } recovery codes are left
}
few-codes = Make new ones before they run out.
new-codes = New recovery codes
acting = Who may act as you
acting-about = An administrator made a token for each of these, to see what you see.
acting-none = No administrator can act as you at present.
acting-since = Since { $date }
acting-until = until { $date }
acting-used = Last used { $time }
acting-unused = Never used
events = Sign-ins and changes
events-none = Nothing happened yet.
refusals = Refused sign-ins
refusals-about = Somebody tried your login. Many of these from places that you do not know are a reason for a longer password and a second factor.
refusals-none = No sign-in was refused.
from = From { $address }
by-other = By { $login }
by-someone = By another user
by-operator = At the server's command line
by-program = By the server
times = { $count ->
    [one] { $count } time
   *[other] { $count } times
}
event-signed-in = Signed in
event-signed-in-browser = Signed in with a browser
event-password = Password changed
event-enrolment = Two-factor secret shown
event-on = Two-factor turned on
event-off = Two-factor turned off
event-exhausted = Too many wrong codes
event-codes = New recovery codes made
event-code-used = Recovery code used
event-passkey-added = Passkey added
event-passkey-renamed = Passkey renamed
event-passkey-removed = Passkey removed
event-passkey-stalled = A passkey may have been copied
event-profile = Profile changed
event-renamed = Login changed
event-standing = Rights as an administrator changed
event-suspended = Account suspended
event-unsuspended = Suspension lifted
event-unlocked = Locks lifted
event-failed = Wrong password, code or passkey
event-locked = Locked after too many failures
event-refused = Refused while locked
event-refused-suspended = Refused while suspended
event-attacked = Many failures from many addresses
event-other = Changed
event-address = E-mail addresses changed
event-link = Link used
event-link-made = Link made
event-sessions-ended = All sessions ended
event-app-allowed = An app was allowed access
event-app-transferred = An app was transferred to you
event-membership = Membership of an organization or a team changed
event-device-allowed = A device was allowed access
event-device-denied = A device was denied access
event-app-denied = An app was denied access
event-code-refused = An app brought a code with a wrong proof
event-refresh-repeated = A refresh token came twice, and the app’s access by it ended
