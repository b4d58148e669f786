-- Keys that are managed: until when each is good and what it is confined to, when it was used last, and the secret that
-- it had before (docs/decisions/0033).
ALTER TABLE keys
  -- Of the secret before the last rotation, and until when that one is good too.
  ADD COLUMN old_hash bytea UNIQUE,
  ADD COLUMN old_until timestamptz,
  ADD COLUMN expires_at timestamptz,
  ADD COLUMN last_used_at timestamptz,
  -- JSON: the only ones that it writes; null where it writes all.
  ADD COLUMN resources jsonb,
  -- Whose pledges alone it writes, with their events and citations.
  ADD COLUMN participant_id uuid REFERENCES participants (id),
  ADD COLUMN note text COLLATE "C",
  ADD COLUMN version bigint,
  ADD COLUMN updated_at timestamptz;

UPDATE keys SET
  version = CASE WHEN revoked_at IS NULL THEN 1 ELSE 2 END,
  updated_at = coalesce(revoked_at, created_at);

ALTER TABLE keys
  ALTER COLUMN version SET NOT NULL,
  ALTER COLUMN updated_at SET NOT NULL;
