-- Scales, on which assessors give their verdicts (docs/decisions/0039).
CREATE TABLE scales (
  id uuid PRIMARY KEY NOT NULL,
  "key" text COLLATE "C" NOT NULL UNIQUE,
  names jsonb NOT NULL,
  version bigint NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  -- As every record's that others refer to. A scale is never retracted, so it is always null.
  retracted_at timestamptz
);

CREATE TABLE scale_values (
  scale_id uuid NOT NULL REFERENCES scales (id) ON DELETE CASCADE,
  value text COLLATE "C" NOT NULL,
  names jsonb,
  meaning text COLLATE "C" NOT NULL,
  place bigint NOT NULL,
  PRIMARY KEY (scale_id, value)
);

-- What participants state of a collective pledge. Who only attended and adopted has no row.
CREATE TABLE adherents (
  id uuid PRIMARY KEY NOT NULL,
  pledge_id uuid NOT NULL REFERENCES pledges (id) ON DELETE CASCADE,
  participant_id uuid NOT NULL REFERENCES participants (id),
  -- JSON: in the order in which they were entered.
  statements jsonb NOT NULL,
  -- Of the last of them by date.
  stance text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  retracted_at timestamptz
);
CREATE UNIQUE INDEX adherents_live ON adherents (pledge_id, participant_id) WHERE retracted_at IS NULL;
CREATE INDEX adherents_participant ON adherents (participant_id);

CREATE TABLE assessments (
  id uuid PRIMARY KEY NOT NULL,
  pledge_id uuid NOT NULL REFERENCES pledges (id) ON DELETE CASCADE,
  -- Whose conduct is assessed; null where the commitment is as a whole.
  participant_id uuid REFERENCES participants (id),
  assessor text COLLATE "C" NOT NULL,
  scale_id uuid NOT NULL REFERENCES scales (id),
  value text COLLATE "C" NOT NULL,
  period_from text COLLATE "C",
  period_to text COLLATE "C",
  kind text COLLATE "C" NOT NULL,
  published_on text COLLATE "C",
  published_first date,
  replaces_id uuid REFERENCES assessments (id),
  version bigint NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  retracted_at timestamptz
);
CREATE INDEX assessments_pledge ON assessments (pledge_id, id);
CREATE INDEX assessments_participant ON assessments (participant_id);
CREATE INDEX assessments_scale ON assessments (scale_id, value);
CREATE INDEX assessments_replaces ON assessments (replaces_id) WHERE replaces_id IS NOT NULL;

-- Whether assessors conflict over it: follows from its assessments, in the transaction of every write that touches them.
-- Null where it is not known to be so, as of all pledges before there were any.
ALTER TABLE pledges ADD COLUMN disputed boolean;

-- Citations have two subjects more.
ALTER TABLE citations ADD COLUMN adherent_id uuid REFERENCES adherents (id) ON DELETE CASCADE;
ALTER TABLE citations ADD COLUMN assessment_id uuid REFERENCES assessments (id) ON DELETE CASCADE;
ALTER TABLE citations DROP CONSTRAINT citations_check;
ALTER TABLE citations ADD CONSTRAINT citations_check CHECK (
  CASE WHEN participant_id IS NULL THEN 0 ELSE 1 END + CASE WHEN coalition_id IS NULL THEN 0 ELSE 1 END
  + CASE WHEN meeting_id IS NULL THEN 0 ELSE 1 END + CASE WHEN pledge_id IS NULL THEN 0 ELSE 1 END
  + CASE WHEN event_id IS NULL THEN 0 ELSE 1 END + CASE WHEN adherent_id IS NULL THEN 0 ELSE 1 END
  + CASE WHEN assessment_id IS NULL THEN 0 ELSE 1 END = 1
);
CREATE INDEX citations_adherent ON citations (adherent_id) WHERE adherent_id IS NOT NULL;
CREATE INDEX citations_assessment ON citations (assessment_id) WHERE assessment_id IS NOT NULL;
