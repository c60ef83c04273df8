# Where somebody types the code that a device shows.
title = Connect a device
warning = Enter a code only if you just started a sign-in on a device of yours. A code that somebody sent you would give them your account.
code = Code on your device
code-hint = Eight letters; capitals and the hyphen do not matter
go-on = Continue
enter-letters = Enter the eight letters that your device shows
wrong = The code is wrong or has expired. Start again on your device
too-many-tries = { $minutes ->
    [one] Too many tries. Wait { $minutes } minute
   *[other] Too many tries. Wait { $minutes } minutes
}

# Whether the device gets access.
confirm-title = Did you start this sign-in?
asks = <strong>{ $app }</strong> on another device asks for access to your account <strong>{ $login }</strong>.
refuse-if = Refuse if somebody sent you this code
refuse-why = Whoever started this sign-in gets the access below to your account. Nobody from support, from your team or from this server needs a code like this from you.
started-from = Started from
not-your-network = not your network
program = Program
as-it-says = as it says itself
no-agent = No name given
started = Started
app-of = App
owner = Registered by { $owner } on { $date }
will-be-able = It will be able to
withheld = Not given, since no device gets what only site administrators may do:
mine = I started this myself, on a device in another network, and it shows the code <strong>{ $code }</strong>.
tick = Tick the box, or refuse
refuse = Refuse
connect = Connect { $app }

# What became of it.
connected = Device connected
connected-more = You can close this page.
refused = Refused
refused-more = The code is dead. If somebody sent it to you, tell an administrator.
