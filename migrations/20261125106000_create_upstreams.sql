-- Other registries that this one follows: all pages once, then what changed since. due_at decides when, a lease who, as with
-- origins. The walk under way is kept page by page, so that whoever goes on after a crash begins where it ended.
CREATE TABLE upstreams (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE,
    url text COLLATE "C" NOT NULL UNIQUE,
    -- Whether its word on a name is as good as the official registry's.
    official boolean NOT NULL,
    added_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    leased_until timestamptz,
    -- Counts walks; each entry remembers the last one that met it.
    walk bigint NOT NULL DEFAULT 0,
    -- All of the walk under way: whether it is a full one, since when it asks, when it began, its list and next page, the
    -- newest time it has met, and whether it has met entries that could not be read.
    walk_full boolean,
    walk_since timestamptz,
    walk_began_at timestamptz,
    walk_list text,
    walk_cursor text,
    walk_newest_at timestamptz,
    walk_unread boolean NOT NULL DEFAULT false,
    -- Of the last complete walk and the last complete full walk: when they began; and the newest time of all of them.
    complete_at timestamptz,
    full_at timestamptz,
    newest_at timestamptz,
    -- How the last pull ended: a short stable word, and a sentence for people.
    pulled_at timestamptz,
    outcome text,
    detail text,
    failures integer NOT NULL DEFAULT 0
);

CREATE INDEX upstreams_due_idx ON upstreams (due_at);

-- What each upstream lists. A name belongs to the upstream that was added first among those that list it.
CREATE TABLE upstream_entries (
    upstream_id bigint NOT NULL REFERENCES upstreams (id) ON DELETE CASCADE,
    server_name text COLLATE "C" NOT NULL,
    version text COLLATE "C" NOT NULL,
    walk bigint NOT NULL,
    -- Since when a full walk has not met it, without a tombstone.
    vanished_at timestamptz,
    PRIMARY KEY (server_name, version, upstream_id)
);

CREATE INDEX upstream_entries_walk_idx ON upstream_entries (upstream_id, walk);
