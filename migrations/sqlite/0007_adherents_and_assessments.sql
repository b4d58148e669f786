-- Scales, on which assessors give their verdicts (docs/decisions/0039).
CREATE TABLE scales (
  id BLOB PRIMARY KEY NOT NULL,
  "key" TEXT NOT NULL UNIQUE,
  names TEXT NOT NULL,
  version INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  -- As every record's that others refer to. A scale is never retracted, so it is always null.
  retracted_at TEXT
) STRICT;

CREATE TABLE scale_values (
  scale_id BLOB NOT NULL REFERENCES scales (id) ON DELETE CASCADE,
  value TEXT NOT NULL,
  names TEXT,
  meaning TEXT NOT NULL,
  place INTEGER NOT NULL,
  PRIMARY KEY (scale_id, value)
) STRICT;

-- What participants state of a collective pledge. Who only attended and adopted has no row.
CREATE TABLE adherents (
  id BLOB PRIMARY KEY NOT NULL,
  pledge_id BLOB NOT NULL REFERENCES pledges (id) ON DELETE CASCADE,
  participant_id BLOB NOT NULL REFERENCES participants (id),
  -- JSON: in the order in which they were entered.
  statements TEXT NOT NULL,
  -- Of the last of them by date.
  stance TEXT NOT NULL,
  version INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  retracted_at TEXT
) STRICT;
CREATE UNIQUE INDEX adherents_live ON adherents (pledge_id, participant_id) WHERE retracted_at IS NULL;
CREATE INDEX adherents_participant ON adherents (participant_id);

CREATE TABLE assessments (
  id BLOB PRIMARY KEY NOT NULL,
  pledge_id BLOB NOT NULL REFERENCES pledges (id) ON DELETE CASCADE,
  -- Whose conduct is assessed; null where the commitment is as a whole.
  participant_id BLOB REFERENCES participants (id),
  assessor TEXT NOT NULL,
  scale_id BLOB NOT NULL REFERENCES scales (id),
  value TEXT NOT NULL,
  period_from TEXT,
  period_to TEXT,
  kind TEXT NOT NULL,
  published_on TEXT,
  published_first TEXT,
  replaces_id BLOB REFERENCES assessments (id),
  version INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  retracted_at TEXT
) STRICT;
CREATE INDEX assessments_pledge ON assessments (pledge_id, id);
CREATE INDEX assessments_participant ON assessments (participant_id);
CREATE INDEX assessments_scale ON assessments (scale_id, value);
CREATE INDEX assessments_replaces ON assessments (replaces_id) WHERE replaces_id IS NOT NULL;

-- Whether assessors conflict over it: follows from its assessments, in the transaction of every write that touches them.
-- Null where it is not known to be so, as of all pledges before there were any.
ALTER TABLE pledges ADD COLUMN disputed INTEGER;

-- Citations have two subjects more. The table is made anew, as SQLite changes no check.
CREATE TABLE citations_of_seven (
  id BLOB PRIMARY KEY NOT NULL,
  participant_id BLOB REFERENCES participants (id) ON DELETE CASCADE,
  coalition_id BLOB REFERENCES coalitions (id) ON DELETE CASCADE,
  meeting_id BLOB REFERENCES meetings (id) ON DELETE CASCADE,
  pledge_id BLOB REFERENCES pledges (id) ON DELETE CASCADE,
  event_id BLOB REFERENCES events (id) ON DELETE CASCADE,
  article_id BLOB NOT NULL REFERENCES articles (id),
  quote TEXT,
  quote_start INTEGER,
  quote_end INTEGER,
  states TEXT NOT NULL,
  preferred INTEGER NOT NULL,
  version INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  retracted_at TEXT,
  adherent_id BLOB REFERENCES adherents (id) ON DELETE CASCADE,
  assessment_id BLOB REFERENCES assessments (id) ON DELETE CASCADE,
  CHECK (
    CASE WHEN participant_id IS NULL THEN 0 ELSE 1 END + CASE WHEN coalition_id IS NULL THEN 0 ELSE 1 END
    + CASE WHEN meeting_id IS NULL THEN 0 ELSE 1 END + CASE WHEN pledge_id IS NULL THEN 0 ELSE 1 END
    + CASE WHEN event_id IS NULL THEN 0 ELSE 1 END + CASE WHEN adherent_id IS NULL THEN 0 ELSE 1 END
    + CASE WHEN assessment_id IS NULL THEN 0 ELSE 1 END = 1
  )
) STRICT;
INSERT INTO citations_of_seven
SELECT id, participant_id, coalition_id, meeting_id, pledge_id, event_id, article_id, quote, quote_start, quote_end, states,
  preferred, version, created_at, updated_at, retracted_at, NULL, NULL
FROM citations;
DROP TABLE citations;
ALTER TABLE citations_of_seven RENAME TO citations;
CREATE INDEX citations_participant ON citations (participant_id);
CREATE INDEX citations_coalition ON citations (coalition_id);
CREATE INDEX citations_meeting ON citations (meeting_id);
CREATE INDEX citations_pledge ON citations (pledge_id);
CREATE INDEX citations_event ON citations (event_id);
CREATE INDEX citations_article ON citations (article_id);
CREATE INDEX citations_adherent ON citations (adherent_id) WHERE adherent_id IS NOT NULL;
CREATE INDEX citations_assessment ON citations (assessment_id) WHERE assessment_id IS NOT NULL;
