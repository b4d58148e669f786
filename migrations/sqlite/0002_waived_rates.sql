-- Whether a rate was taken as it is, by plausibility=waived: nobody is judged by such a rate alone.
--
-- Rates that are there already were judged, if by an older rule. The table is made anew, as a column that is added to
-- one with rows needs a default, and defaults come from the program.
CREATE TABLE rates_with_waived (
  id BLOB PRIMARY KEY NOT NULL,
  currency TEXT NOT NULL,
  "date" TEXT NOT NULL,
  source TEXT NOT NULL,
  per_usd TEXT NOT NULL,
  version INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  waived INTEGER NOT NULL,
  UNIQUE (currency, "date", source)
) STRICT;

INSERT INTO rates_with_waived
SELECT id, currency, "date", source, per_usd, version, created_at, updated_at, 0 FROM rates;

DROP TABLE rates;
ALTER TABLE rates_with_waived RENAME TO rates;
