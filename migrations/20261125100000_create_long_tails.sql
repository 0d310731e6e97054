-- When the rare places of an origin were last asked: each miss there costs its owner a line in a log, so they are asked weekly at most.
CREATE TABLE long_tails (
    origin_id bigint PRIMARY KEY REFERENCES origins (id) ON DELETE CASCADE,
    asked_at timestamptz NOT NULL
);
