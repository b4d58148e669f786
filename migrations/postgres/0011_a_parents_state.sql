-- How a parent that is nothing but its parts stands (docs/decisions/0043). Derived, and shown to nobody: the step fills both.

-- Since when a pledge has been fulfilled.
ALTER TABLE pledges ADD COLUMN kept_on date;
-- Whether anything was paid of the parts that it takes its state from; null is no.
ALTER TABLE pledges ADD COLUMN is_paid_in_parts boolean;

-- The longest silent pledges first, and events of all pledges by what they are of and by when they were changed (docs/decisions/0043).
CREATE INDEX pledges_silent ON pledges (silent_since, id DESC);
-- The other way round, which SQLite reads from the same index: read backwards, it has those of which nothing is known first here.
CREATE INDEX pledges_heard_of ON pledges (silent_since DESC NULLS LAST, id);
CREATE INDEX events_stage ON events (stage, id);
CREATE INDEX events_updated ON events (updated_at, id);
