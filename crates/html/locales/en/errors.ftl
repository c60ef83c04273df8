request-id = Request ID <code>{ $id }</code>
bad-request = The request cannot be read
bad-request-more = Go back and try again.
foreign-form = This form came from another site
foreign-form-more = Nothing was changed. Open the page here and send its form.
too-old = This form is too old
too-old-more = Your entries are still here; send it again.
send-again = Send again
locked = Too many tries
locked-more = { $minutes ->
    [one] Too many tries from your address. Try again in { $minutes } minute.
   *[other] Too many tries from your address. Try again in { $minutes } minutes.
}
not-encrypted = Nobody signs in here without encryption
not-encrypted-more = This server is reached over plain HTTP, so a password could be read on its way. Ask an administrator for an address with HTTPS.
not-found = Page not found
not-found-more = The address is wrong, or the page is not for you.
wrong-method = Nothing to do here
wrong-method-more = This address cannot be used in this way. Go back and try again.
too-large = The form is too large
too-large-more = Nothing was changed. Enter less, and send it again.
too-many-requests = Too many requests
too-many-requests-more = { $seconds ->
    [one] Try again in { $seconds } second.
   *[other] Try again in { $seconds } seconds.
}
failed = Something failed
failed-more = Look whether your change was saved before you try again.
unavailable = The database cannot be reached
unavailable-more = Nothing was changed. Try again in a minute.
updating = This server is being updated
updating-more = Nothing was changed. A part of it that still runs the older version would not obey what you asked for. Try again in a minute.
busy = Many people are signing in
busy-more = { $seconds ->
    [one] Nothing was changed. Try again in { $seconds } second.
   *[other] Nothing was changed. Try again in { $seconds } seconds.
}
