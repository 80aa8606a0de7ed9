-- What was learnt from the facts of a namespace: numbers, and in the stead of names salted digests of them.
--
-- The rules of the log hold here too: a row is appended, blanked in place, and never moved. Forgetting anything in a namespace blanks
-- its rows; `salt` is then all zeros. A row is made, without a body, before a training reads its first fact: if by its end the
-- salt is gone, something was forgotten meanwhile, and what was learnt is not kept.

CREATE TABLE model (
    id        INTEGER PRIMARY KEY,
    namespace INTEGER NOT NULL,
    salt      BLOB NOT NULL,          -- of the digests in `body`: 16 random bytes
    body      BLOB                    -- safetensors; NULL before the end of the training, and once forgotten
);
CREATE INDEX model_namespace ON model (namespace);
