DROP TABLE permit_use_corrections;
