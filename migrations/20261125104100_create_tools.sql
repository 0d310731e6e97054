-- The tools that living servers list to anybody, and how they changed. The hash is that of RFC 8785 over all that a client acts on.
CREATE TABLE tools (
    probe_id bigint NOT NULL REFERENCES probes (id) ON DELETE CASCADE,
    name text COLLATE "C" NOT NULL,
    description text NOT NULL,
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    first_seen_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    gone_at timestamptz,
    PRIMARY KEY (probe_id, name)
);

CREATE TABLE tool_changes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    probe_id bigint NOT NULL REFERENCES probes (id) ON DELETE CASCADE,
    name text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    change text NOT NULL CHECK (change IN ('added', 'changed', 'removed')),
    old_hash bytea CHECK (octet_length(old_hash) = 32),
    new_hash bytea CHECK (octet_length(new_hash) = 32)
);

CREATE INDEX tool_changes_probe_id_idx ON tool_changes (probe_id, id);
