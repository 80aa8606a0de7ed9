-- When episodes are to be forgotten, and values that are kept beside them without being read.

-- Numbers alone: rows may move and be deleted.
CREATE TABLE expiry (
    episode   INTEGER PRIMARY KEY,
    namespace INTEGER NOT NULL,
    at        INTEGER NOT NULL        -- microseconds since 1970, UTC: from then on the episode is not to be seen
);
CREATE INDEX expiry_namespace ON expiry (namespace, at);
CREATE INDEX expiry_at ON expiry (at);

-- The rules of the log hold: a row is appended, blanked in place, and never moved.
CREATE TABLE blob (
    id        INTEGER PRIMARY KEY,
    namespace INTEGER NOT NULL,
    digest    BLOB NOT NULL,          -- of the name, 16 bytes; zeros once blanked
    kind      INTEGER NOT NULL,       -- storage.blobs: 1 bytes, 2 JSON
    recorded  INTEGER NOT NULL,       -- microseconds since 1970, UTC
    name      TEXT,                   -- NULL once blanked, as is `body`
    body      BLOB
);
CREATE INDEX blob_digest ON blob (namespace, digest);
