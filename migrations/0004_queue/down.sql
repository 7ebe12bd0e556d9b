DROP TABLE calls;
DROP TABLE active_bookings;
DROP TABLE bookings;
