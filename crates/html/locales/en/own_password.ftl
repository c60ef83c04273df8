# A password that somebody changes.
title = Change your password
about = All your other sessions end. This one goes on.
new-password = New password
hint = 8 characters or more
revoke = Revoke my tokens too
revoke-hint = Without this they live on: a token is not your password.
submit = Change password
enter = Enter a new password
too-short = Enter at least { $count } characters; several words make a good password
too-long = Enter at most { $count } bytes
nul = Enter a password without a NUL character
common = Enter another one. This is one of the commonest passwords and is guessed first
own = Enter one that is not made of your login, name or e-mail address
busy = Too many passwords are being computed. Try again in a moment
status = Your password was changed.
status-revoked = { $count ->
    [one] Your password was changed. { $count } token was revoked.
   *[other] Your password was changed. { $count } tokens were revoked.
}
