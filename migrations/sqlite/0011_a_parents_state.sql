-- How a parent that is nothing but its parts stands (docs/decisions/0043). Derived, and shown to nobody: the step fills both.

-- Since when a pledge has been fulfilled.
ALTER TABLE pledges ADD COLUMN kept_on TEXT;
-- Whether anything was paid of the parts that it takes its state from; null is no.
ALTER TABLE pledges ADD COLUMN is_paid_in_parts INTEGER;
