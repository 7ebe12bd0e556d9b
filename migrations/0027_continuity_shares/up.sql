-- How many transit declarations a trader lodged in a year: what the uses of the continuity procedure are held against (Order 926, section
-- IV; the Convention's parties watch for misuse).

-- Stated by those who know it, appended: the latest of a trader and a year counts.
CREATE TABLE declaration_totals (
    id uuid PRIMARY KEY,
    trader_edrpou text NOT NULL CHECK (trader_edrpou ~ '^[0-9]{8}$'),
    year integer NOT NULL CHECK (year BETWEEN 2000 AND 2199),
    declarations bigint NOT NULL CHECK (declarations BETWEEN 1 AND 100000000),
    counted_until date NOT NULL CHECK (extract(year FROM counted_until) = year),
    source text NOT NULL CHECK (length(source) BETWEEN 1 AND 200),
    stated_by uuid NOT NULL REFERENCES systems (id),
    stated_at timestamptz NOT NULL
);
COMMENT ON COLUMN declaration_totals.id IS 'UUIDv7: the latest statement has the greatest.';
COMMENT ON COLUMN declaration_totals.declarations IS 'All of them, electronic and on paper.';
COMMENT ON COLUMN declaration_totals.counted_until IS 'The last day that was counted; uses after it are not held against this total.';

CREATE INDEX declaration_totals_of_trader ON declaration_totals (year, trader_edrpou, id DESC);
COMMENT ON INDEX declaration_totals_of_trader IS 'The latest total of a trader and a year.';

CREATE INDEX permit_uses_by_release ON permit_uses (released_on);
COMMENT ON INDEX permit_uses_by_release IS 'The uses of a year, by trader.';
