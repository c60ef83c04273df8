# A person's own apps.
title = My apps
intro = Apps that you registered here, and those of organizations that you own. People sign in through them and give them access to their accounts.
new-app = Register an app
none = Register an app to let it sign people in.
users = { $count ->
    [one] { $count } person uses it
   *[other] { $count } people use it
}
used = Last used { $time }
of-organization = Belongs to { $organization }
never-used = Never used

# The form of an app.
new-title = Register an app
new-intro = The next page shows the client secret, once. Have the place ready where you will keep it.
name = Name
name-hint = What people read when the app asks for access.
website = Website
website-hint = A full URL, where people can read what the app is.
callbacks = Callback URLs
callbacks-hint = Where a sign-in may return to, one URL on each line.
exact-match = Exact match
exact-match-hint = A sign-in returns to a callback URL as it is written here, never to an address below it or with another query.
device-flow = Device flow
device-flow-hint = A program without a browser of its own signs people in by a code that they type here.
expiring = Expiring tokens
expiring-hint = Each token lasts 8 hours, and the app gets the next one by a refresh token. It concerns tokens made from now on.
require-pkce = Require PKCE
require-pkce-hint = A sign-in that comes without a code challenge is refused. For a new app with a callback on the person’s own computer it is on.
send-iss = Send iss
send-iss-hint = What goes back to the app names this server, for an app that uses several. Some apps refuse an answer that has it.
standard-errors = Standard token errors
standard-errors-hint = The token URL answers errors by RFC 6749, with the status 400 or 401, for an app that is not made for GitHub.
owner = Owner
oneself = You
register = Register app
save = Save
cancel = Cancel
enter-name = Enter a name for the app
shorter-name = Enter a name of at most 255 characters
plainer-name = Enter a name without control characters
other-name = Enter another name: this one looks like the name of this site, or of an app that comes with it
enter-website = Enter a full URL, such as https://app.example.org
enter-callback = Enter a full URL, such as https://app.example.org/callback
wrong-callback = A callback URL must not contain a fragment, user name or ..
plain-callback = Enter a callback URL with https, or with http on the person’s own computer: localhost, 127.0.0.1 or [::1]
fewer-callbacks = { $count ->
    [one] Enter at most { $count } callback URL
   *[other] Enter at most { $count } callback URLs
}
too-many = { $count ->
    [one] You have { $count } app, the most allowed. Delete some
   *[other] You have { $count } apps, the most allowed. Delete some
}
organization-too-many = { $count ->
    [one] The organization has { $count } app, the most allowed. Delete some
   *[other] The organization has { $count } apps, the most allowed. Delete some
}
too-many-an-hour = { $count ->
    [one] { $count } app was registered within an hour, the most allowed. Try again later
   *[other] { $count } apps were registered within an hour, the most allowed. Try again later
}

# One app.
client-id = Client ID
registered = Registered
people = People
last-use = Last used
never = never
secrets-link = Client secrets
revoke-all-link = Revoke all tokens…
transfer-link = Transfer…
delete-link = Delete…
was-saved = “{ $name }” was saved.

# Client secrets.
secrets-title = Client secrets of { $name }
secrets-intro = An app proves itself by a client secret. It may have two at the same time, so that one replaces the other without a gap: make the second, give it to the app, end the first.
new-secret = New secret
most-secrets = It has two secrets, the most that an app may have. End one to make another.
no-secrets = The app has no secret, so it cannot prove itself.
published = Published: it proves nothing
secret-made = Made { $time }
end-link = Revoke…
shown-title = Copy the client secret now
shown-intro = This is the only time that it is shown. The server keeps a digest, not the secret.
secret = Client secret
lost = Lost it later? Make another secret and end this one: the app’s tokens live on.
have-copied = I have copied it
shown-before = This secret was shown before and cannot be shown again.
end-title = Revoke the secret that ends with { $end }?
end-last = Sign-ins through { $name } fail unless it has another secret. It has none.
end-other = Sign-ins through { $name } fail unless it has another secret. It has one.
end-used = Last used { $time }.
end-never-used = Never used.
revoke = Revoke
was-ended = The secret that ended with { $end } was revoked.

# The end of all tokens, and of the app.
revoke-all-title = Revoke all tokens of { $name }?
must-allow = { $count ->
    [one] { $count } person must allow { $name } again.
   *[other] { $count } people must allow { $name } again.
}
all-stop = All tokens that the app holds stop working at once, on every node. This cannot be undone.
type-name = Name of the app
type-name-hint = Type { $name } to confirm.
enter-app-name = Enter { $name }, the name of the app
revoke-all = Revoke all
were-revoked = { $count ->
    [one] { $count } token of “{ $name }” was revoked.
   *[other] { $count } tokens of “{ $name }” were revoked.
}
delete-title = Delete { $name }?
lose-access = { $count ->
    [one] It ends for { $count } person: nobody signs in through it any more.
   *[other] It ends for { $count } people: nobody signs in through it any more.
}
all-ends = Its secrets and all tokens that it holds stop working at once, and its client ID is never given again. This cannot be undone.
delete = Delete app
was-deleted = “{ $name }” was deleted.

# Another owner.
transfer-title = Transfer { $name }?
transfer-asked = Everybody who gave it access is asked again, since they trusted the owner before. Every owner of the organization looks after it from then on.
transfer-secrets = Its tokens and secrets live on: replace a secret that somebody should not have any more. Only an administrator can give it back to a user.
transfer-to = New owner
choose-owner = Choose an organization
no-organization = You own no other organization that it could go to.
transfer = Transfer
was-transferred = “{ $name }” belongs to { $owner }.
