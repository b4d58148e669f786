-- What a create writes, in fewer pages (docs/decisions/0052).

-- Few pledges have these, and none is looked for by their absence: the others need no entry.
DROP INDEX pledges_parent;
CREATE INDEX pledges_parent ON pledges (parent_id) WHERE parent_id IS NOT NULL;
DROP INDEX pledges_restates;
CREATE INDEX pledges_restates ON pledges (restates_id) WHERE restates_id IS NOT NULL;
DROP INDEX pledges_beneficiary;
CREATE INDEX pledges_beneficiary ON pledges (beneficiary_id) WHERE beneficiary_id IS NOT NULL;

-- A kept sum is changed again and again: where its page has room, no index is.
ALTER TABLE rollups SET (fillfactor = 70);
