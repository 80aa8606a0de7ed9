-- The log and its projections.
--
-- Forgetting decides this layout. SQLite's secure_delete zeroes a cell when it is deleted, but a cell that was *moved* between
-- pages by an earlier rebalance leaves a copy in the page it came from, and nothing ever zeroes that copy. So words stand only in
-- tables whose cells never move: rows are appended at the right edge, are only ever overwritten by values of the same size or
-- smaller, and are never deleted one by one (a forgotten row is blanked; VACUUM drops it). Indexes hold integers and digests.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE namespace (
    id     INTEGER PRIMARY KEY,
    digest BLOB,                      -- of the name: what the index holds in its stead
    name   TEXT                       -- NULL once everything in it is forgotten
);
CREATE UNIQUE INDEX namespace_digest ON namespace (digest);

-- The log: the one source of truth. `state` is 2 current, 3 superseded by a newer version, 4 forgotten (and blank): values that
-- SQLite stores in one byte each, so that a change of state overwrites in place.
CREATE TABLE episode (
    id        INTEGER PRIMARY KEY,    -- order of arrival; never used twice
    namespace INTEGER NOT NULL,
    state     INTEGER NOT NULL,
    place     INTEGER NOT NULL,       -- the id of the first version: where it stands in its session
    version   INTEGER NOT NULL,
    part      INTEGER NOT NULL,       -- 0: whole; 1, 2, ...: a part of a long document
    digest    BLOB,                   -- of source
    at        INTEGER,                -- microseconds since 1970, UTC
    recorded  INTEGER,
    source    TEXT,                   -- the caller's id
    session   TEXT,
    speaker   TEXT,
    text      TEXT,
    metadata  TEXT                    -- JSON, NULL where empty
);
CREATE UNIQUE INDEX episode_source ON episode (namespace, digest, version, part) WHERE state < 4;
CREATE INDEX episode_namespace ON episode (namespace) WHERE state < 4;

-- What recall reads, made from the log and made again by `doctor --rebuild`.
CREATE TABLE projection (
    id     INTEGER PRIMARY KEY,       -- the episode's
    shape  INTEGER NOT NULL,          -- flags of text.words.shape
    terms  BLOB NOT NULL,             -- storage.episodes.POSTING: (hash u32, count u8), little endian
    vector BLOB NOT NULL              -- float16, little endian; empty where the embedder knew nothing
);

-- Which episodes stopped being current, so that an index in the memory of another process can follow. `episode` 0 stands for
-- "more than are worth listing: load the namespace anew".
CREATE TABLE retired (
    seq       INTEGER PRIMARY KEY,
    namespace INTEGER NOT NULL,
    episode   INTEGER NOT NULL,
    successor INTEGER NOT NULL        -- the newer version, or 0
);
CREATE INDEX retired_namespace ON retired (namespace, seq);
