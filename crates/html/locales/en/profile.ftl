# What somebody says about themselves.
title = Profile
about = How you are called, and how pages speak to you.
login = Login
name = Name
name-hint = Shown beside your login. It may be empty.
name-too-long = Enter at most { $count } characters
name-control = Enter a name without control characters
language = Language
by-browser = As the browser asks
zone = Time zone
by-server = The server's ({ $zone })
no-zone = Choose a time zone of the list
now = It is { $time } there.
addresses = E-mail addresses
save = Save
status = Your profile was saved.
status-same = Nothing was changed.
