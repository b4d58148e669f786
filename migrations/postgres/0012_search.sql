-- What is searched (docs/decisions/0044): follows from the records, in the transaction of every write that touches them.

-- What facets tell of records: a row for each combination that there is, never changed.
CREATE TABLE search_facets (
  id bigint PRIMARY KEY NOT NULL,
  -- JSON as text: [resource, language, publisher, year, meeting].
  said text COLLATE "C" NOT NULL UNIQUE
);

-- A row for each live record that can be found.
CREATE TABLE search_documents (
  -- The number of the entry of the log that created the record.
  number bigint PRIMARY KEY NOT NULL,
  record_id uuid NOT NULL UNIQUE,
  -- Of its date, in days since 1970; null where it has none.
  "day" bigint,
  facets_id bigint NOT NULL,
  -- SHA-256 of its terms.
  terms_sha256 text COLLATE "C" NOT NULL,
  -- The beginning of a text that is too long to be read for it.
  opening text COLLATE "C"
);

-- Its terms, by their places; those that have none stand at the last. The program makes them.
CREATE TABLE search_terms (
  rowid bigint PRIMARY KEY NOT NULL,
  terms tsvector NOT NULL
);
CREATE INDEX search_terms_terms ON search_terms USING gin (terms) WITH (gin_pending_list_limit = 1024);

-- Which analysis the index holds, and how far it was filled by it.
CREATE TABLE search_state (
  id bigint PRIMARY KEY NOT NULL,
  analysis bigint NOT NULL,
  reached text COLLATE "C"
);
INSERT INTO search_state (id, analysis, reached) VALUES (1, 0, NULL);
