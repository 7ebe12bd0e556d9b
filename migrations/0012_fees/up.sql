-- Fees (Resolution 1393, clauses 14, 19, 37 to 42): tariffs, official rates, payments, refunds, and the ledger under them.
-- Money is a whole number of hundredths: kopiyky of hryvnias, cents of euros. Nothing here is ever changed.

CREATE FUNCTION refuse_change_of_fees() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is not changed', TG_TABLE_NAME;
END
$$;

-- What a place costs, by version: the limits of clauses 37 and 40.
CREATE TABLE tariffs (
    checkpoint text NOT NULL REFERENCES checkpoints (checkpoint),
    version integer NOT NULL CHECK (version >= 1),
    applies_from date NOT NULL,
    operator_share_cents bigint NOT NULL CHECK (operator_share_cents BETWEEN 200 AND 400),
    zone_share_cents bigint NOT NULL CHECK (zone_share_cents > 0),
    zone text NOT NULL CHECK (zone ~ '^[A-Z0-9-]{1,40}$'),
    decision text NOT NULL CHECK (length(decision) BETWEEN 1 AND 200),
    put_by uuid NOT NULL REFERENCES systems (id),
    put_at timestamptz NOT NULL,
    PRIMARY KEY (checkpoint, version),
    CHECK (operator_share_cents + zone_share_cents <= 1500)
);
COMMENT ON COLUMN tariffs.applies_from IS 'The first day of bookings, in Kyiv, that it holds for.';
COMMENT ON COLUMN tariffs.zone IS 'Who gets the zone''s share of a booking whose waiting zone is not known.';

-- The official rate in force at 00:00 in Kyiv of a day, as the National Bank published it.
CREATE TABLE exchange_rates (
    currency text NOT NULL CHECK (currency = 'EUR'),
    day date NOT NULL,
    rate numeric(10, 6) NOT NULL CHECK (rate > 0),
    source text NOT NULL CHECK (length(source) BETWEEN 1 AND 100),
    fetched_at timestamptz NOT NULL,
    PRIMARY KEY (currency, day)
);
COMMENT ON COLUMN exchange_rates.rate IS 'Hryvnias for one unit.';

-- A payment or a refund. Its position in the checkpoint's journal names it.
CREATE TABLE fee_transactions (
    checkpoint text NOT NULL,
    position bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('payment', 'refund')),
    booking_id uuid NOT NULL,
    system_id uuid NOT NULL REFERENCES systems (id),
    operator_id uuid NOT NULL REFERENCES organisations (id),
    reference text NOT NULL CHECK (reference ~ '^[0-9A-Za-z][!-~]{0,99}$'),
    digest bytea NOT NULL CHECK (length(digest) = 32),
    operator_kopiyky bigint NOT NULL CHECK (operator_kopiyky >= 0),
    zone_kopiyky bigint NOT NULL CHECK (zone_kopiyky >= 0),
    happened_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (checkpoint, position),
    UNIQUE (checkpoint, position, booking_id, kind),
    FOREIGN KEY (checkpoint, booking_id) REFERENCES bookings (checkpoint, id),
    CHECK (operator_kopiyky + zone_kopiyky > 0)
);
COMMENT ON COLUMN fee_transactions.operator_id IS 'The organisation that took the payment, also of its refunds.';

CREATE UNIQUE INDEX fee_transactions_by_reference ON fee_transactions (system_id, reference);
COMMENT ON INDEX fee_transactions_by_reference IS 'Recognises a payment or refund that is sent again.';

CREATE INDEX fee_transactions_by_time ON fee_transactions (checkpoint, recorded_at);
COMMENT ON INDEX fee_transactions_by_time IS 'The statement of a day; the refunds of a period.';

CREATE INDEX fee_transactions_of_booking ON fee_transactions (checkpoint, booking_id);
COMMENT ON INDEX fee_transactions_of_booking IS 'What was paid and given back of one booking.';

-- A booking is paid once: clause 37 knows one fee.
CREATE TABLE payments (
    checkpoint text NOT NULL,
    booking_id uuid NOT NULL,
    position bigint NOT NULL,
    kind text NOT NULL DEFAULT 'payment' CHECK (kind = 'payment'),
    method text NOT NULL CHECK (method IN ('cash', 'cashless')),
    zone text NOT NULL CHECK (zone ~ '^[A-Z0-9-]{1,40}$'),
    tariff_version integer NOT NULL,
    rate_currency text NOT NULL,
    rate_day date NOT NULL,
    PRIMARY KEY (checkpoint, booking_id),
    FOREIGN KEY (checkpoint, position, booking_id, kind) REFERENCES fee_transactions (checkpoint, position, booking_id, kind),
    FOREIGN KEY (checkpoint, tariff_version) REFERENCES tariffs (checkpoint, version),
    FOREIGN KEY (rate_currency, rate_day) REFERENCES exchange_rates (currency, day)
);

