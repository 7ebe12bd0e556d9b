DROP INDEX tickets_waiting;
