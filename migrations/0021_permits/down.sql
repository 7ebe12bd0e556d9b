DROP TABLE crossing_permits;
DROP TABLE permit_withdrawals;
DROP TABLE permit_uses;
DROP TABLE permit_requests;
DROP TABLE permit_numbers;
