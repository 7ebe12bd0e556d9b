DROP TABLE credentials;
DROP TABLE systems;
DROP TABLE organisations;
