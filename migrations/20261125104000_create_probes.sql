-- What is known of the endpoints that listings name: one row for each canonical address, whoever names it. `asked` is the address as
-- it is asked, `live` and `memory` are JSON: what the server last said of itself, and by which way it is asked next.
CREATE TABLE probes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    url text COLLATE "C" NOT NULL UNIQUE CHECK (octet_length(url) <= 2000),
    asked text NOT NULL,
    state text NOT NULL DEFAULT 'unprobed',
    reason text,
    since timestamptz NOT NULL,
    failures integer NOT NULL DEFAULT 0,
    first_failure_at timestamptz,
    last_ok_at timestamptz,
    added_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    checked_at timestamptz,
    tools_at timestamptz,
    live text,
    memory text NOT NULL DEFAULT '{}',
    due_at timestamptz NOT NULL,
    leased_until timestamptz
);

CREATE INDEX probes_due_idx ON probes (due_at);

-- The remotes of the latest versions and their endpoints; `obstacle` says why one is not asked. A row is `told` once its listing says
-- what is known, so that no news is lost whoever dies in between.
CREATE TABLE probe_remotes (
    version_id bigint NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
    position integer NOT NULL,
    kind text NOT NULL,
    url text COLLATE "C" NOT NULL,
    version_updated_at timestamptz NOT NULL,
    probe_id bigint REFERENCES probes (id),
    obstacle text,
    told boolean NOT NULL DEFAULT false,
    PRIMARY KEY (version_id, position),
    CONSTRAINT probe_remotes_either_check CHECK ((probe_id IS NULL) <> (obstacle IS NULL))
);

CREATE INDEX probe_remotes_probe_id_idx ON probe_remotes (probe_id);
CREATE INDEX probe_remotes_untold_idx ON probe_remotes (version_id) WHERE NOT told;
