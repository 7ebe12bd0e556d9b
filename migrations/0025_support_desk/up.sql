-- What line 1 keeps beside a ticket: the people involved (Order 926, section III, clause 2), and the questions-and-answers section
-- (section III, clauses 2 and 15).

ALTER TABLE tickets ADD COLUMN people jsonb NOT NULL DEFAULT '[]'
    CHECK (jsonb_typeof(people) = 'array' AND jsonb_array_length(people) <= 20);
COMMENT ON COLUMN tickets.people IS 'The people involved, as line 1 named them: personal data. Whoever has an address there may write about the ticket.';

ALTER TABLE ticket_acts DROP CONSTRAINT ticket_acts_act_check;
ALTER TABLE ticket_acts ADD CONSTRAINT ticket_acts_act_check
    CHECK (act IN ('registered', 'moved', 'prioritised', 'extended', 'told', 'answered', 'involved'));
