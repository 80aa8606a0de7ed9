-- What the episodes say, as statements, and what may not be said again.
--
-- The same rules as for the log: rows are appended and blanked in place, never moved and never deleted one by one; no index holds a
-- word. Facts have no table: they are folded from the statements when they are read.

-- What one extractor found in one episode. The rows of the rules are projections, made again by `doctor --rebuild`; those of
-- `learn` and of a model are part of the log.
CREATE TABLE candidate (
    id        INTEGER PRIMARY KEY,
    namespace INTEGER NOT NULL,
    episode   INTEGER NOT NULL,
    extractor INTEGER NOT NULL,       -- 2 rules, 3 learn, 4 a model
    body      TEXT                    -- JSON, one list per statement: [subject, relation, object, ...]
);
CREATE INDEX candidate_namespace ON candidate (namespace);
CREATE INDEX candidate_episode ON candidate (episode);

-- Names and facts that were forgotten: what episodes up to `episode` say of them is not believed.
CREATE TABLE tombstone (
    id        INTEGER PRIMARY KEY,
    namespace INTEGER NOT NULL,
    episode   INTEGER NOT NULL,
    digest    BLOB NOT NULL
);
CREATE INDEX tombstone_namespace ON tombstone (namespace);
