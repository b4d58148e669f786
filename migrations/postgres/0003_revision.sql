-- Whether anything was committed: words by chance, renewed in the COMMIT of every write (docs/decisions/0025).
CREATE TABLE revision (
  id bigint PRIMARY KEY NOT NULL CHECK (id = 1),
  -- Renewed by every write.
  logged bigint NOT NULL,
  -- Renewed by those that the log does not tell of.
  unlogged bigint NOT NULL
);

INSERT INTO revision VALUES (
  1,
  ('x' || substr(md5('logged' || random()::text || clock_timestamp()::text), 1, 16))::bit(64)::bigint,
  ('x' || substr(md5('unlogged' || random()::text || clock_timestamp()::text), 1, 16))::bit(64)::bigint
);
