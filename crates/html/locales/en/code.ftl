title = Enter your code
code = Code from your authenticator app
enter-digits = Enter the six digits
wrong = The code is wrong or was used already. Wait for the next one
use-recovery = Use a recovery code
title-recovery = Enter a recovery code
recovery = Recovery code
recovery-hint = Case, blanks and hyphens do not matter.
enter-recovery = Enter a recovery code
wrong-recovery = The recovery code is wrong or was used already
use-app = Use a code from your authenticator app
submit = Continue
left = { $count ->
    [one] { $count } recovery code is left
   *[other] { $count } recovery codes are left
}
