# All tokens, as site administrators look for them.
title = Tokens
intro = Look for tokens of a user or an app, or for the one of which you have the SHA-256. The server keeps no token, only its digest.
sought = Login, client ID or SHA-256
sought-hint = The SHA-256 of a token as 64 hexadecimal digits or in base 64. Never enter the token itself.
last-eight = Last eight characters
last-eight-hint = Narrows the tokens of a user or an app. It may stay empty.
search = Search
enter-sought = Enter a login, a client ID or the SHA-256 of a token
is-token = That is a token. Search by its SHA-256.
enter-last-eight = Enter the last eight characters of a token, or nothing
last-eight-of-digest = Leave this empty: a SHA-256 is that of one token
no-such-user = There is no user of this login
no-such-app = There is no app of this client ID
found-of-user = { $count ->
    [one] { $count } token of the user { $login }, ended ones among them
   *[other] { $count } tokens of the user { $login }, ended ones among them
}
found-of-app = { $count ->
    [one] { $count } live token of the app { $app }
   *[other] { $count } live tokens of the app { $app }
}
found-of-digest = The token with the SHA-256 { $digest }
none = No token was found.
none-of-app = No live token was found. Tokens of an app that ended are found under their user, or by their SHA-256.
token = Token
owner = Owner
purpose = For
last-use = Last use
state = State
personal = Personal
acts-as-owner = Acts as its owner, for an administrator
owner-suspended = Owner suspended
ends = Ends { $date }
no-end = Lives until it is ended
revoke-link = Revoke…

# Why a token ended.
ended-expired = Expired
ended-by-owner = Deleted by its owner
ended-replaced = Replaced by another one
ended-by-operators = Revoked by an administrator or operator
ended-by-app = Ended by its app
ended-with-grant = Access of the app taken away
ended-with-account = Its owner was deleted
ended-with-app = Its app was deleted
ended-too-many = One more than allowed was made
ended-password = Ended with the old password
ended-idle = Not used for long
ended-second-factor = Its owner has no second factor
ended-repeated = A secret of its sign-in came twice
ended-restored = Ended when the database was restored
ended-otherwise = Ended

# Taking one away.
revoke-title = Revoke the token …{ $end } of { $login }?
revoke-intro = Whatever uses it is refused at once, on every node. This cannot be undone. { $login } is told by mail where this server sends any.
revoke = Revoke
cancel = Cancel
was-revoked = The token …{ $end } of { $login } was revoked.
