-- Keys that are managed: until when each is good and what it is confined to, when it was used last, and the secret that
-- it had before (docs/decisions/0033).
--
-- The table is made anew, as a column that is added to one with rows needs a default, and defaults come from the program;
-- and so is the one that refers to it.
CREATE TABLE managed_keys (
  id BLOB PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  hash BLOB NOT NULL UNIQUE,
  created_at TEXT NOT NULL,
  revoked_at TEXT,
  -- Of the secret before the last rotation, and until when that one is good too.
  old_hash BLOB UNIQUE,
  old_until TEXT,
  expires_at TEXT,
  last_used_at TEXT,
  -- JSON: the only ones that it writes; null where it writes all.
  resources TEXT,
  -- Whose pledges alone it writes, with their events and citations.
  participant_id BLOB REFERENCES participants (id),
  note TEXT,
  version INTEGER NOT NULL,
  updated_at TEXT NOT NULL
) STRICT;

INSERT INTO managed_keys
SELECT id, name, role, hash, created_at, revoked_at, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
  CASE WHEN revoked_at IS NULL THEN 1 ELSE 2 END, coalesce(revoked_at, created_at)
FROM keys;

CREATE TABLE kept_answers (
  holder_id BLOB NOT NULL REFERENCES managed_keys (id),
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

INSERT INTO kept_answers
SELECT holder_id, "key", fingerprint, status, headers, body, at FROM idempotency_keys;

DROP TABLE idempotency_keys;
DROP TABLE keys;
ALTER TABLE managed_keys RENAME TO keys;
ALTER TABLE kept_answers RENAME TO idempotency_keys;
CREATE INDEX idempotency_keys_at ON idempotency_keys (at);
