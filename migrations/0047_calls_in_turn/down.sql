DROP INDEX calls_in_turn;
