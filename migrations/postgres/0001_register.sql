-- The register's tables. Both engines have the same ones, with the same columns; only the types' names differ.
--
-- A foreign key with ON DELETE CASCADE says "is a part of": the part is retracted and restored with its whole.
-- One without says "refers to": what is referred to cannot be retracted. A record's row is never deleted.
-- A partial date stands as it was written (…_on), with the first and last day that it covers beside it wherever
-- it is filtered or sorted by. Money is in minor units of the row's currency.

CREATE TABLE participants (
  id uuid PRIMARY KEY NOT NULL,
  code text COLLATE "C" NOT NULL UNIQUE,
  kind text COLLATE "C" NOT NULL,
  names jsonb NOT NULL,
  former_names jsonb NOT NULL,
  aliases jsonb NOT NULL,
  merged_into uuid REFERENCES participants (id),
  version bigint NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  retracted_at timestamptz
);
CREATE INDEX participants_merged_into ON participants (merged_into);

CREATE TABLE coalitions (
  id uuid PRIMARY KEY NOT NULL,
  slug text COLLATE "C" NOT NULL UNIQUE,
  names jsonb NOT NULL,
  founded_on text COLLATE "C",
  founded_first date,
  description text COLLATE "C",
  version bigint NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  retracted_at timestamptz
);

CREATE TABLE members (
  id uuid PRIMARY KEY NOT NULL,
  coalition_id uuid NOT NULL REFERENCES coalitions (id) ON DELETE CASCADE,
  participant_id uuid NOT NULL REFERENCES participants (id),
  version bigint NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  retracted_at timestamptz
);
CREATE UNIQUE INDEX members_live ON members (coalition_id, participant_id) WHERE retracted_at IS NULL;
CREATE INDEX members_participant ON members (participant_id);

-- A membership is a list of half-open periods [joined_on, left_on).
CREATE TABLE member_periods (
  member_id uuid NOT NULL REFERENCES members (id) ON DELETE CASCADE,
  position bigint NOT NULL,
  joined_on text COLLATE "C" NOT NULL,
  joined_first date NOT NULL,
  left_on text COLLATE "C",
  left_last date,
  PRIMARY KEY (member_id, position)
);

CREATE TABLE meetings (
  id uuid PRIMARY KEY NOT NULL,
  slug text COLLATE "C" NOT NULL UNIQUE,
  titles jsonb NOT NULL,
  kind text COLLATE "C" NOT NULL,
  coalition_id uuid REFERENCES coalitions (id),
  starts_on text COLLATE "C" NOT NULL,
  starts_first date NOT NULL,
  starts_last date NOT NULL,
  ends_on text COLLATE "C",
  city text COLLATE "C",
  country_id uuid REFERENCES participants (id),
  headline_amount bigint,
  need_amount bigint,
  headline_currency text COLLATE "C",
  participant_count bigint,
  version bigint NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  retracted_at timestamptz
);
CREATE INDEX meetings_coalition ON meetings (coalition_id);
CREATE INDEX meetings_country ON meetings (country_id);
CREATE INDEX meetings_starts ON meetings (starts_first, id);

CREATE TABLE attendance (
  id uuid PRIMARY KEY NOT NULL,
  meeting_id uuid NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
  participant_id uuid NOT NULL REFERENCES participants (id),
  role text COLLATE "C" NOT NULL,
  delegate_name text COLLATE "C",
  delegate_office text COLLATE "C",
  adopted boolean,
  version bigint NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  retracted_at timestamptz
);
CREATE UNIQUE INDEX attendance_live ON attendance (meeting_id, participant_id) WHERE retracted_at IS NULL;
CREATE INDEX attendance_participant ON attendance (participant_id);

CREATE TABLE articles (
  id uuid PRIMARY KEY NOT NULL,
  publisher text COLLATE "C" NOT NULL,
  language text COLLATE "C" NOT NULL,
  title text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  url text COLLATE "C",
  published_on text COLLATE "C",
  published_first date,
  published_last date,
  body text COLLATE "C",
  excerpt text COLLATE "C",
  body_sha256 text COLLATE "C",
  -- Of the body with its white space folded: two copies of one text have the same.
  folded_sha256 text COLLATE "C",
  version bigint NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  retracted_at timestamptz
);
CREATE INDEX articles_folded ON articles (folded_sha256);
CREATE INDEX articles_published ON articles (published_first, id);

CREATE TABLE pledges (
  id uuid PRIMARY KEY NOT NULL,
  participant_id uuid REFERENCES participants (id),
  meeting_id uuid REFERENCES meetings (id),
  parent_id uuid REFERENCES pledges (id),
  restates_id uuid REFERENCES pledges (id),
  beneficiary_id uuid REFERENCES participants (id),
  instrument text COLLATE "C" NOT NULL,
  qualifier text COLLATE "C",
  currency text COLLATE "C",
  amount_min bigint,
  amount bigint,
  amount_max bigint,
  purpose text COLLATE "C",
  announced_on text COLLATE "C",
  announced_first date,
  announced_last date,
  announced_by_name text COLLATE "C",
  announced_by_office text COLLATE "C",
  period_from text COLLATE "C",
  period_to text COLLATE "C",
  conditions text COLLATE "C",
  -- Derived from the terms above, the events and the children, in the transaction of every write that touches them.
  state text COLLATE "C" NOT NULL,
  pledged_min bigint,
  pledged bigint,
  pledged_max bigint,
  counted_min bigint,
  counted bigint,
  counted_max bigint,
  committed bigint,
  paid bigint,
  withdrawn bigint,
  outstanding bigint,
  version bigint NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  retracted_at timestamptz
);
CREATE INDEX pledges_participant ON pledges (participant_id, id);
CREATE INDEX pledges_meeting ON pledges (meeting_id, id);
CREATE INDEX pledges_parent ON pledges (parent_id);
CREATE INDEX pledges_restates ON pledges (restates_id);
CREATE INDEX pledges_beneficiary ON pledges (beneficiary_id);
CREATE INDEX pledges_announced ON pledges (announced_first, id);

