-- What an authority stated stays as it was stated (Resolution 1393, clause 21): of a fact only the crossing that it is placed in changes. What was
-- exchanged stays as it came and went (clause 23): of a message only its signature and its archive are noted, and it is not removed before it is in
-- one. The program does nothing else; this holds for whoever else reaches the tables.

CREATE FUNCTION refuse_change_of_fact() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a fact is not changed: it is voided by whoever stated it';
END
$$;
-- By statement and by column: what is written by the way of an event fires nothing.
CREATE TRIGGER checkpoint_events_stay
    BEFORE DELETE OR UPDATE OF checkpoint, position, system_id, event_id, kind, plate, plate_written, zone, confidence, reason, voids,
                               occurred_at, recorded_at
    ON checkpoint_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_fact();
CREATE TRIGGER checkpoint_events_are_not_emptied BEFORE TRUNCATE ON checkpoint_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_fact();

CREATE FUNCTION refuse_change_of_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was exchanged is not changed, and not removed before it is archived';
END
$$;
CREATE TRIGGER evidence_messages_stay
    BEFORE UPDATE OF id, exchange_id, part, recorded_at, query_id, client, system_id, message, message_type, attachment, attachment_type,
                     message_digest, attachment_digest
    ON evidence_messages
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_evidence();
CREATE TRIGGER evidence_messages_are_archived_first BEFORE DELETE ON evidence_messages
    FOR EACH ROW WHEN (OLD.archive_number IS NULL) EXECUTE FUNCTION refuse_change_of_evidence();
CREATE TRIGGER evidence_messages_are_not_emptied BEFORE TRUNCATE ON evidence_messages
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_evidence();
