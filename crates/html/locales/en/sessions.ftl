title = Sessions
about = Where you are signed in. End what you do not know, and change your password then.
here = This session
last-used = Last used { $time } from { $address }
in-use = In use now, from { $address }
made = Signed in { $time }
browser-on = { $browser } on { $system }
unknown-agent = No name given
as-it-says = as it says itself
end = End session
end-others = Sign out all others
only-one = You are signed in nowhere else.
ended = The session was ended.
ended-others = { $count ->
    [one] { $count } other session was ended.
   *[other] { $count } other sessions were ended.
}
