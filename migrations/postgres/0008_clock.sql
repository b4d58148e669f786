-- When a pledge is due, how late it was kept, and when it was last heard of (docs/decisions/0041). Derived but for due_on: the step
-- fills them.
ALTER TABLE pledges ADD COLUMN due_on text COLLATE "C";
ALTER TABLE pledges ADD COLUMN due text COLLATE "C";
ALTER TABLE pledges ADD COLUMN due_first date;
ALTER TABLE pledges ADD COLUMN due_last date;
ALTER TABLE pledges ADD COLUMN kept_late_days bigint;
-- The last day of its latest event, and of the latest article that is cited for it or for its events.
ALTER TABLE pledges ADD COLUMN happened_last date;
ALTER TABLE pledges ADD COLUMN cited_last date;
-- The later of the two, else the last day on which it was announced: since then nothing was heard of it.
ALTER TABLE pledges ADD COLUMN silent_since date;
CREATE INDEX pledges_due ON pledges (due_last, id);

-- Until when an event puts off what was due.
ALTER TABLE events ADD COLUMN moved_to text COLLATE "C";
