-- What line 1 keeps beside a ticket: the people involved (Order 926, section III, clause 2), and the questions-and-answers section
-- (section III, clauses 2 and 15).

ALTER TABLE tickets ADD COLUMN people jsonb NOT NULL DEFAULT '[]'
    CHECK (jsonb_typeof(people) = 'array' AND jsonb_array_length(people) <= 20);
COMMENT ON COLUMN tickets.people IS 'The people involved, as line 1 named them: personal data. Whoever has an address there may write about the ticket.';

ALTER TABLE ticket_acts DROP CONSTRAINT ticket_acts_act_check;
ALTER TABLE ticket_acts ADD CONSTRAINT ticket_acts_act_check
    CHECK (act IN ('registered', 'moved', 'prioritised', 'extended', 'told', 'answered', 'involved'));

-- The questions-and-answers section: what many ask, answered once.
CREATE TABLE articles (
    id uuid PRIMARY KEY,
    version integer NOT NULL CHECK (version >= 1),
    state text NOT NULL CHECK (state IN ('draft', 'published', 'withdrawn')),
    title_uk text NOT NULL CHECK (length(title_uk) BETWEEN 1 AND 200),
    title_en text NOT NULL CHECK (length(title_en) BETWEEN 1 AND 200),
    text_uk text NOT NULL CHECK (length(text_uk) BETWEEN 1 AND 20000),
    text_en text NOT NULL CHECK (length(text_en) BETWEEN 1 AND 20000),
    written_by uuid NOT NULL REFERENCES systems (id),
    changed_at timestamptz NOT NULL,
    published_at timestamptz,
    CHECK (state = 'draft' OR published_at IS NOT NULL)
);
COMMENT ON COLUMN articles.version IS 'Counts the changes; the ETag.';
COMMENT ON COLUMN articles.written_by IS 'The system that changed it last.';
COMMENT ON COLUMN articles.published_at IS 'When it was published first.';

CREATE INDEX articles_published ON articles (published_at DESC, id) WHERE state = 'published';
COMMENT ON INDEX articles_published IS 'What anybody may read, the newest first.';
