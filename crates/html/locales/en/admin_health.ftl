# How each part of an installation is, as site administrators see it.
title = Health
intro = How this server and its database are at this moment, each part good or with what to do. <code>counterfoil doctor</code> looks at more on the machine itself.
all-good = Everything is good
some-to-do = { $count ->
  [one] One part needs somebody
  *[other] { $count } parts need somebody
}
part = Part
state = State
about = How it is
good = Good
to-do = To do

database = Database
database-good = It confirmed a write within the last second.
database-takes-no-writes = It takes no writes, so nothing can be changed. Look at the room on its disk, and whether it is a standby; the log has the cause.
database-silent = It cannot be reached or does not answer in time. Look whether it runs, and at the network to it; the log has the cause.

size = Room of the database
size-counted = { $mebibytes } MiB, counted { $when }.
size-uncounted = It is counted in the first minutes after the start.

trail = Audit trail
trail-good = Every change was committed with its event; the newest is from { $when }.
trail-empty = It has no event yet.
trail-failed = { $count ->
  [one] One commit failed since this process started. Look into the log for the cause: a full disk, a failing one, or a connection that was lost.
  *[other] { $count } commits failed since this process started. Look into the log for the cause: a full disk, a failing one, or a connection that was lost.
}

feed = Feed of changes
feed-good = What other processes change was read { $milliseconds } ms ago.
feed-lost = What other nodes change is not heard of, so checks are refused. Look at the database and at the network to it.

clock = Clock
clock-good = The clocks agree.
clock-ahead = The clock of this machine is { $seconds } s ahead of the database’s. Set the one that is wrong: all nodes go by the database’s.
clock-behind = The clock of this machine is { $seconds } s behind the database’s. Set the one that is wrong: all nodes go by the database’s.
clock-events = The audit trail has an event of { $at }, which is still to come. Set the clock.

nodes = Nodes
nodes-good = { $count ->
  [one] One node serves from this database.
  *[other] { $count } nodes serve from this database, and all judge alike.
}
nodes-unseen = No node could write down within the last minute that it is there. Look into the log of this one.
nodes-older = { $older } of { $count } nodes run an older program. Update them: what they would judge wrongly is not used before.
nodes-newer = { $newer } of { $count } nodes run a newer program. Update this one.

mail = Mail
mail-off = None is sent: <code>mail.server</code> is not set.
mail-good = { $count ->
  [0] None waits.
  [one] One waits to be sent.
  *[other] { $count } wait to be sent.
}
mail-tried = { $count } wait, and the mail server did not take { $tried } of them so far. They are tried again.
mail-no-server = { $count ->
  [one] One waits and <code>mail.server</code> is not set. Set it and start the server again.
  *[other] { $count } wait and <code>mail.server</code> is not set. Set it and start the server again.
}
mail-paused = { $count ->
  [0] None is sent since this database was restored or copied. <code>counterfoil outbox resume</code> lets mail go.
  [one] None is sent since this database was restored or copied, and one waits. <code>counterfoil outbox resume</code> lets it go.
  *[other] None is sent since this database was restored or copied, and { $count } wait. <code>counterfoil outbox resume</code> lets them go.
}
mail-stuck = { $count ->
  [one] One waits since { $since }. <code>counterfoil mail test ADDRESS</code> says what the mail server answers.
  *[other] { $count } wait, the oldest since { $since }. <code>counterfoil mail test ADDRESS</code> says what the mail server answers.
}

certificate = Certificate
certificate-absent = This server has none: what stands before it encrypts, or only this machine reaches it.
certificate-unreadable = Its dates cannot be read. <code>counterfoil doctor</code> looks at the file.
certificate-good = It is valid until { $until }.
certificate-ends-soon = It ends on { $until }. Renew it, then run <code>counterfoil reload</code>.
certificate-ended = It ended on { $at }, and clients refuse it. Renew it, then run <code>counterfoil reload</code>.

keys = Keys
keys-good = { $count ->
  [one] The one key that the database needs is here.
  *[other] All { $count } keys that the database needs are here.
}
keys-missing = The database needs key { $id }, and this process has none of that id or another one. Copy the file <code>keys</code> from the data folder of a node that has it.

passwords = Passwords
passwords-good = { $count ->
  [0] None waits to be verified.
  [one] One waits to be verified.
  *[other] { $count } wait to be verified.
}
passwords-crowded = { $waiting } wait to be verified and { $most } may, so strangers are turned away. Look into the audit trail for an attack, or raise <code>passwords.threads</code>.

second-factor = Second factor
second-factor-not-required = It is required of nobody.
second-factor-good = Nobody is late of whom it is required.
second-factor-good-so-far = Nobody is late among the accounts up to number { $id }; there are so many that the others were not looked at.
second-factor-overdue = { $count ->
  [one] One user should have it by now, and is let in nowhere before. <code>counterfoil user otp link LOGIN</code> makes a link to set it up by.
  *[other] { $count } users should have it by now, and are let in nowhere before. <code>counterfoil user otp link LOGIN</code> makes a link to set it up by.
}
second-factor-overdue-or-more = { $count } users or more should have it by now, and are let in nowhere before. <code>counterfoil user otp link LOGIN</code> makes a link to set it up by.
