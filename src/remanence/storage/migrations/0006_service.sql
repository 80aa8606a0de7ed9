-- What a service keeps beside the memories: who may call, what was done, what was answered.
--
-- No secret stands here: of a key there is a hash, of an Idempotency-Key and of a request a digest. Rows of `api_key` have words (a label, the
-- namespaces that the key reaches): they are appended, overwritten by as many bytes or fewer, and never moved, as rows of the log are. The other
-- tables hold numbers and digests, so that a forgotten word is in none of them.

CREATE TABLE api_key (
    id      INTEGER PRIMARY KEY,
    name    TEXT NOT NULL,            -- public, random: what logs and the audit say
    hash    BLOB NOT NULL,            -- SHA-256 of the secret; zeros once revoked
    state   INTEGER NOT NULL,         -- 2 valid, 3 revoked
    created INTEGER NOT NULL,         -- microseconds since 1970, UTC, as all times here
    used    INTEGER NOT NULL,         -- when last; as `created` until then
    expires INTEGER,
    scopes  TEXT NOT NULL,            -- JSON
    grants  TEXT,                     -- JSON; NULL once revoked
    label   TEXT                      -- NULL once revoked
);
CREATE UNIQUE INDEX api_key_name ON api_key (name);

-- Append-only; AUTOINCREMENT notes the newest id elsewhere too, so that a row missing at the end shows.
CREATE TABLE audit (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    at        INTEGER NOT NULL,
    key       TEXT NOT NULL,          -- `api_key.name`, '' for nobody
    action    TEXT NOT NULL,          -- the route, as it is declared
    status    INTEGER NOT NULL,
    namespace BLOB NOT NULL,          -- digest keyed by `seal`; empty where there is none
    target    BLOB NOT NULL,          -- likewise, of an id
    chain     BLOB NOT NULL           -- BLAKE2b of the row before it and of this one
);

-- What a request with an Idempotency-Key did, in numbers from which its answer is made again.
CREATE TABLE idempotency (
    id      INTEGER PRIMARY KEY,
    request BLOB NOT NULL,            -- digest of the caller's key, the route and the Idempotency-Key
    body    BLOB NOT NULL,            -- digest of the body, keyed by the Idempotency-Key
    answer  TEXT NOT NULL,            -- JSON, numbers alone
    expires INTEGER NOT NULL
);
CREATE UNIQUE INDEX idempotency_request ON idempotency (request);

-- One row: what cursors are sealed and digests keyed with. Made when a store is first served.
CREATE TABLE seal (
    id  INTEGER PRIMARY KEY,
    key BLOB NOT NULL
);
