title = Confirm that it is you
about = What comes next protects your account, or gives somebody access to it.
signed-in-as = Signed in as <strong>{ $login }</strong>
wrong = The password is wrong
submit = Confirm
