-- Where a fact was placed twice meanwhile, the key cannot be made again: such a hub does not go back.

ALTER TABLE event_placements
    DROP CONSTRAINT event_placements_pkey,
    ADD PRIMARY KEY (checkpoint, position);
