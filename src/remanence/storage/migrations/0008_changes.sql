-- Changes of a namespace numbered by themselves, in the order of their commits; and checksums.
--
-- The numbers of all namespaces in one sequence would hide a change from whoever has seen a later one of another namespace, as soon as two
-- namespaces are written at the same time. A writer holds its namespace until it has committed; so its numbers are in the order of commits.
-- The table has numbers alone: its rows may move and be deleted.

CREATE TABLE change (
    namespace INTEGER NOT NULL,
    seq       INTEGER NOT NULL,       -- 1, 2, ... within the namespace
    episode   INTEGER NOT NULL,       -- that stopped being current; 0: more than are worth listing, load the namespace anew
    successor INTEGER NOT NULL,       -- the newer version, or 0
    PRIMARY KEY (namespace, seq)
) WITHOUT ROWID;
INSERT INTO change (namespace, seq, episode, successor)
    SELECT namespace, row_number() OVER (PARTITION BY namespace ORDER BY seq), episode, successor FROM retired;
DROP TABLE retired;
ALTER TABLE change RENAME TO retired;

-- CRC-32 of what a row says (storage.checksums); NULL in rows of before, and in blank ones.
ALTER TABLE episode ADD COLUMN checksum INTEGER;
ALTER TABLE candidate ADD COLUMN checksum INTEGER;
