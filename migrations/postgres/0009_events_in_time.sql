-- Events of all pledges in the order of their dates (docs/decisions/0040).
CREATE INDEX events_occurred ON events (occurred_first, id);
