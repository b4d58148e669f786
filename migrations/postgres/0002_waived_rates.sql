-- Whether a rate was taken as it is, by plausibility=waived: nobody is judged by such a rate alone.
--
-- Rates that are there already were judged, if by an older rule. The default is for them alone: defaults come from the
-- program.
ALTER TABLE rates ADD COLUMN waived boolean NOT NULL DEFAULT false;
ALTER TABLE rates ALTER COLUMN waived DROP DEFAULT;