-- Each case gives once.
CREATE TABLE refunds (
    checkpoint text NOT NULL,
    booking_id uuid NOT NULL,
    refund_case text NOT NULL CHECK (refund_case IN ('live_wait', 'cancellation', 'no_show')),
    position bigint NOT NULL,
    kind text NOT NULL DEFAULT 'refund' CHECK (kind = 'refund'),
    percent integer NOT NULL CHECK (percent BETWEEN 1 AND 100),
    grounds jsonb NOT NULL,
    rules_version integer NOT NULL,
    PRIMARY KEY (checkpoint, booking_id, refund_case),
    FOREIGN KEY (checkpoint, booking_id) REFERENCES payments (checkpoint, booking_id),
    FOREIGN KEY (checkpoint, position, booking_id, kind) REFERENCES fee_transactions (checkpoint, position, booking_id, kind)
);
COMMENT ON COLUMN refunds.grounds IS 'The facts that it rested on, and the rule that decided.';

-- The ledger: what each account holds after a transaction. The payer's account is below zero by what the shares are above.
CREATE TABLE ledger_entries (
    checkpoint text NOT NULL,
    position bigint NOT NULL,
    line smallint NOT NULL CHECK (line BETWEEN 1 AND 3),
    account text NOT NULL CHECK (account IN ('payer', 'operator', 'zone')),
    zone text CHECK (zone ~ '^[A-Z0-9-]{1,40}$'),
    amount_kopiyky bigint NOT NULL CHECK (amount_kopiyky <> 0),
    PRIMARY KEY (checkpoint, position, line),
    UNIQUE (checkpoint, position, account),
    FOREIGN KEY (checkpoint, position) REFERENCES fee_transactions (checkpoint, position),
    CHECK ((account = 'zone') = (zone IS NOT NULL))
);

-- At its commit each transaction is in the ledger, sums to zero, and moves the shares that it says.
CREATE FUNCTION refuse_unbalanced_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    total bigint;
    of_payer bigint;
    stated bigint;
BEGIN
    SELECT sum(amount_kopiyky), sum(amount_kopiyky) FILTER (WHERE account = 'payer')
    INTO total, of_payer
    FROM ledger_entries WHERE checkpoint = NEW.checkpoint AND position = NEW.position;
    SELECT (operator_kopiyky + zone_kopiyky) * CASE kind WHEN 'payment' THEN -1 ELSE 1 END
    INTO stated
    FROM fee_transactions WHERE checkpoint = NEW.checkpoint AND position = NEW.position;
    IF total IS DISTINCT FROM 0 OR of_payer IS DISTINCT FROM stated THEN
        RAISE EXCEPTION 'the transaction % at % is not balanced', NEW.position, NEW.checkpoint;
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER ledger_entries_sum_to_zero AFTER INSERT ON ledger_entries
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_unbalanced_transaction();
CREATE CONSTRAINT TRIGGER fee_transactions_are_in_the_ledger AFTER INSERT ON fee_transactions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_unbalanced_transaction();

-- Never more is given back than was paid, of either share. The payment's row is locked, so that two refunds take turns.
CREATE FUNCTION refuse_refund_beyond_payment() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    left_of_operator bigint;
    left_of_zone bigint;
BEGIN
    PERFORM FROM payments WHERE checkpoint = NEW.checkpoint AND booking_id = NEW.booking_id FOR UPDATE;
    SELECT sum(operator_kopiyky * CASE kind WHEN 'payment' THEN 1 ELSE -1 END),
           sum(zone_kopiyky * CASE kind WHEN 'payment' THEN 1 ELSE -1 END)
    INTO left_of_operator, left_of_zone
    FROM fee_transactions WHERE checkpoint = NEW.checkpoint AND booking_id = NEW.booking_id;
    IF left_of_operator < 0 OR left_of_zone < 0 THEN
        RAISE EXCEPTION 'more is given back than was paid for the booking %', NEW.booking_id;
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER refunds_stay_within_the_payment AFTER INSERT ON refunds
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_refund_beyond_payment();

-- What was decided, paid and given back stays so.
CREATE TRIGGER tariffs_stay BEFORE UPDATE OR DELETE ON tariffs
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_fees();
CREATE TRIGGER exchange_rates_stay BEFORE UPDATE OR DELETE ON exchange_rates
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_fees();
CREATE TRIGGER fee_transactions_stay BEFORE UPDATE OR DELETE ON fee_transactions
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_fees();
CREATE TRIGGER payments_stay BEFORE UPDATE OR DELETE ON payments
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_fees();
CREATE TRIGGER refunds_stay BEFORE UPDATE OR DELETE ON refunds
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_fees();
CREATE TRIGGER ledger_entries_stay BEFORE UPDATE OR DELETE ON ledger_entries
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_fees();
CREATE TRIGGER ledger_is_not_emptied BEFORE TRUNCATE ON ledger_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_fees();
