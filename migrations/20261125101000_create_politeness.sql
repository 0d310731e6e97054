-- What all crawlers together know of other people's hosts, so that they are as polite as one.
--
-- A host that asks for patience is left alone until then; how often it has failed in a row decides how long.
ALTER TABLE hosts ADD COLUMN paused_until timestamptz;
ALTER TABLE hosts ADD COLUMN failures integer NOT NULL DEFAULT 0;

-- How much of a registrable domain's patience is used up today. The first day allows more than later ones.
CREATE TABLE sites (
    site text COLLATE "C" PRIMARY KEY,
    first_at timestamptz NOT NULL,
    day date NOT NULL,
    spent integer NOT NULL
);

-- When an address, on which many hosts may live, may be asked next.
CREATE TABLE addresses (
    address inet PRIMARY KEY,
    next_at timestamptz NOT NULL
);

-- robots.txt as it was last read: a status without a body is an answer too, and none at all a reason.
CREATE TABLE robots (
    origin text COLLATE "C" PRIMARY KEY,
    status integer,
    body bytea NOT NULL,
    reason text,
    valid_until timestamptz NOT NULL
);

-- Where an origin has no document, and when it is asked there again.
CREATE TABLE absences (
    origin_id bigint NOT NULL REFERENCES origins (id) ON DELETE CASCADE,
    url text COLLATE "C" NOT NULL,
    misses integer NOT NULL,
    ask_again_at timestamptz NOT NULL,
    PRIMARY KEY (origin_id, url)
);

-- Every request made, for whoever asks what we did on their host.
CREATE TABLE fetches (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    host text COLLATE "C" NOT NULL,
    url text NOT NULL,
    status integer,
    bytes bigint NOT NULL,
    -- A stable word: how it ended.
    outcome text NOT NULL,
    milliseconds integer NOT NULL
);

CREATE INDEX fetches_host_at_idx ON fetches (host, at);
CREATE INDEX fetches_at_idx ON fetches USING brin (at);
