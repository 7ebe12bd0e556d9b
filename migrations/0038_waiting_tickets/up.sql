-- What waits for its user or for software has no deadline, and neither has what is resolved, which is nearly every ticket there is. The
-- planner cannot tell the two apart by their columns, and would read the whole table for the daily control (Order 926, section III, clause 2).

CREATE INDEX tickets_waiting ON tickets (id)
    WHERE status IN ('new', 'in_progress', 'extended', 'deferred') AND due_at = 'infinity';
COMMENT ON INDEX tickets_waiting IS 'The daily control: what waits without a deadline, in the order of registration, and how much.';
