-- Reference data: road checkpoints and customs offices, by edition. The hub loads its editions at start; rows that a newer
-- edition no longer names stay, marked with the edition that retired them.

CREATE TABLE reference_editions (
    name text PRIMARY KEY CHECK (name IN ('checkpoints', 'customs_offices')),
    edition date NOT NULL,
    loaded_at timestamptz NOT NULL
);

CREATE TABLE customs_offices (
    reference text PRIMARY KEY CHECK (reference ~ '^[A-Z]{2}[A-Z0-9]{6}$'),
    parent text,
    name_uk text NOT NULL,
    name_en text NOT NULL,
    place_uk text NOT NULL,
    place_en text NOT NULL,
    region text NOT NULL,
    roles text[] NOT NULL,
    traffic text[] NOT NULL,
    active_from date NOT NULL,
    edition date NOT NULL,
    retired_in date
);

CREATE TABLE checkpoints (
    checkpoint text PRIMARY KEY CHECK (checkpoint ~ '^UA[0-9]{6}$'),
    name_uk text NOT NULL,
    name_en text NOT NULL,
    place_uk text NOT NULL,
    place_en text NOT NULL,
    traffic text[] NOT NULL,
    neighbour_country text CHECK (neighbour_country ~ '^[A-Z]{2}$'),
    neighbour_name text,
    neighbour_office text,
    active_from date NOT NULL,
    edition date NOT NULL,
    retired_in date,
    CHECK ((neighbour_country IS NULL) = (neighbour_name IS NULL))
);
