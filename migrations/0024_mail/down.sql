ALTER TABLE ticket_acts DROP CONSTRAINT ticket_acts_act_check;
ALTER TABLE ticket_acts ADD CONSTRAINT ticket_acts_act_check
    CHECK (act IN ('registered', 'moved', 'prioritised', 'extended', 'told'));
ALTER TABLE tickets DROP COLUMN user_wrote_at;
DROP TABLE letters;
DROP TABLE ticket_message_attachments;
DROP TABLE ticket_messages;
