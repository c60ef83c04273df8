# Proving by a passkey who one is.
between = or
sign-in = Sign in with a passkey
use-one = Use a passkey
need-script = Passkeys need JavaScript
unsupported = This browser does not support passkeys here
title = Use your passkey
about = Your browser asks for it: by fingerprint, face, PIN or security key.
ask = Use passkey
use-password = Use your password
go-back = Go back
refused = The passkey was not accepted. Try again, or use your password
other-address = Passkeys do not work at this address
busy = Too many passkeys are being asked for. Try again later, or use your password
second-title = Confirm with your passkey
second-about = Your password was right. A passkey is the second step of your account.
only-passkey = Your account has no authenticator app, so a passkey is the proof.
