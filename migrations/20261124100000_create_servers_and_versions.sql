-- The facts: a row for each name, and one for each of its versions. Text that is compared stands in the C collation, so that
-- the database and the program order names and versions alike (contract 1.6).
CREATE TABLE servers (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE,
    -- Who decides about the name: its owner's publication outranks a crawl, a crawl outranks a sync.
    source text NOT NULL CHECK (source IN ('published', 'crawled', 'synced'))
);

CREATE TABLE versions (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    server_id bigint NOT NULL REFERENCES servers (id),
    version text COLLATE "C" NOT NULL CHECK (version <> ''),
    status text NOT NULL CHECK (status IN ('active', 'deprecated', 'deleted')),
    status_changed_at timestamptz NOT NULL,
    status_message text,
    published_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    is_latest boolean NOT NULL,
    source text NOT NULL CHECK (source IN ('published', 'crawled', 'synced')),
    -- The canonical document, byte for byte as it is served and as document_hash in the ledger has it.
    document text NOT NULL,
    -- The registry's own members of _meta, as a JSON object text; empty when there are none.
    extensions text NOT NULL DEFAULT '',
    CONSTRAINT versions_server_id_version_key UNIQUE (server_id, version)
);

-- At most one version of a server is latest, whatever the program does.
CREATE UNIQUE INDEX versions_latest_key ON versions (server_id) WHERE is_latest;
