-- The register's tables. Both engines have the same ones, with the same columns; only the types' names differ.
--
-- A foreign key with ON DELETE CASCADE says "is a part of": the part is retracted and restored with its whole.
-- One without says "refers to": what is referred to cannot be retracted. A record's row is never deleted.
-- A partial date stands as it was written (…_on), with the first and last day that it covers beside it wherever
-- it is filtered or sorted by. Money is in minor units of the row's currency.

CREATE TABLE participants (
  id BLOB PRIMARY KEY NOT NULL,
  code TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  names TEXT NOT NULL,
  former_names TEXT NOT NULL,
  aliases TEXT NOT NULL,
  merged_into BLOB REFERENCES participants (id),
  version INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  retracted_at TEXT
) STRICT;
CREATE INDEX participants_merged_into ON participants (merged_into);

CREATE TABLE coalitions (
  id BLOB PRIMARY KEY NOT NULL,
  slug TEXT NOT NULL UNIQUE,
  names TEXT NOT NULL,
  founded_on TEXT,
  founded_first TEXT,
  description TEXT,
  version INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  retracted_at TEXT
) STRICT;

CREATE TABLE members (
  id BLOB PRIMARY KEY NOT NULL,
  coalition_id BLOB NOT NULL REFERENCES coalitions (id) ON DELETE CASCADE,
  participant_id BLOB NOT NULL REFERENCES participants (id),
  version INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  retracted_at TEXT
) STRICT;
CREATE UNIQUE INDEX members_live ON members (coalition_id, participant_id) WHERE retracted_at IS NULL;
CREATE INDEX members_participant ON members (participant_id);

