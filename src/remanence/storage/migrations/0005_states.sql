-- States of neural sessions: numbers that a memory inside a model has come to by reading.
--
-- A state blends all that it has read, and nothing can be taken out of it again. So forgetting anything in a namespace blanks all its rows;
-- `salt` and `session` are then all zeros. The rules of the log hold: a row is appended, overwritten by as many bytes, or blanked in place, and
-- never moved. A row is made, without a body, when a session is opened: if by the time that it is saved the salt is another, somebody else has
-- saved it meanwhile; if it is gone, something was forgotten, and what was heard before is not kept.

CREATE TABLE state (
    id        INTEGER PRIMARY KEY,
    namespace INTEGER NOT NULL,
    session   BLOB NOT NULL,          -- digest of its name, 16 bytes
    salt      BLOB NOT NULL,          -- 16 random bytes, others after every saving
    body      BLOB                    -- safetensors; NULL before the first saving, and once forgotten
);
CREATE INDEX state_session ON state (namespace, session);
