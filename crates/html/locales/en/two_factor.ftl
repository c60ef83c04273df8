# Turning a second factor on and off, and recovery codes.
title = Two-factor authentication
about = Besides your password, signing in then takes six digits that an authenticator app on your phone shows.
need = You need an authenticator app, such as one on your phone. It reads a QR code on the next page.
others-end = When you turn it on, all your other sessions end. Tokens live on.
turn-on = Turn on two-factor
set-up-title = Set up your authenticator
set-up-about = Scan the QR code with your authenticator app, or type the secret into it. Then enter the six digits that it shows.
qr = QR code with the secret for an authenticator app
secret = Secret
account = Account in the app: { $login }
code = Code from your authenticator app
enter-digits = Enter the six digits
wrong-code = The code is wrong or was used already. Wait for the next one
gone = The secret has expired. A new one is shown; add it to your app in place of the earlier one
on-about = Two-factor authentication is on. Signing in takes a code from your authenticator app.
another = Set up another authenticator
set-up = Set up…
another-about = The new secret takes the place of the earlier one, and you get new recovery codes.
turn-off = Turn off two-factor
turn-off-link = Turn off…
off-title = Turn off two-factor authentication?
off-about = Your password alone signs you in then. The secret and all recovery codes stop working at once, and all your other sessions end.
off-keeps-passkeys = Your passkeys stay the second factor. The authenticator's secret stops working at once, and all your other sessions end.
required = A second factor is required of you, so the last one cannot be turned off. You can set up another authenticator over it.
cancel = Cancel
codes-title = Save your recovery codes
codes-about = Each of them signs you in once when you do not have your authenticator. This is the only time that they are shown. The server keeps digests, not the codes.
codes-of = Recovery codes of <strong>{ $login }</strong> at { $host }
download = Download
print = You can also print this page.
saved = I have saved these codes
tick = Tick the box when you have saved the codes
done = Done
codes-gone = These codes do not work any more. Make new ones if you have not saved later ones.
shown-before = This was shown before and cannot be shown again.
new-title = New recovery codes
new-about = Make new codes when few are left, or when somebody may have seen them. The earlier ones stop working at once, and all your other sessions end.
codes-left = { $count ->
    [one] { $count } recovery code is left.
   *[other] { $count } recovery codes are left.
}
make-new = Make new codes
overdue-title = Two-factor authentication is required
overdue-about = It has been required of you since { $date }. Your password alone cannot turn it on any more: whoever stole it could do that too.
overdue-ask = Ask an administrator.
overdue-link = A link by which you set it up can be mailed to your verified address. Without one, ask an administrator.
send-link = Send link
link-asked = { $minutes ->
    [one] If your account has a verified address, a link is on its way. It works for { $minutes } minute.
   *[other] If your account has a verified address, a link is on its way. It works for { $minutes } minutes.
}
by-link-title = Set up two-factor
by-link = For your account <strong>{ $login }</strong>. From then on signing in takes a second step besides the password: six digits that an authenticator app shows, or a passkey.
as-another = You are signed in as <strong>{ $login }</strong>, and this link is for <strong>{ $owner }</strong>. Sign out, then open the link once more.
overdue-tokens = Your tokens go on working.
status-off = Two-factor authentication is off.
status-app-off = The authenticator app is off. Your passkeys stay the second factor.
status-saved = Two-factor authentication is on. Your recovery codes are the ones that you saved.
