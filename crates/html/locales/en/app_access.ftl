# Apps that may use a person's account.
title = Apps with access
intro = Each of these apps got access to your account from you. What you do not use any more is better revoked.
none = No app has access to your account.
by = By { $owner }
tokens = { $count ->
    [one] { $count } token
   *[other] { $count } tokens
}
used-from = Last used { $time } from { $address }
used = Last used { $time }
never-used = Never used; allowed { $time }
public-only = Public data only

# One app.
registered-by = Registered by
registered = { $owner } on { $date }
website = Website
client-id = Client ID
allowed = Allowed
last-use = Last used
last-use-from = { $time } from { $address }
never = never
can = What it can do
tokens-heading = Tokens
tokens-none = The app holds no token at the moment.
fingerprint = Fingerprint { $fingerprint }
renewed = renewed while in use
revoke-link = Revoke access…
revoke-token-link = Revoke…

# Taking it away.
revoke-title = Revoke the access of { $app }?
stop = { $count ->
    [one] { $count } token stops working at once, on every node.
   *[other] { $count } tokens stop working at once, on every node.
}
were-used-from = Last used { $time } from { $address }.
were-used = Last used { $time }.
were-never-used = Never used.
may-ask = { $app } may ask you again; nothing happens then without your yes.
revoke = Revoke
cancel = Cancel
revoked = { $count ->
    [one] { $app } has no access any more. { $count } token was revoked.
   *[other] { $app } has no access any more. { $count } tokens were revoked.
}
token-title = Revoke the token that ends with { $end }?
token-stops = This token of { $app } stops working at once, on every node.
others-stay = What else the app holds goes on working. To end all of it, revoke its access.
token-revoked = The token that ended with { $end } was revoked.
