-- A fact that a person placed and that a swap of vehicles took out of the crossing again may be placed anew; each placement is kept.

ALTER TABLE event_placements
    DROP CONSTRAINT event_placements_pkey,
    ADD PRIMARY KEY (checkpoint, position, placed_at);
