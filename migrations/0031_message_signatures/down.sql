DROP TABLE signed_messages;
ALTER TABLE credentials DROP COLUMN certificate;
ALTER TABLE systems DROP COLUMN signatures;
