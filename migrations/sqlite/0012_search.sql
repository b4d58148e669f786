-- What is searched (docs/decisions/0044): follows from the records, in the transaction of every write that touches them.

-- What facets tell of records: a row for each combination that there is, never changed.
CREATE TABLE search_facets (
  id INTEGER PRIMARY KEY NOT NULL,
  -- JSON as text: [resource, language, publisher, year, meeting].
  said TEXT NOT NULL UNIQUE
) STRICT;

-- A row for each live record that can be found.
CREATE TABLE search_documents (
  -- The number of the entry of the log that created the record.
  number INTEGER PRIMARY KEY NOT NULL,
  record_id BLOB NOT NULL UNIQUE,
  -- Of its date, in days since 1970; null where it has none.
  "day" INTEGER,
  facets_id INTEGER NOT NULL,
  -- SHA-256 of its terms.
  terms_sha256 TEXT NOT NULL,
  -- The beginning of a text that is too long to be read for it.
  opening TEXT
) STRICT;

-- Its terms by their places, and those that have no place. The program makes them: they are split at spaces alone.
CREATE VIRTUAL TABLE search_terms USING fts5 (
  terms, loose, content = '', contentless_delete = 1, tokenize = "ascii tokenchars '#_'"
);

-- Each of them where it stands, as the index itself has it: what `search verify` reads.
CREATE VIRTUAL TABLE search_places USING fts5vocab (search_terms, instance);

-- Which analysis the index holds, and how far it was filled by it.
CREATE TABLE search_state (
  id INTEGER PRIMARY KEY NOT NULL,
  analysis INTEGER NOT NULL,
  reached TEXT
) STRICT;
INSERT INTO search_state (id, analysis, reached) VALUES (1, 0, NULL);
