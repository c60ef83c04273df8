//! What may be written without an event, and why it needs none.

/// A kind of writing that may leave no event. Nothing that ends, grants or changes what somebody
/// may do is among them; a kind is added with its reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Note {
    /// When and from where tokens were last used, and when client secrets were. Nobody decides
    /// anything by one use, and there are thousands in a second.
    LastUses,
    /// That the database takes writes, once a minute at most: it says nothing about anybody.
    Heartbeat,
    /// That a process serves, three times a minute: it says nothing about anybody.
    NodeSeen,
    /// That a one-time code was used again, and how many were wrong. The first use of a code leaves
    /// an event, and so does the wrong code after which none is right; what lies between is as much
    /// as somebody guesses, and must not fill the trail.
    CodeGiven,
    /// From where users signed in: an event the first time on a day, which is when it is written.
    SignedIn,
    /// Who does something for all processes, and until when: it says nothing about anybody.
    LeaseTaken,
    /// That somebody who is not signed in asked for a link, by whatever they typed: strangers would
    /// fill the trail. The link leaves its event when it is made, and the sign-in is bounded.
    ResetAsked,
    /// That a mail goes, went or will be tried again. A link that is made for it leaves its event,
    /// and so does mail that is given up.
    MailSent,
    /// Mail that went long ago, and links that ended, are forgotten: what was done with them left
    /// its own event.
    MailForgotten,
    /// That tokens of administrators were looked at once, after an update: an event if some keep
    /// scopes by it.
    KeptScopesTold,
    /// The feed of changes loses what every reader has read: what changed left its own event.
    FeedForgotten,
    /// Failed sign-ins and locks that count no more are forgotten: each left its own event.
    FailuresForgotten,
    /// That a password was right and waits for its code, and how many codes were tried: it allows
    /// nothing by itself. Each wrong code leaves its own event, and so does the session that comes
    /// of a right one.
    HalfSignIn,
    /// That a browser was given a challenge for a passkey, or answered it: it allows nothing by
    /// itself, strangers would fill the trail, and what comes of the answer leaves its event.
    PasskeyChallenge,
    /// That an app asks a user for access, on a page: it allows nothing by itself, and the answer
    /// leaves its event.
    AppAsks,
    /// That a device waits for a user: it allows nothing by itself, strangers would fill the trail,
    /// and such requests leave counted events.
    DeviceAsks,
    /// That a user typed the code of a device: it allows nothing by itself, and the answer leaves
    /// its event.
    DeviceNamed,
    /// That a device polled, and how far apart its polls are to be.
    DevicePolls,
    /// What a user is told at the next page: nobody decides anything by it.
    StatusLine,
    /// Spent codes and addresses that are too old are forgotten: their use left its own event.
    TracesForgotten,
}
