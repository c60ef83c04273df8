title = Allow { $app } to use your account?
title-more = { $app } asks for more access
registered = Registered by <strong>{ $owner }</strong> on { $date }.
users = { $users ->
    [one] { $users } person here uses it.
   *[other] { $users } people here use it.
}
users-many = More than { $users } people here use it.
website = Website: { $host }
new-app = New app
signed-in-as = Signed in as <strong>{ $login }</strong>
not-you = Not you?
will-be-able = { $app } will be able to
profile-only = See your public profile: login, name, picture. Nothing else
will-not-get = It will not get
no-password = your password or one-time codes
withheld = Not given, since only a site administrator gives it who proved a moment ago who they are:
new-scope = New
already = Already allowed
life = Access lasts until you take it away
life-until = Access lasts until { $date }, unless you take it away before
life-renewed = { $hours ->
    [one] Each token lasts { $hours } hour and is renewed while { $app } is in use
   *[other] Each token lasts { $hours } hours and is renewed while { $app } is in use
}
allow = Allow { $app }
cancel = Cancel
go-back = Either way you go back to <strong>{ $host }</strong>. You can take the access away at any time under Settings, Apps with access.
go-back-here = Either way you go back to the program on this computer. You can take the access away at any time under Settings, Apps with access.
cancel-keeps = If you cancel, what it has now stays.
on-this-computer = This app runs on your computer. Allow it only if you started it just now.
cannot-be-verified = Any program can use this app’s name. It cannot be verified.
not-encrypted = { $host } is reached without encryption.
asks-often = { $app } asks unusually often. Allow it only if you are using it now.
answered = You have answered this already
other-account = You are signed in as { $now }; this page was for { $before }
continue-as = Continue as { $login }
unknown-app = This app is not registered here
return-address = The return address does not fit
suspended = This app is suspended
incomplete = The request is incomplete: { $parameter }
too-long = The request is too long
not-by-itself = This page opens by itself alone
not-by-itself-more = An app showed it inside another page, or fetched it in the background.
over = This request is over
over-more = It waited for ten minutes, or came from another browser. Go back to the app and begin again.
nothing-shared = Nothing was shared. Tell the people who run the app.
client-id = Client ID <code>{ $id }</code>
back-to = Go back to { $host }
back-here = Go back to the program
