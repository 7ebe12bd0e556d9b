DROP TABLE articles;
ALTER TABLE ticket_acts DROP CONSTRAINT ticket_acts_act_check;
ALTER TABLE ticket_acts ADD CONSTRAINT ticket_acts_act_check
    CHECK (act IN ('registered', 'moved', 'prioritised', 'extended', 'told', 'answered'));
ALTER TABLE tickets DROP COLUMN people;
