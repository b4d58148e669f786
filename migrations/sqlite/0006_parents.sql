-- Parts in another currency than their parents' (docs/decisions/0038). What parents count by now is of its step.

-- What a part is in its parent's currency, as announced; it stays when the part leaves its parent.
ALTER TABLE pledges ADD COLUMN equivalent_min INTEGER;
ALTER TABLE pledges ADD COLUMN equivalent INTEGER;
ALTER TABLE pledges ADD COLUMN equivalent_max INTEGER;
ALTER TABLE pledges ADD COLUMN equivalent_currency TEXT;
-- The same with what increased and reduced it: derived, as the figures beside it are.
ALTER TABLE pledges ADD COLUMN share_min INTEGER;
ALTER TABLE pledges ADD COLUMN share INTEGER;
ALTER TABLE pledges ADD COLUMN share_max INTEGER;

-- By how much an event increased or reduced such a part in that currency.
ALTER TABLE events ADD COLUMN equivalent INTEGER;
ALTER TABLE events ADD COLUMN equivalent_currency TEXT;
