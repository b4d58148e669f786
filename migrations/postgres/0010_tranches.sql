-- In which tranches a pledge is to be paid, as announced: a list, null where there is none (docs/decisions/0042). Amounts are in
-- minor units of the pledge's currency.
ALTER TABLE pledges ADD COLUMN tranches jsonb;
-- Totals that ask for them read these alone.
CREATE INDEX pledges_in_tranches ON pledges (id) WHERE tranches IS NOT NULL;
