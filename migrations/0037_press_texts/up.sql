-- The text of a planned notice waits for a person before it goes to the press office (Order 926, clause 16 of section III).

ALTER TABLE notice_deliveries ADD COLUMN review_until timestamptz CHECK (review_until IS NULL OR recipient = 'press_office');
COMMENT ON COLUMN notice_deliveries.review_until IS
    'Until then a person may change the text or let it go; at that moment it goes as it stands. Null: it waits for nobody.';

-- A text as a person put it. Without a row the notice goes in the words of the template.
CREATE TABLE press_texts (
    notice_id uuid PRIMARY KEY REFERENCES notices (id),
    title_uk text NOT NULL CHECK (length(title_uk) BETWEEN 1 AND 200),
    body_uk text NOT NULL CHECK (length(body_uk) BETWEEN 1 AND 10000),
    title_en text NOT NULL CHECK (length(title_en) BETWEEN 1 AND 200),
    body_en text NOT NULL CHECK (length(body_en) BETWEEN 1 AND 10000),
    edited_at timestamptz NOT NULL,
    edited_by uuid NOT NULL REFERENCES systems (id)
);
