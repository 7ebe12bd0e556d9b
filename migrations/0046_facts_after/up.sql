-- An absence is taken back by a fact that happened in time and is told late. A vehicle that was at its waiting zone weeks before, and left,
-- has an earlier fact of the same kind that says nothing of it (Resolution 1393, clause 11).

CREATE FUNCTION fact_after(progress bytea, kind text, after bigint) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    wanted integer := array_position(ARRAY['zone-arrived', 'zone-left', 'checkpoint-entered', 'entry-refused',
        'border-control-started', 'border-control-finished', 'customs-control-started', 'customs-control-finished',
        'checkpoint-left', 'plate-read', 'void'], kind);
    at integer := 0;
    head integer;
    happened bigint;
BEGIN
    WHILE at < length(progress) LOOP
        head := get_byte(progress, at);
        IF head & 127 = wanted THEN
            FOR mark IN 0..(head >> 7) LOOP
                happened := ('x' || encode(substring(progress FROM at + 2 + 16 * mark FOR 8), 'hex'))::bit(64)::bigint;
                IF happened > after THEN
                    RETURN happened;
                END IF;
            END LOOP;
        END IF;
        at := at + 17 + 16 * (head >> 7);
    END LOOP;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION fact_after IS
    'When the earliest known fact of a kind after a moment happened, both in microseconds since 1970. A crossing keeps the earliest and the latest of each kind.';
