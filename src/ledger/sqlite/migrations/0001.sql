-- Names that repeat, each kept once: message types and row spaces.
CREATE TABLE names (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE timelines (
  id INTEGER PRIMARY KEY,
  domain TEXT NOT NULL,
  edition TEXT NOT NULL,
  UNIQUE (domain, edition)
) STRICT;

-- Never deleted: `base` is where a stream goes on counting after its events were deleted.
CREATE TABLE streams (
  id INTEGER PRIMARY KEY,
  timeline INTEGER NOT NULL,
  root BLOB NOT NULL,
  base INTEGER NOT NULL DEFAULT 0,
  UNIQUE (timeline, root)
) STRICT;

-- Never deleted. `last` is the last position given when the commit was done; the commit's own
-- events are `first` to `last`, none when `first` is greater. `checks` lists its appends without
-- events, as [[index, stream, sequence], ...].
CREATE TABLE commits (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  recorded INTEGER NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  checks TEXT
) STRICT;

-- `record` holds all of the event, its page too, as event-record.ts lays it out.
CREATE TABLE events (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  stream INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  record BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX events_by_stream ON events (stream, sequence);

-- Found by a hash of their keys, which keeps the index narrow; the whole key is compared in the
-- row. Rows are appended, so the oldest claims are the first ones.
CREATE TABLE claims (
  id INTEGER PRIMARY KEY,
  stream INTEGER NOT NULL,
  hash INTEGER NOT NULL,
  number INTEGER NOT NULL,
  key TEXT NOT NULL
) STRICT;
CREATE INDEX claims_by_key ON claims (stream, hash);

-- The version of a row is the number of the commit that put it.
CREATE TABLE rows (
  space INTEGER NOT NULL,
  key TEXT NOT NULL,
  version INTEGER NOT NULL,
  value BLOB NOT NULL,
  "group" TEXT,
  due INTEGER,
  PRIMARY KEY (space, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX rows_by_group ON rows (space, "group", key) WHERE "group" IS NOT NULL;
CREATE INDEX rows_by_due ON rows (space, due, key) WHERE due IS NOT NULL;

CREATE TABLE snapshots (
  stream INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  retention INTEGER NOT NULL,
  created INTEGER NOT NULL,
  state BLOB NOT NULL,
  PRIMARY KEY (stream, sequence)
) STRICT;

-- What was removed on purpose, by which commit.
CREATE TABLE tombstones (
  id INTEGER PRIMARY KEY,
  number INTEGER NOT NULL,
  kind TEXT NOT NULL,
  what TEXT NOT NULL,
  removed INTEGER NOT NULL
) STRICT;

-- Built behind the log by its follower, up to the position in `progress`.
CREATE TABLE correlations (
  id TEXT NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE progress (
  name TEXT PRIMARY KEY,
  position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO progress (name, position) VALUES ('correlations', 0);
