# Passkeys of an account.
title = Passkeys
about = A passkey signs you in without a password, and is a second step after it. It stays in your device, your password manager or your security key.
none = You have no passkeys.
made = Added { $time }
last-used = Last used { $time }
never-used = Never used
elsewhere = Works at { $host } only
manage = Manage passkeys
open = Rename or remove
add = Add a passkey
name = Name
name-hint = Where it is kept, such as the phone or the security key.
enter-name = Enter a name for the passkey
name-too-long = { $count ->
    [one] The name may have { $count } character at most
   *[other] The name may have { $count } characters at most
}
name-control = The name may not contain control characters
others-end = When you add a passkey, all your other sessions end. Tokens live on.
first = As it is your first second factor, signing in then takes it besides your password, and you get recovery codes.
no-name = Passkeys need a host name, and this server was reached by an IP address. Open it by its name to add one.
other-host = Passkeys of this server work under another address, or under HTTPS alone. Open it there to add one.
too-many = { $count ->
    [one] You have { $count } passkey, the most allowed. Remove it first
   *[other] You have { $count } passkeys, the most allowed. Remove some first
}
too-early = Some servers of this installation run an older version that does not know passkeys. Try again after the upgrade
busy = Too many passkeys are being asked for. Try again later
not-made = No passkey was added. Try again
already-there = This device has a passkey of your account already
cannot = This device cannot make a passkey that this server accepts
another-account = This passkey was not added. Use another one
add-title = Add passkey { $name }
add-about = Your browser asks where to keep it, and for your fingerprint, face, PIN or security key.
make = Add passkey
cancel = Cancel
save = Save name
remove-link = Remove…
remove-title = Remove passkey { $name }?
remove-about = It signs you in no more, at once, and all your other sessions end. Delete it from your device or password manager yourself.
remove-last = It is your last second factor: your password alone signs you in then, and your recovery codes stop working.
remove = Remove passkey
required = A second factor is required of you, so the last one cannot be removed. Add another first
status-added = The passkey { $name } was added.
status-renamed = The passkey is called { $name } now.
status-removed = The passkey { $name } was removed.
