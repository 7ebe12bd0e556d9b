ALTER TABLE permit_requests
    DROP CONSTRAINT permit_requests_systems,
    DROP COLUMN permit_systems;
