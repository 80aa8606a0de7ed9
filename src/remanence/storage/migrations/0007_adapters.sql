-- Adapters: small changes of a language model's weights that were taught what a namespace holds.
--
-- The rules of the log hold: a row is appended, its state is overwritten in place, its weights are blanked, and it is never moved. `sources` are the
-- numbers of the episodes whose words went in; forgetting one of them takes the weights of everything that was made of it, in the same transaction.
-- A manifest holds numbers and digests, no words.

CREATE TABLE adapter (
    id        INTEGER PRIMARY KEY,
    namespace INTEGER NOT NULL,
    state     INTEGER NOT NULL,       -- storage.adapters: 2 training, 3 live, 4 aside, 5 replaced, 6 tainted
    made      INTEGER NOT NULL,       -- microseconds since 1970, UTC
    sources   BLOB NOT NULL,          -- 64-bit integers, in order
    manifest  TEXT NOT NULL,          -- JSON
    body      BLOB                    -- safetensors; NULL once it may not be used any more
);
CREATE INDEX adapter_namespace ON adapter (namespace, state);
