-- What a create writes, in fewer pages (docs/decisions/0052).

-- Few pledges have these, and none is looked for by their absence: the others need no entry.
DROP INDEX pledges_parent;
CREATE INDEX pledges_parent ON pledges (parent_id) WHERE parent_id IS NOT NULL;
DROP INDEX pledges_restates;
CREATE INDEX pledges_restates ON pledges (restates_id) WHERE restates_id IS NOT NULL;
DROP INDEX pledges_beneficiary;
CREATE INDEX pledges_beneficiary ON pledges (beneficiary_id) WHERE beneficiary_id IS NOT NULL;

-- A kept sum stands in the index that finds it.
CREATE TABLE rollups_by_key (
  level TEXT NOT NULL,
  key1 TEXT NOT NULL,
  key2 TEXT NOT NULL,
  currency TEXT NOT NULL,
  restated INTEGER NOT NULL,
  pledges INTEGER NOT NULL,
  -- How many of them have a minimum, a point, a maximum: a sum over none is null, not zero.
  with_min INTEGER NOT NULL,
  with_point INTEGER NOT NULL,
  with_max INTEGER NOT NULL,
  pledged_min INTEGER NOT NULL,
  pledged INTEGER NOT NULL,
  pledged_max INTEGER NOT NULL,
  counted_min INTEGER NOT NULL,
  counted INTEGER NOT NULL,
  counted_max INTEGER NOT NULL,
  committed INTEGER NOT NULL,
  paid INTEGER NOT NULL,
  withdrawn INTEGER NOT NULL,
  outstanding INTEGER NOT NULL,
  PRIMARY KEY (level, key1, key2, currency, restated)
) STRICT, WITHOUT ROWID;
INSERT INTO rollups_by_key (level, key1, key2, currency, restated, pledges, with_min, with_point, with_max, pledged_min, pledged, pledged_max,
  counted_min, counted, counted_max, committed, paid, withdrawn, outstanding)
SELECT level, key1, key2, currency, restated, pledges, with_min, with_point, with_max, pledged_min, pledged, pledged_max,
  counted_min, counted, counted_max, committed, paid, withdrawn, outstanding
FROM rollups ORDER BY level, key1, key2, currency, restated;
DROP TABLE rollups;
ALTER TABLE rollups_by_key RENAME TO rollups;
