-- The places where versions run, so that "who else uses this URL" (contract G3) is an index look-up.
CREATE TABLE remotes (
    version_id bigint NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
    position integer NOT NULL,
    kind text NOT NULL,
    url text COLLATE "C" NOT NULL,
    PRIMARY KEY (version_id, position)
);

-- A URL may be longer than a B-tree entry; its hash never is.
CREATE INDEX remotes_url_idx ON remotes (md5(url));
