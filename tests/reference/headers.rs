//! What the page of headers says of each, and what answers are held against.

/// A header and what it means here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HeaderEntry {
    /// Its name, as documentation writes it; names compare without regard to case.
    pub(crate) name: &'static str,
    /// When it is there and what it holds.
    pub(crate) meaning: &'static str,
}

const fn entry(name: &'static str, meaning: &'static str) -> HeaderEntry {
    HeaderEntry { name, meaning }
}

/// Headers of requests that change what is answered.
pub(crate) const REQUEST_HEADERS: &[HeaderEntry] = &[
    entry(
        "Accept",
        "The media type wanted. `application/vnd.github+json`, `application/vnd.github.v3+json`, `application/json` and `*/*` are \
         understood, with or without a parameter; anything else is 415.",
    ),
    entry(
        "Accept-Encoding",
        "`gzip` lets answers of 512 bytes and more be compressed, unless they hold a secret.",
    ),
    entry(
        "Accept-Language",
        "The languages that a browser wants pages in. Who is signed in or chose one gets that.",
    ),
    entry(
        "Authorization",
        "`Basic` with a login or a verified e-mail address and the password, or a token as `token T`, `Bearer T` or either half of \
         `Basic`. Schemes compare without regard to case.",
    ),
    entry(
        "Cookie",
        "On pages: who is signed in, and what forms are bound to. The API takes none.",
    ),
    entry(
        "If-Modified-Since",
        "On `GET` and `HEAD` of one resource: 304 when nothing changed since. `If-None-Match` wins.",
    ),
    entry(
        "If-None-Match",
        "On `GET` and `HEAD`: 304 when the tag is among these, weakly compared; `*` is any.",
    ),
    entry(
        "Origin",
        "With `OPTIONS` under `/api/v3` it makes the request a preflight request. A form of a page is refused that comes from another \
         origin.",
    ),
    entry(
        "Sec-Fetch-Site",
        "A form of a page is refused that does not come from the same origin.",
    ),
    entry(
        "User-Agent",
        "One that starts `curl/` gets indented JSON. Kept with audit events, where it can be erased.",
    ),
    entry(
        "X-Forwarded-For",
        "Read only from trusted proxies: the rightmost entry that is none of them is the client's address.",
    ),
    entry(
        "X-GitHub-Api-Version",
        "`2022-11-28`, which is also meant when the header is absent; another version is 400.",
    ),
    entry(
        "X-GitHub-OTP",
        "The one-time code or a recovery code of a user with two-factor authentication.",
    ),
];

