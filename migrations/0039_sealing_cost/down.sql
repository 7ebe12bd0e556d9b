ALTER TABLE evidence_signatures
    ALTER COLUMN signatures SET COMPRESSION default,
    ALTER COLUMN chain_result SET COMPRESSION default,
    ALTER COLUMN stamp_chain SET COMPRESSION default,
    ALTER COLUMN stamp_chain_result SET COMPRESSION default;
ALTER TABLE evidence_messages
    ALTER COLUMN message SET COMPRESSION default,
    ALTER COLUMN attachment SET COMPRESSION default,
    ALTER COLUMN chain SET COMPRESSION default;

DROP INDEX evidence_messages_by_time;
CREATE INDEX evidence_messages_by_time ON evidence_messages (recorded_at);
COMMENT ON INDEX evidence_messages_by_time IS 'What is past its time and removed.';

DROP INDEX evidence_messages_by_signature;
CREATE INDEX evidence_messages_by_signature ON evidence_messages (signature_id);
COMMENT ON INDEX evidence_messages_by_signature IS 'Whether a signature still covers a message that is kept.';

DROP INDEX evidence_messages_to_archive;
CREATE INDEX evidence_messages_to_archive ON evidence_messages (recorded_at, id) WHERE archive_number IS NULL;
COMMENT ON INDEX evidence_messages_to_archive IS 'What waits for an archive, in order.';
