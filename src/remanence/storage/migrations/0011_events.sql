-- Events that were derived from episodes: when, what was done, with whom, where, how much.
--
-- Made from the log when an application first asks, and made again at any time. Every column is a number: of the words there are places in the
-- episode's text, and hashes. So rows may move and be deleted, and forgetting an episode deletes them.

CREATE TABLE event (
    id        INTEGER PRIMARY KEY,
    namespace INTEGER NOT NULL,
    episode   INTEGER NOT NULL,
    day       INTEGER NOT NULL,       -- days since 1970 of `began`, UTC
    month     INTEGER NOT NULL,       -- 12 * year + month - 1, likewise
    began     INTEGER NOT NULL,       -- microseconds since 1970, UTC
    ended     INTEGER NOT NULL,       -- exclusive
    own       INTEGER NOT NULL,       -- 1: done by whoever speaks
    times     REAL NOT NULL           -- how often: "twice" is 2
);
CREATE INDEX event_episode ON event (episode);
CREATE INDEX event_day ON event (namespace, day);

-- A phrase of an event: of whom, where, what, how much.
CREATE TABLE event_part (
    id        INTEGER PRIMARY KEY,
    namespace INTEGER NOT NULL,
    event     INTEGER NOT NULL,
    role      INTEGER NOT NULL,       -- storage.events.Role
    value     INTEGER NOT NULL,       -- hash of the phrase as it is compared
    first     INTEGER NOT NULL,       -- where it stands in the episode's text, in characters
    last      INTEGER NOT NULL,       -- exclusive
    amount    REAL NOT NULL,          -- of a quantity, in `unit`; of a thing, how many
    unit      INTEGER NOT NULL        -- number in the table of units; 0: none
);
CREATE INDEX event_part_event ON event_part (event);

-- Index terms of an event's phrases, as hashes. `part` 0: of the event as a whole.
CREATE TABLE event_term (
    namespace INTEGER NOT NULL,
    term      INTEGER NOT NULL,
    role      INTEGER NOT NULL,
    event     INTEGER NOT NULL,
    part      INTEGER NOT NULL,
    PRIMARY KEY (namespace, term, role, event, part)
) WITHOUT ROWID;
CREATE INDEX event_term_event ON event_term (event);

-- How far the log has been read for events, and by which reading of texts.
CREATE TABLE event_mark (
    namespace INTEGER PRIMARY KEY,
    reading   INTEGER NOT NULL,
    episode   INTEGER NOT NULL
);
