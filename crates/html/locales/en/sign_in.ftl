title = Sign in
continue-to = to continue to <strong>{ $app }</strong>
login = Login or e-mail address
password = Password
forgotten = Forgotten password?
submit = Sign in
enter-login = Enter your login or e-mail address
enter-password = Enter your password
wrong = The login or the password is wrong
too-many-tries = { $minutes ->
    [one] Too many tries from your address. Try again in { $minutes } minute
   *[other] Too many tries from your address. Try again in { $minutes } minutes
}
suspended = This account is suspended. Ask an administrator
