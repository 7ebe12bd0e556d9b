-- Mail of the support service: what users write to it, and what they are told (Order 926, section II; section III, clauses 6, 7, 13, 14).

-- A mail to the support service, and what became of it.
CREATE TABLE ticket_messages (
    id uuid PRIMARY KEY,
    sender text NOT NULL CHECK (length(sender) <= 254),
    message_id text NOT NULL CHECK (length(message_id) BETWEEN 1 AND 998),
    content_digest bytea NOT NULL CHECK (length(content_digest) = 32),
    received_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL CHECK (recorded_at >= received_at),
    handed_in_by uuid NOT NULL REFERENCES systems (id),
    outcome text NOT NULL CHECK (outcome IN ('registered', 'reply', 'incomplete', 'ignored')),
    ignored_because text CHECK (ignored_because IN
        ('no_sender', 'automatic', 'mailing_list', 'bounce', 'own_mail')),
    ticket_id uuid REFERENCES tickets (id),
    completes uuid REFERENCES ticket_messages (id),
    sender_name text CHECK (length(sender_name) <= 200),
    subject text NOT NULL CHECK (length(subject) <= 500),
    body text NOT NULL CHECK (length(body) <= 100000),
    missing jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(missing) = 'array'),
    CHECK ((outcome = 'ignored') = (ignored_because IS NOT NULL)),
    CHECK (outcome IN ('incomplete', 'ignored') OR ticket_id IS NOT NULL),
    CHECK (outcome <> 'incomplete' OR ticket_id IS NULL),
    CHECK (sender <> '' OR outcome = 'ignored')
);
COMMENT ON COLUMN ticket_messages.sender IS 'The address that it came from, in small letters; empty when it had none.';
COMMENT ON COLUMN ticket_messages.message_id IS 'Its Message-ID; made of its content when it had none.';
COMMENT ON COLUMN ticket_messages.completes IS 'The earlier message, which lacked what this one gives.';
COMMENT ON COLUMN ticket_messages.body IS 'Its text, without formatting. Empty of what was ignored: nobody needs to keep it.';
COMMENT ON COLUMN ticket_messages.missing IS 'What was missing or wrong, by place, when it was not registered.';

CREATE UNIQUE INDEX ticket_messages_once ON ticket_messages (sender, message_id);
COMMENT ON INDEX ticket_messages_once IS 'Recognises a message that is handed in again. With the sender, so that nobody uses up another''s id.';

CREATE INDEX ticket_messages_of_ticket ON ticket_messages (ticket_id, received_at, id) WHERE ticket_id IS NOT NULL;
COMMENT ON INDEX ticket_messages_of_ticket IS 'What a user wrote about a ticket.';

CREATE INDEX ticket_messages_by_message_id ON ticket_messages (message_id);
COMMENT ON INDEX ticket_messages_by_message_id IS 'The messages that a reply refers to.';

CREATE INDEX ticket_messages_incomplete ON ticket_messages (received_at, id) WHERE outcome = 'incomplete';
COMMENT ON INDEX ticket_messages_incomplete IS 'Line 1''s list of what was not registered.';

-- What hung on a message, byte by byte. Archives are never unpacked.
CREATE TABLE ticket_message_attachments (
    message_id uuid NOT NULL REFERENCES ticket_messages (id),
    number integer NOT NULL CHECK (number >= 1),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    media_type text NOT NULL CHECK (length(media_type) BETWEEN 1 AND 200),
    size bigint NOT NULL CHECK (size >= 0),
    content bytea CHECK (length(content) = size),
    PRIMARY KEY (message_id, number)
);
COMMENT ON COLUMN ticket_message_attachments.content IS 'Null: it was beyond the limits and not kept; the user is told.';

-- What a user is told, on its way until it is taken. Personal data: no notice, feed or metric shows it.
CREATE TABLE letters (
    id uuid PRIMARY KEY,
    position bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    thread uuid NOT NULL,
    ticket_id uuid REFERENCES tickets (id),
    message_id uuid REFERENCES ticket_messages (id),
    kind text NOT NULL CHECK (kind IN ('registration', 'incomplete', 'question', 'extension', 'result')),
    channel text NOT NULL CHECK (channel IN ('web_module', 'email', 'telephone')),
    recipient text CHECK (length(recipient) BETWEEN 3 AND 254),
    subject text NOT NULL CHECK (length(subject) <= 500),
    in_reply_to text CHECK (length(in_reply_to) BETWEEN 1 AND 250),
    content jsonb NOT NULL CHECK (jsonb_typeof(content) = 'object'),
    created_at timestamptz NOT NULL,
    caused_by uuid REFERENCES systems (id),
    state text NOT NULL CHECK (state IN ('pending', 'delivered', 'failed')),
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    due_at timestamptz NOT NULL,
    settled_at timestamptz,
    detail text CHECK (length(detail) <= 500),
    CHECK (thread = coalesce(ticket_id, message_id)),
    CHECK ((channel = 'email') = (recipient IS NOT NULL)),
    CHECK (channel = 'email' OR state = 'delivered'),
    CHECK ((state = 'pending') = (settled_at IS NULL))
);
COMMENT ON COLUMN letters.id IS 'Also its Message-ID, before the @: a reply is known by it, and so is our own mail that comes back.';
COMMENT ON COLUMN letters.thread IS 'What it is about: the ticket, or the message that was not registered. Letters of one thread never overtake each other.';
COMMENT ON COLUMN letters.channel IS 'The channel of the ticket. Only e-mail has a way to go; by the others it is told when it is written.';
COMMENT ON COLUMN letters.detail IS 'What the mail server said at the last attempt.';

CREATE INDEX letters_due ON letters (due_at, position) WHERE state = 'pending';
COMMENT ON INDEX letters_due IS 'The letter that is to go next, and when.';

CREATE INDEX letters_of_thread ON letters (thread, position);
COMMENT ON INDEX letters_of_thread IS 'What was told about a ticket, and whether an earlier letter waits.';

CREATE INDEX letters_failed ON letters (settled_at) WHERE state = 'failed';
COMMENT ON INDEX letters_failed IS 'Letters that were refused for good: line 1 tells the user another way, and an alarm counts them.';

CREATE INDEX letters_incomplete ON letters (recipient, created_at) WHERE kind = 'incomplete';
COMMENT ON INDEX letters_incomplete IS 'How often an address was told lately that something is missing: a loop of two machines ends there.';

ALTER TABLE tickets ADD COLUMN user_wrote_at timestamptz;
COMMENT ON COLUMN tickets.user_wrote_at IS
    'Since when a message of the user waits: no line has done anything with the ticket since. Such a ticket is not closed by itself.';

ALTER TABLE ticket_acts DROP CONSTRAINT ticket_acts_act_check;
ALTER TABLE ticket_acts ADD CONSTRAINT ticket_acts_act_check
    CHECK (act IN ('registered', 'moved', 'prioritised', 'extended', 'told', 'answered'));
