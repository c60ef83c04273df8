# Mail, which is plain text.
invitation-subject = You are invited to { $brand }
invitation = An administrator invited you to { $host }. Your login is { $login }.
invitation-from = { $maker } invited you to { $host }. Your login is { $login }.
invitation-link = Choose a password by opening this link. It works once, for { $life }:
invitation-else = If you do not know what this is about, you need do nothing.
reset-subject = A new password for { $login }
reset = An administrator had this link made for your account { $login } on { $host }.
reset-asked = Somebody asked for a new password for your account { $login } on { $host }.
reset-link = Choose a new password by opening this link. It works once, for { $life }:
reset-else = All sessions end then. If you did not ask for it, you need do nothing: your password stays as it is.
address-subject = Verify your e-mail address
address = { $login } on { $host } wants to use this e-mail address.
address-link = If that is you, verify the address by opening this link. It works once, for { $life }:
address-else = If it is not you, you need do nothing: nothing changes.
taken-subject = Somebody wanted to use your e-mail address
taken = Somebody with another account on { $host } wanted to use this e-mail address. It is that of your account { $login }, so nothing changed.
taken-else = If it was you, remove the address from { $login } first. If it was not you, you need do nothing.
changed-subject = The e-mail addresses of { $login } changed
changed = The e-mail addresses of your account { $login } on { $host } were changed on { $time }. If that was you, you need do nothing.
changed-link = If it was not you, take the change back by opening this link. It works once, for { $life }:
changed-else = Your address becomes { $address } again and all sessions end. You set a new password after that. Passkeys and authenticator apps that were added after the change are removed.
enrolment-subject = Set up two-factor for { $login }
enrolment = Your account { $login } on { $host } needs a second factor.
enrolment-link = Set it up by opening this link. It works once, for { $life }, and asks for your password:
enrolment-else = If you do not know what this is about, tell an administrator.
password-subject = The password of { $login } was changed
password = The password of your account { $login } on { $host } was changed on { $time }. Passkeys and authenticator apps stay: they are listed under Settings, Security, and can be removed there.
factor-on-subject = Two-factor was turned on for { $login }
factor-on = Two-factor was turned on for your account { $login } on { $host } on { $time }.
factor-off-subject = Two-factor was turned off for { $login }
factor-off = Two-factor was turned off for your account { $login } on { $host } on { $time }.
recovery-subject = A recovery code of { $login } was used
recovery = A recovery code of your account { $login } on { $host } was used on { $time }.
codes-replaced-subject = New recovery codes for { $login }
codes-replaced = New recovery codes for your account { $login } on { $host } were made on { $time }. The earlier ones work no more.
wrong-codes-subject = Wrong codes for { $login }
wrong-codes = The password of your account { $login } on { $host } was given with wrong codes, and sign-ins from that address are locked for a while. Time: { $time }
exhausted-subject = The codes of { $login } are refused
exhausted = So many codes for your account { $login } on { $host } were wrong that those of your authenticator are refused from now on. A recovery code works. Time: { $time }
passkey-added-subject = A passkey was added for { $login }
passkey-added = A passkey was added to your account { $login } on { $host } on { $time }. It signs in without a password.
passkey-removed-subject = A passkey of { $login } was removed
passkey-removed = A passkey was removed from your account { $login } on { $host } on { $time }.
passkey-stalled-subject = A passkey of { $login } may have been copied
passkey-stalled = A passkey of your account { $login } on { $host } was used, and its count of uses was not higher than before. It may have been copied. If you are not sure, remove it and add a new one. Time: { $time }
scopes-subject = A token of { $login } got administrators' scopes
scopes = A token of your account { $login } on { $host } got scopes that are for administrators on { $time }.
refresh-subject = An app lost its access to { $login }
refresh = A refresh token of an app that has access to your account { $login } on { $host } was used a second time on { $time }. Somebody else may have got hold of it, so the app’s access by it has ended.
refresh-else = If you use the app, it will ask you to sign in again. If you do not know it, revoke its access under Settings, Apps with access.
renamed-subject = Your login is { $login } now
renamed = An administrator changed your login on { $host } on { $time }. It is { $login } now.
app-transferred-subject = An app of { $login } has another owner
app-transferred = An administrator gave an app of your account { $login } on { $host } to another owner on { $time }. Settings, My apps shows which you have.
app-suspended-subject = An app of { $login } was suspended
app-suspended = An administrator suspended an app that your account { $login } on { $host } looks after, on { $time }. Nobody signs in through it, and it proves nothing by its secrets; the tokens that users gave it live on.
app-unsuspended-subject = The suspension of an app of { $login } was lifted
app-unsuspended = An administrator lifted the suspension of an app that your account { $login } on { $host } looks after, on { $time }. People sign in through it again.
app-published-subject = A client secret of an app of { $login } counts as published
app-published = An administrator noted on { $time } that everybody may know a client secret of an app that your account { $login } on { $host } looks after. It proves nothing any more. Make another one under Settings, My apps if the app has to prove itself.
resource-server-subject = What an app of { $login } is told of tokens changed
resource-server = An administrator made an app that your account { $login } on { $host } looks after a resource server, or one no more, on { $time }. A resource server is told of the tokens of all apps and users that it is shown.
membership-subject = The memberships of { $login } changed
membership = An administrator changed where your account { $login } on { $host } is a member, or its role there, on { $time }: of an organization, or of one of its teams.
organization-deleted-subject = An organization of { $login } was deleted
organization-deleted = An administrator deleted an organization that your account { $login } on { $host } owned, on { $time }, with its teams and its apps. The tokens of these apps work no more.
standing-subject = The administrator's rights of { $login } changed
standing = Your account { $login } on { $host } was given, or lost, the rights of an administrator on { $time }.
suspended-subject = Your account { $login } was suspended
suspended = An administrator suspended your account { $login } on { $host } on { $time }. Nobody signs in with it, and its tokens are refused.
unsuspended-subject = The suspension of { $login } was lifted
unsuspended = An administrator lifted the suspension of your account { $login } on { $host } on { $time }. Its tokens work again, but for those that apps renewed: these apps ask for access anew.
impersonated-subject = An administrator can act as { $login }
impersonated = An administrator made a token on { $time } that acts as your account { $login } on { $host }. Settings, Security says who, and until when.
tokens-revoked-subject = Tokens of { $login } were revoked
tokens-revoked = An administrator revoked tokens of your account { $login } on { $host } on { $time }. Programs that use them are refused. Settings, Personal access tokens and Apps with access say what is left.
unlocked-subject = The locks on the sign-in of { $login } were lifted
unlocked = An administrator lifted the locks on the sign-in of your account { $login } on { $host } on { $time }. Too many wrong passwords or codes had led to them.
sessions-ended-subject = The sessions of { $login } were ended
sessions-ended = An administrator ended all sessions of your account { $login } on { $host } on { $time }. You sign in again; your tokens work on.
deleted-subject = Your account { $login } was deleted
deleted = An administrator deleted your account { $login } on { $host } on { $time }. Nobody signs in with it, and its tokens and apps work no more.
address-set-subject = { $login } has another e-mail address
address-set = An administrator gave your account { $login } on { $host } another e-mail address on { $time }. Mail about the account goes there.
administrators-else = If you do not know why, ask an administrator.
notice-else = If that was you, you need do nothing. If it was not you, ask for a new password and tell an administrator:
test-subject = Test mail from { $brand }
test = Mail from { $host } arrives.
minutes = { $minutes ->
    [one] { $minutes } minute
   *[other] { $minutes } minutes
}
hours = { $hours ->
    [one] { $hours } hour
   *[other] { $hours } hours
}
days = { $days ->
    [one] { $days } day
   *[other] { $days } days
}
foot = { $brand }, { $host }