/// Every header that answers may have, as the page of reference lists them.
pub(super) const ANSWER_HEADERS: &[HeaderEntry] = &[
    entry(
        "Access-Control-Allow-Headers",
        "On preflight requests: the headers that scripts may send.",
    ),
    entry(
        "Access-Control-Allow-Methods",
        "On preflight requests: `GET, POST, PATCH, PUT, DELETE`.",
    ),
    entry(
        "Access-Control-Allow-Origin",
        "`*` under `/api/v3`: nothing there is decided by cookies.",
    ),
    entry(
        "Access-Control-Expose-Headers",
        "Under `/api/v3`: the headers that scripts of other origins may read.",
    ),
    entry(
        "Access-Control-Max-Age",
        "On preflight requests: a day, in seconds.",
    ),
    entry(
        "Cache-Control",
        "`private, max-age=60, s-maxage=60` on what a user asked for; `no-store` on what holds a secret and on whatever a gateway is told; \
         absent on other errors and on 204.",
    ),
    entry("Content-Encoding", "`gzip` when the body is compressed."),
    entry("Content-Language", "On pages: the language of the page."),
    entry(
        "Content-Length",
        "The length of the body in bytes, unless it is compressed on its way.",
    ),
    entry(
        "Content-Security-Policy",
        "`default-src 'none'`; on pages with what they load from this server, and where their forms go.",
    ),
    entry(
        "Content-Type",
        "`application/json; charset=utf-8` wherever there is a body, under `/api/v3`; `text/plain; charset=utf-8` where a gateway is \
         refused.",
    ),
    entry(
        "Cross-Origin-Opener-Policy",
        "On pages: `same-origin`, but where a sign-in may end at an app.",
    ),
    entry("Cross-Origin-Resource-Policy", "On pages: `same-origin`."),
    entry("Date", "When the answer was made."),
    entry(
        "ETag",
        "On 200, 201 and 304: 64 hexadecimal digits, made from the body and from whose answer it is. Weak on a compressed body.",
    ),
    entry(
        "GitHub-Authentication-Token-Expiration",
        "When the token that was sent expires, if it does: `2026-01-02 03:04:05 UTC`.",
    ),
    entry(
        "Last-Modified",
        "On one authorization, one grant and the user: when it last changed.",
    ),
    entry(
        "Link",
        "On lists of more than one page: `prev`, `next`, `last` and `first`, in this order.",
    ),
    entry(
        "Location",
        "On 201: the URL of the authorization. On pages: the page to go on to.",
    ),
    entry(
        "Referrer-Policy",
        "`origin-when-cross-origin, strict-origin-when-cross-origin`.",
    ),
    entry(
        "Retry-After",
        "On 403 after too many requests at a time, and on 503: when trying again makes sense, in seconds. Which answers carry it, \
         and what clients do then, is on the page about retries.",
    ),
    entry("Server", "`Counterfoil`."),
    entry(
        "Set-Cookie",
        "On pages: a session, or what the forms of a browser are bound to.",
    ),
    entry(
        "Strict-Transport-Security",
        "Over TLS: `max-age=31536000; includeSubdomains`.",
    ),
    entry("Vary", "What the answer depends on besides the URL."),
    entry(
        "WWW-Authenticate",
        "Where a gateway is refused: `Bearer` with the realm, and the error of RFC 6750 if a token was sent. Never under `/api/v3`.",
    ),
    entry(
        "X-Accepted-OAuth-Scopes",
        "With a token: the scopes of which the endpoint needs one; empty when any token will do.",
    ),
    entry(
        "X-Auth-Authorization-Id",
        "Where a gateway may let a request through: the ID of the token's record.",
    ),
    entry(
        "X-Auth-Client-Id",
        "To a gateway: the client ID of the token's app; empty for a token of no app.",
    ),
    entry(
        "X-Auth-Expires",
        "To a gateway: when the token expires, `2026-01-02T03:04:05Z`; empty when it does not.",
    ),
    entry(
        "X-Auth-Login",
        "To a gateway: the login of the token's owner.",
    ),
    entry(
        "X-Auth-Scopes",
        "To a gateway: the scopes that count, sorted and joined by `, `; empty when there are none.",
    ),
    entry(
        "X-Auth-User-Id",
        "To a gateway: the ID of the token's owner.",
    ),
    entry("X-Content-Type-Options", "`nosniff`."),
    entry("X-Frame-Options", "`deny`."),
    entry(
        "X-GitHub-Api-Version-Selected",
        "The version of the API that answered.",
    ),
    entry(
        "X-GitHub-Enterprise-Version",
        "Under `/api/v3`: the release whose API this is; the setting `enterprise_version`.",
    ),
    entry(
        "X-GitHub-Media-Type",
        "The media type that was chosen, as `github.v3; format=json`.",
    ),
    entry(
        "X-GitHub-OTP",
        "On 401: `required; app` when the password is right and a code is missing or wrong.",
    ),
    entry(
        "X-GitHub-Request-Id",
        "The id of the request, a lower-case UUID; the log has the same.",
    ),
    entry(
        "X-OAuth-Client-Id",
        "With a token of an app: the app's client id.",
    ),
    entry(
        "X-OAuth-Scopes",
        "With a token: its scopes, sorted; empty when it has none. Absent with a password.",
    ),
    entry(
        "X-RateLimit-Limit",
        "With rate limits: the requests that whoever asks may make in an hour.",
    ),
    entry(
        "X-RateLimit-Remaining",
        "With rate limits: the requests that are left of them.",
    ),
    entry(
        "X-RateLimit-Reset",
        "With rate limits: when the hour ends, in seconds since 1970.",
    ),
    entry("X-RateLimit-Resource", "With rate limits: `core`."),
    entry(
        "X-RateLimit-Used",
        "With rate limits: the requests counted in this hour.",
    ),
    entry("X-XSS-Protection", "`0`."),
];
