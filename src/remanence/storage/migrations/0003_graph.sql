-- What the graph arm of recall reads: the names in an episode. Words stand in it only as hashes, as in `terms`.
ALTER TABLE projection ADD COLUMN names BLOB NOT NULL DEFAULT x'';  -- storage.episodes.POSTING: (hash u32, kind u8)
