about = Here you look after the tokens by which scripts and programs use the API as you.
api = API address
sign-in = Sign in
not-set-up = Not set up yet.
not-set-up-more = The set-up link is in the server's terminal or data folder.
attention = Needs attention
nothing = Nothing needs your attention.
token-expires = The token “{ $name }” expires { $time }.
regenerate = Regenerate it
token-unused = { $days ->
    [one] The token “{ $name }” was not used for { $days } day.
   *[other] The token “{ $name }” was not used for { $days } days.
}
look-at-it = Look at it
no-second-factor = A password alone protects your account.
set-up-two-factor = Turn on two-factor
few-recovery-codes = { $count ->
    [one] { $count } recovery code is left.
   *[other] { $count } recovery codes are left.
}
make-new-codes = Make new codes
unverified-address = The e-mail address { $address } is not verified.
verify-it = Verify it
