# Users, as site administrators see them.
title = Users
intro = Everybody who has an account here. Open one to see what it has and to change it.
sought = Search
sought-hint = A part of a login, an e-mail address or a name
search = Search
show-all = Show all users
found = { $count ->
  [one] { $count } user
  *[other] { $count } users
}
none-found = No user has this in the login, an address or the name.
user = User
address = E-mail address
no-address = None that is verified
state = State
last-sign-in = Last sign-in
no-sign-in = None known
suspended = Suspended
administrator = Administrator
two-factor = Two-factor