CREATE TABLE events (
  id uuid PRIMARY KEY NOT NULL,
  pledge_id uuid NOT NULL REFERENCES pledges (id) ON DELETE CASCADE,
  stage text COLLATE "C" NOT NULL,
  occurred_on text COLLATE "C" NOT NULL,
  occurred_first date NOT NULL,
  amount bigint,
  "over" boolean NOT NULL,
  note text COLLATE "C",
  version bigint NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  retracted_at timestamptz
);
CREATE INDEX events_pledge ON events (pledge_id, id);

-- Exactly one of the five subjects is set; a citation is a part of its subject and refers to its article.
CREATE TABLE citations (
  id uuid PRIMARY KEY NOT NULL,
  participant_id uuid REFERENCES participants (id) ON DELETE CASCADE,
  coalition_id uuid REFERENCES coalitions (id) ON DELETE CASCADE,
  meeting_id uuid REFERENCES meetings (id) ON DELETE CASCADE,
  pledge_id uuid REFERENCES pledges (id) ON DELETE CASCADE,
  event_id uuid REFERENCES events (id) ON DELETE CASCADE,
  article_id uuid NOT NULL REFERENCES articles (id),
  quote text COLLATE "C",
  quote_start bigint,
  quote_end bigint,
  states jsonb NOT NULL,
  preferred boolean NOT NULL,
  version bigint NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  retracted_at timestamptz,
  CHECK (
    CASE WHEN participant_id IS NULL THEN 0 ELSE 1 END + CASE WHEN coalition_id IS NULL THEN 0 ELSE 1 END
    + CASE WHEN meeting_id IS NULL THEN 0 ELSE 1 END + CASE WHEN pledge_id IS NULL THEN 0 ELSE 1 END
    + CASE WHEN event_id IS NULL THEN 0 ELSE 1 END = 1
  )
);
CREATE INDEX citations_participant ON citations (participant_id);
CREATE INDEX citations_coalition ON citations (coalition_id);
CREATE INDEX citations_meeting ON citations (meeting_id);
CREATE INDEX citations_pledge ON citations (pledge_id);
CREATE INDEX citations_event ON citations (event_id);
CREATE INDEX citations_article ON citations (article_id);

-- Units of a currency per US dollar on a day, as a decimal in text: exact on both engines.
CREATE TABLE rates (
  id uuid PRIMARY KEY NOT NULL,
  currency text COLLATE "C" NOT NULL,
  "date" date NOT NULL,
  source text COLLATE "C" NOT NULL,
  per_usd text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  UNIQUE (currency, "date", source)
);

-- The log behind every write: appended to, never changed. A version of a record is one entry.
CREATE TABLE changes (
  seq bigint PRIMARY KEY NOT NULL,
  at timestamptz NOT NULL,
  actor text COLLATE "C" NOT NULL,
  op text COLLATE "C" NOT NULL,
  resource text COLLATE "C" NOT NULL,
  record_id uuid NOT NULL,
  "key" text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  -- JSON as text, so that both engines keep the same bytes.
  before text COLLATE "C",
  after text COLLATE "C",
  reason text COLLATE "C"
);
CREATE INDEX changes_record ON changes (record_id, seq);

-- Keys to write with: shown once, kept as a hash.
CREATE TABLE keys (
  id uuid PRIMARY KEY NOT NULL,
  name text COLLATE "C" NOT NULL,
  role text COLLATE "C" NOT NULL,
  hash bytea NOT NULL UNIQUE,
  created_at timestamptz NOT NULL,
  revoked_at timestamptz
);

-- Answers to writes that came with an Idempotency-Key, stored in the transaction of the write; deleted after a day.
CREATE TABLE idempotency_keys (
  holder_id uuid NOT NULL REFERENCES keys (id),
  "key" text COLLATE "C" NOT NULL,
  -- SHA-256 of what the request was: another one under the same key is a mistake.
  fingerprint bytea NOT NULL,
  status bigint NOT NULL,
  -- JSON as text: a list of [name, value].
  headers text COLLATE "C" NOT NULL,
  body bytea NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (holder_id, "key")
);
CREATE INDEX idempotency_keys_at ON idempotency_keys (at);

-- Sums kept in the transaction of every write that moves them, at the levels that common questions need:
-- a total of a meeting reads its rows here, however many pledges stand behind them. A key that is null is '~',
-- which sorts behind every other; so is the currency of pledges that state no amount.
CREATE TABLE rollups (
  level text COLLATE "C" NOT NULL,
  key1 text COLLATE "C" NOT NULL,
  key2 text COLLATE "C" NOT NULL,
  currency text COLLATE "C" NOT NULL,
  restated boolean NOT NULL,
  pledges bigint NOT NULL,
  -- How many of them have a minimum, a point, a maximum: a sum over none is null, not zero.
  with_min bigint NOT NULL,
  with_point bigint NOT NULL,
  with_max bigint NOT NULL,
  pledged_min bigint NOT NULL,
  pledged bigint NOT NULL,
  pledged_max bigint NOT NULL,
  counted_min bigint NOT NULL,
  counted bigint NOT NULL,
  counted_max bigint NOT NULL,
  committed bigint NOT NULL,
  paid bigint NOT NULL,
  withdrawn bigint NOT NULL,
  outstanding bigint NOT NULL,
  PRIMARY KEY (level, key1, key2, currency, restated)
);
