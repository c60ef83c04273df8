# A person's own tokens.
title = Personal access tokens
intro = A token lets a script or a program use the API as you. Give each its own token, with as little as it needs.
new-token = New token
tabs = Tokens
active = Active
ended = Ended
none-active = No tokens yet. A token lets a script use the API as you.
none-ended = No token ended within the last 90 days.
kept = Ended tokens stay listed for 90 days.
kept-newest = Ended tokens stay listed for 90 days; these are the newest { $count }.
delete-all-link = Delete all tokens…
expiring = { $count ->
    [one] One token expires within a week.
   *[other] { $count } tokens expire within a week.
}
expiring-one = { $name } stops working on { $date }.
expiring-first = { $name } is the first and stops working on { $date }.
regenerate-it = Regenerate it

# What a row of a list says.
used-from = Last used { $time } from { $address }
used = Last used { $time }
never-used = Never used; made { $time }
no-scopes = No scope: public data only
more-scopes = and { $count } more
expires-today = Expires today
expires-in = { $count ->
    [one] Expires in { $count } day
   *[other] Expires in { $count } days
}
unused-for = { $count ->
    [one] Unused for { $count } day
   *[other] Unused for { $count } days
}
no-expiry = no expiry
acts-as-you = Made by { $login } to act as you
of-app = A token of { $app }

# How a token was made.
origin-page = Settings page
origin-password = Password API
origin-command-line = Command line
origin-web-flow = App
origin-device-flow = Device
origin-administrator = Administrator
origin-import = Import

# Why a token ended.
ended-expired = Expired
ended-by-you = Deleted by you
ended-regenerated = Regenerated
ended-replaced = Replaced by a newer one
ended-by-operator = Revoked by the people who run this server
ended-by-administrator = Revoked by an administrator
ended-by-login = Revoked by { $login }
ended-too-many = { $count ->
    [one] More than { $count } token
   *[other] More than { $count } tokens
}
ended-too-many-more = { $app } got one more token than you may have for it at the same time. The oldest ended.
ended-idle = Not used for long
ended-password = Ended with your old password
ended-maker = Its maker is no administrator any more
ended-restored = Ended when the database was restored
ended-otherwise = Revoked

# A new token, and its form.
new-title = New personal access token
new-intro = You will see the token once, on the next page. Have the place ready where you will keep it.
name = Name
name-hint = What will use it, and where, for example “deploy-bot on ci-3”.
expiry = Expiry
expiry-hint = The token stops working at the end of that day, 23:59 { $zone }.
days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
on-a-day = On a date that I choose
longest = As long as this server allows
without-end = No expiry
not-advised = not advised
last-day = Last day
scopes = Scopes
scopes-hint = Without any scope the token reads public data only. It can never do more than you can.
chosen = { $count } chosen
included = Included
create = Create token
cancel = Cancel
save = Save

# What is wrong with a form.
enter-name = Enter a name for the token
shorter-name = Enter a name of at most 255 characters
plainer-name = Enter a name without control characters
name-taken = A live token has this name. Choose another, or regenerate that one
choose-expiry = Choose when the token expires
choose-day = Choose a date from tomorrow to { $latest }
too-many = { $count ->
    [one] You have { $count } live token, the most allowed. Delete some
   *[other] You have { $count } live tokens, the most allowed. Delete some
}
too-many-an-hour = { $count ->
    [one] You made { $count } token on pages within an hour, the most allowed. Try again later
   *[other] You made { $count } tokens on pages within an hour, the most allowed. Try again later
}
for-administrators = Leave out what only a site administrator's token may have: { $scopes }
verify-address = Verify your e-mail address first
enter-count = Enter { $count }, the number of your tokens

# The token, shown once.
shown-title = Copy your new token now
shown-intro = This is the only time that it is shown. The server keeps a digest, not the token.
token = Token
try-it = To try it, put the token into the variable <code>TOKEN</code> and run
scopes-of = Scopes
lost = Lost it later? Regenerate it: name and scopes stay, the value changes.
have-copied = I have copied it
shown-before = This was shown before and cannot be shown again.

# One token.
edit-intro = Changes count at once; the token stays the same. To change the expiry, regenerate it.
ends-with = Ends with
made = Made
made-as = { $time }, { $origin }
last-use = Last used
last-use-from = { $time } from { $address }
never = Never
expires = Expires
no-expiry-date = Never
regenerate-link = Regenerate…
delete-link = Delete…

regenerate-title = Regenerate { $name }?
regenerate-intro = The old value stops working at once.
regenerate = Regenerate
delete-title = Delete { $name }?
delete-used-from = Last used { $time } from { $address }. Whatever uses it is refused at once. This cannot be undone.
delete-used = Last used { $time }. Whatever uses it is refused at once. This cannot be undone.
delete-never-used = Never used. Whatever uses it is refused at once. This cannot be undone.
delete = Delete
delete-all-title = Delete all tokens?
delete-all-used = { $count ->
    [one] This deletes { $count } personal access token, last used { $time }. Whatever uses it is refused at once. This cannot be undone.
   *[other] This deletes { $count } personal access tokens, one of them last used { $time }. Whatever uses one of them is refused at once. This cannot be undone.
}
delete-all-never-used = { $count ->
    [one] This deletes { $count } personal access token, which was never used. This cannot be undone.
   *[other] This deletes { $count } personal access tokens, which were never used. This cannot be undone.
}
delete-all-others = Apps keep their access.
how-many = How many tokens are deleted
how-many-hint = Type { $count } to confirm.
delete-all = Delete all

# What a change did, on the next page.
was-saved = “{ $name }” was saved.
was-deleted = “{ $name }” was deleted.
were-deleted = { $count ->
    [one] { $count } token was deleted.
   *[other] { $count } tokens were deleted.
}
