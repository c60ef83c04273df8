title = Sign out?
about = You are signed in as <strong>{ $login }</strong>.
submit = Sign out
cancel = Cancel
