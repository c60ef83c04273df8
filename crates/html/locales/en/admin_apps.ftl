# All apps, as site administrators see them.
title = Apps
intro = Every app that people sign in through, whoever owns it. Its owner changes its name and URLs under Settings, My apps.
none = There is no app yet.
app = App
owner = Owner
users = Users
tokens = Tokens
state = State
suspended = Suspended
owner-suspended = Owner suspended
published = Published secret
resource-server = Resource server
built-in = Came with the installation
built-in-link = Make the apps of a new installation…
cancel = Cancel

# One app.
one-title = App { $name }
client-id = Client ID
website = Website
callbacks = Callback URLs
registered = Registered
last-use = Last used
never = never
suspend-link = Suspend…
unsuspend-link = Lift the suspension…
turn-off-link = Turn off…
turn-on-link = Turn on…
mark-link = Make a resource server…
unmark-link = Take back resource server…
transfer-link = Transfer…
tokens-link = Its tokens
secrets = Client secrets
no-secrets = The app has no secret, so it cannot prove itself.
ends-with = Ends with
made = Made
is-published = Published: it proves nothing
publish-link = Mark as published…

# Suspension.
suspend-title = Suspend { $name }?
suspend-built-in-title = Turn off { $name }?
suspend-stops = Nobody signs in through it, sign-ins that have begun come to nothing, and it proves nothing by its secrets: introspection and the API that apps use refuse it at once.
suspend-users = { $count ->
    [one] { $count } person uses it.
   *[other] { $count } people use it.
}
suspend-tokens = { $count ->
    [one] { $count } token that it holds goes on working. Revoke it under Tokens if it should not.
   *[other] { $count } tokens that it holds go on working. Revoke them under Tokens if they should not.
}
suspend = Suspend app
turn-off = Turn off app
was-suspended = “{ $name }” was suspended.
was-turned-off = “{ $name }” was turned off.
unsuspend-title = Lift the suspension of { $name }?
unsuspend-built-in-title = Turn on { $name }?
unsuspend-intro = People sign in through it again, and it proves itself by its secrets again.
unsuspend = Lift suspension
turn-on = Turn on app
was-unsuspended = The suspension of “{ $name }” was lifted.
was-turned-on = “{ $name }” was turned on.

# Published secrets.
publish-title = Mark the secret of { $name } that ends with { $end } as published?
publish-stops = Everybody may know it from then on. It still opens the token endpoint of this app, and proves nothing else: introspection, the API that apps use and higher limits refuse it at once.
publish-forever = This cannot be undone. If the app has to prove itself, its owner makes another secret.
publish-used = Last used { $time }.
publish-never-used = Never used.
publish = Mark as published
was-published = The secret that ends with { $end } is marked as published.

# Resource servers.
mark-title = Make { $name } a resource server?
mark-intro = By introspection it is told of every live token that it is shown, whoever gave it to whichever app: whose it is, its scopes and its end. So its owner should be somebody whom you trust with that.
mark = Make resource server
was-marked = “{ $name }” is a resource server.
unmark-title = Take back that { $name } is a resource server?
unmark-intro = By introspection it is told of its own tokens alone from then on. Services behind it refuse whoever comes with a token of another app.
unmark = Take back
was-unmarked = “{ $name }” is no resource server any more.

# Another owner.
transfer-title = Transfer { $name } to another owner?
transfer-asked = { $count ->
    [one] { $count } person is asked again who gave it access, since they trusted the owner before.
   *[other] { $count } people are asked again who gave it access, since they trusted the owner before.
}
transfer-rest = Its tokens and secrets live on. It is no resource server any more, and { $owner } loses it.
transfer-to = New owner
transfer-hint = The login of a user or an organization
enter-owner = Enter the login of a user or an organization
no-such-owner = There is no user or organization { $login } that could own an app
is-owner = { $login } owns it already
too-many = { $count ->
    [one] { $login } has { $count } app, the most allowed
   *[other] { $login } has { $count } apps, the most allowed
}
transfer = Transfer
was-transferred = “{ $name }” belongs to { $owner }.

# The apps of a new installation.
make-title = Make the apps of a new installation?
make-intro = A new installation lets people sign in with GitHub CLI and Git Credential Manager. Their secrets are known to everybody and marked as published.
make-missing = Not here yet: { $apps }.
make-kept = An app that a restore ended lives again. Any other client ID that was given before is left as it is.
make = Make apps
were-made = { $count ->
    [one] { $count } app was made or brought back.
   *[other] { $count } apps were made or brought back.
}
