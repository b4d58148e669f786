-- Whether anything was committed: words by chance, renewed in the COMMIT of every write (docs/decisions/0025).
CREATE TABLE revision (
  id INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
  -- Renewed by every write.
  logged INTEGER NOT NULL,
  -- Renewed by those that the log does not tell of.
  unlogged INTEGER NOT NULL
) STRICT;

INSERT INTO revision VALUES (1, random(), random());
