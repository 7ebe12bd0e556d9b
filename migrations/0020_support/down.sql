DROP TABLE ticket_acts;
DROP FUNCTION refuse_change_of_act();
DROP TABLE tickets;
DROP TABLE ticket_numbers;