-- A membership is a list of half-open periods [joined_on, left_on).
CREATE TABLE member_periods (
  member_id BLOB NOT NULL REFERENCES members (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  joined_on TEXT NOT NULL,
  joined_first TEXT NOT NULL,
  left_on TEXT,
  left_last TEXT,
  PRIMARY KEY (member_id, position)
) STRICT;

CREATE TABLE meetings (
  id BLOB PRIMARY KEY NOT NULL,
  slug TEXT NOT NULL UNIQUE,
  titles TEXT NOT NULL,
  kind TEXT NOT NULL,
  coalition_id BLOB REFERENCES coalitions (id),
  starts_on TEXT NOT NULL,
  starts_first TEXT NOT NULL,
  starts_last TEXT NOT NULL,
  ends_on TEXT,
  city TEXT,
  country_id BLOB REFERENCES participants (id),
  headline_amount INTEGER,
  need_amount INTEGER,
  headline_currency TEXT,
  participant_count INTEGER,
  version INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  retracted_at TEXT
) STRICT;
CREATE INDEX meetings_coalition ON meetings (coalition_id);
CREATE INDEX meetings_country ON meetings (country_id);
CREATE INDEX meetings_starts ON meetings (starts_first, id);

CREATE TABLE attendance (
  id BLOB PRIMARY KEY NOT NULL,
  meeting_id BLOB NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
  participant_id BLOB NOT NULL REFERENCES participants (id),
  role TEXT NOT NULL,
  delegate_name TEXT,
  delegate_office TEXT,
  adopted INTEGER,
  version INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  retracted_at TEXT
) STRICT;
CREATE UNIQUE INDEX attendance_live ON attendance (meeting_id, participant_id) WHERE retracted_at IS NULL;
CREATE INDEX attendance_participant ON attendance (participant_id);

CREATE TABLE articles (
  id BLOB PRIMARY KEY NOT NULL,
  publisher TEXT NOT NULL,
  language TEXT NOT NULL,
  title TEXT NOT NULL,
  kind TEXT NOT NULL,
  url TEXT,
  published_on TEXT,
  published_first TEXT,
  published_last TEXT,
  body TEXT,
  excerpt TEXT,
  body_sha256 TEXT,
  -- Of the body with its white space folded: two copies of one text have the same.
  folded_sha256 TEXT,
  version INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  retracted_at TEXT
) STRICT;
CREATE INDEX articles_folded ON articles (folded_sha256);
CREATE INDEX articles_published ON articles (published_first, id);

CREATE TABLE pledges (
  id BLOB PRIMARY KEY NOT NULL,
  participant_id BLOB REFERENCES participants (id),
  meeting_id BLOB REFERENCES meetings (id),
  parent_id BLOB REFERENCES pledges (id),
  restates_id BLOB REFERENCES pledges (id),
  beneficiary_id BLOB REFERENCES participants (id),
  instrument TEXT NOT NULL,
  qualifier TEXT,
  currency TEXT,
  amount_min INTEGER,
  amount INTEGER,
  amount_max INTEGER,
  purpose TEXT,
  announced_on TEXT,
  announced_first TEXT,
  announced_last TEXT,
  announced_by_name TEXT,
  announced_by_office TEXT,
  period_from TEXT,
  period_to TEXT,
  conditions TEXT,
  -- Derived from the terms above, the events and the children, in the transaction of every write that touches them.
  state TEXT NOT NULL,
  pledged_min INTEGER,
  pledged INTEGER,
  pledged_max INTEGER,
  counted_min INTEGER,
  counted INTEGER,
  counted_max INTEGER,
  committed INTEGER,
  paid INTEGER,
  withdrawn INTEGER,
  outstanding INTEGER,
  version INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  retracted_at TEXT
) STRICT;
CREATE INDEX pledges_participant ON pledges (participant_id, id);
CREATE INDEX pledges_meeting ON pledges (meeting_id, id);
CREATE INDEX pledges_parent ON pledges (parent_id);
CREATE INDEX pledges_restates ON pledges (restates_id);
CREATE INDEX pledges_beneficiary ON pledges (beneficiary_id);
CREATE INDEX pledges_announced ON pledges (announced_first, id);

CREATE TABLE events (
  id BLOB PRIMARY KEY NOT NULL,
  pledge_id BLOB NOT NULL REFERENCES pledges (id) ON DELETE CASCADE,
  stage TEXT NOT NULL,
  occurred_on TEXT NOT NULL,
  occurred_first TEXT NOT NULL,
  amount INTEGER,
  "over" INTEGER NOT NULL,
  note TEXT,
  version INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  retracted_at TEXT
) STRICT;
CREATE INDEX events_pledge ON events (pledge_id, id);

-- Exactly one of the five subjects is set; a citation is a part of its subject and refers to its article.
CREATE TABLE citations (
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
  CHECK (
    CASE WHEN participant_id IS NULL THEN 0 ELSE 1 END + CASE WHEN coalition_id IS NULL THEN 0 ELSE 1 END
    + CASE WHEN meeting_id IS NULL THEN 0 ELSE 1 END + CASE WHEN pledge_id IS NULL THEN 0 ELSE 1 END
    + CASE WHEN event_id IS NULL THEN 0 ELSE 1 END = 1
  )
) STRICT;
CREATE INDEX citations_participant ON citations (participant_id);
CREATE INDEX citations_coalition ON citations (coalition_id);
CREATE INDEX citations_meeting ON citations (meeting_id);
CREATE INDEX citations_pledge ON citations (pledge_id);
CREATE INDEX citations_event ON citations (event_id);
CREATE INDEX citations_article ON citations (article_id);

-- Units of a currency per US dollar on a day, as a decimal in text: exact on both engines.
CREATE TABLE rates (
  id BLOB PRIMARY KEY NOT NULL,
  currency TEXT NOT NULL,
  "date" TEXT NOT NULL,
  source TEXT NOT NULL,
  per_usd TEXT NOT NULL,
  version INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  UNIQUE (currency, "date", source)
) STRICT;

-- The log behind every write: appended to, never changed. A version of a record is one entry.
CREATE TABLE changes (
  seq INTEGER PRIMARY KEY NOT NULL,
  at TEXT NOT NULL,
  actor TEXT NOT NULL,
  op TEXT NOT NULL,
  resource TEXT NOT NULL,
  record_id BLOB NOT NULL,
  "key" TEXT NOT NULL,
  version INTEGER NOT NULL,
  -- JSON as text, so that both engines keep the same bytes.
  before TEXT,
  after TEXT,
  reason TEXT
) STRICT;
CREATE INDEX changes_record ON changes (record_id, seq);

-- Keys to write with: shown once, kept as a hash.
CREATE TABLE keys (
  id BLOB PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  hash BLOB NOT NULL UNIQUE,
  created_at TEXT NOT NULL,
  revoked_at TEXT
) STRICT;

-- Answers to writes that came with an Idempotency-Key, stored in the transaction of the write; deleted after a day.
CREATE TABLE idempotency_keys (
  holder_id BLOB NOT NULL REFERENCES keys (id),
  "key" TEXT NOT NULL,
  -- SHA-256 of what the request was: another one under the same key is a mistake.
  fingerprint BLOB NOT NULL,
  status INTEGER NOT NULL,
  -- JSON as text: a list of [name, value].
  headers TEXT NOT NULL,
  body BLOB NOT NULL,
  at TEXT NOT NULL,
  PRIMARY KEY (holder_id, "key")
) STRICT;
CREATE INDEX idempotency_keys_at ON idempotency_keys (at);

-- Sums kept in the transaction of every write that moves them, at the levels that common questions need:
-- a total of a meeting reads its rows here, however many pledges stand behind them. A key that is null is '~',
-- which sorts behind every other; so is the currency of pledges that state no amount.
CREATE TABLE rollups (
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
) STRICT;
