-- How a parent that is nothing but its parts stands (docs/decisions/0043). Derived, and shown to nobody: the step fills both.

-- Since when a pledge has been fulfilled.
ALTER TABLE pledges ADD COLUMN kept_on TEXT;
-- Whether anything was paid of the parts that it takes its state from; null is no.
ALTER TABLE pledges ADD COLUMN is_paid_in_parts INTEGER;

-- The longest silent pledges first, and events of all pledges by when they were changed; by what they are of on Postgres alone
-- (docs/decisions/0040).
CREATE INDEX pledges_silent ON pledges (silent_since, id DESC);
CREATE INDEX events_updated ON events (updated_at, id);
