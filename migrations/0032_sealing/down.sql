DROP TABLE evidence_messages;
DROP TABLE evidence_signatures;
DROP TABLE evidence_archives;
