-- The crawler's state. An origin is a host somebody asked us to look at; due_at decides when, a lease who.
CREATE TABLE origins (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    host text COLLATE "C" NOT NULL UNIQUE,
    added_at timestamptz NOT NULL,
    added_by text NOT NULL,
    due_at timestamptz NOT NULL,
    leased_until timestamptz,
    crawled_at timestamptz,
    -- How the last visit ended: a short stable word, and a sentence for people.
    outcome text,
    detail text,
    misses integer NOT NULL DEFAULT 0
);

CREATE INDEX origins_due_idx ON origins (due_at);

-- What was fetched, byte for byte, as evidence; conditional requests use etag and last_modified.
CREATE TABLE documents (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    origin_id bigint NOT NULL REFERENCES origins (id),
    url text COLLATE "C" NOT NULL,
    final_url text NOT NULL,
    format text NOT NULL,
    shape text NOT NULL,
    etag text,
    last_modified text,
    sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
    body bytea NOT NULL,
    first_seen_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    fetched_at timestamptz NOT NULL,
    CONSTRAINT documents_origin_id_url_key UNIQUE (origin_id, url)
);

-- What became of each description an origin's documents hold: listed under a name, held, or refused, and why.
-- A finding that is listed says which origin a name is crawled from; rank is how far its document is believed (lower is further).
CREATE TABLE findings (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    origin_id bigint NOT NULL REFERENCES origins (id),
    url text NOT NULL,
    pointer text NOT NULL,
    format text NOT NULL,
    shape text NOT NULL,
    rank integer NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('listed', 'held', 'refused', 'skipped')),
    reason text,
    declared_name text,
    server_name text COLLATE "C",
    version text,
    level text,
    evidence text NOT NULL DEFAULT '[]',
    found_at timestamptz NOT NULL
);

CREATE INDEX findings_origin_id_idx ON findings (origin_id);
CREATE INDEX findings_server_name_idx ON findings (server_name) WHERE outcome = 'listed';

-- One row for each canonical endpoint, whoever describes it: origin and rank are those of the description that is believed.
CREATE TABLE endpoints (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    url text COLLATE "C" NOT NULL UNIQUE CHECK (octet_length(url) <= 2000),
    host text NOT NULL,
    server_name text COLLATE "C" NOT NULL,
    origin_id bigint REFERENCES origins (id),
    rank integer NOT NULL DEFAULT 0,
    state text NOT NULL DEFAULT 'unprobed',
    reason text,
    since timestamptz NOT NULL,
    seen_at timestamptz NOT NULL
);

CREATE INDEX endpoints_server_name_idx ON endpoints (server_name);

-- When a host may be asked next, so that politeness holds across processes.
CREATE TABLE hosts (
    host text COLLATE "C" PRIMARY KEY,
    next_at timestamptz NOT NULL
);
